//! `golden-ticket-hint`: tickets of somebody who never asked for the first one, and names that do not fit the account.
//!
//! A forged ticket-granting ticket skips 4768. Its absence says something only where all controllers are heard, so the rule
//! earns its right to speak: nearly all service tickets of the realm, and of the account, must have had a 4768 or 4770
//! before, and several accounts without one at once are a controller that is not heard. The account is taken whole, not by
//! address: addresses change with leases and VPNs. Tools also write any name beside RID 500.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Enough, Novelty, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::SourceId;
use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};
use std::hash::Hasher;

const ABOUT: Detection = Detection {
    id: "golden-ticket-hint",
    title: "Tickets without a ticket-granting request",
    severity: Severity::Medium,
    attack: &["T1558.001"],
    needs: "4768, 4769 and 4770 of all domain controllers; 4624 for the name beside RID 500",
    requires: &[
        &[Needed::Records(EventKind::TicketGranting), Needed::Records(EventKind::ServiceTicket)],
        &[Needed::Records(EventKind::Logon)],
    ],
    check: "Is a controller's log missing? If not, look at what the tickets opened, and consider changing krbtgt's password twice.",
};

/// RC4-HMAC and its export form.
const RC4: [u32; 2] = [0x17, 0x18];
/// Clocks of controllers and members may differ by minutes (Kerberos allows five).
const SLACK: i64 = 15;
/// Accounts remembered.
const ACCOUNTS: usize = 131_072;
/// Names remembered of one SID.
const NAMES: usize = 16;
/// What the account with RID 500 is called where nobody renamed it, in the languages of Windows.
const BUILT_IN: [&str; 9] = [
    "administrator",
    "administrateur",
    "administrador",
    "administratör",
    "järjestelmänvalvoja",
    "rendszergazda",
    "amministratore",
    "beheerder",
    "администратор",
];

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a ticket-granting ticket lives.
    pub ticket_hours: i64,
    /// Days of log before anything is said.
    pub history_days: i64,
    /// Service tickets of the account that had a request before them.
    pub account_tickets: u32,
    /// The same of the realm.
    pub realm_tickets: u32,
    /// Share of them that must have had one.
    pub matched: f64,
    /// Good-Turing chance of a new source above which a new one says nothing.
    pub wanderer: f64,
    /// Accounts without one within an hour that make it a controller that is not heard.
    pub wave: usize,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ticket_hours: 10,
            history_days: 7,
            account_tickets: 20,
            realm_tickets: 500,
            matched: 0.98,
            wanderer: 0.10,
            wave: 3,
            quiet_hours: 24,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Tickets {
    matched: u32,
    unmatched: u32,
}

impl Tickets {
    fn is_trusted(self, least: u32, share: f64) -> bool {
        self.matched >= least && f64::from(self.matched) >= share * (f64::from(self.matched) + f64::from(self.unmatched))
    }
    const fn count(&mut self, matched: bool) {
        let place = if matched { &mut self.matched } else { &mut self.unmatched };
        *place = place.saturating_add(1);
    }
}

/// A realm as one number; 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Realm(u64);

impl Realm {
    /// `TargetDomainName`, else what follows the `@` of `user@REALM`.
    fn of(step: &Step<'_>) -> Self {
        let identity = step.event().account;
        let domain = step.raw(identity.domain);
        if domain.is_empty() {
            return Self::named(step.raw(identity.user).split_once('@').map_or("", |(_, realm)| realm));
        }
        Self::named(domain)
    }
    fn named(text: &str) -> Self {
        let mut hasher = FxHasher::default();
        text.bytes().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        Self(hasher.finish())
    }
}

#[derive(Clone, Copy)]
struct Account {
    /// Newest 4768 or 4770, and from where.
    granted: Option<Timestamp>,
    from: SourceId,
    /// Service tickets from where the newest request came from, and from elsewhere.
    same_source: Tickets,
    heard: Timestamp,
    tickets: Tickets,
    aes: u32,
    rc4: u32,
    realm: Realm,
}

pub struct Rule {
    settings: Settings,
    since: Option<Timestamp>,
    accounts: FxHashMap<UserKey, Account>,
    realms: FxHashMap<Realm, Tickets>,
    /// The domain of the last ticket, which is mostly that of the next: its text is read once.
    last_realm: (Symbol, Realm),
    /// Accounts without a request lately.
    recent: Window<UserKey>,
    /// Names met beside a SID that ends in 500, at most `NAMES`, as written and folded.
    built_in: FxHashMap<Symbol, Vec<(Symbol, Symbol)>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::TicketGranting, EventKind::TicketRenewed, EventKind::ServiceTicket, EventKind::Logon];
    fn new(settings: Settings) -> Self {
        Self {
            settings,
            since: None,
            accounts: FxHashMap::default(),
            realms: FxHashMap::default(),
            last_realm: (Symbol::NONE, Realm(0)),
            recent: Window::default(),
            built_in: FxHashMap::default(),
        }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if step.user.is_dollar || event.outcome == Outcome::Failure {
            return;
        }
        match event.kind {
            EventKind::Logon => {
                if step.raw(event.account.sid).ends_with("-500") {
                    self.name_of_500(step, out);
                }
            }
            EventKind::ServiceTicket => self.ticket(step, out),
            _ => {
                self.since.get_or_insert(event.at);
                let account = self.account(step);
                account.granted = account.granted.max(Some(event.at));
                account.from = step.row.source;
            }
        }
    }
    fn forget(&mut self, now: Timestamp) {
        shed(&mut self.accounts, ACCOUNTS, |account| Some(account.heard));
        self.recent.forget_before(now - Span::hours(1));
    }
}

/// How long a ticket explains what is done with it.
const fn lives(hours: i64) -> Span {
    Span::minutes(hours * 60 + SLACK)
}

impl Rule {
    fn realm(&mut self, step: &Step<'_>) -> Realm {
        let domain = step.event().account.domain;
        if domain.is_none() || domain != self.last_realm.0 {
            self.last_realm = (domain, Realm::of(step));
        }
        self.last_realm.1
    }
    fn account(&mut self, step: &Step<'_>) -> &mut Account {
        let at = step.at();
        let account = self.accounts.entry(step.user_key()).or_insert_with(|| Account {
            granted: None,
            from: SourceId::NONE,
            same_source: Tickets::default(),
            heard: at,
            tickets: Tickets::default(),
            aes: 0,
            rc4: 0,
            realm: Realm(0),
        });
        account.heard = at;
        account
    }
    fn ticket(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        // A service that acts for somebody (S4U) has tickets in that name, and no request of it.
        if event.is_delegated || event.account.user.is_none() {
            return;
        }
        let alive = lives(self.settings.ticket_hours);
        let realm = self.realm(step);
        let rc4 = RC4.contains(&event.ticket_encryption);
        let account = self.account(step);
        let before = *account;
        let matched = before.granted.is_some_and(|granted| event.at - granted <= alive);
        account.tickets.count(matched);
        if rc4 {
            account.rc4 = account.rc4.saturating_add(1)
        } else {
            account.aes = account.aes.saturating_add(1)
        }
        if before.realm == Realm(0) {
            account.realm = realm;
        }
        let here = before.from == step.row.source;
        if matched {
            account.same_source.count(here);
        }
        let of_realm = self.realms.entry(realm).or_default();
        let trusted = *of_realm;
        of_realm.count(matched);
        if !matched {
            return self.judge(step, before, trusted, rc4, out);
        }
        if !here && before.same_source.is_trusted(self.settings.account_tickets, self.settings.matched) {
            self.elsewhere(step, before, rc4, out);
        }
    }
    fn judge(&mut self, step: &Step<'_>, before: Account, realm: Tickets, rc4: bool, out: &mut Findings) {
        let (settings, event) = (&self.settings, step.event());
        let (user, hour) = (step.user_key(), Span::hours(1));
        if !self.recent.any_between(event.at - hour, event.at, |other| *other == user) {
            self.recent.push(event.at, user, hour, 64);
        }
        let old = self.since.is_some_and(|since| event.at - since >= Span::days(settings.history_days));
        if !old || !realm.is_trusted(settings.realm_tickets, settings.matched) {
            return;
        }
        if self.recent.between(event.at - hour, event.at).count() < settings.wave {
            self.suspect(step, before, realm, rc4, out);
        }
    }
    #[cold]
    #[inline(never)]
    fn suspect(&self, step: &Step<'_>, before: Account, realm: Tickets, rc4: bool, out: &mut Findings) {
        let (settings, event) = (&self.settings, step.event());
        let known = before.tickets.is_trusted(settings.account_tickets, settings.matched);
        let never = before.granted.is_none() && before.tickets.matched + before.tickets.unmatched == 0;
        if !known && !never {
            return;
        }
        let weak = rc4 && before.rc4 == 0 && before.aes >= settings.account_tickets;
        let other_realm = !never && before.realm != Realm::of(step);
        let unheard = never && step.account().is_none_or(|account| account.events <= 1);
        let new_source = self.is_new_source(step);
        // A request may be lost, so its absence alone is low.
        let score = match new_source || weak || other_realm || unheard {
            true => Score::new(ABOUT.severity, "service tickets without a request for the first ticket, and another hint"),
            false => Score::new(Severity::Low, "service tickets without a request for the first ticket"),
        }
        .raise_if(weak, "RC4, where the account's tickets had AES")
        .raise_if(other_realm, "a realm that the account's tickets never had")
        .raise_if(unheard, "a user nobody heard of before");
        let say = step.say();
        let since = match before.granted {
            Some(granted) => format!("its last request for a ticket-granting ticket was at {}", say.time(granted)),
            None => "it never asked for a ticket-granting ticket".to_owned(),
        };
        let hints = [
            (new_source, "; it never used that source"),
            (weak, "; RC4, where its tickets had AES"),
            (other_realm, "; under another realm than before"),
            (unheard, "; nobody of that name was seen before"),
        ];
        let hints: String = hints.into_iter().filter(|(is, _)| *is).map(|(_, hint)| hint).collect();
        let all = if known { before.tickets } else { realm };
        let why = format!(
            "{} from {} got a ticket for {} at {}; {since}, where {} of {} earlier tickets {} had one within {} h{hints}.",
            say.account(step.row.account),
            say.source(step.row.source),
            say.text(event.target),
            say.time(event.at),
            all.matched,
            all.matched.saturating_add(all.unmatched),
            if known { "of it" } else { "of the realm" },
            settings.ticket_hours,
        );
        let key = Key(step.user_key().0, step.row.source.index() as u64);
        out.push(Finding::new(step, key, Span::hours(settings.quiet_hours), score, why));
    }
    /// The account has a ticket, but not from here: the ticket was forged or taken to the computer of somebody else. Where its
    /// own computer changed its address nothing is said.
    #[cold]
    #[inline(never)]
    fn elsewhere(&self, step: &Step<'_>, before: Account, rc4: bool, out: &mut Findings) {
        let (event, machines) = (step.event(), &step.usual.machines);
        if !self.is_new_source(step) || step.source_tags().exit {
            return;
        }
        let Some(there) = machines.at(step.row.source, event.at).filter(|met| met.own) else { return };
        if machines.computer(there.key).is_none_or(|computer| computer.own.contains(before.from)) {
            return;
        }
        let weak = rc4 && before.rc4 == 0 && before.aes >= self.settings.account_tickets;
        let score = Score::new(ABOUT.severity, "a ticket used at a computer that never asked for it")
            .raise_if(weak, "RC4, where the account's tickets had AES");
        let say = step.say();
        let why = format!(
            "{} got a ticket for {} from {}, which is {}, at {}; its ticket-granting ticket is at {}, where {} of {} of its tickets were asked for from the same place{}.",
            say.account(step.row.account),
            say.text(event.target),
            say.source(step.row.source),
            say.text(there.name).trim_end_matches('$'),
            say.time(event.at),
            say.source(before.from),
            before.same_source.matched,
            before.same_source.matched.saturating_add(before.same_source.unmatched),
            if weak { "; RC4, where its tickets had AES" } else { "" },
        );
        let key = Key(step.user_key().0, step.row.source.index() as u64);
        out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why));
    }
    fn is_new_source(&self, step: &Step<'_>) -> bool {
        let enough = Enough { days: 7, count: 20, novelty: self.settings.wanderer };
        step.usual_account().judge(Dimension::Source, Value::Source(step.row.source), &enough) == Novelty::New
    }
    /// Tools that forge tickets take RID 500 and whatever name they were given. Some rename the account, too.
    #[cold]
    #[inline(never)]
    fn name_of_500(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if !step.raw(event.account.sid).starts_with("S-1-5-21-") || event.account.user.is_none() {
            return;
        }
        let name = step.world.names.fold(event.account.user);
        let names = self.built_in.entry(event.account.sid).or_default();
        if names.iter().any(|(_, known)| *known == name) || names.len() >= NAMES {
            return;
        }
        let before = names.first().copied();
        names.push((event.account.user, name));
        let text = step.raw(name);
        if BUILT_IN.contains(&text) || BUILT_IN.iter().any(|usual| text.split('@').next() == Some(usual)) {
            return;
        }
        let remote = step.is_remote() && step.is_kerberos();
        let score = match before {
            Some(_) => Score::new(ABOUT.severity, "two names beside RID 500").raise_if(remote, "over the network with Kerberos"),
            None => Score::new(Severity::Low, "an unusual name beside RID 500, which may be its own"),
        };
        let say = step.say();
        let other = match before {
            Some((known, _)) => format!("that account is called {}", say.text(known)),
            None => "nobody knows yet whether it was renamed".to_owned(),
        };
        let why = format!(
            "{} logged on to {} at {} with the SID of the built-in administrator (RID 500); {other}.",
            say.text(event.account.user),
            say.host(step.row.host),
            say.time(event.at),
        );
        // Many computers rename it the same way: that is one thing to know.
        out.push(Finding::new(step, Key(500, name.index() as u64), Span::days(30), score, why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_tickets_or_many_without_a_request_are_not_trusted() {
        let tickets = |matched, unmatched| Tickets { matched, unmatched };
        assert!(tickets(100, 2).is_trusted(20, 0.98) && !tickets(100, 3).is_trusted(20, 0.98) && !tickets(19, 0).is_trusted(20, 0.98));
    }
}
