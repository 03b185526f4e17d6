//! `device-registration-then-prt`: a device is registered with a token, and soon asks as itself.
//!
//! A stolen refresh token becomes a device with its own primary refresh token, which outlives the stolen one.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::rekey;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rule::entra::token_replay_after_device_code::is_device_registration;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome, Tri};
use crate::model::ids::{AccountId, EventId, SourceId};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "device-registration-then-prt",
    title: "New device gets a primary refresh token",
    severity: Severity::Critical,
    attack: &["T1098.005"],
    needs: "Entra sign-ins with resourceId, incomingTokenType and deviceDetail",
    requires: &[],
    check: "Did the user set up a computer at that time? If not: delete the device, revoke the sessions, look for a device-code approval before.",
};

/// Microsoft Authentication Broker.
pub const BROKER: &str = "29d9ed98-a469-4536-ade2-f981bc1d605e";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Between the registration and the first use of the new device.
    pub within_minutes: i64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { within_minutes: 60, quiet_hours: 24 }
    }
}

#[derive(Clone, Copy)]
struct Registration {
    at: Timestamp,
    event: EventId,
    source: SourceId,
    by_device_code: bool,
}

#[derive(Default)]
struct User {
    registered: Option<Registration>,
    devices: FxHashSet<Symbol>,
    networks: FxHashSet<u32>,
}

/// Devices and networks remembered for one user.
const KNOWN: usize = 64;

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
        let by_device_code = step.raw(sign_in.original_transfer) == "devicecodeflow" || step.raw(sign_in.protocol) == "devicecode";
        if is_device_registration(step, sign_in) && step.raw(sign_in.app_id).eq_ignore_ascii_case(BROKER) {
            user.registered = Some(Registration { at: step.at(), event: step.id, source: step.row.source, by_device_code });
        } else if sign_in.device_id.is_some()
            && !user.devices.contains(&sign_in.device_id)
            && step.raw(sign_in.incoming_token).contains("primaryrefreshtoken")
            && sign_in.is_managed != Tri::Yes
            && let Some(registration) = user.registered
        {
            let lag = step.at() - registration.at;
            // A computer being set up: Windows itself signs in, from a network the user is known in.
            let set_up = step.raw(sign_in.app).eq_ignore_ascii_case("Windows Sign In")
                && user.networks.contains(&sign_in.asn)
                && !registration.by_device_code;
            if lag >= Span::ZERO && lag <= Span::minutes(self.settings.within_minutes) && !set_up {
                raise(&self.settings, step, registration, out);
            }
        }
        if sign_in.device_id.is_some() && user.devices.len() < KNOWN {
            user.devices.insert(sign_in.device_id);
        }
        if sign_in.asn != 0 && user.networks.len() < KNOWN {
            user.networks.insert(sign_in.asn);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.users, &goes, stays, |_, _| {});
    }
}

fn raise(settings: &Settings, step: &Step<'_>, registration: Registration, out: &mut Findings) {
    let Some(sign_in) = step.sign_in() else { return };
    let score = Score::new(ABOUT.severity, "a device registered by token speaks for itself")
        .plus_if(registration.by_device_code, 5, "registered in a device-code flow")
        .plus_if(step.site.is_hosting(sign_in.asn), 5, "a hosting network")
        .plus_if(step.raw(sign_in.token_protection) == "unbound", 2, "the token is not bound to a device");
    let say = step.say();
    let why = format!(
        "{}: device {} registered by token at {} ({}), used with a primary refresh token from {} at {}, not managed.",
        say.account(step.row.account),
        say.text(sign_in.device_id),
        say.time(registration.at),
        say.source(registration.source),
        say.source(step.row.source),
        say.time(step.at()),
    );
    let key = Key::of(step.row.account.index(), registration.event.index());
    out.push(
        Finding::new(step, key, Span::hours(settings.quiet_hours), score, why)
            .since(registration.at, [registration.event])
            .and_sources([registration.source]),
    );
}
