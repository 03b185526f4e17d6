//! `rdp-session-hijack`: a desktop changes hands without a logon.
//!
//! `tscon` as SYSTEM attaches a running connection to another user's session: 4779 for the one, 4778 for the other, with
//! the same SessionName and ClientName and no logon between them (first arm). Where the 4779 is not in the logs, a
//! reconnect over Remote Desktop without any logon of its account in the minute before says the same (second arm): in
//! every honest reconnect of the recordings a 4624 or a 1149 of the account comes first. That is weak where the logs
//! hold no logons of the host at all, so then it is low and says so. A third sign (LocalSessionManager 39) is not used.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::host::Host;
use crate::model::ids::{AccountId, EventId, HostId, SessionId};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "rdp-session-hijack",
    title: "A Remote Desktop session was taken over",
    severity: Severity::Critical,
    attack: &["T1563.002"],
    needs: "4778 and 4779 (audit Other Logon/Logoff Events)",
    requires: &[&[Needed::Records(EventKind::SessionReconnected), Needed::Records(EventKind::SessionDisconnected)]],
    check: "Who had SYSTEM on the host at that moment (service installed, task, PsExec)? Everything done in the session since is not its owner's.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Between the disconnect of one and the reconnect of the other.
    pub apart_seconds: i64,
    /// A logon of the account this long before a reconnect explains it.
    pub logon_before_seconds: i64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { apart_seconds: 2, logon_before_seconds: 60, quiet_hours: 24 }
    }
}

#[derive(Clone, Copy)]
struct Change {
    reconnected: bool,
    user: UserKey,
    account: AccountId,
    session: SessionId,
    event: EventId,
    session_name: Symbol,
    client: Symbol,
}

/// Changes kept for one host; two seconds hold few.
const KEPT: usize = 64;

pub struct Rule {
    settings: Settings,
    hosts: FxHashMap<HostId, Window<Change>>,
    /// The newest logon of an account on a host, as long as it may explain a reconnect.
    logons: FxHashMap<(HostId, UserKey), Timestamp>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] =
        &[EventKind::SessionDisconnected, EventKind::SessionReconnected, EventKind::Logon, EventKind::RdpAuthenticated];
    fn new(settings: Settings) -> Self {
        Self { settings, hosts: FxHashMap::default(), logons: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if matches!(event.kind, EventKind::Logon | EventKind::RdpAuthenticated) {
            let newest = self.logons.entry((step.row.host, step.user_key())).or_insert(event.at);
            *newest = event.at.max(*newest);
            return;
        }
        let names = &step.world.names;
        let change = Change {
            reconnected: event.kind == EventKind::SessionReconnected,
            user: step.user_key(),
            account: step.row.account,
            session: step.row.session,
            event: step.id,
            session_name: names.fold(event.session_name),
            client: names.fold(event.workstation),
        };
        // The console is where several people may sit down one after the other.
        if event.account.user.is_none() || change.session_name.is_none() || step.raw(change.session_name) == "console" {
            return;
        }
        let apart = Span::seconds(self.settings.apart_seconds);
        let window = self.hosts.entry(step.row.host).or_default();
        let partner = window.between(event.at - apart, event.at + apart).find(|(_, other)| is_taken_over(other, &change)).copied();
        window.push(event.at, change, apart, KEPT);
        let Some((other_at, other)) = partner else {
            if change.reconnected {
                self.without_logon(step, &change, out);
            }
            return;
        };
        rarely(move || {
            let (left_at, left, taken_at, taken) =
                if change.reconnected { (other_at, other, event.at, change) } else { (event.at, change, other_at, other) };
            let say = step.say();
            let why = format!(
                "Session of {} on {} was reconnected at {} over connection {} of {}, {} after {} left it, with no logon of {} between.",
                say.account(taken.account),
                say.host(step.row.host),
                say.time(taken_at),
                say.text(event.session_name),
                say.text(event.workstation),
                crate::detect::say::span(taken_at - left_at),
                say.account(left.account),
                say.account(taken.account),
            );
            let score = Score::new(ABOUT.severity, "two accounts on one connection within seconds");
            let key = Key::of(step.row.host.index(), usize::try_from(taken.user.0 >> 1).unwrap_or_default());
            let mut finding = Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why).since(other_at, [other.event]);
            // The victim first, then who took it.
            finding.accounts = Vec::new();
            finding.sessions = Vec::new();
            out.push(finding.and_accounts([taken.account, left.account]).and_sessions([taken.session, left.session]));
        });
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::seconds(self.settings.apart_seconds);
        self.hosts.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
        // Some minutes more than asked for: records come late.
        let explains = now - Span::seconds(self.settings.logon_before_seconds) - Span::minutes(5);
        self.logons.retain(|_, at| *at >= explains);
    }
}

impl Rule {
    fn without_logon(&self, step: &Step<'_>, change: &Change, out: &mut Findings) {
        let event = step.event();
        let since = event.at - Span::seconds(self.settings.logon_before_seconds);
        if self.logons.get(&(step.row.host, change.user)).is_some_and(|newest| *newest >= since) {
            return;
        }
        // Logons of the host are in the logs, and the logs reach back far enough to have held this one.
        let logons = |host: &Host| host.seen.as_ref().is_some_and(|seen| seen.of("Security", 4624).is_some());
        let audited = step.host().is_some_and(|host| logons(host) && host.first.is_some_and(|first| first <= since));
        let say = step.say();
        let doubt = if audited { "" } else { "; the logs hold no logons of this host from before, so one may only be missing here" };
        let why = format!(
            "Session of {} on {} was reconnected at {} from {} ({}) with no logon of {} in the {} s before{doubt}.",
            say.account(change.account),
            say.host(step.row.host),
            say.time(event.at),
            say.source(step.row.source),
            say.text(event.workstation),
            say.account(change.account),
            self.settings.logon_before_seconds,
        );
        let score = if audited {
            Score::new(Severity::High, "a reconnect without a logon")
        } else {
            Score::new(Severity::Low, "a reconnect without a logon in logs without logons")
        };
        let key = Key::of(step.row.host.index(), usize::try_from(change.user.0 >> 1).unwrap_or_default());
        out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why));
    }
}

fn is_taken_over(one: &Change, other: &Change) -> bool {
    one.reconnected != other.reconnected
        && one.user != other.user
        && one.session_name == other.session_name
        && (one.client == other.client || one.client.is_none() || other.client.is_none())
}
