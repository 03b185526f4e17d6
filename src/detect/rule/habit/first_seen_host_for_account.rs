//! `first-seen-host-for-account`: an account reaches a host it never used, and hardly anybody of its kind does.
//!
//! Accounts that reach new hosts all the time (administrators, scanners) are known by the share of hosts they used on one
//! day only, and stay silent; so do hosts that are new themselves, and those that many use. People sit down at another desk
//! every day: a logon at the screen is told low, and so is what an account does that now and then comes to a new host.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Enough, Novelty, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::logon_type::LogonType;

const ABOUT: Detection = Detection {
    id: "first-seen-host-for-account",
    title: "First logon to this host ever",
    severity: Severity::Medium,
    attack: &["T1021", "T1078"],
    needs: "4624 types 2, 3, 10, 11 of at least two weeks",
    requires: &[&[Needed::Logons(LogonType::RemoteInteractive)], &[Needed::Logons(LogonType::Network)]],
    check: "Does the account's owner have work on that host? Where did they come from, and what else was new that day?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Active days the account must be known for.
        pub history_days: u32 = 10,
        /// Logons, one an hour at most, by which it must be known.
        pub history_logons: u32 = 15,
        /// The host must be known for longer than so many days, or the host is what is new.
        pub host_age_days: i64 = 7,
        /// Good-Turing chance of a new host above which the account wanders.
        pub wanderer: f64 = 0.10,
        /// The same, below which it keeps to its hosts: only then a new one is more than low.
        pub steady: f64 = 0.01,
        /// Most hosts of an account that keeps to its hosts: pools of desktops and administrators have more, and the next one.
        pub steady_hosts: usize = 5,
        /// Share of peers that use the host above which it is common ground.
        pub peer_share: f64 = 0.05,
        /// So is a host that so many accounts use.
        pub common_users: u32 = 12,
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    const LOGONS: &'static [LogonType] =
        &[LogonType::Interactive, LogonType::Network, LogonType::RemoteInteractive, LogonType::CachedInteractive];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let dimension = match event.logon_type {
            LogonType::Interactive | LogonType::RemoteInteractive | LogonType::CachedInteractive => Dimension::Host,
            // A network logon says little unless it came with administrator rights.
            LogonType::Network if step.session().is_some_and(|session| session.privileged) => Dimension::Reached,
            _ => return,
        };
        let Some(account) = step.account().filter(|_| step.row.host.is_some()) else { return };
        if account.class.is_machinery() || event.outcome != Outcome::Success {
            return;
        }
        let settings = &self.settings;
        let (usual, value) = (step.usual_account(), Value::Host(step.row.host));
        let enough = Enough { days: settings.history_days, count: settings.history_logons, novelty: settings.wanderer };
        let is_known = usual.seen(Dimension::Host).contains(value) || usual.seen(Dimension::Reached).contains(value);
        if is_known || usual.judge(dimension, value, &enough) != Novelty::New || step.account_tags().scanner {
            return;
        }
        if step.host_since().is_none_or(|first| event.at - first < Span::days(settings.host_age_days)) {
            return;
        }
        let peers = step.usual.share_of_peers(step.row.account, dimension, value);
        // With few peers a share says nothing: then nobody else may use the host.
        let is_common = step.usual.share(None, dimension, value).users >= settings.common_users;
        if is_common || peers.of_peers() >= settings.peer_share && (peers.users > 0 || peers.of >= 20) {
            return;
        }
        rarely(move || {
            let rights = step.session().is_some_and(|session| session.privileged);
            // From a jump host that others use for this host, an administrator comes to one more.
            let by_jump = rights
                && step
                    .row
                    .source
                    .some()
                    .is_some_and(|source| step.usual_host().seen(Dimension::RdpSource).contains(Value::Source(source)));
            let hosts = usual.seen(dimension);
            let is_steady = hosts.novelty() < settings.steady && hosts.len() <= settings.steady_hosts;
            let from_afar = rights || event.logon_type == LogonType::RemoteInteractive;
            let (severity, reason) = match (is_steady, from_afar) {
                (true, true) if by_jump => (Severity::Low, "a host the account never used, by way of a usual jump host"),
                (true, true) => (ABOUT.severity, "a host the account never used, reached from another"),
                (true, false) => (Severity::Low, "a host the account never used, at its screen"),
                (false, _) => (Severity::Low, "a host the account never used; it comes to a new one now and then"),
            };
            let is_loud = severity == ABOUT.severity;
            let score = Score::new(severity, reason)
                .raise_if(is_loud && rights, "with administrator rights")
                .raise_if(is_loud && step.host_is_domain_controller(), "the host is a domain controller")
                .plus_if(peers.users == 0, 5, "no account of its kind uses this host");
            let (say, seen) = (step.say(), hosts);
            let role = if step.host_is_domain_controller() { " (domain controller)" } else { "" };
            let why = format!(
                "{} first used {}{role} at {}, {}; in {} it used {}; {} of {} of its kind use this host.",
                say.account(step.row.account),
                say.host(step.row.host),
                say.time(step.at()),
                say.logon_type(step.event().logon_type),
                say::count(seen.activity.days as usize, "active day"),
                say::count(seen.len(), "host"),
                peers.users,
                say::count(peers.of.max(1) as usize, "account"),
            );
            let key = Key::of(step.row.account.index(), step.row.host.index());
            out.push(Finding::new(step, key, Span::hours(24), score, why));
        });
    }
}
