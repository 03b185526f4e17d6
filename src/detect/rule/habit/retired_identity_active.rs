//! `retired-identity-active`: an identity that was disabled, deleted or shut down is used again.
//!
//! Tickets, tokens and cached credentials outlive the account: for ten hours (the life of a ticket) what a machine does by
//! itself with them is only told low, since every leaver's laptop does it. A new desktop, or anything later, is not.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::rekey;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::{AccountId, EventId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "retired-identity-active",
    title: "Identity that was retired is used again",
    severity: Severity::Medium,
    attack: &["T1078"],
    needs: "4725, 4726 and logons; Entra service principal sign-ins; or [site] retired",
    requires: &[
        &[Needed::Records(EventKind::AccountDisabled), Needed::Logons(LogonType::Network)],
        &[Needed::SignIns(SignInCategory::ServicePrincipal)],
    ],
    check: "Was it enabled again on purpose? If not, end its sessions, purge its tickets, and look at where it came from.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// So long tickets and tokens may go on working by themselves.
        pub grace_hours: i64 = 10,
        /// A service principal unused for longer counts as retired.
        pub unused_days: i64 = 60,
        /// Days on which such a service principal was used before.
        pub used_days: u32 = 5,
        /// Marks are kept so long.
        pub kept_days: i64 = 180,
        /// One finding for an identity in so many days.
        pub quiet_days: i64 = 7,
    }
}

/// Retired identities remembered.
const KEPT: usize = 65_536;

#[derive(Clone, Copy)]
struct Mark {
    at: Timestamp,
    event: EventId,
    deleted: bool,
}

pub struct Rule {
    settings: Settings,
    marks: FxHashMap<AccountId, Mark>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[
        EventKind::AccountDisabled,
        EventKind::AccountDeleted,
        EventKind::AccountEnabled,
        EventKind::AccountCreated,
        EventKind::Logon,
        EventKind::ServiceTicket,
        EventKind::TicketGranting,
        EventKind::SessionReconnected,
        EventKind::SignIn,
    ];
    fn new(settings: Settings) -> Self {
        Self { settings, marks: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let (event, account) = (step.event(), step.row.account);
        match event.kind {
            EventKind::AccountDisabled | EventKind::AccountDeleted => {
                let deleted = event.kind == EventKind::AccountDeleted;
                self.marks.insert(account, Mark { at: event.at, event: step.id, deleted });
            }
            EventKind::AccountEnabled | EventKind::AccountCreated => _ = self.marks.remove(&account),
            EventKind::SessionReconnected => self.used(step, out),
            _ if event.outcome == Outcome::Success => self.used(step, out),
            _ => {}
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.marks, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.kept_days);
        self.marks.retain(|_, mark| mark.at >= limit);
        shed(&mut self.marks, KEPT, |mark| Some(mark.at));
    }
}

/// A person, or somebody in their place, did this; a machine does the rest with what it has.
fn is_by_hand(step: &Step<'_>) -> bool {
    match step.event().kind {
        EventKind::Logon => step.event().logon_type.begins_desktop(),
        EventKind::SessionReconnected | EventKind::TicketGranting => true,
        EventKind::SignIn => step.sign_in().is_some_and(|sign_in| sign_in.category == SignInCategory::Interactive),
        _ => false,
    }
}

impl Rule {
    fn used(&self, step: &Step<'_>, out: &mut Findings) {
        let account = step.row.account;
        let mark = if self.marks.is_empty() { None } else { self.marks.get(&account).filter(|mark| step.at() > mark.at) };
        if mark.is_some() || step.account_tags().retired || step.sign_in().is_some() {
            self.used_again(step, mark, out);
        }
    }
    #[inline(never)]
    fn used_again(&self, step: &Step<'_>, mark: Option<&Mark>, out: &mut Findings) {
        if let Some(mark) = mark {
            let since = step.at() - mark.at;
            let by_itself = !is_by_hand(step) && since <= Span::hours(self.settings.grace_hours);
            let score = if by_itself {
                Score::new(Severity::Low, "tickets and tokens outlive the account for some hours")
            } else {
                Score::new(ABOUT.severity, "used after it was retired")
                    .raise_if(step.account_is_privileged(), "the account holds administrator rights")
            };
            let word = if mark.deleted { "deleted" } else { "disabled" };
            let was = format!("was {word} {} earlier ({})", say::span(since), step.say().time(mark.at));
            self.raise(step, score, &was, Some(*mark), out);
        } else if step.account_tags().retired {
            let score = Score::new(ABOUT.severity, "the settings say that it is retired")
                .raise_if(step.account_is_privileged(), "the account holds administrator rights");
            self.raise(step, score, "is retired as the settings say", None, out);
        } else if let Some(unused) = self.unused(step) {
            let score = Score::new(ABOUT.severity, "a workload that nobody used for long");
            let was = format!("was not used for {}", say::count(usize::try_from(unused.as_seconds() / 86_400).unwrap_or(0), "day"));
            self.raise(step, score, &was, None, out);
        }
    }
    /// How long a service principal that wakes now was silent.
    fn unused(&self, step: &Step<'_>) -> Option<Span> {
        step.sign_in().filter(|sign_in| sign_in.category == SignInCategory::ServicePrincipal)?;
        let activity = step.usual_account().activity;
        let silent = step.at() - activity.last_at()?;
        let is_workload = step.account().is_some_and(|account| account.class == AccountClass::ServicePrincipal);
        (is_workload && silent >= Span::days(self.settings.unused_days) && activity.days >= self.settings.used_days).then_some(silent)
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, score: Score, was: &str, mark: Option<Mark>, out: &mut Findings) {
        let say = step.say();
        let from = step.origin().map_or_else(String::new, |origin| format!(" from {}", say.origin(origin)));
        let how = match (step.event().kind, step.sign_in()) {
            (_, Some(sign_in)) => format!("by a sign-in to {}", say.text(sign_in.app.or(sign_in.resource))),
            (EventKind::ServiceTicket, _) => format!("by a ticket for {}", say.text(step.event().target)),
            (EventKind::TicketGranting, _) => "by a new ticket-granting ticket".to_owned(),
            (EventKind::SessionReconnected, _) => format!("by a reconnect on {}", say.host(step.row.host)),
            _ => format!("by {} on {}", say.logon_type(step.event().logon_type), say.host(step.row.host)),
        };
        let why = format!("{} {was}; used again at {}{from} {how}.", say.account(step.row.account), say.time(step.at()));
        let key = Key::of(step.row.account.index(), 0);
        let finding = Finding::new(step, key, Span::days(self.settings.quiet_days), score, why);
        out.push(match mark {
            Some(mark) => finding.since(mark.at, [mark.event]),
            None => finding,
        });
    }
}
