//! `local-account-from-network`: an account of the host itself is used from another machine.
//!
//! One password on many hosts is the oldest way along a network, so the same name on several hosts speaks loudly. One host
//! alone is how the help desk uses managed local passwords, and how printers store scans: it is told low, and not at all where
//! the account or the source does it as a habit.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::seen::day;
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{EventId, HostId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "local-account-from-network",
    title: "Local account used over the network",
    severity: Severity::Medium,
    attack: &["T1078.003", "T1021.002"],
    needs: "4624 types 3 and 10 of the hosts",
    requires: &[&[Needed::Logons(LogonType::Network)], &[Needed::Logons(LogonType::RemoteInteractive)]],
    check: "Who manages these hosts by a local account, and from there? If nobody, does the account have one password everywhere?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Nothing above low before people were watched for so long, and nothing of hosts known for less.
        pub history_days: i64 = 7,
        /// The same name on several hosts within so many minutes belongs together.
        pub window_minutes: i64 = 60,
        /// Hosts from which on it is high.
        pub many_hosts: usize = 3,
        /// A source that used local accounts on so many days does it by trade.
        pub habit_days: u32 = 3,
        /// One finding for an account and a source in so many hours.
        pub quiet_hours: i64 = 24,
    }
}

/// Sources and names remembered, and uses of one name.
const KEPT: usize = 16_384;
const USES: usize = 256;

struct Use {
    host: HostId,
    source: SourceId,
    event: EventId,
}

/// On which days a source used local accounts.
#[derive(Clone, Copy)]
struct Habit {
    days: u32,
    last_at: Timestamp,
}

pub struct Rule {
    settings: Settings,
    uses: FxHashMap<UserKey, Window<Use>>,
    habits: FxHashMap<SourceId, Habit>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    const LOGONS: &'static [LogonType] = &[LogonType::Network, LogonType::NetworkCleartext, LogonType::RemoteInteractive];
    fn new(settings: Settings) -> Self {
        Self { settings, uses: FxHashMap::default(), habits: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(source) = step.row.source.some() else { return };
        if step.is_remote() && !step.user.is_dollar && !step.account_tags().scanner && is_local(step) {
            self.used(step, source, out);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.window_minutes);
        self.uses.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
        shed(&mut self.uses, KEPT, Window::newest);
        shed(&mut self.habits, KEPT, |habit| Some(habit.last_at));
    }
}

impl Rule {
    /// Somebody used a local account from another machine.
    #[inline(never)]
    fn used(&mut self, step: &Step<'_>, source: SourceId, out: &mut Findings) {
        let event = step.event();
        let is_learning = step.usual.everybody.activity.age(event.at) < Span::days(self.settings.history_days);
        let habit = self.habits.entry(source).or_insert(Habit { days: 0, last_at: event.at });
        let days_before = habit.days - u32::from(habit.days > 0 && day(habit.last_at) == day(event.at));
        if habit.days == 0 || day(event.at) > day(habit.last_at) {
            habit.days += 1;
        }
        habit.last_at = habit.last_at.max(event.at);
        // Known before this hour: computers that were made of one image have one SID for their administrators.
        let length = Span::minutes(self.settings.window_minutes);
        if step.usual_account().seen(Dimension::Source).get(Value::Source(source)).is_some_and(|seen| event.at - seen.first_at > length) {
            return;
        }
        let is_habit = days_before >= self.settings.habit_days;
        let window = self.uses.entry(step.user_key()).or_default();
        window.push(event.at, Use { host: step.row.host, source, event: step.id }, length, USES);
        let mut hosts: Vec<HostId> = window.iter().map(|(_, used)| used.host).collect();
        hosts.sort_unstable();
        hosts.dedup();
        match hosts.len() {
            1 => self.one_host(step, is_learning, is_habit, out),
            _ => self.many_hosts(step, hosts, is_learning || is_habit, out),
        }
    }
}

/// `TargetDomainName` is the host's own name: the account is of its own list.
fn is_local(step: &Step<'_>) -> bool {
    let event = step.event();
    // What no text tells first.
    let class = step.account().map(|account| account.class);
    if event.account.domain.is_none()
        || class.is_none_or(|class| class.is_machinery() || class == AccountClass::Guest)
        || step.host_is_domain_controller()
    {
        return false;
    }
    let (domain, host) = (step.raw(event.account.domain), step.raw(event.host));
    host.get(..domain.len()).is_some_and(|start| start.eq_ignore_ascii_case(domain))
        && host.as_bytes().get(domain.len()).is_none_or(|next| *next == b'.')
}

/// The built-in administrator: its rights over the network are never filtered.
fn is_administrator(step: &Step<'_>) -> bool {
    let sid = step.raw(step.event().account.sid);
    sid.starts_with("S-1-5-21-") && sid.ends_with("-500")
}

impl Rule {
    fn one_host(&self, step: &Step<'_>, is_learning: bool, is_habit: bool, out: &mut Findings) {
        let is_young =
            step.host().and_then(|host| host.first).is_none_or(|first| step.at() - first < Span::days(self.settings.history_days));
        if is_learning || is_habit || is_young {
            return;
        }
        let rules = is_administrator(step) || step.session().is_some_and(|session| session.privileged);
        let score = Score::new(Severity::Low, "a local account from another machine").plus_if(rules, 5, "with administrator rights");
        self.raise(step, score, vec![step.row.host], out);
    }
    fn many_hosts(&self, step: &Step<'_>, hosts: Vec<HostId>, is_usual: bool, out: &mut Findings) {
        let score = if is_usual {
            Score::new(Severity::Low, "the same local name on several hosts, from a source that does so or that is still learned")
        } else {
            Score::new(ABOUT.severity, "the same local name on several hosts")
                .raise_if(is_administrator(step), "the built-in administrator")
                .raise_if(hosts.len() >= self.settings.many_hosts, "on many hosts")
        };
        self.raise(step, score, hosts, out);
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, score: Score, hosts: Vec<HostId>, out: &mut Findings) {
        let say = step.say();
        let uses = || self.uses.get(&step.user_key()).into_iter().flat_map(Window::iter);
        let what = match hosts.len() {
            1 => "the same name was used on no other host".to_owned(),
            several => format!(
                "the same name on {} within {} minutes ({})",
                say::count(several, "host"),
                self.settings.window_minutes,
                say.list(hosts.iter().map(|host| say.host(*host)), 4)
            ),
        };
        let why = format!(
            "Local account {} of {} was used from {} at {}, {}; {what}.",
            say.text(step.event().account.user),
            say.host(step.row.host),
            say.source(step.row.source),
            say.time(step.at()),
            say.logon_type(step.event().logon_type),
        );
        let first_at = uses().next().map_or(step.at(), |(at, _)| *at);
        let key = Key(step.user_key().0, step.row.source.index() as u64);
        out.push(
            Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why)
                .since(first_at, uses().map(|(_, used)| used.event))
                .and_hosts(hosts)
                .and_sources(uses().map(|(_, used)| used.source)),
        );
    }
}
