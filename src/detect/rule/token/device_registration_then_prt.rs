//! `device-registration-then-prt`: a device is registered with a token, and soon asks as itself.
//!
//! A stolen refresh token becomes a device with its own primary refresh token, which outlives the stolen one.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::news::News;
use crate::detect::rule::read::Read;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::cloud_app::AppKind;
use crate::model::event::{EventKind, SignInCategory, Tri};
use crate::model::ids::{AccountId, EventId, SourceId};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "device-registration-then-prt",
    title: "New device gets a primary refresh token",
    severity: Severity::Critical,
    attack: &["T1098.005"],
    needs: "Entra sign-ins with resourceId, incomingTokenType and deviceDetail",
    requires: &[&[Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Did the user set up a computer at that time? If not: delete the device, revoke the sessions, look for a device-code approval before.",
};

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
    asn: u32,
    /// In a network that the user had before.
    at_home: bool,
}

pub struct Rule {
    settings: Settings,
    /// Which resources register devices, by id and name.
    registers: Read<(Symbol, Symbol), bool>,
    registered: FxHashMap<AccountId, Registration>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, registers: Read::default(), registered: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step) else { return };
        let resource = (sign_in.resource_id, sign_in.resource);
        let registers = self.registers.of(resource, || sign_in::resource_kind(step, sign_in) == AppKind::Registration);
        if registers && sign_in::app_kind(step, sign_in) == AppKind::Broker {
            let by_device_code = step.raw(sign_in.original_transfer) == "devicecodeflow" || sign_in::is_device_code(step, sign_in);
            let registration = Registration {
                at: step.at(),
                event: step.id,
                source: step.row.source,
                by_device_code,
                asn: step.asn(),
                at_home: is_at_home(step),
            };
            self.registered.insert(step.row.account, registration);
            return;
        }
        let Some(registration) = self.registered.get(&step.row.account) else { return };
        let lag = step.at() - registration.at;
        if lag < Span::ZERO
            || lag > Span::minutes(self.settings.within_minutes)
            || sign_in.device_id.is_none()
            || sign_in.is_managed == Tri::Yes
            || step.usual_account().seen(Dimension::Device).contains(Value::Text(sign_in.device_id))
            || !step.raw(sign_in.incoming_token).contains("primaryrefreshtoken")
        {
            return;
        }
        // A computer or phone being set up: in a network where the user is at home, and not by somebody's code.
        let at_home = registration.at_home && (step.asn() == registration.asn || is_at_home(step));
        if registration.by_device_code || !at_home {
            raise(&self.settings, step, registration, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.registered, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let within = Span::minutes(self.settings.within_minutes);
        self.registered.retain(|_, registration| now - registration.at <= within);
    }
}

fn is_at_home(step: &Step<'_>) -> bool {
    step.usual_account().seen(Dimension::Asn).contains(Value::Number(step.asn()))
}

#[cold]
#[inline(never)]
fn raise(settings: &Settings, step: &Step<'_>, registration: &Registration, out: &mut Findings) {
    let Some(sign_in) = step.sign_in() else { return };
    let rented = step.is_from_hosting();
    // New staff set up their first devices from networks that are all new.
    let is_young = News::of(step, sign_in).learning && !registration.by_device_code && !rented;
    let score = if is_young {
        Score::new(Severity::Low, "a device registered by token; too little is known of the user")
    } else {
        Score::new(ABOUT.severity, "a device registered by token speaks for itself")
    };
    let score = score
        .plus_if(registration.by_device_code, 5, "registered in a device-code flow")
        .plus_if(rented, 5, "a hosting network")
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
