//! Entra sign-ins: what their properties mean.
//!
//! Outcome by error code alone: 0 is success, codes that only ask the user for something are interrupts, other codes are
//! failures, no code is no outcome. A missing property stays unknown: `isCompliant` absent is not "not compliant", risk
//! `hidden` is not "none", and 0/0 without a city is no place.

use super::texts;
use crate::base::intern::{Interner, Symbol};
use crate::base::net;
use crate::base::unique::Unique;
use crate::model::client;
use crate::model::event::{AuthEvent, EventKind, Identity, MfaResult, Outcome, SignIn, SignInCategory, Tri};
use crate::model::fields::{Field, Fields, Value};
use crate::model::status::{Status, StatusClass};
use std::borrow::Cow;

/// The event a sign-in row states; `None` for rows of other Entra logs and rows without a readable time.
#[must_use]
pub fn event(fields: &Fields<'_>, names: &mut Interner) -> Option<AuthEvent> {
    let category = category(fields)?;
    let code = error_code(fields);
    let status = code.map(Status::entra).unwrap_or_default();
    let address = fields.text(Field::IpAddressEntra);
    let address_read = net::parse_address(&address);
    let mut event = AuthEvent {
        at: fields.at?,
        kind: EventKind::SignIn,
        record: fields.record,
        channel: names.intern(category.name()),
        outcome: outcome(status),
        status,
        raw_status: code.unwrap_or(0),
        account: account(fields, category, names),
        address: address_read,
        pre_auth_type: u8::MAX,
        ..AuthEvent::default()
    };
    if address_read.is_none() {
        event.address_text = names.intern(&address);
    }
    event.entra = Some(Box::new(sign_in(fields, category, code, names)));
    Some(event)
}

/// Categories of Azure Monitor, names of Log Analytics tables and Graph event types, by their telling part.
fn category_named(name: &str) -> Option<SignInCategory> {
    match name {
        "SignInLogs" => return Some(SignInCategory::Interactive),
        "NonInteractiveUserSignInLogs" => return Some(SignInCategory::NonInteractive),
        _ => {}
    }
    let name = name.to_ascii_lowercase();
    let has = |part: &str| name.contains(part);
    Some(match () {
        () if has("noninteractiveuser") => SignInCategory::NonInteractive,
        // Also MicrosoftServicePrincipalSignInLogs.
        () if has("serviceprincipal") => SignInCategory::ServicePrincipal,
        () if has("managedidentity") => SignInCategory::ManagedIdentity,
        () if has("adfs") => SignInCategory::Adfs,
        () if has("signin") || has("interactiveuser") => SignInCategory::Interactive,
        () => return None,
    })
}

fn category(fields: &Fields<'_>) -> Option<SignInCategory> {
    let stated = fields.text(Field::Category);
    if !stated.is_empty() {
        return category_named(&stated);
    }
    category_named(&fields.text(Field::SignInEventTypes)).or(match truth(fields, Field::IsInteractive) {
        Tri::No => Some(SignInCategory::NonInteractive),
        Tri::Yes | Tri::Unknown => Some(SignInCategory::Interactive),
    })
}

/// `status.errorCode`, else `resultType` where it is a number (some exporters write `Success` there).
fn error_code(fields: &Fields<'_>) -> Option<u32> {
    let code = fields.number(Field::ErrorCode).or_else(|| fields.number(Field::ResultType))?;
    u32::try_from(code).ok()
}

fn outcome(status: Status) -> Outcome {
    match status.class() {
        _ if !status.is_some() => Outcome::None,
        StatusClass::Success => Outcome::Success,
        StatusClass::Interrupt => Outcome::Interrupted,
        _ => Outcome::Failure,
    }
}

/// The user, or the workload where the row is one of a workload.
fn account(fields: &Fields<'_>, category: SignInCategory, names: &mut Interner) -> Identity {
    let workload = matches!(category, SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity);
    let user = first(fields, &[Field::UserPrincipalName]);
    let principal = first(fields, &[Field::ServicePrincipalName, Field::AppDisplayName, Field::ServicePrincipalId, Field::AppId]);
    let is_workload = workload && (user.is_empty() || !fields.text(Field::ServicePrincipalId).is_empty());
    let (user, sid) = if is_workload {
        (principal, first(fields, &[Field::ServicePrincipalId, Field::AppId]))
    } else if user.is_empty() {
        (first(fields, &[Field::UserDisplayName]), first(fields, &[Field::UserId]))
    } else {
        (user, first(fields, &[Field::UserId]))
    };
    // User principal names come in any case; applications are named as their makers write them.
    let user = if is_workload { texts::trimmed(&user, names) } else { texts::lowered(&user, names) };
    Identity { user, domain: Symbol::NONE, sid: texts::lowered(&sid, names) }
}

fn sign_in(fields: &Fields<'_>, category: SignInCategory, code: Option<u32>, names: &mut Interner) -> SignIn {
    let city = fields.text(Field::City);
    let coordinates = match (degrees(fields, Field::Latitude), degrees(fields, Field::Longitude)) {
        (Some(latitude), Some(longitude)) if !city.is_empty() || latitude != 0.0 || longitude != 0.0 => Some((latitude, longitude)),
        _ => None,
    };
    let mut text = |field: Field| texts::of(fields, field, names);
    let mut sign_in = SignIn {
        category,
        app_id: text(Field::AppId),
        app: text(Field::AppDisplayName),
        resource_id: text(Field::ResourceId),
        resource: text(Field::ResourceDisplayName),
        client_app: text(Field::ClientAppUsed),
        user_agent: text(Field::UserAgent),
        device_id: text(Field::DeviceId),
        device_name: text(Field::DeviceDisplayName),
        browser: text(Field::Browser),
        operating_system: text(Field::OperatingSystem),
        is_managed: truth(fields, Field::IsManaged),
        is_compliant: truth(fields, Field::IsCompliant),
        country: text(Field::CountryOrRegion),
        city: text(Field::City),
        coordinates,
        asn: fields.number(Field::AutonomousSystemNumber).and_then(|asn| u32::try_from(asn).ok()).unwrap_or(0),
        requirement: text(Field::AuthenticationRequirement),
        conditional_access: text(Field::ConditionalAccessStatus),
        risk: text(Field::RiskLevelDuringSignIn),
        risk_state: text(Field::RiskState),
        service_principal_id: text(Field::ServicePrincipalId),
        credential_key_id: text(Field::ServicePrincipalCredentialKeyId),
        credential_thumbprint: text(Field::ServicePrincipalCredentialThumbprint),
        federated_credential_id: text(Field::FederatedCredentialId),
        tenant: text(Field::TenantId).or(text(Field::HomeTenantId)),
        home_tenant: text(Field::HomeTenantId),
        user_type: text(Field::UserType),
        ..SignIn::default()
    };
    let mut unique = |field: Field| Unique::read(&fields.text(field), names);
    sign_in.id = unique(Field::Id);
    sign_in.session_id = unique(Field::EntraSessionId);
    sign_in.correlation_id = unique(Field::CorrelationId);
    sign_in.original_request_id = unique(Field::OriginalRequestId);
    sign_in.unique_token_id = unique(Field::UniqueTokenIdentifier);
    let mut lowered = |field: Field| texts::lowered_of(fields, field, names);
    sign_in.protocol = lowered(Field::AuthenticationProtocol);
    sign_in.original_transfer = lowered(Field::OriginalTransferMethod);
    sign_in.incoming_token = lowered(Field::IncomingTokenType);
    sign_in.token_protection = lowered(Field::SignInTokenProtectionStatus);
    sign_in.credential_type = lowered(Field::ClientCredentialType);
    sign_in.method = lowered(Field::AuthenticationMethod);
    sign_in.step_detail = lowered(Field::AuthenticationStepResultDetail);
    sign_in.risk_event = lowered(Field::RiskEventTypes);
    sign_in.cross_tenant = lowered(Field::CrossTenantAccessType);
    let succeeded = truth(fields, Field::AuthenticationSucceeded);
    sign_in.mfa = mfa(&sign_in, succeeded, code, names);
    let client = first(fields, &[Field::UserAgent, Field::Browser]);
    (sign_in.client, sign_in.system) = client::symbols(&client, &fields.text(Field::OperatingSystem), names);
    sign_in
}

/// What became of a prompt for a second factor.
///
/// `AuthenticationMethod` and the step's text are those of the last step, `AuthenticationSucceeded` is true when any step
/// succeeded. A password, a claim in the token or a method used before is no prompt.
fn mfa(sign_in: &SignIn, succeeded: Tri, code: Option<u32>, names: &Interner) -> MfaResult {
    let (detail, method) = (names.raw(sign_in.step_detail), names.raw(sign_in.method));
    let class = code.map(|code| Status::entra(code).class());
    if class == Some(StatusClass::MfaDenied) || detail.contains("denied") || detail.contains("declined") {
        return MfaResult::Denied;
    }
    if succeeded != Tri::Yes || class != Some(StatusClass::Success) {
        return MfaResult::None;
    }
    let no_prompt = method.is_empty() || method == "password" || method.contains("previously satisfied") || detail.contains("claim");
    let multi = names.raw(sign_in.requirement).eq_ignore_ascii_case("multiFactorAuthentication");
    if multi && !no_prompt { MfaResult::Approved } else { MfaResult::None }
}

/// The first of the fields that says something.
fn first<'a>(fields: &Fields<'a>, order: &[Field]) -> Cow<'a, str> {
    order.iter().map(|field| fields.text(*field)).find(|text| !text.is_empty()).unwrap_or_default()
}

fn truth(fields: &Fields<'_>, field: Field) -> Tri {
    match fields.value(field) {
        Value::Bool(value) => Tri::from_bool(value),
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Tri::Yes,
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Tri::No,
        _ => Tri::Unknown,
    }
}

fn degrees(fields: &Fields<'_>, field: Field) -> Option<f64> {
    let degrees = match fields.value(field) {
        Value::Float(degrees) => degrees,
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)] // a whole number of degrees is small
        Value::Number(degrees) => degrees as i64 as f64,
        Value::Text(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (degrees.is_finite() && degrees.abs() <= 180.0).then_some(degrees)
}
