//! `reset-then-logon`: somebody resets the password of an account and then uses it.
//!
//! The help desk resets passwords all day, and their owners come from their own machines. It speaks only where the logon
//! comes from a place that was never the owner's: the actor's own, or one of an actor who never resets passwords.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::rekey;
use crate::detect::baseline::seen::day;
use crate::detect::baseline::{Dimension, Profile, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, EventId};
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "reset-then-logon",
    title: "Password reset, then a logon from the one who reset it",
    severity: Severity::Medium,
    attack: &["T1098", "T1531"],
    needs: "4724 with 4624 or 4768 of at least two weeks",
    requires: &[&[Needed::Records(EventKind::PasswordSet)]],
    check: "Did the owner ask for the reset? Call them: if they cannot log on now, somebody else has the account.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// A logon so long after the reset belongs to it.
        pub window_hours: i64 = 24,
        /// From a place that is not the actor's, only one so soon does.
        pub soon_minutes: i64 = 60,
        /// Nothing is said before logons were watched for so long.
        pub history_days: i64 = 14,
        /// An actor who reset passwords on so many days before does it by trade.
        pub help_desk_days: u32 = 3,
        /// A place that more accounts use is no one's.
        pub shared_by: usize = 10,
        /// One finding for an actor and an account in so many days.
        pub quiet_days: i64 = 7,
    }
}

/// By somebody else; 4723 is a change by the owner.
const RESET: u32 = 4724;
/// Resets and actors remembered.
const KEPT: usize = 16_384;

#[derive(Clone, Copy)]
struct Reset {
    at: Timestamp,
    event: EventId,
    actor: UserKey,
    name: Symbol,
    by_trade: bool,
}

#[derive(Clone, Copy)]
struct Actor {
    days: u32,
    last_at: Timestamp,
}

pub struct Rule {
    settings: Settings,
    resets: FxHashMap<AccountId, Reset>,
    actors: FxHashMap<UserKey, Actor>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::PasswordSet, EventKind::Logon, EventKind::TicketGranting, EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, resets: FxHashMap::default(), actors: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.kind == EventKind::PasswordSet {
            self.reset(step);
        } else if !self.resets.is_empty()
            && event.outcome == Outcome::Success
            && let Some(reset) = self.resets.get(&step.row.account)
            && event.at > reset.at
            && event.at - reset.at <= Span::hours(self.settings.window_hours)
        {
            self.used(step, *reset, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.resets, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::hours(self.settings.window_hours);
        self.resets.retain(|_, reset| reset.at >= limit);
        shed(&mut self.resets, KEPT, |reset| Some(reset.at));
        shed(&mut self.actors, KEPT, |actor| Some(actor.last_at));
    }
}

/// Where a logon comes from: its source, or the host at whose screen it is. With the value that stands for it in the
/// account's profile, the profile of the place, and its name.
fn place<'a>(step: &Step<'a>) -> Option<(Dimension, Value, &'a Profile, String)> {
    if let Some(source) = step.row.source.some().filter(|_| step.is_remote()) {
        return Some((Dimension::Source, Value::Source(source), step.usual_source(), step.say().source(source)));
    }
    let host = step.row.host.some().filter(|_| step.event().kind == EventKind::Logon && step.event().logon_type.begins_desktop())?;
    Some((Dimension::Host, Value::Host(host), step.usual_host(), step.say().host(host)))
}

impl Rule {
    fn reset(&mut self, step: &Step<'_>) {
        let event = step.event();
        let actor = UserKey::of(step.world, event.subject.user);
        // A computer sets its own password; a user who changes their own is no reset.
        if event.event_id != RESET || event.subject.user.is_none() || actor == step.user_key() || step.user.is_dollar {
            return;
        }
        let known = self.actors.entry(actor).or_insert(Actor { days: 0, last_at: event.at });
        let is_today = known.days > 0 && day(known.last_at) == day(event.at);
        let before = known.days - u32::from(is_today);
        known.days += u32::from(!is_today);
        known.last_at = known.last_at.max(event.at);
        let by_trade = before >= self.settings.help_desk_days;
        self.resets.insert(step.row.account, Reset { at: event.at, event: step.id, actor, name: event.subject.user, by_trade });
    }
    #[cold]
    #[inline(never)]
    fn used(&self, step: &Step<'_>, reset: Reset, out: &mut Findings) {
        let watched = step.usual.everybody.activity.age(step.at());
        if watched < Span::days(self.settings.history_days) || step.source_tags().exit {
            return;
        }
        let Some((dimension, value, usual, name)) = place(step) else { return };
        let (owner, people) = (step.usual_account(), usual.seen(Dimension::Account));
        if owner.seen(dimension).contains(value) || people.len() > self.settings.shared_by {
            return;
        }
        let is_actors = people.values().any(|person| match person {
            Value::Account(account) => {
                step.world.tables.account(account).is_some_and(|account| UserKey::of(step.world, account.user) == reset.actor)
            }
            _ => false,
        });
        let is_soon = step.at() - reset.at <= Span::minutes(self.settings.soon_minutes);
        if !is_actors && (!is_soon || reset.by_trade || owner.activity.days == 0) {
            return;
        }
        let score = Score::new(ABOUT.severity, "a reset, then a logon from a place that is not the owner's")
            .raise_if(step.account_is_privileged(), "the account holds administrator rights")
            .plus_if(is_actors, 10, "the place is the one of who reset it")
            .plus_if(!reset.by_trade, 5, "the actor does not reset passwords as a rule");
        let say = step.say();
        let whose = if is_actors { format!("used by {} until now", say.text(reset.name)) } else { "which it never used".to_owned() };
        let why = format!(
            "{} reset the password of {} at {}; {} later {} came from {name}, {whose}.",
            say.text(reset.name),
            say.account(step.row.account),
            say.time(reset.at),
            say::span(step.at() - reset.at),
            say.text(step.event().account.user),
        );
        let key = Key(reset.actor.0, step.row.account.index() as u64);
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why).since(reset.at, [reset.event]));
    }
}
