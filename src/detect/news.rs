//! What is new for a person in one sign-in, and how much that is together.
//!
//! One new thing is life: a trip, a new phone, another provider at home. Several that have no reason in common are another
//! person. What one cause explains counts little together: a trip brings a network and a country, a new phone a client. So
//! it takes another client or device besides another place, and an organisation's own device explains everything.

use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Enough, Novelty, Value, lesson, subnet};
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::model::event::{MfaResult, SignIn};
use crate::model::ids::AccountId;

/// What must be known of a person before anything is new, and how often new values may come.
const ENOUGH: Enough = Enough { days: 5, count: 12, novelty: 0.35 };
/// Share of a person's sign-ins that state a device, in percent, above which one without is odd.
const DEVICE_SHARE: u32 = 90;
/// Accounts that use a network before it counts as one of the organisation.
const OWN_NETWORK: u32 = 20;
/// One account in so many makes a network rare.
const RARE: u32 = 200;

/// See the module. Everything is `false` while too little is known of the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // independent properties
pub struct News {
    /// Too little is known of the person.
    pub learning: bool,
    /// And nobody of the organisation was ever in this network or country.
    pub outsider: bool,
    pub network: bool,
    pub country: bool,
    /// No device where nearly all sign-ins of the person have one, or one that is neither known nor the organisation's.
    pub device: bool,
    /// System or product of the client, on an unknown device.
    pub client: bool,
    pub app: bool,
    /// A new network of rented machines or VPN exits.
    pub rented: bool,
    /// The person was active in another country within the hour.
    pub elsewhere: bool,
    /// The device is known, or the organisation's.
    pub own_device: bool,
    /// A second factor was given in this sign-in.
    pub fresh_factor: bool,
}

impl News {
    #[must_use]
    pub fn of(step: &Step<'_>, sign_in: &SignIn) -> Self {
        let usual = step.usual_account();
        let sign_ins = usual.seen(Dimension::App).activity;
        let own_device = sign_in::is_own_device(sign_in)
            || (sign_in.device_id.is_some() && usual.seen(Dimension::Device).contains(Value::Text(sign_in.device_id)));
        let mut news = Self { own_device, fresh_factor: sign_in.mfa == MfaResult::Approved, ..Self::default() };
        if sign_ins.days < ENOUGH.days || sign_ins.count < ENOUGH.count {
            return Self { learning: true, outsider: !own_device && is_outside(step), ..news };
        }
        let is_new = |dimension, value| usual.judge(dimension, value, &ENOUGH) == Novelty::New;
        if !sign_in::is_shared_network(step) {
            news.network = match (step.asn(), step.event().address) {
                (0, Some(address)) => is_new(Dimension::Subnet, subnet(address)),
                (0, None) => false,
                (asn, _) => {
                    let value = Value::Number(asn);
                    is_new(Dimension::Asn, value) && !is_own_network(step, value)
                }
            };
            news.rented = news.network && step.is_from_hosting();
            let country = Value::Text(step.country());
            news.country = step.country().is_some() && is_new(Dimension::Country, country);
            news.elsewhere = news.country && was_elsewhere(step, country);
        }
        if !own_device {
            let stated = usual.seen(Dimension::Device).activity.count;
            news.device = sign_in.device_id.is_some() || stated * 100 >= sign_ins.count * DEVICE_SHARE;
            news.client = lesson::client(sign_in).is_some_and(|client| is_new(Dimension::Client, client));
        }
        let app = sign_in.app_id.or(sign_in.app);
        news.app = app.is_some() && is_new(Dimension::App, Value::Text(app));
        news
    }
    /// What is new together; what counts how much stands in the settings of `unfamiliar-signin-properties`.
    #[must_use]
    pub fn points(&self) -> u8 {
        let signs = [
            (self.network, 2),
            (self.country, 2),
            (self.device, 2),
            (self.client, 2),
            (self.rented, 2),
            (self.app, 1),
            (self.elsewhere, 1),
        ];
        signs.iter().filter(|(is, _)| *is).map(|(_, points)| points).sum()
    }
    /// Together it is hardly the person: several things are new that no trip and no new phone brings alone.
    #[must_use]
    pub fn is_strange(&self) -> bool {
        let explained = self.own_device || (self.fresh_factor && !self.device && !self.rented && !self.elsewhere);
        self.network && (self.device || self.client) && self.points() >= 6 && !explained
    }
    /// The place alone is new.
    #[must_use]
    pub const fn is_new_place(&self) -> bool {
        self.network || self.country
    }
    /// The new things in words.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        [
            (self.country, "country"),
            (self.rented, "hosting or VPN network"),
            (self.network && !self.rented, "network"),
            (self.device, "device"),
            (self.client, "client"),
            (self.app, "application"),
        ]
        .into_iter()
        .filter_map(|(is, word)| is.then_some(word))
    }
}

/// Nobody of an organisation of which enough is known was ever in this network or country.
fn is_outside(step: &Step<'_>) -> bool {
    let is_unused = |dimension, value| {
        let share = step.usual.share(None, dimension, value);
        share.users == 0 && share.of >= OWN_NETWORK
    };
    step.asn() != 0
        && step.country().is_some()
        && !sign_in::is_shared_network(step)
        && is_unused(Dimension::Asn, Value::Number(step.asn()))
        && is_unused(Dimension::Country, Value::Text(step.country()))
}

/// Hardly anybody of an organisation of which enough is known was ever in this network.
#[must_use]
pub fn is_rare_network(step: &Step<'_>) -> bool {
    let share = step.usual.share(None, Dimension::Asn, Value::Number(step.asn()));
    step.asn() != 0 && !sign_in::is_shared_network(step) && share.of >= OWN_NETWORK && share.users * RARE <= share.of
}

fn is_own_network(step: &Step<'_>, network: Value) -> bool {
    let share = step.usual.share(None, Dimension::Asn, network);
    share.users >= OWN_NETWORK && share.of_peers() >= 0.05
}

/// The account was active in another country than this within the hour before.
fn was_elsewhere(step: &Step<'_>, here: Value) -> bool {
    let countries = step.usual_account().seen(Dimension::Country);
    let is_fresh = |value| countries.get(value).is_some_and(|seen| (step.at() - seen.last_at).abs() <= Span::hours(1));
    countries.values().any(|value| value != here && is_fresh(value))
}

/// Accounts of all that use a value: how many, in words of a share.
#[must_use]
pub fn users_of(step: &Step<'_>, dimension: Dimension, value: Value) -> (u32, u32) {
    let share = step.usual.share(None, dimension, value);
    (share.users, share.of)
}

/// The account has used the value within the last days.
#[must_use]
pub fn used_lately(step: &Step<'_>, account: AccountId, dimension: Dimension, value: Value, days: i64) -> bool {
    step.usual.account(account).seen(dimension).get(value).is_some_and(|seen| step.at() - seen.last_at <= Span::days(days))
}
