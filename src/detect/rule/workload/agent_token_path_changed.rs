//! `agent-token-path-changed`: the tokens of an agent or a workload are issued along another path.
//!
//! The path is credential, sort of credential, network, client application, resource and token. One new member is a
//! rotation, a move or a new tool, and other detections know those; two at once, for an identity that keeps to its path, are
//! not chance. So is a token that was bound to its device and no longer is.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Enough, Novelty, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say::Say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};

const ABOUT: Detection = Detection {
    id: "agent-token-path-changed",
    title: "Tokens of an agent are issued along another path",
    severity: Severity::Medium,
    attack: &["T1528", "T1550.001"],
    needs: "Entra service principal or managed identity sign-ins of at least two weeks",
    requires: &[&[Needed::SignIns(SignInCategory::ServicePrincipal)], &[Needed::SignIns(SignInCategory::ManagedIdentity)]],
    check: "Which deployment changed the agent? If none, revoke its credentials: its token is asked for by something else.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days on which the identity must be known.
        pub history_days: u32 = 14,
        /// Sign-ins, one an hour at most, by which each member of its path must be known.
        pub history_sign_ins: u32 = 30,
        /// Good-Turing chance of a new value above which new ones are usual.
        pub novelty: f64 = 0.02,
        /// New members of a path that are no chance.
        pub new_members: usize = 2,
        /// One finding for an identity and a path in so many days.
        pub quiet_days: i64 = 7,
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

/// A member of a path: what it is called, and its value in this sign-in.
type Member = (&'static str, Dimension, Option<Value>);

fn path(sign_in: &SignIn) -> [Member; 7] {
    let text = |symbol: Symbol| symbol.is_some().then_some(Value::Text(symbol));
    [
        ("credential", Dimension::Credential, sign_in.credential().map(Value::Text)),
        ("sort of credential", Dimension::CredentialType, text(sign_in.credential_type)),
        ("network", Dimension::Asn, (sign_in.asn != 0).then_some(Value::Number(sign_in.asn))),
        ("client", Dimension::App, text(sign_in.app_id.or(sign_in.app))),
        ("resource", Dimension::Resource, text(sign_in.resource_id.or(sign_in.resource))),
        ("incoming token", Dimension::IncomingToken, text(sign_in.incoming_token)),
        ("token protection", Dimension::TokenProtection, text(sign_in.token_protection)),
    ]
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = step.sign_in() else { return };
        let is_workload = matches!(sign_in.category, SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity);
        if !is_workload || step.event().outcome != Outcome::Success {
            return;
        }
        let usual = step.usual_account();
        if usual.activity.days < self.settings.history_days {
            return;
        }
        let settings = &self.settings;
        let enough = Enough { days: settings.history_days, count: settings.history_sign_ins, novelty: settings.novelty };
        let is_new = |member: &Member| member.2.is_some_and(|value| usual.judge(member.1, value, &enough) == Novelty::New);
        let path = path(sign_in);
        let new = path.iter().filter(|member| is_new(member)).count();
        let is_unbound = step.raw(sign_in.token_protection) == "unbound" && path.last().is_some_and(is_new);
        if new < settings.new_members && !is_unbound {
            return;
        }
        rarely(move || {
            let say = step.say();
            let words = |member: &Member| {
                let before = usual.seen(member.1).by_use();
                let now = member.2.map_or_else(String::new, |value| value_words(&say, value, sign_in, member.1));
                let was = say.list(before.iter().map(|(value, _)| value_words(&say, *value, sign_in, Dimension::Account)), 2);
                format!("{} {now} (was {was})", member.0)
            };
            let changes: Vec<String> = path.iter().filter(|member| is_new(member)).map(words).collect();
            let reason = if is_unbound { "its token is bound to nothing now" } else { "several members of its path are new at once" };
            let score = Score::new(ABOUT.severity, reason).raise_if(new > settings.new_members, "most of its path is new");
            let why = format!(
                "{}: tokens came along another path at {}; new: {}; the others are as in {} before.",
                say.account(step.row.account),
                say.time(step.at()),
                changes.join(", "),
                crate::detect::say::count(usual.activity.count as usize, "sign-in"),
            );
            let key = Key(step.row.account.index() as u64, fingerprint(&path));
            out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why));
        });
    }
}

/// Names of resources are told where this sign-in has them; of earlier ones only the id is kept.
fn value_words(say: &Say<'_>, value: Value, sign_in: &SignIn, dimension: Dimension) -> String {
    match (dimension, value) {
        (Dimension::Resource, _) => say.text(sign_in.resource.or(sign_in.resource_id)),
        (Dimension::App, _) => say.text(sign_in.app.or(sign_in.app_id)),
        (_, Value::Text(text)) => say.text(text),
        (_, Value::Number(asn)) => say.network(asn),
        _ => "-".to_owned(),
    }
}

fn fingerprint(path: &[Member]) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    for (_, _, value) in path {
        value.hash(&mut hasher);
    }
    hasher.finish()
}
