//! `overpass-newcreds`: a process is given other credentials for the network (type 9), and what they do next.
//!
//! `runas /netonly`, mimikatz pth and Rubeus createnetonly leave the same record on the host they run on. Administrators use
//! the first of them every day, so what an account, a host and a name of outbound credentials did once is no news a day
//! later. A ticket with RC4, or a logon elsewhere, made with the new credentials from that host within minutes raises it.

use super::names;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, EventId, HostId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "overpass-newcreds",
    title: "Outbound credentials swapped",
    severity: Severity::Medium,
    attack: &["T1550.002", "T1134.003"],
    needs: "4624 type 9; 4768 and 4624 type 3 show what the credentials did next",
    requires: &[&[Needed::Logons(LogonType::NewCredentials)]],
    check: "Did the person run something as another user? Look at what that user did on the network in the minutes after.",
};

/// RC4-HMAC (`TicketEncryptionType`).
const RC4: u32 = 0x17;
/// Swaps that wait for what follows; beyond, none is added until some are old.
const WAITING: usize = 1_024;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Active days of the account that must be known before its first type 9 logon stands out.
    pub history_days: u32,
    /// How long what the new credentials do belongs to the swap.
    pub follow_minutes: i64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 14, follow_minutes: 10, quiet_hours: 24 }
    }
}

struct Swap {
    at: Timestamp,
    event: EventId,
    account: AccountId,
    host: HostId,
}

pub struct Rule {
    settings: Settings,
    /// Newest swap by the user whose credentials it took.
    swaps: FxHashMap<UserKey, Swap>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::TicketGranting];
    const LOGONS: &'static [LogonType] = &[LogonType::NewCredentials, LogonType::Network];
    fn new(settings: Settings) -> Self {
        Self { settings, swaps: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        match (event.kind, event.logon_type) {
            (EventKind::Logon, LogonType::NewCredentials) => self.swap(step, out),
            _ if self.swaps.is_empty() || event.outcome != Outcome::Success => {}
            (EventKind::Logon, LogonType::Network) | (EventKind::TicketGranting, _) => self.follow(step, out),
            _ => {}
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        self.swaps.values_mut().filter(|swap| swap.account == goes).for_each(|swap| swap.account = stays);
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.follow_minutes);
        self.swaps.retain(|_, swap| swap.at >= limit);
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn swap(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let process = step.raw(event.logon_process);
        // What calls LogonUser itself is `newcreds-rare-process`.
        if !step.is_somebody() || !(process.is_empty() || process.eq_ignore_ascii_case("seclogo")) {
            return;
        }
        let usual = step.usual_account();
        let outbound = step.world.names.fold(event.outbound_user);
        if usual.seen(Dimension::Outbound).contains(Value::Texts(event.host, outbound)) {
            return;
        }
        if self.swaps.len() < WAITING && outbound.is_some() {
            let swap = Swap { at: event.at, event: step.id, account: step.row.account, host: step.row.host };
            self.swaps.insert(UserKey::of(step.world, event.outbound_user), swap);
        }
        let name = step.raw(event.outbound_user);
        let made_up = names::is_made_up_user(name);
        let days = usual.activity.days;
        let mature = days >= self.settings.history_days;
        let first = !usual.seen(Dimension::LogonType).contains(Value::LogonType(LogonType::NewCredentials));
        let score = match mature && first {
            true => Score::new(ABOUT.severity, "the first type 9 logon of the account"),
            false if first => Score::new(Severity::Low, "what the account usually does is not learned yet"),
            false => Score::new(Severity::Low, "credentials it did not use from there before"),
        }
        .raise_if(made_up, "the outbound user has a name that tools make up");
        let say = step.say();
        let usually = match (mature, first) {
            (true, true) => format!("its first type 9 logon in {}", say::count(days as usize, "active day")),
            (false, true) => format!("learning: {days} of {} days", self.settings.history_days),
            _ => "it used other credentials so before".to_owned(),
        };
        let whose = if event.outbound_user.is_some() { say.text(event.outbound_user) } else { "an unstated user".to_owned() };
        let why = format!(
            "{} on {} started a process at {} that is {whose} for the network; {usually}.",
            say.account(step.row.account),
            say.host(step.row.host),
            say.time(event.at),
        );
        out.push(Finding::new(step, self.key(step.row.account, step.row.host), self.quiet(), score, why));
    }
    #[cold]
    #[inline(never)]
    fn follow(&self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let Some(swap) = self.swaps.get(&step.user_key()) else { return };
        if event.at < swap.at || event.at - swap.at > Span::minutes(self.settings.follow_minutes) {
            return;
        }
        let ticket = event.kind == EventKind::TicketGranting;
        let from = step.usual.machines.host_of(step.world, step.row.source, event.at);
        // Who has the address is not always known; a weak ticket of that very user is enough then.
        let fits =
            if ticket { event.ticket_encryption == RC4 && from.is_none_or(|host| host == swap.host) } else { from == Some(swap.host) };
        if !fits || (!ticket && step.row.host == swap.host) {
            return;
        }
        let score = Score::new(Severity::High, "other credentials, and their use at once");
        let say = step.say();
        let what = if ticket { "got a ticket with RC4 from".to_owned() } else { "logged on over the network to".to_owned() };
        let why = format!(
            "{} on {} started a process at {} with other credentials for the network; {} later {} {what} {} from {}.",
            say.account(swap.account),
            say.host(swap.host),
            say.time(swap.at),
            say::span(event.at - swap.at),
            say.account(step.row.account),
            say.host(step.row.host),
            say.source(step.row.source),
        );
        let finding = Finding::new(step, self.key(swap.account, swap.host), self.quiet(), score, why);
        out.push(finding.since(swap.at, [swap.event]).and_accounts([swap.account]).and_hosts([swap.host]));
    }
    const fn key(&self, account: AccountId, host: HostId) -> Key {
        Key::of(account.index(), host.index())
    }
    const fn quiet(&self) -> Span {
        Span::hours(self.settings.quiet_hours)
    }
}
