//! `rdp-first-seen-source`: Remote Desktop from a place its account never used.
//!
//! New is a source whose address, network and client name are all new to the account: addresses change within a network
//! every day. An account without enough Remote Desktop of its own is judged by what the host knows; that is low for one of
//! which nothing is known yet. Networks that others
//! work from say nothing, nor do gateways that the settings name. One finding holds all accounts of a source, so a new jump
//! host is one line. What comes from the internet is told by `rdp-from-public-ip`.

use crate::base::net::AddressClass;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Enough, Novelty, Value, subnet};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "rdp-first-seen-source",
    title: "Remote Desktop from a place never used before",
    severity: Severity::Medium,
    attack: &["T1021.001"],
    needs: "4624 type 10, 4778, or LocalSessionManager 21 and 25, of at least two weeks",
    requires: &[&[Needed::Logons(LogonType::RemoteInteractive)], &[Needed::Records(EventKind::RdpSessionLogon)]],
    check: "Whose machine is the source, and was its owner there? What did the session reach from the host?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days and sessions of Remote Desktop that an account must have.
    pub history_days: u32,
    pub history_sessions: u32,
    /// The same of a host, for accounts without enough.
    pub host_sessions: u32,
    /// Good-Turing chance of a new source above which new ones are usual.
    pub wanderer: f64,
    /// Accounts that log on from a network above which it is common ground.
    pub common_ground: u32,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 10, history_sessions: 10, host_sessions: 30, wanderer: 0.10, common_ground: 5, quiet_days: 7 }
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] =
        &[EventKind::Logon, EventKind::SessionReconnected, EventKind::RdpSessionLogon, EventKind::RdpSessionReconnected];
    const LOGONS: &'static [LogonType] = &[LogonType::RemoteInteractive, LogonType::CachedRemoteInteractive];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let Some(address) = event.address.filter(|_| step.is_remote() && step.row.source.is_some()) else { return };
        if step.address_class() == Some(AddressClass::Public) || step.source_tags().exit || step.account_tags().scanner {
            return;
        }
        let settings = &self.settings;
        let (usual, source, network) = (step.usual_account(), Value::Source(step.row.source), subnet(address));
        let client = event.workstation.or(step.source().map(|source| source.workstation).unwrap_or_default());
        let known = usual.seen(Dimension::Source).contains(source)
            || usual.seen(Dimension::Subnet).contains(network)
            || (client.is_some() && usual.seen(Dimension::Workstation).contains(Value::Text(client)));
        if known || step.usual.share(None, Dimension::Subnet, network).users >= settings.common_ground {
            return;
        }
        let enough = Enough { days: settings.history_days, count: settings.history_sessions, novelty: settings.wanderer };
        let of_host = Enough { count: settings.host_sessions, ..enough };
        let (whose, seen, is_newcomer) = match usual.judge(Dimension::RdpSource, source, &enough) {
            Novelty::New => ("its", usual.seen(Dimension::RdpSource), false),
            Novelty::Learning { .. } if step.usual_host().judge(Dimension::RdpSource, source, &of_host) == Novelty::New => {
                ("the host's", step.usual_host().seen(Dimension::RdpSource), usual.activity.days < settings.history_days)
            }
            _ => return,
        };
        rarely(move || {
            let say = step.say();
            let named = if client.is_some() { format!(" ({})", say.text(client)) } else { String::new() };
            let earlier = seen.by_use();
            let sources = earlier.iter().filter_map(|(value, _)| match value {
                Value::Source(source) => Some(say.source(*source)),
                _ => None,
            });
            let why = format!(
                "{} opened Remote Desktop to {} from {address}{named} at {}; {whose} {} over {} came from {}.",
                say.account(step.row.account),
                say.host(step.row.host),
                say.time(step.at()),
                say::count(seen.activity.count as usize, "earlier session"),
                say::count(seen.activity.days as usize, "day"),
                say.list(sources, 3),
            );
            let severity = if is_newcomer { Severity::Low } else { ABOUT.severity };
            let score = Score::new(severity, "a source, network and client never used before")
                .raise_if(step.host_is_domain_controller(), "the host is a domain controller")
                .plus_if(step.usual_source().activity.count == 0, 5, "nobody ever logged on from there");
            let key = Key::of(step.row.source.index(), 0);
            out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why));
        });
    }
}
