//! Which sorts of records were ever met: whether a detection could have seen anything at all.
//!
//! That none was met means that it is not audited, or that nothing of the kind happened: the two look alike from here, so
//! neither is called well.

use crate::model::anomaly::Needed;
use crate::model::event::{AuthEvent, EventKind, SignInCategory};
use crate::model::event_id;
use crate::model::logon_type::LogonType;

/// See the module; one bit for each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audited {
    kinds: u128,
    /// Of 4624.
    logon_types: u32,
    sign_ins: u8,
}

const fn bit(number: u32) -> u128 {
    1_u128.wrapping_shl(number)
}

impl Audited {
    #[inline]
    pub fn see(&mut self, event: &AuthEvent) {
        self.kinds |= bit(event.kind as u32);
        match event.kind {
            EventKind::Logon => self.logon_types |= 1_u32.wrapping_shl(event.logon_type.number().unwrap_or(31).into()),
            EventKind::SignIn => {
                let category = event.entra.as_deref().map(|sign_in| sign_in.category).unwrap_or_default();
                self.sign_ins |= 1_u8.wrapping_shl(category as u32);
            }
            _ => {}
        }
    }
    #[must_use]
    pub fn kind(&self, kind: EventKind) -> bool {
        self.kinds & bit(kind as u32) != 0
    }
    #[must_use]
    pub fn has(&self, needed: Needed) -> bool {
        match needed {
            Needed::Records(kind) => self.kind(kind),
            Needed::Logons(of) => of.number().is_some_and(|number| self.logon_types & 1_u32.wrapping_shl(number.into()) != 0),
            Needed::SignIns(category) => self.sign_ins & 1_u8.wrapping_shl(category as u32) != 0,
        }
    }
    /// What is missing of the list that lacks least; nothing where one of the lists is whole.
    #[must_use]
    pub fn missing(&self, lists: &[&[Needed]]) -> Vec<Needed> {
        let lacks = |list: &&[Needed]| list.iter().copied().filter(|needed| !self.has(*needed)).collect::<Vec<_>>();
        lists.iter().map(lacks).min_by_key(Vec::len).unwrap_or_default()
    }
}

/// Names of records of one sort that are said.
const NAMED: usize = 3;

impl Needed {
    /// `4625`, `4624 type 10`, `Entra interactive sign-ins`.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Records(kind) => {
                let mut names: Vec<String> = event_id::of_kind(kind).map(|(log, id)| name(log, id)).collect();
                names.dedup();
                names.truncate(NAMED);
                if names.is_empty() { format!("{kind:?}") } else { names.join("/") }
            }
            Self::Logons(of) => logons(of),
            Self::SignIns(category) => format!("Entra {} sign-ins", sign_ins(category)),
        }
    }
}

/// The id alone for Security, with its log for others: `LocalSessionManager 21`.
fn name(log: &str, id: u32) -> String {
    let short = log.split('/').next().unwrap_or(log);
    match short.rsplit('-').next().unwrap_or(short) {
        "Security" => id.to_string(),
        other => format!("{other} {id}"),
    }
}

fn logons(of: LogonType) -> String {
    of.number().map_or_else(|| "4624".to_owned(), |number| format!("4624 type {number}"))
}

const fn sign_ins(category: SignInCategory) -> &'static str {
    match category {
        SignInCategory::Interactive => "interactive",
        SignInCategory::NonInteractive => "non-interactive",
        SignInCategory::ServicePrincipal => "service principal",
        SignInCategory::ManagedIdentity => "managed identity",
        SignInCategory::Adfs => "AD FS",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_met_is_known_and_what_is_missing_has_a_name() {
        let mut audited = Audited::default();
        let rdp = AuthEvent { kind: EventKind::Logon, logon_type: LogonType::RemoteInteractive, ..AuthEvent::default() };
        audited.see(&rdp);
        let (rdp, failed) = (Needed::Logons(LogonType::RemoteInteractive), Needed::Records(EventKind::LogonFailed));
        let cloud = Needed::SignIns(SignInCategory::Interactive);
        assert!(audited.has(rdp) && audited.has(Needed::Records(EventKind::Logon)) && !audited.has(failed) && !audited.has(cloud));
        assert!(!audited.has(Needed::Logons(LogonType::Network)));
        assert_eq!(audited.missing(&[&[failed, cloud], &[rdp, failed]]), [failed]);
        assert_eq!(audited.missing(&[&[failed], &[rdp]]), []);
        assert_eq!(audited.missing(&[]), []);
        assert_eq!([rdp, failed, cloud].map(Needed::words), ["4624 type 10", "4625", "Entra interactive sign-ins"]);
        assert_eq!(Needed::Records(EventKind::RdpSessionLogon).words(), "LocalSessionManager 21");
    }

    #[test]
    fn every_kind_has_a_bit_of_its_own() {
        // The last one of the list; there is room for 128.
        assert!((EventKind::Other as u32) < 128);
    }
}
