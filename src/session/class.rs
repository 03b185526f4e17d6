//! What kind of account it is, from its SID, its name and the ways it logged on; the first test that fits decides.
//!
//! Reference: logon semantics, "How to classify an account". The reason is kept for people. Counts change the class
//! only at powers of two, so a busy account costs nothing.

use super::Place;
use crate::model::account::{Account, AccountClass};
use crate::model::event::{AuthEvent, SignInCategory};
use crate::model::ids::AccountId;
use crate::model::lane::Lane;
use crate::model::world::World;

/// Logons without any interactive one before an account counts as a service.
const SERVICE_SESSIONS: u32 = 50;

/// Looks again after an event, when the counts may say something new.
pub(super) fn review(event: &AuthEvent, place: Place, opened: bool, world: &mut World) {
    if let Some(sign_in) = event.entra.as_deref() {
        let known = world.tables.account(place.account).map(|account| account.class);
        let Some((class, reason)) = entra(sign_in.category, world.raw(sign_in.user_type), world.raw(event.account.user)) else { return };
        if known == Some(AccountClass::Unknown) {
            set(place.account, class, reason, world);
        }
        return;
    }
    if !opened {
        return;
    }
    let Some(account) = world.tables.account(place.account) else { return };
    let first_of_lane = event.lane().is_some_and(|lane| account.by_lane.get(lane.index()) == Some(&1));
    if account.sessions.is_power_of_two() || first_of_lane {
        classify(place.account, world);
    }
}

pub(super) fn classify(id: AccountId, world: &mut World) {
    let Some(account) = world.tables.account(id) else { return };
    let user = world.raw(account.user).to_lowercase();
    let domain = world.raw(account.domain).to_lowercase();
    let sid = world.raw(account.sid);
    let (class, reason) = by_sid(sid)
        .or_else(|| by_domain(&domain))
        .or_else(|| by_name(&user))
        .or_else(|| by_history(&user, sid, account))
        .unwrap_or((AccountClass::Unknown, "too little seen of it"));
    if (class, reason) != (account.class, account.class_reason) && !is_from_entra(account.class, class) {
        set(id, class, reason, world);
    }
}

/// What Entra said of an account is not lost because Windows has no history of it.
const fn is_from_entra(known: AccountClass, found: AccountClass) -> bool {
    matches!(found, AccountClass::Unknown) && !matches!(known, AccountClass::Unknown)
}

fn set(id: AccountId, class: AccountClass, reason: &'static str, world: &mut World) {
    if let Some(account) = world.tables.accounts.get_mut(id.index()) {
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

fn by_history(user: &str, sid: &str, account: &Account) -> Verdict {
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
    if is_service_name(user) {
        return Some((AccountClass::Service, "named like a service"));
    }
    if interactive > 0 {
        return Some((AccountClass::Human, "logs on interactively"));
    }
    if sid.starts_with("S-1-12-1-") {
        return Some((AccountClass::Human, "SID of an Entra account"));
    }
    (machine >= SERVICE_SESSIONS).then_some((AccountClass::Service, "50 logons or more, none interactive"))
}

/// `svc_backup`, `sql-prod`, `app.bot`: a word of the name says service.
pub(super) fn is_service_name(user: &str) -> bool {
    let words = ["svc", "service", "sa", "sql", "mssql", "backup", "batch", "app", "bot", "task", "daemon"];
    user.starts_with("svc")
        || user.ends_with("svc")
        || user
            .split(['-', '_', '.', ' '])
            .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()))
            .any(|word| words.contains(&word))
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
        for name in ["svc_backup", "svcsql", "sql01", "web-app", "print.bot", "adfssvc", "backup"] {
            assert!(is_service_name(name), "{name}");
        }
        for name in ["abbott", "alice", "sarah", "happy", "mysqlfan", "batchelor"] {
            assert!(!is_service_name(name), "{name}");
        }
    }
}
