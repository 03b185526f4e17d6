//! `workload-secret-changed`: a workload that always used one credential uses another.
//!
//! Adding a key to an application is the usual cloud back door; the sign-in shows the use of it. A new key from the same
//! source is how rotation looks, so only a new source or a weaker sort of credential speaks loudly.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{SeenSet, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};
use crate::model::ids::{AccountId, SourceId};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "workload-secret-changed",
    title: "Scheduled workload uses another credential",
    severity: Severity::High,
    attack: &["T1098.001", "T1552"],
    needs: "Entra service principal sign-ins with servicePrincipalCredentialKeyId or thumbprint",
    requires: &[],
    check: "Who added the credential to the application, and when (audit log)? Is the old one still in use beside it?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days the identity must have used its old credential alone.
    pub stable_days: i64,
    pub stable_sign_ins: u32,
    /// Credentials and sources remembered for one identity.
    pub kept: usize,
    pub forget_days: i64,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { stable_days: 14, stable_sign_ins: 10, kept: 16, forget_days: 180, quiet_days: 7 }
    }
}

/// A credential as the sign-in states it: key id, else thumbprint, else federated credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Credential(Symbol);

impl PartialOrd for Credential {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Credential {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.index().cmp(&other.0.index())
    }
}

#[derive(Clone, Copy)]
struct New {
    credential: Credential,
    old: Credential,
    old_used: u32,
    old_since: Timestamp,
    at: Timestamp,
    severity: Severity,
    weaker: bool,
    /// Sign-ins with the old credential since.
    old_again: u32,
}

#[derive(Default)]
struct Workload {
    credentials: SeenSet<Credential>,
    sources: SeenSet<SourceId>,
    sort: Symbol,
    new: Option<New>,
}

pub struct Rule {
    settings: Settings,
    workloads: FxHashMap<AccountId, Workload>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, workloads: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = step.sign_in() else { return };
        if sign_in.category != SignInCategory::ServicePrincipal || step.event().outcome != Outcome::Success || step.row.account.is_none() {
            return;
        }
        let credential = credential(sign_in);
        if credential.0.is_none() {
            return;
        }
        let workload = self.workloads.entry(step.row.account).or_default();
        let at = step.at();
        if let Some(new) = workload.new.as_mut() {
            if new.credential == credential {
                let new = *new;
                raise(&self.settings, workload, step, sign_in, new, out);
                learn(&self.settings, workload, step, sign_in, credential);
                return;
            }
            if new.old == credential && at > new.at {
                new.old_again = new.old_again.saturating_add(1);
            }
        }
        if !workload.credentials.contains(credential)
            && let Some((old, seen)) = workload.credentials.by_use().first().copied()
            && at - seen.first_at >= Span::days(self.settings.stable_days)
            && seen.count >= self.settings.stable_sign_ins
        {
            let weaker = is_certificate(step.raw(workload.sort)) && !is_certificate(step.raw(sign_in.credential_type));
            let known_source = workload.sources.contains(step.row.source);
            let severity = match (known_source, weaker) {
                (false, _) => Severity::Critical,
                (true, true) => Severity::High,
                (true, false) => Severity::Medium,
            };
            let new = New { credential, old, old_used: seen.count, old_since: seen.first_at, at, severity, weaker, old_again: 0 };
            workload.new = Some(new);
            raise(&self.settings, workload, step, sign_in, new, out);
        }
        learn(&self.settings, workload, step, sign_in, credential);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.workloads, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.forget_days);
        let quiet = Span::days(self.settings.quiet_days);
        self.workloads.retain(|_, workload| {
            workload.credentials.forget_before(limit);
            workload.sources.forget_before(limit);
            if workload.new.is_some_and(|new| now - new.at > quiet) {
                workload.new = None;
            }
            !workload.credentials.is_empty()
        });
    }
}

fn credential(sign_in: &SignIn) -> Credential {
    Credential(sign_in.credential_key_id.or(sign_in.credential_thumbprint).or(sign_in.federated_credential_id))
}

fn is_certificate(sort: &str) -> bool {
    sort.contains("certificate") || sort.contains("assertion")
}

fn learn(settings: &Settings, workload: &mut Workload, step: &Step<'_>, sign_in: &SignIn, credential: Credential) {
    workload.credentials.add(credential, step.at(), settings.kept);
    if step.row.source.is_some() {
        workload.sources.add(step.row.source, step.at(), settings.kept);
    }
    workload.sort = sign_in.credential_type.or(workload.sort);
}

fn raise(settings: &Settings, workload: &Workload, step: &Step<'_>, sign_in: &SignIn, new: New, out: &mut Findings) {
    if step.at() - new.at > Span::days(settings.quiet_days) {
        return;
    }
    let unknown_source = new.severity == Severity::Critical;
    let reason = if unknown_source { "another credential from another source" } else { "another credential from the usual source" };
    let score = Score::new(new.severity, reason)
        .raise_if(!unknown_source && new.old_again > 0, "the old credential is still in use: no rotation")
        .plus_if(new.weaker, 5, "a weaker sort of credential than before");
    let say = step.say();
    let source_note =
        if workload.sources.contains(step.row.source) && !unknown_source { ", a usual source" } else { ", not a usual source" };
    let sort = if sign_in.credential_type.is_some() { format!(" ({})", say.text(sign_in.credential_type)) } else { String::new() };
    let still = if new.old_again > 0 { "still used" } else { "not used since" };
    let why = format!(
        "{}: key {} used {} times since {}; now {}{sort} from {}{source_note}, since {}; old key {still}.",
        say.account(step.row.account),
        say.text(new.old.0),
        new.old_used,
        say.date(new.old_since),
        say.text(new.credential.0),
        say.source(step.row.source),
        say.time(new.at),
    );
    let key = Key::of(step.row.account.index(), new.credential.0.index());
    out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why).since(new.at, []));
}
