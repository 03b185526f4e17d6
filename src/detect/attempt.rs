//! One attempt, many records.
//!
//! A good or bad logon is written by the host (4624, 4625) and by the domain controller (4776, 4768, 4771). Records of one
//! account with the same verdict, from a compatible source, within two seconds, and each of another kind are one attempt.
//! Detections count attempts: they skip what is marked a repeat.

use crate::base::net::{self, AddressClass};
use crate::base::time::{Span, Timestamp};
use crate::detect::step::UserKey;
use crate::model::event::{AuthEvent, EventKind, Outcome};
use crate::model::status::StatusClass;
use rustc_hash::FxHashMap;
use std::net::IpAddr;

/// How far apart the records of one attempt stand (catalogue, conventions).
const APART: Span = Span::seconds(2);

/// Attempts of one account that may still get another record.
const OPEN_KEPT: usize = 8;

/// What a record says about an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub user: UserKey,
    pub class: StatusClass,
    /// Another record told of this attempt before.
    pub repeat: bool,
}

impl Attempt {
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.class == StatusClass::Success
    }
    /// A wrong password or other wrong secret of an account that exists.
    #[must_use]
    pub fn is_guess(&self) -> bool {
        self.class == StatusClass::Guess
    }
}

#[derive(Clone, Copy, Debug)]
struct Open {
    at: Timestamp,
    address: Option<IpAddr>,
    /// Bit for each kind of record that told of it.
    kinds: u64,
}

/// Tells new attempts from repeats.
#[derive(Debug, Default)]
pub struct Attempts {
    open: FxHashMap<(UserKey, bool), Vec<Open>>,
}

/// The verdict of a record on an attempt; `None` for records that are no attempt.
fn verdict(event: &AuthEvent) -> Option<StatusClass> {
    match event.kind {
        EventKind::Logon => Some(StatusClass::Success),
        EventKind::LogonFailed | EventKind::PreAuthFailed => Some(event.status.class()),
        EventKind::TicketGranting | EventKind::CredentialValidation => Some(match event.outcome {
            Outcome::Success => StatusClass::Success,
            _ => event.status.class(),
        }),
        _ => None,
    }
}

impl Attempts {
    /// What the record says; remembers it for the records that follow.
    pub fn judge(&mut self, event: &AuthEvent, user: UserKey) -> Option<Attempt> {
        let class = verdict(event)?;
        // SYSTEM and its like log on all day, and nobody guesses at them.
        if event.logon_id.is_built_in() {
            return None;
        }
        let address = event.address.filter(|address| net::class(*address) != AddressClass::Loopback);
        let kind = 1_u64 << (event.kind as u32 % 64);
        let key = (user, class == StatusClass::Success);
        let open = match self.open.get_mut(&key) {
            Some(open) => open,
            None => self.open.entry(key).or_default(),
        };
        open.retain(|other| (event.at - other.at).abs() <= APART);
        let same = open.iter_mut().find(|other| {
            other.kinds & kind == 0
                && match (other.address, address) {
                    (Some(other), Some(this)) => other == this,
                    _ => true,
                }
        });
        let repeat = match same {
            Some(other) => {
                other.kinds |= kind;
                other.address = other.address.or(address);
                true
            }
            None => {
                if open.len() >= OPEN_KEPT {
                    open.remove(0);
                }
                open.push(Open { at: event.at, address, kinds: kind });
                false
            }
        };
        Some(Attempt { user, class, repeat })
    }
    /// Drops what can get no more records.
    pub fn forget(&mut self, now: Timestamp) {
        self.open.retain(|_, open| {
            open.retain(|other| now - other.at <= APART);
            !open.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::status::Status;

    fn failed(kind: EventKind, millis: i64, address: Option<&str>) -> AuthEvent {
        AuthEvent {
            at: Timestamp::from_unix_millis(millis).unwrap(),
            kind,
            outcome: Outcome::Failure,
            status: Status::nt(0xC000_006A),
            address: address.and_then(|text| text.parse().ok()),
            ..AuthEvent::default()
        }
    }

    fn repeats(events: &[AuthEvent]) -> Vec<bool> {
        let mut attempts = Attempts::default();
        events.iter().map(|event| attempts.judge(event, UserKey(1)).unwrap().repeat).collect()
    }

    #[test]
    fn host_and_domain_controller_tell_of_one_attempt() {
        let events = [
            failed(EventKind::CredentialValidation, 0, None),
            failed(EventKind::LogonFailed, 40, Some("10.0.0.1")),
            failed(EventKind::CredentialValidation, 500, None),
            failed(EventKind::LogonFailed, 540, Some("10.0.0.1")),
        ];
        assert_eq!(repeats(&events), [false, true, false, true]);
    }

    #[test]
    fn two_records_of_one_kind_are_two_attempts() {
        assert_eq!(repeats(&[failed(EventKind::LogonFailed, 0, None), failed(EventKind::LogonFailed, 1, None)]), [false, false]);
    }

    #[test]
    fn other_addresses_and_later_records_are_other_attempts() {
        let first = failed(EventKind::PreAuthFailed, 0, Some("10.0.0.1"));
        assert_eq!(repeats(&[first.clone(), failed(EventKind::LogonFailed, 10, Some("10.0.0.2"))]), [false, false]);
        assert_eq!(repeats(&[first, failed(EventKind::LogonFailed, 2_500, Some("10.0.0.1"))]), [false, false]);
    }
}
