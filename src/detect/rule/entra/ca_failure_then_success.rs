//! `ca-failure-then-success`: conditional access blocks somebody, who comes in another way from the same place.
//!
//! People who are blocked in one browser take the laptop that is allowed, or the phone, or another application: that is what
//! the policy wants, and it happens where they are at home. Who tries the ways round from a place that is not theirs, or goes
//! on by a protocol that knows no policy, looks for the gap.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::rekey;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::news::News;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::status::Status;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "ca-failure-then-success",
    title: "Blocked by policy, then in another way",
    severity: Severity::High,
    attack: &["T1556.009", "T1078.004"],
    needs: "Entra sign-ins with errorCode, of successes and failures",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "The password is known to whoever this is. Was it the user? Close the way in: which policy did not apply, and why?",
};

/// Codes of a block by conditional access or by security defaults.
const BLOCKED: [u32; 7] = [53_000, 53_001, 53_002, 53_003, 50_131, 530_032, 530_035];

settings! {
    /// See the module.
    pub struct Settings {
        /// How long after the block a success counts.
        pub within_minutes: i64 = 60,
        /// Once for each user and source and so many hours.
        pub quiet_hours: i64 = 6,
        /// Blocks kept of one user.
        pub kept: usize = 16,
    }
}

#[derive(Clone, Copy)]
struct Block {
    event: EventId,
    source: SourceId,
    status: Status,
    asn: u32,
    app: Symbol,
    client_app: Symbol,
    client: Symbol,
    system: Symbol,
    protocol: Symbol,
    /// The place was new for the user.
    stranger: bool,
}

impl Block {
    /// In what a way in differs from what was blocked.
    fn ways(&self, sign_in: &SignIn) -> impl Iterator<Item = &'static str> {
        let differs = |one: Symbol, other: Symbol| one.is_some() && other.is_some() && one != other;
        [
            (differs(self.client_app, sign_in.client_app), "client type"),
            (differs(self.system, sign_in.system), "system"),
            (differs(self.client, sign_in.client), "client"),
            (differs(self.protocol, sign_in.protocol), "protocol"),
            (differs(self.app, sign_in.app.or(sign_in.app_id)), "application"),
        ]
        .into_iter()
        .filter_map(|(is, word)| is.then_some(word))
    }
}

pub struct Rule {
    settings: Settings,
    users: FxHashMap<AccountId, Window<Block>>,
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
        let Some(sign_in) = sign_in::of_user(step) else { return };
        let event = step.event();
        let within = Span::minutes(self.settings.within_minutes);
        if event.outcome != Outcome::Success {
            if BLOCKED.contains(&event.status.code) {
                let block = Block {
                    event: step.id,
                    source: step.row.source,
                    status: event.status,
                    asn: step.asn(),
                    app: sign_in.app.or(sign_in.app_id),
                    client_app: sign_in.client_app,
                    client: sign_in.client,
                    system: sign_in.system,
                    protocol: sign_in.protocol,
                    stranger: News::of(step, sign_in).is_new_place(),
                };
                self.users.entry(step.row.account).or_default().push(event.at, block, within, self.settings.kept);
            }
            return;
        }
        let Some(window) = self.users.get(&step.row.account) else { return };
        // Tokens that are there already renew in the background; that is nobody's way round.
        if sign_in::is_silent(sign_in) || sign_in::is_own_device(sign_in) {
            return;
        }
        let is_here = |block: &Block| block.source == step.row.source || (block.asn != 0 && block.asn == step.asn());
        let blocks: Vec<_> = window
            .between(event.at - within, event.at)
            .filter(|(_, block)| is_here(block) && block.ways(sign_in).next().is_some())
            .collect();
        if let Some((at, block)) = blocks.last() {
            let records = blocks.iter().map(|(_, block)| block.event).collect();
            self.raise(step, sign_in, *at, block, records, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.users, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.within_minutes);
        self.users.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, at: Timestamp, block: &Block, records: Vec<EventId>, out: &mut Findings) {
        let past_policy = sign_in::is_legacy(step, sign_in) || sign_in::is_ropc(step, sign_in) || sign_in::is_device_code(step, sign_in);
        let rented = step.is_from_hosting();
        let score = match (block.stranger || rented, past_policy) {
            (true, _) => Score::new(ABOUT.severity, "blocked in a place that is not the user's, and in another way").raise_for(step),
            (false, true) => Score::new(Severity::Medium, "blocked, then in by a protocol that policies do not reach").raise_for(step),
            (false, false) => Score::new(Severity::Low, "blocked and in another way, where the user is at home"),
        }
        .plus_if(past_policy, 5, "a protocol that policies do not reach")
        .plus_if(records.len() >= 3, 5, "blocked three times or more");
        let say = step.say();
        let why = format!(
            "{} was blocked ({} {}) with {} from {} at {}; {} later in with {} by another {}.",
            say.account(step.row.account),
            block.status.code_text(),
            block.status.text(),
            say.text(block.app),
            say.source(block.source),
            say.time(at),
            say::span(step.at() - at),
            say.text(sign_in.app.or(sign_in.app_id)),
            block.ways(sign_in).collect::<Vec<_>>().join(" and "),
        );
        let key = Key::of(step.row.account.index(), step.row.source.index());
        out.push(
            Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why).since(at, records).and_sources([block.source]),
        );
    }
}
