//! The words of a finding: names cleaned, hosts short, times in UTC, counts with their noun.
//!
//! Everything here allocates, so it is used only after a detection decided to speak.

use crate::base::intern::{Names, Symbol};
use crate::base::text;
use crate::base::time::{Span, Timestamp};
use crate::base::unique::Unique;
use crate::detect::step::Origin;
use crate::model::event::SignIn;
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::logon_type::LogonType;
use crate::model::world::World;

/// Names longer than this are cut in sentences; the tables show them whole.
const LONGEST_NAME: usize = 64;

/// Speaks about one world, seen from one moment.
pub struct Say<'a> {
    world: &'a World,
    names: &'a Names,
    now: Timestamp,
}

impl<'a> Say<'a> {
    #[must_use]
    pub fn new(world: &'a World, now: Timestamp) -> Self {
        Self { world, names: world.names.texts(), now }
    }
    /// A text of a log, cleaned; `-` when absent.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> String {
        if symbol.is_none() { "-".to_owned() } else { cut(self.names.shown(symbol)) }
    }
    /// A text of the settings, cleaned.
    #[must_use]
    pub fn word(&self, word: &str) -> String {
        cut(text::clean(word).into_owned())
    }
    /// The same of an id.
    #[must_use]
    pub fn unique(&self, id: Unique) -> String {
        if id.is_none() { "-".to_owned() } else { cut(id.shown(self.names)) }
    }
    #[must_use]
    pub fn account(&self, id: AccountId) -> String {
        match self.world.tables.account(id) {
            Some(account) => cut(account.name(self.names)),
            None => "an unnamed account".to_owned(),
        }
    }
    #[must_use]
    pub fn host(&self, id: HostId) -> String {
        match self.world.tables.host(id) {
            Some(host) => cut(host.short(self.names)),
            None => "an unnamed host".to_owned(),
        }
    }
    #[must_use]
    pub fn source(&self, id: SourceId) -> String {
        match self.world.tables.source(id) {
            Some(source) => cut(source.name(self.names)),
            None => "an unknown source".to_owned(),
        }
    }
    #[must_use]
    pub fn origin(&self, origin: Origin) -> String {
        match origin {
            Origin::Source(source) => self.source(source),
            Origin::Host(host) => format!("{} itself", self.host(host)),
            Origin::Session(host, logon_id) => format!("session {logon_id} on {}", self.host(host)),
        }
    }
    /// `HH:MM:SS` in UTC; with the date when it is not the day of the event that speaks.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        let (moment, now) = (at.to_chrono(), self.now.to_chrono());
        let form = if moment.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
        moment.format(form).to_string()
    }
    /// `09:00:00-09:10:00`; one moment where both are the same second, both dates where it passes midnight.
    #[must_use]
    pub fn stretch(&self, from: Timestamp, to: Timestamp) -> String {
        if from.to_chrono().date_naive() != to.to_chrono().date_naive() {
            return format!("{} to {}", from.to_chrono().format("%Y-%m-%d %H:%M:%S"), to.to_chrono().format("%Y-%m-%d %H:%M:%S"));
        }
        let (first, last) = (self.time(from), self.time(to));
        if first == last { first } else { format!("{first}-{last}") }
    }
    #[must_use]
    pub fn date(&self, at: Timestamp) -> String {
        at.to_chrono().format("%Y-%m-%d").to_string()
    }
    /// `type 10 (RemoteInteractive)`.
    #[must_use]
    pub fn logon_type(&self, logon_type: LogonType) -> String {
        logon_type.number().map_or_else(String::new, |number| format!("type {number} ({})", logon_type.name()))
    }
    /// `AS64500`, `an unknown network` for 0.
    #[must_use]
    pub fn network(&self, asn: u32) -> String {
        if asn == 0 { "unknown AS".to_owned() } else { format!("AS{asn}") }
    }
    /// `Edge on windows`, as far as stated.
    #[must_use]
    pub fn client(&self, sign_in: &SignIn) -> String {
        match (sign_in.client.is_some(), sign_in.system.is_some()) {
            (true, true) => format!("{} on {}", self.text(sign_in.client), self.text(sign_in.system)),
            (true, false) => self.text(sign_in.client),
            (false, true) => self.text(sign_in.system),
            (false, false) => "an unstated client".to_owned(),
        }
    }
    /// City and country, as far as stated.
    #[must_use]
    pub fn place(&self, sign_in: &SignIn) -> String {
        self.city(sign_in.city, sign_in.country)
    }
    #[must_use]
    pub fn city(&self, city: Symbol, country: Symbol) -> String {
        match (city.is_some(), country.is_some()) {
            (true, true) => format!("{} ({})", self.text(city), self.text(country)),
            (true, false) => self.text(city),
            (false, true) => self.text(country),
            (false, false) => "an unstated place".to_owned(),
        }
    }
    /// The first `shown` of some names and how many more there are.
    #[must_use]
    pub fn list<I: IntoIterator<Item = String>>(&self, names: I, shown: usize) -> String {
        let mut words: Vec<String> = names.into_iter().collect();
        let more = words.len().saturating_sub(shown);
        words.truncate(shown);
        let list = words.join(", ");
        if more == 0 { list } else { format!("{list} and {more} more") }
    }
}

/// A span of time in words.
#[must_use]
pub fn span(span: Span) -> String {
    span.abs().words()
}

/// `1 account`, `7 accounts`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", text::count(number as u64), if number == 1 { "" } else { "s" })
}

fn cut(name: String) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name;
    }
    name.chars().take(LONGEST_NAME - 1).chain(['\u{2026}']).collect()
}
