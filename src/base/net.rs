//! Network addresses as logs write them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of place an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressClass {
    Loopback,
    LinkLocal,
    /// RFC 1918, and fc00::/7.
    Private,
    /// 100.64.0.0/10 (RFC 6598): behind the translation of a carrier, or of an overlay network.
    Shared,
    /// 2001::/32: IPv6 through a tunnel over IPv4.
    Teredo,
    Multicast,
    /// Not to be met as a source: 0.0.0.0/8, 240.0.0.0/4, `::`.
    Reserved,
    Public,
}

impl AddressClass {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Private => "private",
            Self::Shared => "CGNAT",
            Self::Teredo => "Teredo",
            Self::Multicast => "multicast",
            Self::Reserved => "reserved",
            Self::Public => "public",
        }
    }
}

/// Reads an address; a port, brackets and an IPv6 zone are cut, `::ffff:a.b.c.d` becomes `a.b.c.d`.
///
/// `None` for what states no address: empty, `-`, `LOCAL`, `::`, `0.0.0.0` and any other text (a number such as
/// `16777216`, which tunnels leave, is a text too: see `logon-semantics`, LSM 21).
#[must_use]
pub fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.split_once('%').map_or(text, |(address, _)| address);
    let address = bare.parse().ok().or_else(|| {
        if let Some(rest) = text.strip_prefix('[') {
            return rest.split_once(']')?.0.split('%').next()?.parse().ok();
        }
        let (address, port) = text.rsplit_once(':')?;
        port.parse::<u16>().ok()?;
        address.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
    })?;
    let address = match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4),
        v4 => v4,
    };
    (!address.is_unspecified()).then_some(address)
}

/// IPv4 in the form of IPv6 (`::ffff:10.0.0.1`) is of the class it has as IPv4.
#[inline]
#[must_use]
pub fn class(address: IpAddr) -> AddressClass {
    match address.to_canonical() {
        IpAddr::V4(v4) => class_v4(v4),
        IpAddr::V6(v6) => class_v6(v6),
    }
}

fn class_v4(address: Ipv4Addr) -> AddressClass {
    let [first, second, ..] = address.octets();
    match first {
        127 => AddressClass::Loopback,
        169 if second == 254 => AddressClass::LinkLocal,
        100 if second & 0b1100_0000 == 64 => AddressClass::Shared,
        0 | 240.. => AddressClass::Reserved,
        224..=239 => AddressClass::Multicast,
        _ if address.is_private() => AddressClass::Private,
        _ => AddressClass::Public,
    }
}

fn class_v6(address: Ipv6Addr) -> AddressClass {
    let [first, second, ..] = address.segments();
    match first {
        _ if address == Ipv6Addr::LOCALHOST => AddressClass::Loopback,
        _ if address == Ipv6Addr::UNSPECIFIED => AddressClass::Reserved,
        0xfe80..=0xfebf => AddressClass::LinkLocal,
        // fec0::/10 was private before fc00::/7.
        0xfc00..=0xfdff | 0xfec0..=0xfeff => AddressClass::Private,
        0xff00.. => AddressClass::Multicast,
        0x2001 if second == 0 => AddressClass::Teredo,
        _ => AddressClass::Public,
    }
}

/// A network: the addresses that begin like this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// `10.0.2.0/24`, `2001:db8::/32`; an address alone is a network of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }
    /// Bits that are the same in all of its addresses.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.bits
    }
    #[must_use]
    pub fn holds(self, address: IpAddr) -> bool {
        let bits = u32::from(self.bits);
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(address)) => (net.to_bits() ^ address.to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0,
            (IpAddr::V6(net), IpAddr::V6(address)) => (net.to_bits() ^ address.to_bits()).checked_shr(128 - bits).unwrap_or(0) == 0,
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_every_spelling() {
        for (text, address) in [
            ("10.0.2.16:52202", Some("10.0.2.16")),
            ("::ffff:10.0.0.1", Some("10.0.0.1")),
            ("fe80::e086:822b%12", Some("fe80::e086:822b")),
            ("[fe80::1%4]:3389", Some("fe80::1")),
            ("::1", Some("::1")),
            (" 127.0.0.1 ", Some("127.0.0.1")),
            ("-", None),
            ("LOCAL", None),
            ("::", None),
            ("0.0.0.0", None),
            ("16777216", None),
            ("", None),
        ] {
            assert_eq!(parse_address(text).map(|address| address.to_string()).as_deref(), address, "{text}");
        }
    }

    #[test]
    fn addresses_have_a_class() {
        for (class_word, addresses) in [
            ("loopback", "127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1"),
            ("private", "10.0.0.1 172.16.66.1 172.31.255.255 192.168.1.1 fc00::1 fd12::9 fec0::1 ::ffff:10.0.0.1"),
            ("CGNAT", "100.64.0.1 100.127.255.255 ::ffff:100.100.1.1"),
            ("link-local", "169.254.1.1 fe80::1 febf::1"),
            ("Teredo", "2001:0:4137:9e76::1 2001::1"),
            ("multicast", "224.0.0.251 239.1.1.1 ff02::1"),
            ("reserved", "0.0.0.0 0.1.2.3 240.0.0.1 255.255.255.255 ::"),
            ("public", "8.8.8.8 172.15.0.1 172.32.0.1 100.63.255.255 100.128.0.1 2001:db8::1 2002:a00:1::1 64:ff9b::1"),
        ] {
            for text in addresses.split(' ') {
                assert_eq!(class(text.parse().unwrap()).word(), class_word, "{text}");
            }
        }
    }

    #[test]
    fn networks_hold_what_begins_like_them() {
        for (network, inside, outside) in [
            ("10.0.2.0/24", "10.0.2.255", "10.0.3.0"),
            ("10.0.2.0/24", "::ffff:10.0.2.1", "2001:db8::1"),
            ("0.0.0.0/0", "203.0.113.7", "::2"),
            ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::/0", "2001:db8::1", "10.0.0.1"),
        ] {
            let network = Network::parse(network).unwrap();
            assert!(network.holds(inside.parse().unwrap()), "{network}");
            assert!(!network.holds(outside.parse().unwrap()), "{network}");
        }
        for wrong in ["10.0.2.0/33", "10.0.2/24", "::/129", "servers", "10.0.0.0/", ""] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }
}
