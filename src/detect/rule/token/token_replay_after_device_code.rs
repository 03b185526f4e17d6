//! `token-replay-after-device-code`: a device code is approved, and the token appears somewhere else.
//!
//! The refresh token of the approval keeps `originalTransferMethod` deviceCodeFlow and the session id, so the two ends
//! can be laid side by side for days. Which address the approval itself shows varies, so it is only compared, never judged.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::base::unique::Unique;
use crate::detect::baseline::rekey;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::cloud_app::AppKind;
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "token-replay-after-device-code",
    title: "Device-code approval, then the token appears elsewhere",
    severity: Severity::Critical,
    attack: &["T1528", "T1550.001", "T1566"],
    needs: "Entra interactive and non-interactive sign-ins with authenticationProtocol, originalTransferMethod and sessionId",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive), Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Ask the user whether they typed a code they were sent. Revoke the user's sessions, then look at the resources below.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long the tokens of an approval are followed.
    pub follow_hours: i64,
    /// Signs (1 point each) for high and for critical.
    pub signs_high: u8,
    pub signs_critical: u8,
    /// A network is new for a user only after this many days of history.
    pub history_days: i64,
    /// Different resources within half an hour that count as a sign.
    pub resources: usize,
    /// A pair of networks (approval, use) seen in this many earlier weeks is the user's own habit.
    pub habit_weeks: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { follow_hours: 72, signs_high: 2, signs_critical: 4, history_days: 7, resources: 3, habit_weeks: 3 }
    }
}

/// Microsoft Graph, Exchange Online, SharePoint Online.
const SENSITIVE: [&str; 3] =
    ["00000003-0000-0000-c000-000000000000", "00000002-0000-0ff1-ce00-000000000000", "00000003-0000-0ff1-ce00-000000000000"];
const SENSITIVE_NAMES: [&str; 3] = ["Microsoft Graph", "Office 365 Exchange Online", "Office 365 SharePoint Online"];

#[derive(Clone)]
struct Approval {
    at: Timestamp,
    event: EventId,
    source: SourceId,
    asn: u32,
    country: Symbol,
    user_agent: Symbol,
    client: Symbol,
    device: Symbol,
    /// Symbol of the session id; `NONE` where it had none.
    session: Unique,
    resources: Window<Symbol>,
    reached: Vec<Symbol>,
    worst_signs: u8,
}

/// Approvals followed for one user.
const APPROVALS_KEPT: usize = 16;
/// Networks and pairs of networks remembered for one user.
const KNOWN: usize = 128;

#[derive(Default)]
struct User {
    approvals: Vec<Approval>,
    first_at: Option<Timestamp>,
    networks: FxHashSet<u32>,
    /// Weeks in which a pair (approval, use) was seen: count and last week.
    pairs: FxHashMap<(u32, u32), (u32, i64)>,
}

pub struct Rule {
    settings: Settings,
    users: FxHashMap<AccountId, User>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, users: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = step.sign_in() else { return };
        if step.row.account.is_none() || step.event().outcome != Outcome::Success {
            return;
        }
        let user = self.users.entry(step.row.account).or_default();
        user.first_at.get_or_insert(step.at());
        let limit = step.at() - Span::hours(self.settings.follow_hours);
        user.approvals.retain(|approval| approval.at >= limit);
        if is_approval(step, sign_in, user) {
            if user.approvals.len() >= APPROVALS_KEPT {
                user.approvals.remove(0);
            }
            user.approvals.push(Approval::new(step, sign_in));
        } else if !user.approvals.is_empty() {
            follow(&self.settings, user, step, sign_in, out);
        }
        if sign_in.asn != 0 && user.networks.len() < KNOWN {
            user.networks.insert(sign_in.asn);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.users, &goes, stays, |user, other| user.approvals.extend(other.approvals));
    }
}

/// The row in which a code was approved. Where the protocol is not exported, the first interactive row of the flow is it.
fn is_approval(step: &Step<'_>, sign_in: &SignIn, user: &User) -> bool {
    step.raw(sign_in.protocol) == "devicecode"
        || (sign_in.protocol.is_none()
            && sign_in.category == SignInCategory::Interactive
            && step.raw(sign_in.original_transfer) == "devicecodeflow"
            && !user.approvals.iter().any(|approval| approval.session == sign_in.session_id))
}

impl Approval {
    fn new(step: &Step<'_>, sign_in: &SignIn) -> Self {
        Self {
            at: step.at(),
            event: step.id,
            source: step.row.source,
            asn: sign_in.asn,
            country: sign_in.country,
            user_agent: sign_in.user_agent,
            client: sign_in.client,
            device: sign_in.device_id,
            session: sign_in.session_id,
            resources: Window::default(),
            reached: Vec::new(),
            worst_signs: 0,
        }
    }
}

/// A sign-in of somebody who approved a code lately.
#[inline(never)]
fn follow(settings: &Settings, user: &mut User, step: &Step<'_>, sign_in: &SignIn, out: &mut Findings) {
    let by_transfer = step.raw(sign_in.original_transfer) == "devicecodeflow";
    let same_session = |approval: &&mut Approval| approval.session.is_some() && approval.session == sign_in.session_id;
    let found = match user.approvals.iter().rposition(|approval| approval.session.is_some() && approval.session == sign_in.session_id) {
        Some(index) => user.approvals.get_mut(index).filter(same_session),
        None if by_transfer => user.approvals.last_mut(),
        None => None,
    };
    let Some(approval) = found else { return };
    let other_network = sign_in.asn != 0 && approval.asn != 0 && sign_in.asn != approval.asn;
    let other_country = sign_in.country.is_some() && approval.country.is_some() && sign_in.country != approval.country;
    let other_agent = sign_in.client.is_some() && approval.client.is_some() && sign_in.client != approval.client;
    let other_device = sign_in.device_id.is_none() || sign_in.device_id != approval.device;
    if !(other_network || other_country || other_agent) || !other_device || step.raw(sign_in.token_protection) == "bound" {
        return;
    }
    let pair = (approval.asn, sign_in.asn);
    let week = step.at().as_unix_seconds().div_euclid(7 * 86_400);
    let earlier_weeks = user.pairs.get(&pair).map_or(0, |(weeks, last)| weeks - u32::from(*last == week));
    if user.pairs.len() < KNOWN || user.pairs.contains_key(&pair) {
        let (weeks, last) = user.pairs.entry(pair).or_insert((0, i64::MIN));
        if *last != week {
            *weeks = weeks.saturating_add(1);
            *last = week;
        }
    }
    if other_network && earlier_weeks >= settings.habit_weeks {
        return;
    }
    approval.resources.push(step.at(), sign_in.resource.or(sign_in.resource_id), Span::minutes(30), 64);
    let history = user.first_at.is_some_and(|first| step.at() - first >= Span::days(settings.history_days));
    let registration = sign_in::resource_kind(step, sign_in) == AppKind::Registration;
    let mut resources: Vec<Symbol> = approval.resources.iter().map(|(_, resource)| *resource).collect();
    resources.sort_unstable_by_key(|symbol| symbol.index());
    resources.dedup();
    let signs = [
        (other_country, "another country than the approval"),
        (other_network && history && !user.networks.contains(&sign_in.asn), "a network the user never had"),
        (step.is_from_hosting(), "a hosting network"),
        (sign_in.user_agent.is_some() && !is_browser(step.raw(sign_in.user_agent)), "not a browser"),
        (resources.len() >= settings.resources, "many resources in half an hour"),
        (registration, "device registration"),
        (is_sensitive(step, sign_in), "mail, files or directory"),
    ];
    let count = u8::try_from(signs.iter().filter(|(is, _)| *is).count()).unwrap_or(u8::MAX);
    if count < settings.signs_high {
        return;
    }
    approval.worst_signs = approval.worst_signs.max(count);
    let severity = if approval.worst_signs >= settings.signs_critical { Severity::Critical } else { Severity::High };
    let mut score = Score::new(severity, "token of a device-code approval used elsewhere");
    if severity == Severity::High {
        score = score.raise_for(step);
    }
    for (is, reason) in signs {
        score = score.plus_if(is, 2, reason);
    }
    let resource = sign_in.resource.or(sign_in.resource_id);
    if !approval.reached.contains(&resource) && approval.reached.len() < 64 {
        approval.reached.push(resource);
    }
    let say = step.say();
    let device = if sign_in.device_id.is_none() { "device unknown" } else { "another device" };
    let why = format!(
        "{} approved a device code at {} ({}, {}); {} was then used from {} ({}, {}, {}) for {}, {} later, {device}.",
        say.account(step.row.account),
        say.time(approval.at),
        say.source(approval.source),
        say.text(approval.user_agent),
        if approval.session.is_some() && approval.session == sign_in.session_id {
            format!("the same session {}", say.unique(approval.session))
        } else {
            "a token of that flow".to_owned()
        },
        say.source(step.row.source),
        say.network(sign_in.asn),
        say.text(sign_in.country),
        say.text(sign_in.user_agent),
        say.list(approval.reached.iter().map(|resource| say.text(*resource)), 4),
        say::span(step.at() - approval.at),
    );
    let key = Key::of(step.row.account.index(), approval.event.index());
    out.push(
        Finding::new(step, key, Span::hours(settings.follow_hours), score, why)
            .since(approval.at, [approval.event])
            .and_sources([approval.source]),
    );
}

fn is_sensitive(step: &Step<'_>, sign_in: &SignIn) -> bool {
    let (id, name) = (step.raw(sign_in.resource_id), step.raw(sign_in.resource));
    SENSITIVE.iter().any(|sensitive| id.eq_ignore_ascii_case(sensitive))
        || SENSITIVE_NAMES.iter().any(|sensitive| name.eq_ignore_ascii_case(sensitive))
}

fn is_browser(agent: &str) -> bool {
    agent.starts_with("Mozilla/") || agent.starts_with("Opera/")
}
