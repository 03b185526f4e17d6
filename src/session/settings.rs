//! The rules by which accounts are joined and classed, and what networks are called, as the settings file writes them.

use super::atlas::Atlas;
pub use crate::base::pattern::{Glob, Network};
use crate::base::setting::settings;
use crate::model::account::AccountClass;
use crate::model::host::HostRole;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All rules of the fold into sessions.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub accounts: Arc<Settings>,
    pub hosts: Arc<Hosts>,
    pub sources: Arc<Sources>,
    pub atlas: Arc<Atlas>,
}

settings! {
    /// See the module.
    pub struct Settings {
        /// Other names of a domain: NetBIOS names and UPN suffixes on the left, the DNS name on the right:
        /// { CORP = "corp.example", "example.com" = "corp.example" }
        /// Names that meet under one SID need no line here.
        pub domains: BTreeMap<String, String> = BTreeMap::new(),
        /// Accounts that are one, each as DOMAIN\user, user@domain, a SID or an Entra object id:
        /// [["corp\\x", "x@corp.example"]]
        pub same: Vec<Vec<String>> = Vec::new(),
        /// CORP is the domain corp.example, as long as no other domain's DNS name begins with that label.
        pub join_by_first_label: bool = true,
        /// The Entra user x@corp.example is the account x of the domain corp.example.
        pub join_by_upn: bool = true,
        /// Classes that are known better than the records tell, with patterns of DOMAIN\user, user@domain, user or SID:
        /// { service = ["corp\\run-*"], human = ["*\\adm_?"] }
        pub classes: BTreeMap<Class, Vec<Glob>> = BTreeMap::new(),
        /// Words of a user name, between - _ . and blanks and without digits behind, that say service.
        pub service_words: Vec<String> =
            ["svc", "service", "sa", "sql", "mssql", "backup", "batch", "app", "bot", "task", "daemon"].map(str::to_owned).to_vec(),
        /// Patterns of user names that say service.
        pub service_names: Vec<Glob> = ["svc*", "*svc"].iter().filter_map(|text| Glob::new(text).ok()).collect(),
        /// An account with so many logons, none of them interactive, counts as a service.
        pub service_logons: u32 = 50,
    }
}

/// A class of accounts by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class(pub AccountClass);

impl Serialize for Class {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.word())
    }
}

impl<'de> Deserialize<'de> for Class {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        AccountClass::ALL.into_iter().find(|class| class.word().eq_ignore_ascii_case(&text)).map(Self).ok_or_else(|| {
            let words = AccountClass::ALL.map(AccountClass::word).join(", ");
            D::Error::custom(format!("no class is called '{text}': write one of {words}"))
        })
    }
}

settings! {
    /// What is known of hosts.
    pub struct Hosts {
        /// What hosts are, by patterns of their names; records tell domain controllers only:
        /// { workstation = ["ws*"], server = ["*.servers.corp.example"], "domain controller" = ["dc??"] }
        pub kinds: BTreeMap<Kind, Vec<Glob>> = BTreeMap::new(),
    }
}

/// A kind of hosts by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind(pub HostRole);

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.word())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        HostRole::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(&text)).map(Self).ok_or_else(|| {
            let words = HostRole::ALL.map(HostRole::word).join(", ");
            D::Error::custom(format!("no kind of hosts is called '{text}': write one of {words}"))
        })
    }
}

settings! {
    /// What is known of networks.
    pub struct Sources {
        /// Names of networks, which stand beside the addresses in them; of several the smallest:
        /// { "10.0.2.0/24" = "servers", "2001:db8::/32" = "lab" }
        pub networks: BTreeMap<Network, String> = BTreeMap::new(),
    }
}
