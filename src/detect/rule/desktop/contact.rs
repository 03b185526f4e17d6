//! Whether a host speaks with its domain.

use crate::detect::step::Step;
use crate::model::logon_type::LogonType;

/// Types of logons that show whether a host speaks with its domain: those that ask a controller, and those that did without.
pub const LOGONS: &[LogonType] = &[
    LogonType::Interactive,
    LogonType::Network,
    LogonType::Unlock,
    LogonType::RemoteInteractive,
    LogonType::CachedInteractive,
    LogonType::CachedRemoteInteractive,
    LogonType::CachedUnlock,
];

/// A logon that a domain controller checked: of an account that is none of the host's own, by a type that asks.
#[must_use]
pub fn is_contact(step: &Step<'_>) -> bool {
    let event = step.event();
    let asks = matches!(event.logon_type, LogonType::Interactive | LogonType::Network | LogonType::RemoteInteractive | LogonType::Unlock);
    if !asks || event.account.domain.is_none() {
        return false;
    }
    // Service and built-in accounts of the host itself, and its local users, need nobody.
    let domain = step.raw(event.account.domain);
    let host = step.host().map_or("", |host| step.raw(host.name));
    let short = host.split('.').next().unwrap_or(host);
    let is_own = domain.eq_ignore_ascii_case(short)
        || ["NT AUTHORITY", "Window Manager", "Font Driver Host", "NT SERVICE", "."].iter().any(|own| domain.eq_ignore_ascii_case(own));
    !is_own
}
