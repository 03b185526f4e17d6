//! `first-seen-host-for-account`: an account reaches a host it never used, and hardly anybody of its kind does.
//!
//! Accounts that reach new hosts all the time (administrators, scanners) are known by the share of hosts they used on one
//! day only, and stay silent; so do hosts that are new themselves. The peers are all accounts of the same class, until
//! groups can be given.

use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Enough, Novelty, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "first-seen-host-for-account",
    title: "First logon to this host ever",
    severity: Severity::Medium,
    attack: &["T1021", "T1078"],
    needs: "4624 types 2, 3, 10, 11 of at least two weeks",
    requires: &[],
    check: "Does the account's owner have work on that host? Where did they come from, and what else was new that day?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub history_days: u32,
    pub history_logons: u32,
    /// The host must be known for longer than this, or the host is what is new.
    pub host_age_days: i64,
    /// Good-Turing chance of a new host above which the account wanders.
    pub wanderer: f64,
    /// Share of peers that use the host above which it is common ground.
    pub peer_share: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 14, history_logons: 30, host_age_days: 7, wanderer: 0.10, peer_share: 0.05 }
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
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
        let (Some(account), Some(host)) = (step.account(), step.host()) else { return };
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
        if host.first.is_none_or(|first| event.at - first < Span::days(settings.host_age_days)) {
            return;
        }
        let class = account.class;
        let peers = step.usual.share_of_peers(step.row.account, dimension, value);
        // With few peers a share says nothing: then nobody else may use the host.
        if peers.of_peers() >= settings.peer_share && (peers.users > 0 || peers.of >= 20) {
            return;
        }
        let rights = step.session().is_some_and(|session| session.privileged);
        let score = Score::new(ABOUT.severity, "a host the account never used")
            .raise_if(rights, "with administrator rights")
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller")
            .plus_if(peers.users == 0, 5, "no account of its kind uses this host");
        let (say, seen) = (step.say(), usual.seen(dimension));
        let role = if step.host_is_domain_controller() { " (domain controller)" } else { "" };
        let why = format!(
            "{} first used {}{role} at {}, {}; in {} it used {}; {} of {} use this host.",
            say.account(step.row.account),
            say.host(step.row.host),
            say.time(step.at()),
            say.logon_type(step.event().logon_type),
            say::count(seen.activity.days as usize, "active day"),
            say::count(seen.len(), "host"),
            peers.users,
            say::count(peers.of.max(1) as usize, &format!("{} account", class.word())),
        );
        let key = Key::of(step.row.account.index(), step.row.host.index());
        out.push(Finding::new(step, key, Span::hours(24), score, why));
    }
}
