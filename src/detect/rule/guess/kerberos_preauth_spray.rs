//! `kerberos-preauth-spray`: passwords are guessed at the domain controller itself.
//!
//! Guessing over Kerberos leaves no 4625 anywhere, only 4771 and 4768 on the controller. Three signs: many accounts from one
//! source; a few accounts with ticket options that Windows does not ask for but tools do; one account far faster than a
//! person types. The first is also a spray (`password-spray-windows` counts all protocols): incidents put both together.

use super::fail_burst_then_success::origin_number;
use super::run::{Run, Try, is_shared};
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Origin, Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::status::StatusClass;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "kerberos-preauth-spray",
    title: "Guessing over Kerberos",
    severity: Severity::High,
    attack: &["T1110.003", "T1558"],
    needs: "4771 and 4768 failures on domain controllers (audit Kerberos Authentication Service, failure)",
    requires: &[&[Needed::Records(EventKind::PreAuthFailed)]],
    check: "Which process on that source talks Kerberos, and which of the accounts got a ticket from there afterwards?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Accounts from one source.
    pub accounts: usize,
    pub within_minutes: i64,
    /// Accounts that were tried with ticket options of tools.
    pub accounts_of_tools: usize,
    /// Ticket options that tools ask for and Windows does not.
    pub tool_options: Vec<u32>,
    /// Wrong passwords of one account within `fast_minutes`.
    pub failures: usize,
    pub fast_minutes: i64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            accounts: 10,
            within_minutes: 30,
            accounts_of_tools: 3,
            tool_options: vec![0x5080_0000, 0x10],
            failures: 30,
            fast_minutes: 5,
            quiet_hours: 6,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Hit {
    attempt: Try,
    /// The account logs on from this source.
    is_usual: bool,
    by_tool: bool,
}

/// Hits kept for one source.
const KEPT: usize = 1_024;
/// Sources remembered; beyond it those silent for longest are forgotten.
const SOURCES_KEPT: usize = 16_384;

pub struct Rule {
    settings: Settings,
    sources: FxHashMap<Origin, Window<Hit>>,
    runs: FxHashMap<Origin, Run>,
}

enum Sign {
    Accounts,
    Tool,
    Fast,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::PreAuthFailed, EventKind::TicketGranting];
    fn new(settings: Settings) -> Self {
        Self { settings, sources: FxHashMap::default(), runs: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let class = event.status.class();
        let counts = event.outcome == Outcome::Failure
            && matches!(class, StatusClass::Guess | StatusClass::Disabled | StatusClass::UnknownAccount)
            && !step.user.is_computer;
        if !counts || event.account.user.is_none() {
            return;
        }
        let Some(origin) = step.origin() else { return };
        let is_usual = step.usual_source().seen(Dimension::Account).contains(Value::Account(step.row.account));
        let by_tool = self.settings.tool_options.contains(&event.ticket_options);
        let hit = Hit { attempt: Try::of(step), is_usual, by_tool };
        let window = self.sources.entry(origin).or_default();
        window.push(step.at(), hit, Span::minutes(self.settings.within_minutes), KEPT);
        let quiet = Span::hours(self.settings.quiet_hours);
        if self.runs.get(&origin).is_some_and(|run| run.is_over(step.at(), quiet)) {
            self.runs.remove(&origin);
        }
        let Some(sign) = sign(&self.settings, step, window) else { return };
        let run = match self.runs.get_mut(&origin) {
            Some(run) => {
                run.add(step.at(), hit.attempt, Some(origin));
                run
            }
            None => {
                let run = self.runs.entry(origin).or_insert_with(|| Run::new(step.at()));
                window.iter().for_each(|(at, hit)| run.add(*at, hit.attempt, Some(origin)));
                run
            }
        };
        let Some(records) = run.due(step.at()) else { return };
        let say = step.say();
        let options =
            if by_tool { format!(" with ticket options {:#x}, which tools ask for", event.ticket_options) } else { String::new() };
        let (score, what) = match sign {
            Sign::Accounts | Sign::Tool => (
                Score::new(ABOUT.severity, "many accounts at the domain controller")
                    .plus_if(by_tool, 5, "ticket options of a tool")
                    .plus_if(run.names() >= 20, 5, "20 accounts or more"),
                format!("{}: {}", say::count(run.names(), "account"), say.list(run.accounts().into_iter().map(|id| say.account(id)), 5)),
            ),
            Sign::Fast => (
                if is_usual || is_shared(step) {
                    Score::new(Severity::Low, "one account, from where it logs on: a stored password may be stale")
                } else {
                    Score::new(Severity::Medium, "one account, faster than a person types")
                },
                format!("all for {}", say.account(step.row.account)),
            ),
        };
        let why = format!(
            "{} over Kerberos from {} {}{options}; {what}.",
            say::count(run.attempts, "failed attempt"),
            say.origin(origin),
            say.stretch(run.first_at, run.last_at),
        );
        let accounts = run.accounts();
        let key = Key(origin_number(origin), 0);
        out.push(Finding::new(step, key, quiet, score, why).since(run.first_at, records).and_accounts(accounts));
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.within_minutes);
        self.sources.retain(|_, window| window.newest().is_some_and(|newest| newest >= limit));
        shed(&mut self.sources, SOURCES_KEPT, Window::newest);
        let quiet = Span::hours(self.settings.quiet_hours);
        self.runs.retain(|_, run| !run.is_over(now, quiet));
    }
}

fn sign(settings: &Settings, step: &Step<'_>, window: &Window<Hit>) -> Option<Sign> {
    // Cheap test first: most sources never hold enough.
    if window.len() < settings.accounts_of_tools.min(settings.accounts).min(settings.failures) {
        return None;
    }
    // From a terminal server people mistype all day: there only those count who do not log on from it.
    let shared = is_shared(step);
    let (mut users, mut of_tools): (FxHashSet<UserKey>, FxHashSet<UserKey>) = Default::default();
    for (_, hit) in window.iter() {
        if !(shared && hit.is_usual) {
            users.insert(hit.attempt.user);
        }
        if hit.by_tool {
            of_tools.insert(hit.attempt.user);
        }
    }
    if users.len() >= settings.accounts {
        return Some(Sign::Accounts);
    }
    if of_tools.len() >= settings.accounts_of_tools {
        return Some(Sign::Tool);
    }
    let recent = window.between(step.at() - Span::minutes(settings.fast_minutes), step.at());
    let same = recent.filter(|(_, hit)| hit.attempt.user == step.user_key()).count();
    (same >= settings.failures).then_some(Sign::Fast)
}
