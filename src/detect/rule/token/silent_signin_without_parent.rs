//! `silent-signin-without-parent`: a token is used that nothing in the log began.
//!
//! The verdict is the lineage's (`model::lineage`): an orphan is only what the log of interactive sign-ins reaches back far
//! enough to prove. It speaks where the network, device or application is new for the user too.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{SeenSet, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::cloud_app::AppKind;
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};
use crate::model::ids::AccountId;
use crate::model::lineage::{Branch, Parent};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "silent-signin-without-parent",
    title: "Silent sign-in with no interactive origin",
    severity: Severity::High,
    attack: &["T1550.001", "T1528"],
    needs: "Entra interactive and non-interactive sign-ins over the life of a token (90 days), with sessionId",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive), Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Ask whether the interactive log is complete. If it is: revoke the user's sessions and look where the token came from.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A user is judged only after this many days of history.
    pub history_days: i64,
    /// An application that was not used for this long is new.
    pub app_days: i64,
    /// Silent unless this share (percent) of the users has interactive sign-ins: below, that log is not collected.
    pub interactive_users_percent: usize,
    pub quiet_days: i64,
    /// Networks, devices and applications remembered for one user, of each.
    pub kept: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 14, app_days: 30, interactive_users_percent: 1, quiet_days: 7, kept: 64 }
    }
}

#[derive(Default)]
struct User {
    first_at: Option<Timestamp>,
    is_interactive: bool,
    networks: SeenSet<u32>,
    /// By symbol number.
    devices: SeenSet<usize>,
    apps: SeenSet<usize>,
}

/// What is new for the user in a sign-in.
struct News {
    network: bool,
    device: bool,
    app: bool,
}

pub struct Rule {
    settings: Settings,
    users: FxHashMap<AccountId, User>,
    /// Users with an interactive sign-in.
    interactive: usize,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, users: FxHashMap::default(), interactive: 0 }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = step.sign_in() else { return };
        let is_user = matches!(sign_in.category, SignInCategory::Interactive | SignInCategory::NonInteractive | SignInCategory::Adfs);
        if !is_user || step.row.account.is_none() || step.event().outcome != Outcome::Success {
            return;
        }
        let user = self.users.entry(step.row.account).or_default();
        if sign_in.category != SignInCategory::NonInteractive && !user.is_interactive {
            user.is_interactive = true;
            self.interactive += 1;
        }
        let is_old = user.first_at.is_some_and(|first| step.at() - first >= Span::days(self.settings.history_days));
        if step.world.tables.token_parent(step.row) != Some(Parent::Orphan) {
            learn(&self.settings, user, step.at(), sign_in);
            return;
        }
        // An orphan teaches nothing: it may be somebody else.
        let news = News::of(&self.settings, user, step.at(), sign_in);
        let is_news = news.network || news.device || news.app;
        let is_collected = self.interactive * 100 >= self.users.len() * self.settings.interactive_users_percent;
        if is_old && is_news && is_collected && !is_broker_noise(step, sign_in) {
            raise(&self.settings, step, sign_in, &news, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        let kept = self.settings.kept;
        let is_counted_twice = [goes, stays].iter().all(|id| self.users.get(id).is_some_and(|user| user.is_interactive));
        self.interactive = self.interactive.saturating_sub(usize::from(is_counted_twice));
        rekey(&mut self.users, &goes, stays, |user, other| {
            user.first_at = user.first_at.into_iter().chain(other.first_at).min();
            user.is_interactive |= other.is_interactive;
            user.networks.absorb(&other.networks, kept);
            user.devices.absorb(&other.devices, kept);
            user.apps.absorb(&other.apps, kept);
        });
    }
}

impl News {
    fn of(settings: &Settings, user: &User, at: Timestamp, sign_in: &SignIn) -> Self {
        let app = user.apps.get(Branch::app_of(sign_in).index());
        Self {
            network: sign_in.asn != 0 && !user.networks.contains(sign_in.asn),
            device: sign_in.device_id.is_some() && !user.devices.contains(sign_in.device_id.index()),
            app: app.is_none_or(|app| at - app.last_at > Span::days(settings.app_days)),
        }
    }
}

fn learn(settings: &Settings, user: &mut User, at: Timestamp, sign_in: &SignIn) {
    user.first_at.get_or_insert(at);
    if sign_in.asn != 0 {
        user.networks.add(sign_in.asn, at, settings.kept);
    }
    if sign_in.device_id.is_some() {
        user.devices.add(sign_in.device_id.index(), at, settings.kept);
    }
    user.apps.add(Branch::app_of(sign_in).index(), at, settings.kept);
}

/// The broker renews for all applications of a device and says little of any; registering a device is not of that kind.
fn is_broker_noise(step: &Step<'_>, sign_in: &SignIn) -> bool {
    sign_in::app_kind(step, sign_in) == AppKind::Broker && sign_in::resource_kind(step, sign_in) != AppKind::Registration
}

#[cold]
#[inline(never)]
fn raise(settings: &Settings, step: &Step<'_>, sign_in: &SignIn, news: &News, out: &mut Findings) {
    let score = Score::new(ABOUT.severity, "nothing in the log began this token")
        .raise_for(step)
        .plus_if(news.network, 5, "a network the user never had")
        .plus_if(news.device, 3, "a device the user never had")
        .plus_if(news.app, 2, "an application the user did not use lately")
        .plus_if(step.is_from_hosting(), 5, "a hosting network")
        .plus_if(step.raw(sign_in.token_protection) == "unbound", 2, "the token is not bound to a device");
    let log = &step.world.tables.sign_in_log;
    let days = log.covered_since(sign_in.tenant, step.at()).map_or(0, |since| (step.at() - since).as_seconds() / 86_400);
    let say = step.say();
    let why = format!(
        "{}: application {} renewed silently from {} ({}, {}); no interactive sign-in, device or session explains it in {days} days of log.",
        say.account(step.row.account),
        say.text(Branch::app_of(sign_in)),
        say.source(step.row.source),
        say.network(sign_in.asn),
        say.text(sign_in.country),
    );
    // One for each session; without a sessionId for each application and device.
    let holder = (Branch::app_of(sign_in).index() << 32) ^ sign_in.device_id.index() ^ (1 << 63);
    let what = if sign_in.session_id.is_some() { step.row.session.index() } else { holder };
    let key = Key::of(step.row.account.index(), what);
    out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why));
}
