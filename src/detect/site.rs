//! What only people know of the place: its clock, its holidays, which accounts matter most, which addresses are exits.

use crate::base::by_id::ById;
use crate::base::net;
use crate::base::pattern::{Glob, Network};
use crate::base::setting::settings;
use crate::base::time::{Timestamp, Zone};
use crate::model::ids::{AccountId, SourceId};
use crate::model::network::{self, NetworkClass};
use crate::model::place::Place;
use crate::model::world::World;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::net::IpAddr;

settings! {
    /// See the module. Accounts are patterns of DOMAIN\user, user@domain, user or SID.
    pub struct Settings {
        /// The clock people live by: utc, local or a name such as "Europe/Vienna".
        pub zone: ZoneName = ZoneName(Zone::Utc),
        /// Accounts that live by another one: { "America/New_York" = ["corp\\us-*"] }
        pub zones: BTreeMap<ZoneName, Vec<Glob>> = BTreeMap::new(),
        /// Hosts whose clock shows another zone, which the zone key goes through on them: { "America/New_York" = ["us-*.corp.example"] }
        pub host_zones: BTreeMap<ZoneName, Vec<Glob>> = BTreeMap::new(),
        /// First and last hour of a usual work day.
        pub business_hours: [u8; 2] = [7, 19],
        /// Days that count as Sundays: ["2026-12-25"]
        pub holidays: Vec<Date> = Vec::new(),
        /// Accounts that rule the domain or the tenant.
        pub tier0: Vec<Glob> = Vec::new(),
        /// Other administrators.
        pub admins: Vec<Glob> = Vec::new(),
        /// Accounts for emergencies: any use is told. Some are known by the usual names.
        pub break_glass: Vec<Glob> = usual_names(&["*breakglass*", "*break-glass*", "*break_glass*", "*emergencyaccess*"]),
        /// Accounts of people who left and of services that were shut down: any use is told.
        pub retired: Vec<Glob> = Vec::new(),
        /// Accounts to watch: what they do weighs more.
        pub watch: Vec<Glob> = Vec::new(),
        /// People on call at night.
        pub on_call: Vec<Glob> = Vec::new(),
        /// Accounts that touch everything by trade: scanners, deployment, monitoring.
        pub scanners: Vec<Glob> = Vec::new(),
        /// Groups of accounts that do the same work, better than they can be learned: { finance = ["corp\\fin-*"] }
        pub groups: BTreeMap<String, Vec<Glob>> = BTreeMap::new(),
        /// Networks of VPN gateways and proxies: many people come from there, so it is no place.
        pub exits: Vec<Network> = Vec::new(),
        /// Where networks are, as latitude and longitude in degrees: { "10.2.0.0/16" = [59.9, 10.7] }
        pub places: BTreeMap<Network, Degrees> = BTreeMap::new(),
        /// Databases of places and network numbers in MaxMind's format (.mmdb), as --geo names them; relative to this file.
        pub geo: Vec<String> = Vec::new(),
        /// Folders of Sigma rules, as --rules names them; relative to this file.
        pub rules: Vec<String> = Vec::new(),
        /// AS numbers of mobile carriers: where a phone comes out is no place.
        pub mobile: Vec<u32> = Vec::new(),
        /// AS numbers of hosting and VPN providers, beside those that are known.
        pub hosting: Vec<u32> = Vec::new(),
        /// Networks that are watched: what comes from there weighs more.
        pub watched_networks: Vec<Network> = Vec::new(),
        /// AS numbers that are a way out of the organisation: cloud proxies, cloud desktops.
        pub own_networks: Vec<u32> = Vec::new(),
    }
}

fn usual_names(patterns: &[&str]) -> Vec<Glob> {
    patterns.iter().filter_map(|pattern| Glob::new(pattern).ok()).collect()
}

/// A time zone by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneName(pub Zone);

impl PartialOrd for ZoneName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ZoneName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.name().cmp(other.0.name())
    }
}

impl Serialize for ZoneName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for ZoneName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Zone::parse(&String::deserialize(from)?).map(Self).map_err(D::Error::custom)
    }
}

/// Latitude and longitude in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Degrees(pub f64, pub f64);

impl Serialize for Degrees {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        [self.0, self.1].serialize(to)
    }
}

impl<'de> Deserialize<'de> for Degrees {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let [latitude, longitude] = <[f64; 2]>::deserialize(from)?;
        match Place::on_earth(latitude, longitude) {
            Some(_) => Ok(Self(latitude, longitude)),
            None => Err(D::Error::custom(format!("{latitude}, {longitude} is no place on earth: write [59.9, 10.7]"))),
        }
    }
}

/// A day of the calendar, as `2026-12-25`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub chrono::NaiveDate);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(|_| D::Error::custom(format!("'{text}' is no day: write it like 2026-12-25")))
    }
}

/// What the settings say of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountTags {
    pub tier0: bool,
    pub admin: bool,
    pub break_glass: bool,
    pub retired: bool,
    pub watched: bool,
    pub on_call: bool,
    pub scanner: bool,
    /// Its zone; none where the site's holds.
    pub zone: Option<Zone>,
    /// Its group by number, in the order of the settings.
    pub group: Option<u16>,
}

/// What the settings say of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceTags {
    /// Many people come from it.
    pub exit: bool,
    pub watched: bool,
}

/// The settings, with what they say of each account and source looked up once.
#[derive(Debug, Default)]
pub struct Site {
    settings: Settings,
    accounts: ById<AccountTags>,
    sources: ById<SourceTags>,
}

static NO_TAGS: AccountTags = AccountTags {
    tier0: false,
    admin: false,
    break_glass: false,
    retired: false,
    watched: false,
    on_call: false,
    scanner: false,
    zone: None,
    group: None,
};

impl Site {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }
    #[must_use]
    pub fn account(&self, id: AccountId) -> &AccountTags {
        self.accounts.get(id.index()).unwrap_or(&NO_TAGS)
    }
    #[must_use]
    pub fn source(&self, id: SourceId) -> SourceTags {
        self.sources.get(id.index()).copied().unwrap_or_default()
    }
    /// What an autonomous system is, as the settings or the table of networks say.
    #[must_use]
    pub fn network_class(&self, asn: u32) -> NetworkClass {
        match asn {
            0 => NetworkClass::Unknown,
            asn if self.settings.own_networks.contains(&asn) => NetworkClass::Gateway,
            asn if self.settings.hosting.contains(&asn) => NetworkClass::Hosting,
            asn => network::class(asn),
        }
    }
    /// The autonomous system is a hosting or VPN provider's.
    #[must_use]
    pub fn is_hosting(&self, asn: u32) -> bool {
        self.network_class(asn).is_rented()
    }
    /// The autonomous system is a mobile carrier's.
    #[must_use]
    pub fn is_mobile(&self, asn: u32) -> bool {
        self.settings.mobile.contains(&asn)
    }
    /// The clock an account lives by.
    #[must_use]
    pub fn zone(&self, account: AccountId) -> Zone {
        self.account(account).zone.unwrap_or(self.settings.zone.0)
    }
    /// Hour of the week where the account lives; a holiday counts as a Sunday.
    #[must_use]
    pub fn hour_of_week(&self, account: AccountId, at: Timestamp) -> usize {
        let zone = self.zone(account);
        let hour = zone.hour_of_week(at);
        if self.settings.holidays.is_empty() || !self.is_holiday(zone, at) { hour } else { 6 * 24 + hour % 24 }
    }
    /// Within the business hours of a work day, where the account lives.
    #[must_use]
    pub fn is_business_hour(&self, account: AccountId, at: Timestamp) -> bool {
        let hour = self.hour_of_week(account, at);
        let [first, last] = self.settings.business_hours.map(|hour| usize::from(hour) % 24);
        hour / 24 < 5 && (hour % 24 + 24 - first) % 24 < (last + 24 - first) % 24
    }
    fn is_holiday(&self, zone: Zone, at: Timestamp) -> bool {
        let today = zone.local(at).date();
        self.settings.holidays.iter().any(|holiday| holiday.0 == today)
    }
    /// Looks up what the settings say of the account and the source of an event.
    pub(super) fn meet(&mut self, world: &World, account: AccountId, source: SourceId) {
        if account.is_some() && self.accounts.get(account.index()).is_none() {
            let tags = self.tags(world, account);
            self.accounts.entry(account.index(), || tags);
        }
        if source.is_some() && self.sources.get(source.index()).is_none() {
            let address = world.tables.source(source).and_then(|source| source.address);
            let tags = address.map_or_else(SourceTags::default, |address| self.source_tags(address));
            self.sources.entry(source.index(), || tags);
        }
    }
    /// Its names changed: what is said of it is looked up again.
    pub(super) fn forget(&mut self, account: AccountId) {
        self.accounts.remove(account.index());
    }
    fn tags(&self, world: &World, id: AccountId) -> AccountTags {
        let Some(account) = world.tables.account(id) else { return AccountTags::default() };
        let texts = account.pattern_texts(&world.names);
        let fits = |patterns: &[Glob]| patterns.iter().any(|pattern| texts.iter().any(|text| pattern.matches(text)));
        let said = &self.settings;
        AccountTags {
            tier0: fits(&said.tier0),
            admin: fits(&said.admins),
            break_glass: fits(&said.break_glass),
            retired: fits(&said.retired),
            watched: fits(&said.watch),
            on_call: fits(&said.on_call),
            scanner: fits(&said.scanners),
            zone: said.zones.iter().find(|(_, patterns)| fits(patterns)).map(|(zone, _)| zone.0),
            group: said.groups.values().position(|patterns| fits(patterns)).and_then(|place| u16::try_from(place).ok()),
        }
    }
    fn source_tags(&self, address: IpAddr) -> SourceTags {
        let holds = |networks: &[Network]| networks.iter().any(|network: &Network| net::Network::holds(network.0, address));
        SourceTags { exit: holds(&self.settings.exits), watched: holds(&self.settings.watched_networks) }
    }
}
