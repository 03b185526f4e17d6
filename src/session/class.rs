//! What kind of account it is, from what the settings say, its SID, its name and the ways it logged on; the first test that
//! fits decides.
//!
//! Reference: logon semantics, "How to classify an account". The reason is kept for people. Counts change the class
//! only at powers of two, so a busy account costs nothing.

use super::Place;
use super::settings::{Glob, Settings};
use crate::base::intern::Symbol;
use crate::base::time::Span;
use crate::model::account::{Account, AccountClass};
use crate::model::event::{AuthEvent, SignIn, SignInCategory};
use crate::model::ids::AccountId;
use crate::model::lane::Lane;
use crate::model::world::World;

/// A service works at all hours: one that is only seen over the network counts as one when its logons fall into so many
/// hours of the day, over so long a time.
const SERVICE_HOURS: usize = 18;
const SERVICE_TIME: Span = Span::days(14);

/// The reason for a class of the settings.
const TOLD: &str = "said in the settings";

fn is_told(id: AccountId, world: &World) -> bool {
    world.tables.account(id).is_some_and(|account| account.class_reason == TOLD)
}

/// What the settings say of classes.
#[derive(Debug, Default)]
pub(super) struct Classes {
    told: Vec<(AccountClass, Vec<Glob>)>,
    service_words: Vec<String>,
    service_names: Vec<Glob>,
    service_logons: u32,
}

impl Classes {
    pub fn new(settings: &Settings) -> Self {
        Self {
            told: settings.classes.iter().map(|(class, patterns)| (class.0, patterns.clone())).collect(),
            service_words: settings.service_words.iter().map(|word| word.to_lowercase()).collect(),
            service_names: settings.service_names.clone(),
            service_logons: settings.service_logons,
        }
    }

    /// Looks again after an event, when the counts may say something new.
    #[inline]
    pub fn review(&self, event: &AuthEvent, place: Place, opened: bool, world: &mut World) {
        if opened || event.entra.is_some() {
            self.look(event, place, opened, world);
        }
    }

    fn look(&self, event: &AuthEvent, place: Place, opened: bool, world: &mut World) {
        if let Some(sign_in) = event.entra.as_deref() {
            Self::look_at_sign_in(sign_in, event.account.user, place.account, world);
            return;
        }
        if !opened {
            return;
        }
        let Some(account) = world.tables.account(place.account) else { return };
        let first_of_lane = event.lane().is_some_and(|lane| account.by_lane.get(lane.index()) == Some(&1));
        if account.sessions.is_power_of_two() || first_of_lane {
            self.classify(place.account, world);
        }
    }

    /// What a sign-in says counts where nothing is known; and that it is a workload, where that is not. Nearly always all
    /// is known, and the names are not looked at.
    fn look_at_sign_in(sign_in: &SignIn, user: Symbol, account: AccountId, world: &mut World) {
        let Some(known) = world.tables.account(account).map(|account| account.class) else { return };
        let is_unknown = known == AccountClass::Unknown;
        if !is_unknown && (is_workload(known) || !says_workload(sign_in.category)) {
            return;
        }
        if !is_unknown && is_told(account, world) {
            return;
        }
        if let Some((class, reason)) = entra(sign_in.category, world.raw(sign_in.user_type), world.raw(user)) {
            set(account, class, reason, world);
        }
    }

    #[inline(never)]
    pub fn classify(&self, id: AccountId, world: &mut World) {
        let Some(account) = world.tables.account(id) else { return };
        let user = world.raw(account.user).to_lowercase();
        let domain = world.raw(account.domain).to_lowercase();
        let sid = world.raw(account.sid);
        let told = self.told(account, world);
        let is_told = told.is_some();
        let (class, reason) = told
            .or_else(|| by_sid(sid))
            .or_else(|| by_domain(&domain))
            .or_else(|| by_name(&user))
            .or_else(|| self.by_history(&user, sid, account))
            .unwrap_or((AccountClass::Unknown, "too little seen of it"));
        if (class, reason) != (account.class, account.class_reason) && (is_told || !is_from_entra(account.class, class)) {
            set(id, class, reason, world);
        }
    }

    /// By the patterns of the settings, on any of its names and its SID.
    fn told(&self, account: &Account, world: &World) -> Verdict {
        if self.told.is_empty() {
            return None;
        }
        let texts = account.pattern_texts(&world.names);
        let fits = |patterns: &[Glob]| patterns.iter().any(|pattern| texts.iter().any(|text| pattern.matches(text)));
        self.told.iter().find(|(_, patterns)| fits(patterns)).map(|(class, _)| (*class, TOLD))
    }

    /// `svc_backup`, `sql-prod`, `app.bot`: a word of the name says service.
    fn is_service_name(&self, user: &str) -> bool {
        let mut words = user.split(['-', '_', '.', ' ']).map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()));
        self.service_names.iter().any(|pattern| pattern.matches(user))
            || words.any(|word| self.service_words.iter().any(|known| known == word))
    }

    fn by_history(&self, user: &str, sid: &str, account: &Account) -> Verdict {
        let logons = |lanes: &[Lane]| lanes.iter().map(|lane| account.by_lane.get(lane.index()).copied().unwrap_or(0)).sum::<u32>();
        let interactive = logons(&[Lane::Interactive, Lane::RemoteInteractive, Lane::Unlock, Lane::Cached]);
        let machine = logons(&[Lane::Network, Lane::Batch, Lane::Service, Lane::NetworkCleartext]);
        if user.ends_with('$') {
            return Some(match (interactive, logons(&[Lane::Batch, Lane::Service])) {
                (0, 0) => (AccountClass::Computer, "name ends in $"),
                (0, _) => (AccountClass::ManagedService, "name ends in $ and it logs on as service or batch"),
                _ => (AccountClass::Human, "name ends in $, yet it logs on interactively"),
            });
        }
        if self.is_service_name(user) {
            return Some((AccountClass::Service, "named like a service"));
        }
        if interactive > 0 {
            return Some((AccountClass::Human, "logs on interactively"));
        }
        if sid.starts_with("S-1-12-1-") {
            return Some((AccountClass::Human, "SID of an Entra account"));
        }
        if machine < self.service_logons {
            return None;
        }
        // A log of a file server shows people over the network only.
        match logons(&[Lane::Batch, Lane::Service]) {
            0 if !works_at_all_hours(account) => None,
            0 => Some((AccountClass::Service, "logs on at all hours, never interactively")),
            _ => Some((AccountClass::Service, "logs on as service or batch, never interactively")),
        }
    }
}

fn works_at_all_hours(account: &Account) -> bool {
    let Some(hours) = account.hours.as_deref() else { return false };
    let used = (0..24).filter(|hour| hours.iter().skip(*hour).step_by(24).any(|count| *count > 0)).count();
    let seen_for = account.first.zip(account.last).map_or(Span::ZERO, |(first, last)| last - first);
    used > SERVICE_HOURS && seen_for >= SERVICE_TIME
}

/// What Entra said of an account is not lost because Windows has no history of it.
const fn is_from_entra(known: AccountClass, found: AccountClass) -> bool {
    is_workload(known) || matches!(found, AccountClass::Unknown) && !matches!(known, AccountClass::Unknown)
}

const fn says_workload(category: SignInCategory) -> bool {
    matches!(category, SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity)
}

/// A name says less of a workload than its sign-ins do.
const fn is_workload(class: AccountClass) -> bool {
    matches!(class, AccountClass::ServicePrincipal | AccountClass::ManagedIdentity)
}

fn set(id: AccountId, class: AccountClass, reason: &'static str, world: &mut World) {
    if let Some(account) = world.tables.account_mut(id) {
        (account.class, account.class_reason) = (class, reason);
    }
}

type Verdict = Option<(AccountClass, &'static str)>;

fn by_sid(sid: &str) -> Verdict {
    let rest = sid.strip_prefix("S-1-5-")?;
    let (authority, tail) = rest.split_once('-').unwrap_or((rest, ""));
    let rid = tail.rsplit('-').next().unwrap_or_default();
    Some(match (authority, rid) {
        ("7", _) => (AccountClass::Anonymous, "SID of ANONYMOUS LOGON"),
        ("17" | "18" | "19" | "20" | "90" | "96" | "84", _) => (AccountClass::BuiltIn, "SID of a built-in account"),
        ("80" | "82" | "83" | "94", _) => (AccountClass::Virtual, "SID of a virtual account"),
        ("21", "501" | "503" | "504") => (AccountClass::Guest, "SID of a guest or default account"),
        ("21", "502") => (AccountClass::Infrastructure, "SID of krbtgt"),
        _ => return None,
    })
}

fn by_domain(domain: &str) -> Verdict {
    match domain {
        "nt authority" | "window manager" | "font driver host" => Some((AccountClass::BuiltIn, "domain of built-in accounts")),
        "nt service" | "iis apppool" | "nt virtual machine" => Some((AccountClass::Virtual, "domain of virtual accounts")),
        _ => None,
    }
}

fn by_name(user: &str) -> Verdict {
    Some(match user {
        "anonymous logon" => (AccountClass::Anonymous, "name of ANONYMOUS LOGON"),
        "guest" | "defaultaccount" | "wdagutilityaccount" | "defaultuser0" => (AccountClass::Guest, "name of a guest or default account"),
        "system" | "local service" | "network service" => (AccountClass::BuiltIn, "name of a built-in account"),
        "krbtgt" | "aspnet" => (AccountClass::Infrastructure, "name of an infrastructure account"),
        _ if ["krbtgt_", "msol_", "aad_", "healthmailbox", "sm_", "sync_"].iter().any(|start| user.starts_with(start)) => {
            (AccountClass::Infrastructure, "name of an infrastructure account")
        }
        _ => return None,
    })
}

fn entra(category: SignInCategory, user_type: &str, user: &str) -> Verdict {
    Some(match category {
        SignInCategory::ServicePrincipal => (AccountClass::ServicePrincipal, "signs in as a service principal"),
        SignInCategory::ManagedIdentity => (AccountClass::ManagedIdentity, "signs in as a managed identity"),
        _ if user.to_lowercase().starts_with("sync_") => (AccountClass::Infrastructure, "directory synchronisation"),
        _ if user_type.eq_ignore_ascii_case("guest") || user.to_lowercase().contains("#ext#") => {
            (AccountClass::Guest, "guest of the tenant")
        }
        _ if user.is_empty() => return None,
        _ => (AccountClass::Human, "signs in as a user"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_name_say_service_but_parts_of_words_do_not() {
        let classes = Classes::new(&Settings::default());
        let is_service_name = |name: &str| classes.is_service_name(name);
        for name in ["svc_backup", "svcsql", "sql01", "web-app", "print.bot", "adfssvc", "backup"] {
            assert!(is_service_name(name), "{name}");
        }
        for name in ["abbott", "alice", "sarah", "happy", "mysqlfan", "batchelor"] {
            assert!(!is_service_name(name), "{name}");
        }
    }
}
