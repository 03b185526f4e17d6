//! `explicit-creds-fanout`: one session uses other credentials for many servers, or many credentials.
//!
//! Seen on the host it comes from, so it works where the targets have no log. Consoles, backup and remote management do it
//! every day, to the same servers with the same accounts: only what the subject never used counts, and one who uses new ones
//! all the time is left alone.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{ComputerKey, SeenSet};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId, HostId};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "explicit-creds-fanout",
    title: "One session uses other credentials widely",
    severity: Severity::Medium,
    attack: &["T1021", "T1110.003", "T1078"],
    needs: "4648 of the hosts where attempts begin",
    requires: &[&[Needed::Records(EventKind::ExplicitCredentials)]],
    check: "Which program did it, and does the person administer those servers? Did the credentials work there?",
};

/// Subjects and sessions remembered.
const SUBJECTS: usize = 16_384;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// New servers, or new accounts, within the time.
    pub targets: usize,
    pub within_minutes: i64,
    /// Days on which the subject used other credentials before what it uses is known.
    pub history_days: u32,
    /// New targets while it is not known.
    pub targets_cold: usize,
    /// Good-Turing chance of a new target above which new ones are usual.
    pub wanderer: f64,
    pub kept: usize,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { targets: 5, within_minutes: 30, history_days: 7, targets_cold: 10, wanderer: 0.30, kept: 256, quiet_hours: 6 }
    }
}

#[derive(Default)]
struct Subject {
    servers: SeenSet<ComputerKey>,
    accounts: SeenSet<UserKey>,
}

#[derive(Clone, Copy)]
struct Use {
    /// Nothing where the server, or the account, is known to the subject.
    server: Option<ComputerKey>,
    user: Option<UserKey>,
    account: AccountId,
    event: EventId,
}

pub struct Rule {
    settings: Settings,
    subjects: FxHashMap<UserKey, Subject>,
    /// Since when 4648 is heard: who used no other credentials since then is known for that.
    since: Option<Timestamp>,
    /// New uses by host and session.
    recent: FxHashMap<(HostId, u64), Window<Use>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::ExplicitCredentials];
    fn new(settings: Settings) -> Self {
        Self { settings, subjects: FxHashMap::default(), since: None, recent: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let target = step.raw(event.target);
        if event.subject.is_none() || step.user.is_dollar || target.eq_ignore_ascii_case("localhost") || step.account_tags().scanner {
            return;
        }
        let Some(server) = ComputerKey::of(target) else { return };
        // A logon on the host itself is no way out of it.
        if step.usual.machines.key_of(step.row.host) == Some(server) {
            return;
        }
        let who = UserKey::of(step.world, event.subject.user);
        let subject = self.subjects.entry(who).or_default();
        let (days, user) = (subject.servers.activity.days, step.user_key());
        let within = Span::minutes(self.settings.within_minutes);
        // What the window itself taught is no habit.
        let (servers, accounts) = (subject.servers.novelty_before(event.at - within), subject.accounts.novelty_before(event.at - within));
        let wanders = |(novelty, known): (f64, usize)| known >= 5 && novelty >= self.settings.wanderer;
        let new_server = !subject.servers.contains(server) && !wanders(servers);
        let new_user = !subject.accounts.contains(user) && !wanders(accounts);
        subject.servers.add(server, event.at, self.settings.kept);
        subject.accounts.add(user, event.at, self.settings.kept);
        if !new_server && !new_user {
            return;
        }
        rarely(move || {
            let session = if event.subject_logon_id.opens_session() { event.subject_logon_id.0 } else { who.0 };
            let window = self.recent.entry((step.row.host, session)).or_default();
            let one =
                Use { server: new_server.then_some(server), user: new_user.then_some(user), account: step.row.account, event: step.id };
            window.push(event.at, one, within, self.settings.kept);
            let uses: Vec<(Timestamp, Use)> = window.between(event.at - within, event.at).copied().collect();
            let usually = servers.1;
            let servers = distinct(uses.iter().filter_map(|(_, one)| one.server));
            let users = distinct(uses.iter().filter_map(|(_, one)| one.user));
            let heard = event.at - *self.since.get_or_insert(event.at);
            let mature = days >= self.settings.history_days || heard >= Span::days(2 * i64::from(self.settings.history_days));
            let least = if mature { self.settings.targets } else { self.settings.targets_cold };
            if servers.max(users) < least {
                return;
            }
            let score = match mature {
                true => Score::new(ABOUT.severity, "many targets the subject never used"),
                false => Score::new(Severity::Low, "what the subject uses is not learned yet"),
            }
            .raise_if(servers >= 2 * least || (servers >= least && users >= least), "very many, or with many accounts");
            let say = step.say();
            let by = if event.process.is_some() { format!(" via {}", say.text(event.process)) } else { String::new() };
            let first = uses.first().map_or(event.at, |(at, _)| *at);
            let why = format!(
                "{} on {}{by} used other credentials {} for {} and {} that are new for it; before it used {}.",
                say.text(event.subject.user),
                say.host(step.row.host),
                say.stretch(first, event.at),
                say::count(servers, "server"),
                say::count(users, "account"),
                say::count(usually, "server"),
            );
            let key = Key(session, step.row.host.index() as u64);
            let finding = Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why)
                .since(first, uses.iter().map(|(_, one)| one.event))
                .and_accounts(uses.iter().map(|(_, one)| one.account))
                .and_sessions(step.subject_session());
            out.push(finding);
        });
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.within_minutes);
        self.recent.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
        shed(&mut self.recent, SUBJECTS, Window::newest);
        shed(&mut self.subjects, SUBJECTS, |subject| subject.servers.activity.last_at());
    }
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> usize {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.dedup();
    values.len()
}
