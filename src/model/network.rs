//! What the customers of an autonomous system are: people, machines, or many people behind one door.
//!
//! The table holds the large ones by their registered names; a number that it does not hold says nothing.

use crate::base::table;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkClass {
    /// Rented machines.
    Hosting,
    /// Exits of VPN services for anybody.
    Vpn,
    Tor,
    /// Hides the addresses of ordinary phones and browsers (iCloud Private Relay, WARP).
    Relay,
    /// Secure web gateways of organisations.
    Gateway,
    /// Microsoft's own: cloud desktops, and services that act for a user.
    Microsoft,
    #[default]
    Unknown,
}

impl NetworkClass {
    /// No place that people live at: whoever comes from there has a reason.
    #[must_use]
    pub const fn is_rented(self) -> bool {
        matches!(self, Self::Hosting | Self::Vpn | Self::Tor)
    }
    /// So many come from there that it says nothing about anybody.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Relay | Self::Gateway | Self::Microsoft)
    }
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hosting => "hosting",
            Self::Vpn => "VPN service",
            Self::Tor => "Tor",
            Self::Relay => "relay",
            Self::Gateway => "web gateway",
            Self::Microsoft => "Microsoft",
            Self::Unknown => "unknown",
        }
    }
    fn parse(word: &str) -> Self {
        match word {
            "hosting" => Self::Hosting,
            "vpn" => Self::Vpn,
            "tor" => Self::Tor,
            "relay" => Self::Relay,
            "gateway" => Self::Gateway,
            "microsoft" => Self::Microsoft,
            _ => Self::Unknown,
        }
    }
}

static NETWORKS: LazyLock<HashMap<u32, (NetworkClass, &'static str)>> = LazyLock::new(|| {
    table::rows(include_str!("../../assets/tables/networks.csv"))
        .filter_map(|row| {
            let [asn, class, name] = row.as_slice() else { return None };
            Some((asn.parse().ok()?, (NetworkClass::parse(class), *name)))
        })
        .collect()
});

#[must_use]
pub fn class(asn: u32) -> NetworkClass {
    NETWORKS.get(&asn).map(|(class, _)| *class).unwrap_or_default()
}

/// Who it belongs to; empty where the table does not say.
#[must_use]
pub fn owner(asn: u32) -> &'static str {
    NETWORKS.get(&asn).map_or("", |(_, name)| name)
}

/// The numbers of rented networks, in order.
#[must_use]
pub fn rented() -> Vec<u32> {
    let mut numbers: Vec<u32> = NETWORKS.iter().filter(|(_, (class, _))| class.is_rented()).map(|(asn, _)| *asn).collect();
    numbers.sort_unstable();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_has_a_class_and_an_owner() {
        assert_eq!(NETWORKS.len(), table::rows(include_str!("../../assets/tables/networks.csv")).count());
        assert!(NETWORKS.values().all(|(class, owner)| *class != NetworkClass::Unknown && !owner.is_empty()));
        assert_eq!((class(14_061), owner(14_061), class(64_500)), (NetworkClass::Hosting, "DigitalOcean", NetworkClass::Unknown));
        assert!(rented().contains(&9_009) && !rented().contains(&8_075));
    }
}
