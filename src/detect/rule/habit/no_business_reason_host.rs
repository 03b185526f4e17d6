//! `no-business-reason-host`: a desktop on a host that only other people's work needs.
//!
//! Groups are those that people named (`[site] groups`), else the learned ones. A learned group is a guess from hosts and
//! apps that accounts share, so it speaks one step lower.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Enough, Novelty, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say::{self, Say};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::AccountId;
use crate::model::logon_type::LogonType;

const ABOUT: Detection = Detection {
    id: "no-business-reason-host",
    title: "Desktop on a host that only another group uses",
    severity: Severity::High,
    attack: &["T1021", "T1078.002"],
    needs: "4624 types 2, 10, 11, 12 of at least two weeks; better with [site] groups",
    requires: &[&[Needed::Logons(LogonType::Interactive)], &[Needed::Logons(LogonType::RemoteInteractive)]],
    check: "Who asked them to work there: a cover, an audit, a move to the other team? If nobody did, what did they open on that host?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Active days the account must be known for.
        pub history_days: u32 = 10,
        /// Logons the account must be known by.
        pub history_logons: u32 = 15,
        /// Good-Turing chance of a new host above which the account wanders.
        pub wanderer: f64 = 0.05,
        /// People who must use the host.
        pub owners: usize = 5,
        /// Share of them that must be of one group.
        pub owned: f64 = 0.8,
        /// Members the account's own learned group must have.
        pub peers: u32 = 5,
        /// One finding for an account and a host in so many days.
        pub quiet_days: i64 = 30,
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    const LOGONS: &'static [LogonType] = LogonType::DESKTOPS;
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

/// A group that most people of a host are in.
struct Owner {
    group: u32,
    members: usize,
    people: usize,
    example: AccountId,
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        if !step.is_a_persons() || step.account_tags().scanner {
            return;
        }
        let settings = &self.settings;
        let enough = Enough { days: settings.history_days, count: settings.history_logons, novelty: settings.wanderer };
        if step.usual_account().judge(Dimension::Host, Value::Host(step.row.host), &enough) != Novelty::New {
            return;
        }
        rarely(move || {
            let Some(mine) = group(step, step.row.account) else { return };
            let is_named = step.account_tags().group.is_some();
            if !is_named && step.usual.members(mine) < settings.peers {
                return;
            }
            let Some(owner) = owner(settings, step, mine) else { return };
            let severity = if is_named { ABOUT.severity } else { Severity::Medium };
            let score = Score::new(severity, "only people of another group use this host").raise_for(step).plus_if(
                !is_named,
                5,
                "groups are learned from shared hosts and apps",
            );
            let say = step.say();
            let group = group_name(step, &say, mine, step.row.account);
            let why = format!(
                "{} is used only by {} ({} of {}). {}, of {group}, opened a desktop there at {}, {}; no member of {group} did so before.",
                say.host(step.row.host),
                group_name(step, &say, owner.group, owner.example),
                owner.members,
                say::count(owner.people, "account"),
                say.account(step.row.account),
                say.time(step.at()),
                say.logon_type(step.event().logon_type),
            );
            let key = Key::of(step.row.account.index(), step.row.host.index());
            out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why));
        });
    }
}

/// The group of an account: the one people named, else the learned one.
fn group(step: &Step<'_>, account: AccountId) -> Option<u32> {
    step.site.account(account).group.map(u32::from).or_else(|| step.usual.peers(account))
}

/// The other group whose host it is; nothing where one of the account's own group uses it.
fn owner(settings: &Settings, step: &Step<'_>, mine: u32) -> Option<Owner> {
    let people = step.usual_host().seen(Dimension::Account);
    if people.len() < settings.owners {
        return None;
    }
    let mut groups: Vec<(u32, AccountId)> = Vec::new();
    for person in people.values() {
        let Value::Account(account) = person else { continue };
        match group(step, account) {
            Some(group) if group == mine => return None,
            Some(group) => groups.push((group, account)),
            None => {}
        }
    }
    groups.sort_unstable();
    let (first, members) =
        groups.chunk_by(|one, other| one.0 == other.0).map(|same| (same.first(), same.len())).max_by_key(|(_, len)| *len)?;
    let (group, example) = *first?;
    #[allow(clippy::cast_precision_loss)] // at most some dozens
    let share = members as f64 / people.len() as f64;
    (share >= settings.owned).then_some(Owner { group, members, people: people.len(), example })
}

/// `finance`, or for a learned group one of its members.
fn group_name(step: &Step<'_>, say: &Say<'_>, group: u32, example: AccountId) -> String {
    let named = usize::try_from(group).ok().and_then(|place| step.site.settings().groups.keys().nth(place));
    named.map_or_else(|| format!("the group of {}", say.account(example)), |name| say.word(name))
}
