//! `service-account-interactive`: an account made for programs logs on like a person.

use crate::base::by_id::ById;
use crate::base::time::Span;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::{Account, AccountClass};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::AccountId;
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "service-account-interactive",
    title: "Service account logs on like a person",
    severity: Severity::High,
    attack: &["T1078.002", "T1078.003", "T1021.001"],
    needs: "4624 (types 2, 7, 10, 11, 12, 13), 4625, 4778; Entra interactive sign-ins",
    requires: &[
        &[Needed::Logons(LogonType::Interactive)],
        &[Needed::Logons(LogonType::RemoteInteractive)],
        &[Needed::SignIns(SignInCategory::Interactive)],
    ],
    check: "Is there a change or vendor visit for this account now? If not, its password is in somebody's hands: from where did they come?",
};

/// `STATUS_LOGON_TYPE_NOT_GRANTED`: the account is not allowed to log on this way.
const TYPE_NOT_GRANTED: u32 = 0xC000_015B;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// History that an account without a telling name must have as a service.
    pub learned_days: i64,
    /// Images (end of the path, lower case) of schedulers that log service accounts on with type 2.
    pub schedulers: Vec<String>,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        // Cygwin's sshd logs its own service account on with type 2 to separate privileges.
        Self { learned_days: 14, schedulers: vec!["\\cygrunsrv.exe".to_owned()], quiet_hours: 24 }
    }
}

pub struct Rule {
    settings: Settings,
    /// Accounts that were services until now: an interactive logon itself makes a learned one look like a person.
    services: ById<(AccountClass, &'static str)>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::LogonFailed, EventKind::SessionReconnected, EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, services: ById::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(account) = step.account() else { return };
        if matches!(account.class, AccountClass::Service | AccountClass::ManagedService) {
            let known = (account.class, account.class_reason);
            if let Some(service) = self.services.entry(step.row.account.index(), || known) {
                *service = known;
            }
        }
        let Some((class, reason)) = self.services.get(step.row.account.index()).copied() else { return };
        if account.class != class {
            self.services.remove(step.row.account.index());
            if class == AccountClass::Service
                && step.account_since().is_none_or(|first| step.at() - first < Span::days(self.settings.learned_days))
            {
                return;
            }
        }
        let service = Service { account, class, reason };
        let event = step.event();
        match event.kind {
            EventKind::Logon if event.logon_type.is_interactive() && !self.is_scheduler(step) => self.raise(step, &service, out),
            EventKind::SessionReconnected => self.raise(step, &service, out),
            EventKind::SignIn => {
                let interactive = step.sign_in().is_some_and(|sign_in| {
                    sign_in.category == SignInCategory::Interactive
                        && (sign_in.browser.is_some() || step.raw(sign_in.client_app).eq_ignore_ascii_case("Browser"))
                });
                if interactive && event.outcome == Outcome::Success {
                    self.raise(step, &service, out);
                }
            }
            EventKind::LogonFailed if event.status.code == TYPE_NOT_GRANTED && event.logon_type.is_interactive() => {
                self.raise(step, &service, out)
            }
            _ => {}
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        if let Some(service) = self.services.remove(goes.index()) {
            self.services.entry(stays.index(), || service);
        }
    }
}

struct Service<'a> {
    account: &'a Account,
    class: AccountClass,
    reason: &'static str,
}

impl Rule {
    /// A known scheduler called `LogonUser`: `Advapi` or `seclogo`, type 2, from its own image.
    fn is_scheduler(&self, step: &Step<'_>) -> bool {
        let event = step.event();
        let process = step.raw(event.process).to_lowercase();
        let caller = step.raw(event.logon_process);
        event.logon_type == LogonType::Interactive
            && (caller.eq_ignore_ascii_case("Advapi") || caller.eq_ignore_ascii_case("seclogo"))
            && self.settings.schedulers.iter().any(|scheduler| process.ends_with(scheduler.as_str()))
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, service: &Service<'_>, out: &mut Findings) {
        let event = step.event();
        let refused = event.kind == EventKind::LogonFailed;
        let score = match (refused, service.class) {
            (true, _) => Score::new(Severity::Medium, "refused: the account may not log on this way"),
            (false, AccountClass::ManagedService) => Score::new(Severity::Critical, "a group-managed service account at a desktop"),
            (false, _) => Score::new(ABOUT.severity, "a service account at a desktop"),
        }
        .raise_for(step);
        let say = step.say();
        let how = match event.kind {
            EventKind::SessionReconnected => "reconnected to a desktop".to_owned(),
            EventKind::SignIn => "signed in interactively".to_owned(),
            _ if refused => format!("was refused {}", say.logon_type(event.logon_type)),
            _ => format!("logged on {}", say.logon_type(event.logon_type)),
        };
        let whereto = match (event.kind, step.sign_in()) {
            (EventKind::SignIn, Some(sign_in)) => say.text(sign_in.app),
            _ => say.host(step.row.host),
        };
        let from = step.origin().map_or_else(|| "an unknown source".to_owned(), |origin| say.origin(origin));
        let before = before(step, service.account);
        let why = format!(
            "{} is a service account ({}); it {how} to {whereto} from {from}.{before}",
            say.account(step.row.account),
            service.reason,
        );
        let key = Key::of(step.row.account.index(), step.row.host.index());
        out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why));
    }
}

/// What the account did until now: ` 512 sessions before: types 3, 5 only.`
fn before(step: &Step<'_>, account: &Account) -> String {
    let this = step.event().lane().filter(|_| step.changes.opened);
    // The other half of a UAC pair is this very logon.
    let halves = 1 + u32::from(step.session().is_some_and(|session| session.linked.is_some()));
    let mut total = 0_u32;
    let mut codes: Vec<&str> = Vec::new();
    let mut interactive = 0_u32;
    for (lane, count) in Lane::ALL.into_iter().zip(account.by_lane) {
        let count = count.saturating_sub(if this == Some(lane) { halves } else { 0 });
        if count > 0 {
            total = total.saturating_add(count);
            codes.push(lane.code());
            if matches!(lane, Lane::Interactive | Lane::RemoteInteractive | Lane::Cached | Lane::Unlock | Lane::EntraInteractive) {
                interactive = interactive.saturating_add(count);
            }
        }
    }
    match (total, interactive) {
        (0, _) => String::new(),
        (total, 0) => {
            let noun = if codes.len() == 1 { "type" } else { "types" };
            format!(" Before: {}, {noun} {} only.", crate::detect::say::count(total as usize, "session"), codes.join(", "))
        }
        (total, some) => format!(" Before: {}, {some} of them interactive.", crate::detect::say::count(total as usize, "session")),
    }
}
