//! `runas-to-privileged`: a standard user becomes an administrator on the same host.
//!
//! Pairs are learned, not users: an administrator with two accounts does it every day. An account that many people switch
//! to (the help desk's), and one that is named like its user (`adm-x` of `x`), say little and are told low or not at all.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId, HostId};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

const ABOUT: Detection = Detection {
    id: "runas-to-privileged",
    title: "User switches to a more powerful account",
    severity: Severity::Low,
    attack: &["T1078", "T1548"],
    needs: "4648 and 4672 of at least two weeks",
    requires: &[&[Needed::Records(EventKind::ExplicitCredentials), Needed::Records(EventKind::SpecialPrivileges)]],
    check: "Does this user hold that account? If not, how did they get its password, and what ran as it afterwards?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Nothing is said before switches were watched for so long.
        pub history_days: i64 = 14,
        /// A pair unseen for longer is new again.
        pub pair_days: i64 = 60,
        /// Users of an account from whom on it is one that is lent around.
        pub lent_to: usize = 3,
        /// One finding for a pair in so many days.
        pub quiet_days: i64 = 30,
    }
}

/// Accounts switched to, and users remembered of each.
const KEPT: usize = 16_384;
const USERS_KEPT: usize = 64;
/// Switches whose rights are not known yet.
const WAITING: usize = 64;
/// 4672 follows the logon at once.
const RIGHTS_WITHIN: Span = Span::seconds(10);

#[derive(Clone, Copy)]
struct Switch {
    at: Timestamp,
    event: EventId,
    host: HostId,
    account: AccountId,
    user: UserKey,
    target: UserKey,
    subject: Symbol,
    process: Symbol,
    /// Users who switched to the account before.
    others: usize,
}

pub struct Rule {
    settings: Settings,
    /// Who switched to an account, and when last.
    users: FxHashMap<UserKey, Vec<(UserKey, Timestamp)>>,
    waiting: VecDeque<Switch>,
    first_at: Option<Timestamp>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::ExplicitCredentials, EventKind::SpecialPrivileges];
    fn new(settings: Settings) -> Self {
        Self { settings, users: FxHashMap::default(), waiting: VecDeque::new(), first_at: None }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        if step.event().kind == EventKind::SpecialPrivileges {
            if let Some(place) = self.waiting.iter().position(|switch| switch.account == step.row.account && switch.host == step.row.host)
                && let Some(switch) = self.waiting.remove(place)
                && (step.at() - switch.at).abs() <= RIGHTS_WITHIN
            {
                self.judge(step, switch, out);
            }
            return;
        }
        let Some(switch) = switch(step) else { return };
        self.first_at.get_or_insert(switch.at);
        let Some(others) = self.learn(&switch) else { return };
        let switch = Switch { others, ..switch };
        if step.account_is_privileged() {
            self.judge(step, switch, out);
        } else {
            if self.waiting.len() >= WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(switch);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        for switch in self.waiting.iter_mut().filter(|switch| switch.account == goes) {
            switch.account = stays;
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.pair_days);
        self.users.retain(|_, users| {
            users.retain(|(_, last)| *last >= limit);
            !users.is_empty()
        });
        shed(&mut self.users, KEPT, |users| users.iter().map(|(_, last)| *last).max());
        self.waiting.retain(|switch| now - switch.at <= RIGHTS_WITHIN);
    }
}

/// A person uses the credentials of another account on the host they are on.
fn switch(step: &Step<'_>) -> Option<Switch> {
    let event = step.event();
    let subject = step.raw(event.subject.user);
    if subject.is_empty() || subject.ends_with('$') || !event.subject_logon_id.opens_session() || !is_here(step) {
        return None;
    }
    let user = UserKey::of(step.world, event.subject.user);
    let is_standard = !step
        .subject_session()
        .and_then(|session| step.world.tables.account(step.world.tables.session(session)?.account))
        .is_some_and(|account| account.privileged);
    (user != step.user_key() && is_standard).then_some(Switch {
        at: event.at,
        event: step.id,
        host: step.row.host,
        account: step.row.account,
        user,
        target: step.user_key(),
        subject: event.subject.user,
        process: event.process,
        others: 0,
    })
}

/// `TargetServerName` names the host itself.
fn is_here(step: &Step<'_>) -> bool {
    let (target, host) = (step.raw(step.event().target), step.raw(step.event().host));
    let first = |name: &'_ str| name.split('.').next().unwrap_or_default().to_lowercase();
    target.is_empty() || target.eq_ignore_ascii_case("localhost") || first(target) == first(host)
}

impl Rule {
    /// Remembers the pair; of a new one, how many other users switched to the account before.
    fn learn(&mut self, switch: &Switch) -> Option<usize> {
        let limit = switch.at - Span::days(self.settings.pair_days);
        let users = self.users.entry(switch.target).or_default();
        users.retain(|(_, last)| *last >= limit);
        let others = users.len();
        if let Some((_, last)) = users.iter_mut().find(|(user, _)| *user == switch.user) {
            *last = (*last).max(switch.at);
            return None;
        }
        if others >= USERS_KEPT {
            users.remove(0);
        }
        users.push((switch.user, switch.at));
        Some(others)
    }
    #[cold]
    #[inline(never)]
    fn judge(&self, step: &Step<'_>, switch: Switch, out: &mut Findings) {
        let others = switch.others;
        let is_learning = self.first_at.is_none_or(|first| switch.at - first < Span::days(self.settings.history_days));
        let say = step.say();
        let image = step.raw(switch.process).to_lowercase();
        let is_foreign = !image.is_empty() && !["\\windows\\", "\\program files"].iter().any(|folder| image.contains(folder));
        let target = step.account().map_or("", |account| step.raw(account.user));
        if is_learning || (are_alike(step.raw(switch.subject), target) && !is_foreign) {
            return;
        }
        let score = Score::new(ABOUT.severity, "a standard user took on an administrator's account")
            .raise_if(others < self.settings.lent_to, "nobody lends this account around")
            .plus_if(is_foreign, 5, "by a program outside Windows and Program Files");
        let by = if image.is_empty() { String::new() } else { format!(" by {}", say.text(switch.process)) };
        let why = format!(
            "{} became {} on {} at {}{by}, for the first time; {} did so before.",
            say.text(switch.subject),
            say.account(switch.account),
            say.host(switch.host),
            say.time(switch.at),
            if others == 0 { "nobody else".to_owned() } else { crate::detect::say::count(others, "other user") },
        );
        let key = Key(switch.user.0, switch.target.0);
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why).since(switch.at, [switch.event]));
    }
}

/// `adm-alice`, `alice_a` and `da.alice` are accounts of `alice`.
fn are_alike(one: &str, other: &str) -> bool {
    let bare = |name: &str| {
        let name = name.split('@').next().unwrap_or_default().to_lowercase();
        name.chars().filter(|c| c.is_alphanumeric()).collect::<String>()
    };
    let (one, other) = (bare(one), bare(other));
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    short.chars().count() >= 3 && long.contains(short.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrators_second_account_is_named_like_the_first() {
        for (one, other) in [("alice", "adm-alice"), ("alice.b@corp.com", "alice.b_a"), ("da.kim", "kim")] {
            assert!(are_alike(one, other), "{one} {other}");
        }
        assert!(!are_alike("alice", "bob-adm") && !are_alike("al", "adm-al") && !are_alike("", "x"));
    }
}
