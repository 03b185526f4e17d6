//! Numbers that make a record, a session, an anomaly one, whoever read it and when.
//!
//! They stand in the file, so what goes into them must never change. A collision would have to come in one second of one
//! account.

use crate::base::intern::{Names, Symbol};
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, Outcome};
use rustc_hash::FxHashMap;

/// FNV-1a with 64 bits.
#[derive(Clone, Copy, Debug)]
pub struct Number(u64);

impl Default for Number {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Number {
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(self.0, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)))
    }
    /// A text, and that it ends.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).bytes(&[0xff])
    }
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }
    /// As SQLite keeps it.
    #[must_use]
    pub const fn finish(self) -> i64 {
        // Neighbouring inputs differ in the lower bits only.
        let mixed = (self.0 ^ self.0 >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 29).cast_signed()
    }
}

/// The short name of a host in lower case: shippers write `FS01` for `fs01.corp.example`.
fn short(host: &str) -> String {
    match host.split_once('.') {
        Some((short, _)) if host.parse::<std::net::IpAddr>().is_err() => short.to_lowercase(),
        _ => host.to_lowercase(),
    }
}

/// Knows logs, which are few, by their symbols of one run.
#[derive(Debug, Default)]
pub struct Records {
    logs: FxHashMap<(Symbol, Symbol), Number>,
}

impl Records {
    /// A numbered record is its number, event id, channel and host; an Entra sign-in its id and category; what has neither
    /// is what it says.
    pub fn number(&mut self, event: &AuthEvent, account: &str, names: &Names) -> i64 {
        if let Some(sign_in) = event.entra.as_deref().filter(|sign_in| sign_in.id.is_some()) {
            return Number::default().text("entra").text(sign_in.id.raw(names, &mut [0; 48])).text(sign_in.category.name()).finish();
        }
        let log = *self
            .logs
            .entry((event.host, event.channel))
            .or_insert_with(|| Number::default().text(&short(names.raw(event.host))).text(&names.raw(event.channel).to_lowercase()));
        let log = log.number(u64::from(event.event_id));
        if event.record != 0 {
            return log.number(event.record).finish();
        }
        let address = event.address.map_or_else(String::new, |address| address.to_string());
        let kind = event.logon_type.number().map_or(u64::MAX, u64::from);
        let correlation = event.entra.as_deref().map_or(Unique::NONE, |sign_in| sign_in.correlation_id);
        log.number(event.at.as_ticks().cast_unsigned())
            .text(account)
            .text(names.raw(event.subject.user))
            .text(&address)
            .text(names.raw(event.workstation))
            .text(names.raw(event.target))
            .text(correlation.raw(names, &mut [0; 48]))
            .number(event.logon_id.0)
            .number(u64::from(event.port) << 32 | u64::from(event.status.code))
            .number(kind << 8 | outcome(event.outcome).cast_unsigned())
            .finish()
    }
}

/// As it stands in the file.
#[must_use]
pub const fn outcome(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::None => 0,
        Outcome::Success => 1,
        Outcome::Failure => 2,
        Outcome::Interrupted => 3,
    }
}

/// What a number of the file stands for.
#[must_use]
pub const fn outcome_of(number: i64) -> Outcome {
    match number {
        1 => Outcome::Success,
        2 => Outcome::Failure,
        3 => Outcome::Interrupted,
        _ => Outcome::None,
    }
}

/// Its word.
#[must_use]
pub const fn outcome_word(number: i64) -> &'static str {
    outcome_of(number).word()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::intern::Interner;
    use crate::base::time::Timestamp;

    fn event(names: &mut Interner, host: &str, record: u64) -> AuthEvent {
        let at = Timestamp::parse("2026-03-14T09:00:00Z").unwrap();
        AuthEvent { at, host: names.intern(host), channel: names.intern("Security"), record, event_id: 4624, ..AuthEvent::default() }
    }

    #[test]
    fn a_record_is_one_however_its_host_is_written_and_others_are_others() {
        let mut names = Interner::default();
        let events = [("fs01.corp.example", 7), ("FS01", 7), ("fs01", 8), ("fs02", 7), ("fs01", 0), ("fs02", 0)];
        let events = events.map(|(host, record)| event(&mut names, host, record));
        let mut records = Records::default();
        let mut numbers = events.map(|event| records.number(&event, "corp\\x", names.texts())).to_vec();
        assert_eq!(numbers[0], numbers[1]);
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 5);
    }

    #[test]
    fn numbers_are_those_that_stand_in_files() {
        assert_eq!(Number::default().text("fs01").number(7).finish(), -639_804_782_270_574_697);
    }
}
