//! `asrep-roast-hint`: a ticket was given to somebody who proved nothing.
//!
//! An account without pre-authentication answers anybody with something that can be cracked offline. Appliances need such
//! accounts: one that gets its tickets so from the same address on several days is told as low. Absent `PreAuthType` is not 0.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::Activity;
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, EventId, SourceId};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "asrep-roast-hint",
    title: "Ticket without pre-authentication",
    severity: Severity::Medium,
    attack: &["T1558.004"],
    needs: "4768 with PreAuthType",
    requires: &[&[Needed::Records(EventKind::TicketGranting)]],
    check: "Does the account need 'do not require Kerberos preauthentication'? If not, take it away and change the password.",
};

/// RC4-HMAC.
const RC4: u32 = 0x17;
/// Pairs of account and address remembered.
const PAIRS: usize = 16_384;
/// Tickets of one source that are counted together.
const TICKETS: usize = 256;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days on which an account got its tickets so from an address that make it usual there.
    pub known_days: u32,
    /// Accounts from one source within the time that make it a harvest.
    pub accounts: usize,
    pub within_minutes: i64,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { known_days: 3, accounts: 2, within_minutes: 60, quiet_days: 7 }
    }
}

pub struct Rule {
    settings: Settings,
    usual: FxHashMap<(UserKey, SourceId), Activity>,
    by_source: FxHashMap<SourceId, Window<(UserKey, AccountId, EventId)>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::TicketGranting];
    fn new(settings: Settings) -> Self {
        Self { settings, usual: FxHashMap::default(), by_source: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.pre_auth_type != 0 || event.outcome != Outcome::Success || step.user.is_dollar {
            return;
        }
        rarely(move || {
            let user = step.user_key();
            let usual = self.usual.entry((user, step.row.source)).or_insert(Activity::NONE);
            let known = usual.days >= self.settings.known_days;
            let days = usual.days;
            usual.add(event.at);
            let within = Span::minutes(self.settings.within_minutes);
            let window = self.by_source.entry(step.row.source).or_default();
            if !known {
                window.push(event.at, (user, step.row.account, step.id), within, TICKETS);
            }
            let mut users: Vec<UserKey> = window.between(event.at - within, event.at).map(|(_, (user, ..))| *user).collect();
            users.sort_unstable();
            users.dedup();
            let harvest = users.len() >= self.settings.accounts && !known;
            let rc4 = event.ticket_encryption == RC4;
            let score = match (known, harvest) {
                (true, _) => Score::new(Severity::Low, "usual for this account and address"),
                (false, true) => Score::new(Severity::High, "several accounts from one source"),
                (false, false) => Score::new(ABOUT.severity, "a ticket for no proof"),
            }
            .plus_if(rc4, 10, "with RC4, which is cracked fastest");
            let say = step.say();
            let cipher = if event.ticket_encryption == 0 { String::new() } else { format!(", cipher {}", cipher(event.ticket_encryption)) };
            let others = if harvest {
                format!("; {} from there within {}", say::count(users.len(), "such account"), say::span(within))
            } else {
                String::new()
            };
            let before = if known { format!("; it does so since {}", say::count(days as usize, "day")) } else { String::new() };
            let why = format!(
                "{} got a ticket for {} at {} with no pre-authentication{cipher}{others}{before}.",
                if step.row.source.is_some() { say.source(step.row.source) } else { "Somebody".to_owned() },
                say.account(step.row.account),
                say.time(event.at),
            );
            let quiet = Span::days(self.settings.quiet_days);
            // A harvest is one anomaly, whichever account it reached.
            let key = if harvest { Key(u64::MAX, step.row.source.index() as u64) } else { Key(user.0, step.row.source.index() as u64) };
            let mut finding = Finding::new(step, key, quiet, score, why);
            if harvest {
                let all: Vec<_> = window.between(event.at - within, event.at).copied().collect();
                let first = all.first().map_or(event.at, |(at, _)| *at);
                finding = finding
                    .since(first, all.iter().map(|(_, (_, _, record))| *record))
                    .and_accounts(all.iter().map(|(_, (_, account, _))| *account));
            }
            out.push(finding);
        });
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.within_minutes);
        self.by_source.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
        shed(&mut self.usual, PAIRS, Activity::last_at);
    }
}

/// `TicketEncryptionType` in words (RFC 3961 and Microsoft's numbers for RC4).
fn cipher(number: u32) -> String {
    match number {
        0x1 | 0x3 => "DES".to_owned(),
        0x11 => "AES-128".to_owned(),
        0x12 => "AES-256".to_owned(),
        0x17 | 0x18 => "RC4".to_owned(),
        other => format!("{other:#x}"),
    }
}
