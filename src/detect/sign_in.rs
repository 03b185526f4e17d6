//! Questions that several detections ask of a sign-in to Entra.

use crate::base::intern::Symbol;
use crate::detect::step::Step;
use crate::model::cloud_app::{self, AppKind};
use crate::model::event::{MfaResult, Outcome, SignIn, SignInCategory, Tri};
use crate::model::network::NetworkClass;

/// A sign-in of a person, with or without a factor given; nothing for workloads.
#[must_use]
#[inline]
pub fn of_user<'a>(step: &Step<'a>) -> Option<&'a SignIn> {
    let is_user = |sign_in: &&SignIn| !matches!(sign_in.category, SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity);
    step.sign_in().filter(is_user).filter(|_| step.row.account.is_some())
}

/// The same, where it was let through.
#[must_use]
#[inline]
pub fn success_of_user<'a>(step: &Step<'a>) -> Option<&'a SignIn> {
    of_user(step).filter(|_| step.event().outcome == Outcome::Success)
}

#[must_use]
pub const fn is_silent(sign_in: &SignIn) -> bool {
    matches!(sign_in.category, SignInCategory::NonInteractive)
}

/// The back end of a web application: silent rows of such clients carry the address of the first sign-in, whenever they are
/// made (Microsoft Learn, "Non-interactive user sign-in logs").
#[must_use]
pub fn is_confidential(step: &Step<'_>, sign_in: &SignIn) -> bool {
    sign_in.credential_key_id.is_some() || !matches!(step.raw(sign_in.credential_type), "" | "none")
}

/// Codes that Entra gives only after the password held: expired, second factor asked or failed, refused by policy.
const PASSWORD_WAS_RIGHT: [u32; 12] = [50_055, 50_072, 50_074, 50_076, 50_079, 50_135, 50_144, 53_000, 53_001, 53_003, 500_121, 530_032];

/// The first factor was accepted, whatever came after.
#[must_use]
pub fn password_was_right(step: &Step<'_>) -> bool {
    let event = step.event();
    event.outcome == Outcome::Success || PASSWORD_WAS_RIGHT.contains(&event.status.code)
}

/// No second factor was asked for or stated.
#[must_use]
pub fn is_single_factor(step: &Step<'_>, sign_in: &SignIn) -> bool {
    let multi = step.raw(sign_in.requirement).eq_ignore_ascii_case("multiFactorAuthentication");
    sign_in.mfa != MfaResult::Approved && !multi
}

/// The record says that the organisation runs the device.
#[must_use]
pub const fn is_own_device(sign_in: &SignIn) -> bool {
    sign_in.device_id.is_some() && (matches!(sign_in.is_managed, Tri::Yes) || matches!(sign_in.is_compliant, Tri::Yes))
}

/// `clientAppUsed` of protocols that know no second factor (Microsoft Learn, "Block legacy authentication").
const LEGACY: [&str; 13] = [
    "authenticated smtp",
    "autodiscover",
    "exchange activesync",
    "exchange online powershell",
    "exchange web services",
    "imap4",
    "mapi over http",
    "offline address book",
    "outlook anywhere (rpc over http)",
    "outlook service",
    "pop3",
    "reporting web services",
    "other clients",
];
/// User agents of the bridge from basic authentication.
const BRIDGES: [&str; 3] = ["bav2ropc", "cbainprod", "cbaintar"];

#[must_use]
pub fn is_legacy(step: &Step<'_>, sign_in: &SignIn) -> bool {
    let client = lower(step, sign_in.client_app);
    !client.is_empty() && (LEGACY.contains(&client) || client.starts_with("other clients"))
}

/// The password was posted to the token endpoint.
#[must_use]
pub fn is_ropc(step: &Step<'_>, sign_in: &SignIn) -> bool {
    step.raw(sign_in.protocol) == "ropc" || BRIDGES.contains(&lower(step, sign_in.user_agent))
}

/// In which a code that another device showed was typed.
#[must_use]
pub fn is_device_code(step: &Step<'_>, sign_in: &SignIn) -> bool {
    step.raw(sign_in.protocol) == "devicecode"
        || (!is_silent(sign_in) && sign_in.protocol.is_none() && step.raw(sign_in.original_transfer) == "devicecodeflow")
}

/// The client application.
#[must_use]
pub fn app_kind(step: &Step<'_>, sign_in: &SignIn) -> AppKind {
    kind(step, sign_in.app_id, sign_in.app)
}

/// What the token is for.
#[must_use]
pub fn resource_kind(step: &Step<'_>, sign_in: &SignIn) -> AppKind {
    kind(step, sign_in.resource_id, sign_in.resource)
}

fn kind(step: &Step<'_>, id: Symbol, name: Symbol) -> AppKind {
    match cloud_app::kind(lower(step, id)) {
        AppKind::Other => cloud_app::kind(lower(step, name)),
        kind => kind,
    }
}

fn lower<'a>(step: &Step<'a>, symbol: Symbol) -> &'a str {
    step.raw(step.world.names.fold(symbol))
}

/// What the network of the sign-in is.
#[must_use]
pub fn network_class(step: &Step<'_>) -> NetworkClass {
    step.site.network_class(step.asn())
}

/// An exit of many, or a mobile carrier that people named: it is no place.
#[must_use]
pub fn is_shared_network(step: &Step<'_>) -> bool {
    network_class(step).is_shared() || step.source_tags().exit || step.site.is_mobile(step.asn())
}
