//! `entra-password-spray`: a few passwords tried on many accounts.
//!
//! Only strangers count: tries from a network and subnet where the account never was. So a whole office that mistypes on a
//! Monday behind one address is none, nor is the mobile network of its phones. Tries are grouped by the /24 they come from,
//! and where they come from many, by client and application. The few whose password was right are the finding: a stranger who
//! gets in from where others were just guessed needs no ten victims.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value, subnet};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::status::StatusClass;
use crate::model::world::World;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::{Hash, Hasher};

const ABOUT: Detection = Detection {
    id: "entra-password-spray",
    title: "Password spray across the tenant",
    severity: Severity::High,
    attack: &["T1110.003"],
    needs: "Entra interactive and non-interactive sign-ins with errorCode and ipAddress",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Reset the passwords that were right and revoke those sessions; block the addresses; see that legacy protocols are off.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Accounts tried from one /24 within half an hour.
        pub accounts: usize = 10,
        /// The same within a day.
        pub accounts_a_day: usize = 20,
        /// Accounts tried from one /24 within a day before one that gets in from there counts.
        pub accounts_before_success: usize = 4,
        /// Accounts tried by one client and application within an hour.
        pub spread_accounts: usize = 20,
        /// Addresses that they are tried from.
        pub spread_addresses: usize = 10,
        /// Tries on one account: the median of a spray is low.
        pub tries: usize = 4,
        /// Once for each origin and so many hours.
        pub quiet_hours: i64 = 6,
        /// Tries kept of one origin.
        pub kept: usize = 256,
        /// Origins kept.
        pub origins: usize = 16384,
    }
}

const SHORT: Span = Span::minutes(30);
const HOUR: Span = Span::hours(1);
const DAY: Span = Span::hours(24);
/// The log must be this old before clients and applications are compared: at first everybody is a stranger.
const LEARNING: Span = Span::days(7);

/// What tries have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Origin {
    Subnet(Value),
    Client(Symbol, Symbol),
}

#[derive(Clone, Copy)]
struct Try {
    event: EventId,
    account: AccountId,
    source: SourceId,
    was_right: bool,
    /// It was elsewhere before: a stranger here, and not only new in the log.
    was_elsewhere: bool,
}

pub struct Rule {
    settings: Settings,
    origins: FxHashMap<Origin, Window<Try>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, origins: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::of_user(step) else { return };
        let Some(address) = step.event().address else { return };
        let from = Origin::Subnet(subnet(address));
        // Names that do not exist are tried before a spray, or mistyped: that has a detection of its own.
        let is_guess = matches!(step.event().status.class(), StatusClass::Guess | StatusClass::LockedOut);
        let was_right = !is_guess && sign_in::password_was_right(step);
        // Nearly all sign-ins succeed, from where nobody was guessed.
        if (was_right && !self.origins.contains_key(&from)) || !(was_right || is_guess) {
            return;
        }
        if is_at_home(step, subnet(address)) {
            return;
        }
        let one = Try {
            event: step.id,
            account: step.row.account,
            source: step.row.source,
            was_right,
            was_elsewhere: step.usual_account().activity.count > 0,
        };
        let window = self.origins.entry(from).or_default();
        window.push(step.at(), one, DAY, self.settings.kept);
        let tries: Vec<_> = window.between(step.at() - DAY, step.at()).copied().collect();
        if self.is_spray(step, &tries) {
            self.raise(step, from, &tries, &format!("from {}", say_subnet(address)), out);
            return;
        }
        let is_old = step.usual.sign_ins_for(step.at()) >= LEARNING;
        if !is_old || sign_in.user_agent.is_none() {
            return;
        }
        let client = Origin::Client(sign_in.user_agent, sign_in.app_id.or(sign_in.app));
        let window = self.origins.entry(client).or_default();
        window.push(step.at(), one, HOUR, self.settings.kept);
        let tries: Vec<_> = window.between(step.at() - HOUR, step.at()).copied().collect();
        let is_spread = are_as_many(self.settings.spread_addresses, tries.iter().map(|(_, one)| one.source))
            && are_as_many(self.settings.spread_accounts, tries.iter().map(|(_, one)| one.account));
        if is_spread && median_tries(&tries) <= self.settings.tries {
            let addresses: FxHashSet<SourceId> = tries.iter().map(|(_, one)| one.source).collect();
            let from = format!("from {} by {}", say::count(addresses.len(), "source"), step.say().text(sign_in.user_agent));
            self.raise(step, client, &tries, &from, out);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        self.origins.retain(|_, window| {
            window.forget_before(now - DAY);
            !window.is_empty()
        });
        shed(&mut self.origins, self.settings.origins, Window::newest);
    }
}

impl Rule {
    fn is_spray(&self, step: &Step<'_>, tries: &[(Timestamp, Try)]) -> bool {
        // Each account once, with whether its password was ever right.
        let mut tried: Vec<(AccountId, bool)> = tries.iter().map(|(_, one)| (one.account, !one.was_right)).collect();
        tried.sort_unstable();
        tried.dedup_by_key(|(account, _)| *account);
        let all = tried.len();
        // Where more than some get in, people mistype at home, and the log is too young to know.
        if tried.iter().filter(|(_, is_wrong)| !is_wrong).count() * 3 > all {
            return false;
        }
        // Where others are at home it is an exit they share, and the strangers are new there.
        if step.usual_source().seen(Dimension::Account).len() * 2 > all {
            return false;
        }
        let last = tries.len().saturating_sub(1);
        let recent = tries.iter().position(|(at, _)| step.at() - *at <= SHORT).unwrap_or(last);
        let is_dense = tries.get(recent..).is_some_and(|recent| accounts(recent) >= self.settings.accounts);
        let has_hit = tries.get(last).is_some_and(|(_, one)| {
            let others = tries.iter().filter(|(_, other)| !other.was_right && other.account != one.account);
            one.was_right
                && one.was_elsewhere
                && others.map(|(_, other)| other.account).collect::<FxHashSet<_>>().len() >= self.settings.accounts_before_success
        });
        has_hit || ((is_dense || all >= self.settings.accounts_a_day) && median_tries(tries) <= self.settings.tries)
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, origin: Origin, tries: &[(Timestamp, Try)], from: &str, out: &mut Findings) {
        let Some((first_at, _)) = tries.first() else { return };
        let mut right: Vec<AccountId> = tries.iter().filter(|(_, one)| one.was_right).map(|(_, one)| one.account).collect();
        right.sort_unstable();
        right.dedup();
        let tried = accounts(tries);
        let score = if right.is_empty() {
            Score::new(Severity::Medium, "many accounts tried by strangers, no password was right")
        } else {
            Score::new(ABOUT.severity, "many accounts tried by strangers, and a password was right")
                .raise_if(right.iter().any(|account| is_privileged(step, *account)), "of an account with administrator rights")
        }
        .plus_if(tried >= 50, 5, "50 accounts or more");
        let say = step.say();
        let hits = match right.len() {
            0 => "no password was right so far".to_owned(),
            _ => format!("the password was right for {}", say.list(right.iter().map(|account| say.account(*account)), 5)),
        };
        let why = format!(
            "{} tried {from} where they never were, {}, {}; {hits}.",
            say::count(tried, "account"),
            say.stretch(*first_at, step.at()),
            say::count(tries.len(), "record"),
        );
        let mut hasher = FxHasher::default();
        origin.hash(&mut hasher);
        out.push(
            Finding::new(step, Key(hasher.finish(), 0), Span::hours(self.settings.quiet_hours), score, why)
                .since(*first_at, tries.iter().map(|(_, one)| one.event))
                .and_accounts(right)
                .and_accounts(tries.iter().map(|(_, one)| one.account))
                .and_sources(tries.iter().map(|(_, one)| one.source)),
        );
    }
}

/// The account has been in this network before.
fn is_at_home(step: &Step<'_>, subnet: Value) -> bool {
    let usual = step.usual_account();
    usual.seen(Dimension::Subnet).contains(subnet) || usual.seen(Dimension::Asn).contains(Value::Number(step.asn()))
}

fn is_privileged(step: &Step<'_>, account: AccountId) -> bool {
    let tags = step.site.account(account);
    let world: &World = step.world;
    tags.tier0 || tags.admin || world.tables.account(account).is_some_and(|account| account.privileged)
}

/// Whether there are as many different values; it looks no further than it must.
fn are_as_many<T: PartialEq>(least: usize, values: impl Iterator<Item = T>) -> bool {
    let mut known: Vec<T> = Vec::with_capacity(least.min(64));
    for value in values {
        if known.len() >= least {
            break;
        }
        if !known.contains(&value) {
            known.push(value);
        }
    }
    known.len() >= least
}

fn accounts(tries: &[(Timestamp, Try)]) -> usize {
    let mut accounts: Vec<AccountId> = tries.iter().map(|(_, one)| one.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.len()
}

/// Tries on one account, in the middle of all accounts.
fn median_tries(tries: &[(Timestamp, Try)]) -> usize {
    let mut counts: FxHashMap<AccountId, usize> = FxHashMap::default();
    for (_, one) in tries {
        *counts.entry(one.account).or_default() += 1;
    }
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().unwrap_or(0)
}

fn say_subnet(address: std::net::IpAddr) -> String {
    match address {
        std::net::IpAddr::V4(four) => {
            let [a, b, c, _] = four.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        std::net::IpAddr::V6(six) => {
            let [a, b, c, ..] = six.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}
