//! `session-from-several-places`: one session is used in two networks that do not fit one device.
//!
//! A stolen cookie or token keeps the `sessionId` of its owner. Phones change networks all day and roam through the
//! country of their provider, laptops switch a VPN on and off: the same device, a network that the user had before, or a
//! relay explains the second place. What tells is what does not change with a network: the system, the device, and that the
//! first place goes on at the same time.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::news::News;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignIn, SignInCategory};
use crate::model::ids::{EventId, SessionId};
use crate::model::lineage::{Branch, Point};
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "session-from-several-places",
    title: "One session in several networks",
    severity: Severity::High,
    attack: &["T1539", "T1550.004", "T1557"],
    needs: "Entra interactive and non-interactive sign-ins with sessionId and autonomousSystemNumber",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive), Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Which of the two places is the user's? Revoke the sessions; a second factor does not help against a stolen session.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// How far apart the uses may lie.
        pub within_hours: i64 = 24,
        /// The same where the system is another: that no journey explains.
        pub system_within_days: i64 = 14,
        /// Uses in two countries so close that no journey lies between them.
        pub no_journey_minutes: i64 = 120,
        /// Points for medium; each sign says how many it gives in the score.
        pub medium_points: u8 = 3,
        /// Points for high.
        pub high_points: u8 = 5,
        /// Once for each session and so many days.
        pub quiet_days: i64 = 7,
    }
}

/// Systems remembered.
const KEPT: usize = 131_072;

pub struct Rule {
    settings: Settings,
    /// The system a session had first in a network, and when it was there last.
    systems: FxHashMap<(SessionId, u32), (Symbol, Timestamp)>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, systems: FxHashMap::default() }
    }
}

/// All uses of a session in one network.
struct Place {
    point: Point,
    first: Timestamp,
    last: Timestamp,
    event: EventId,
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step).filter(|sign_in| sign_in.session_id.is_some() && sign_in.asn != 0) else {
            return;
        };
        let Some(lineage) = step.world.tables.lineage_of(step.row.session) else { return };
        if sign_in.system.is_some() {
            let system = self.systems.entry((step.row.session, sign_in.asn)).or_insert((sign_in.system, step.at()));
            system.1 = system.1.max(step.at());
        }
        let is_elsewhere = |branch: &Branch| branch.point.asn != 0 && branch.point.asn != sign_in.asn;
        if !lineage.branches.iter().any(is_elsewhere) {
            return;
        }
        // A device code is approved in one place and used in another by its nature; that has a detection of its own.
        if step.raw(sign_in.original_transfer) == "devicecodeflow"
            || (sign_in::is_silent(sign_in) && sign_in::is_confidential(step, sign_in))
            || step.source_tags().exit
        {
            return;
        }
        let places = places(step, &lineage.branches);
        let Some(fresh) = places.iter().max_by_key(|place| place.first) else { return };
        let within = Span::hours(self.settings.within_hours);
        if step.at() - fresh.first > within {
            return;
        }
        let reach = |place: &Place| match self.has_other_system(step, place, fresh) {
            true => Span::days(self.settings.system_within_days),
            false => within,
        };
        let old = places.iter().filter(|place| place.point.asn != fresh.point.asn && fresh.first - place.last <= reach(place));
        let judged = old.map(|old| (self.signs(step, old, fresh), old));
        let Some((signs, old)) = judged.max_by_key(|(signs, old)| (points(signs), old.last)) else { return };
        if points(&signs) >= self.settings.medium_points {
            self.raise(step, sign_in, &signs, old, fresh, out);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.system_within_days);
        self.systems.retain(|_, (_, last)| *last >= limit);
        shed(&mut self.systems, KEPT, |(_, last)| Some(*last));
    }
}

type Signs = [(bool, u8, &'static str); 7];

fn points(signs: &Signs) -> u8 {
    signs.iter().filter(|(is, ..)| *is).map(|(_, points, _)| points).sum()
}

fn places(step: &Step<'_>, branches: &[Branch]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for branch in branches.iter().filter(|branch| branch.sign_ins() > 0) {
        let asn = branch.point.asn;
        if asn == 0 || step.site.network_class(asn).is_shared() {
            continue;
        }
        match places.iter_mut().find(|place| place.point.asn == asn) {
            Some(place) => {
                if branch.first < place.first {
                    (place.first, place.event) = (branch.first, branch.first_event);
                }
                place.last = place.last.max(branch.last);
            }
            None => places.push(Place { point: branch.point, first: branch.first, last: branch.last, event: branch.first_event }),
        }
    }
    places
}

impl Rule {
    fn system(&self, step: &Step<'_>, place: &Place) -> Symbol {
        self.systems.get(&(step.row.session, place.point.asn)).map_or(Symbol::NONE, |(system, _)| *system)
    }
    fn has_other_system(&self, step: &Step<'_>, old: &Place, fresh: &Place) -> bool {
        let (before, after) = (self.system(step, old), self.system(step, fresh));
        before.is_some() && after.is_some() && before != after
    }
    fn signs(&self, step: &Step<'_>, old: &Place, fresh: &Place) -> Signs {
        let usual = step.usual_account();
        let apart = fresh.point.apart_from(old.point);
        let is_same_device = fresh.point.device.is_some() && fresh.point.device == old.point.device;
        if is_same_device {
            return [(false, 0, ""); 7];
        }
        let other_system = self.has_other_system(step, old, fresh);
        let is_phone = matches!(step.raw(self.system(step, fresh)), "ios" | "android") && !other_system;
        // New means not before this session came there.
        let was_known = |dimension, value| usual.seen(dimension).get(value).is_some_and(|seen| seen.first_at < fresh.first);
        let is_young = News::of(step, step.sign_in().unwrap_or(&SignIn::default())).learning;
        let new_network = !is_young && !was_known(Dimension::Asn, Value::Number(fresh.point.asn));
        let lost = old.point.device.is_some() && fresh.point.device.is_none();
        let overlap = !is_phone && new_network;
        let close = fresh.first - old.last <= Span::minutes(self.settings.no_journey_minutes);
        [
            (other_system, 3, "another system in the same session"),
            (apart.device, 2, "another device in the same session"),
            (lost, 1, "the device is no longer stated"),
            (new_network, 1, "a network the user never had"),
            (apart.country && overlap && close, 2, "another country, with no time for a journey"),
            (overlap && old.last > fresh.first, 1, "both places are in use at the same time"),
            (new_network && step.site.is_hosting(fresh.point.asn) && !step.site.is_hosting(old.point.asn), 1, "a hosting or VPN network"),
        ]
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, signs: &Signs, old: &Place, fresh: &Place, out: &mut Findings) {
        let severity = if points(signs) >= self.settings.high_points { ABOUT.severity } else { Severity::Medium };
        let mut score = Score::new(severity, "one session in two places").raise_for(step);
        for (is, points, reason) in signs {
            score = score.plus_if(*is, *points, reason);
        }
        let say = step.say();
        let place = |place: &Place| {
            format!(
                "{} ({}, {}, {})",
                say.source(place.point.source),
                say.network(place.point.asn),
                say.text(place.point.country),
                say.text(place.point.client)
            )
        };
        let words: Vec<&str> = signs.iter().filter(|(is, ..)| *is).map(|(.., words)| *words).collect();
        let why = format!(
            "Session {} of {}: {} until {}, {} from {}, {}; {}.",
            say.unique(sign_in.session_id),
            say.account(step.row.account),
            place(old),
            say.time(old.last),
            place(fresh),
            say.time(fresh.first),
            if old.last > fresh.first { "both at once".to_owned() } else { format!("{} later", say::span(fresh.first - old.last)) },
            words.join(", "),
        );
        out.push(
            Finding::new(step, Key::of(step.row.session.index(), 0), Span::days(self.settings.quiet_days), score, why)
                .since(old.first, [old.event, fresh.event])
                .and_sources([fresh.point.source, old.point.source]),
        );
    }
}
