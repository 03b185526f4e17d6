//! Network addresses as logs write them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of place an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressClass {
    Loopback,
    LinkLocal,
    Private,
    Public,
}

impl AddressClass {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Private => "private",
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

#[inline]
#[must_use]
pub fn class(address: IpAddr) -> AddressClass {
    match address {
        IpAddr::V4(v4) if v4.is_loopback() => AddressClass::Loopback,
        IpAddr::V4(v4) if v4.is_link_local() => AddressClass::LinkLocal,
        IpAddr::V4(v4) if v4.is_private() || is_shared_space(v4) => AddressClass::Private,
        IpAddr::V6(v6) if v6 == Ipv6Addr::LOCALHOST => AddressClass::Loopback,
        IpAddr::V6(v6) if v6.is_unicast_link_local() => AddressClass::LinkLocal,
        IpAddr::V6(v6) if v6.is_unique_local() => AddressClass::Private,
        _ => AddressClass::Public,
    }
}

/// 100.64.0.0/10, the carrier-grade address space of RFC 6598.
const fn is_shared_space(v4: Ipv4Addr) -> bool {
    let [a, b, _, _] = v4.octets();
    a == 100 && b & 0b1100_0000 == 64
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
        for (text, expected) in [
            ("127.0.0.1", AddressClass::Loopback),
            ("::1", AddressClass::Loopback),
            ("172.16.66.1", AddressClass::Private),
            ("100.64.0.1", AddressClass::Private),
            ("169.254.1.1", AddressClass::LinkLocal),
            ("fe80::1", AddressClass::LinkLocal),
            ("8.8.8.8", AddressClass::Public),
            ("2001:db8::1", AddressClass::Public),
        ] {
            assert_eq!(class(text.parse().unwrap()), expected, "{text}");
        }
    }
}
