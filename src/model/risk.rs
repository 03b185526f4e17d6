//! What several anomalies weigh together: of an account, a host, a session or an incident (reference: risk score).
//!
//! Points fade with event time, repeats of one detection count little, and different aims weigh more than the same one
//! again. What people decided is honoured by whoever asks: dismissed anomalies are left out, confirmed ones do not fade.

use crate::base::time::{Span, Timestamp};
use crate::model::anomaly::{Anomaly, Detection};
use crate::model::attack::{Tactic, tactic};

/// After this long points are half.
pub const HALF_LIFE: Span = Span::hours(24);
/// Hits of one detection that count whole.
const WHOLE: usize = 2;
/// What later ones count.
const REPEATED: f64 = 0.25;
/// What each tactic beyond the first adds, and the most they make of the sum.
const BREADTH: (f64, f64) = (0.25, 2.0);
/// Share of the account's points that a session has.
const OF_ACCOUNT: f64 = 0.25;
/// Share of the points of the session it was begun from.
const OF_PARENT: f64 = 0.5;
/// Contributors that are named.
pub const NAMED: usize = 3;

/// How bad points are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Quiet,
    Watch,
    Hot,
    Critical,
}

impl Level {
    #[must_use]
    pub const fn of(points: u32) -> Self {
        match points {
            0..20 => Self::Quiet,
            20..50 => Self::Watch,
            50..100 => Self::Hot,
            _ => Self::Critical,
        }
    }
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Watch => "watch",
            Self::Hot => "hot",
            Self::Critical => "critical",
        }
    }
}

/// One anomaly as it counts at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    pub detection: &'static Detection,
    points: f64,
}

impl Hit {
    /// As it counts whenever one asks.
    #[must_use]
    pub fn whole(anomaly: &Anomaly) -> Self {
        Self { detection: anomaly.detection, points: f64::from(anomaly.score) }
    }
    /// As it counts at `now`, faded since its last evidence.
    #[must_use]
    pub fn faded(anomaly: &Anomaly, now: Timestamp) -> Self {
        let age = (now - anomaly.end).as_seconds_f64().max(0.0);
        let whole = Self::whole(anomaly);
        Self { points: whole.points * (-age / HALF_LIFE.as_seconds_f64()).exp2(), ..whole }
    }
}

/// A sum of points and what made most of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Risk {
    pub points: u32,
    /// Detections with their points, most first, at most `NAMED`; what tactics and other sums add is in none of them.
    pub top: Vec<(&'static Detection, u32)>,
}

impl Risk {
    /// Of one detection the two hits that weigh most count whole: the first two would fade and leave the rest at a
    /// quarter for ever.
    #[must_use]
    pub fn of(hits: impl IntoIterator<Item = Hit>) -> Self {
        let mut hits: Vec<Hit> = hits.into_iter().collect();
        hits.sort_by(|a, b| a.detection.id.cmp(b.detection.id).then(b.points.total_cmp(&a.points)));
        let mut sums: Vec<(&'static Detection, f64)> = Vec::new();
        let mut same = 0_usize;
        for hit in hits {
            match sums.last_mut() {
                Some((detection, sum)) if detection.id == hit.detection.id => {
                    same += 1;
                    *sum += hit.points * if same < WHOLE { 1.0 } else { REPEATED };
                }
                _ => {
                    same = 0;
                    sums.push((hit.detection, hit.points));
                }
            }
        }
        let mut tactics: Vec<Tactic> = sums.iter().filter_map(|(detection, _)| first_tactic(detection)).collect();
        tactics.sort_unstable();
        tactics.dedup();
        let (each, most) = BREADTH;
        let breadth = (1.0 + each * f64::from(u32::try_from(tactics.len().saturating_sub(1)).unwrap_or(u32::MAX))).min(most);
        let points = whole(sums.iter().map(|(_, sum)| sum).sum::<f64>() * breadth);
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        let top = sums.into_iter().map(|(detection, sum)| (detection, whole(sum))).filter(|(_, sum)| *sum > 0).take(NAMED);
        Self { points, top: top.collect() }
    }
    /// That of a session: its own, and a share of its account's.
    #[must_use]
    pub fn with_account(mut self, account: &Self) -> Self {
        self.points = self.points.saturating_add(whole(f64::from(account.points) * OF_ACCOUNT));
        self
    }
    /// The same with a share of the session it was begun from.
    #[must_use]
    pub fn with_parent(mut self, parent: &Self) -> Self {
        self.points = self.points.saturating_add(whole(f64::from(parent.points) * OF_PARENT));
        self
    }
    #[must_use]
    pub const fn level(&self) -> Level {
        Level::of(self.points)
    }
    /// `62 hot`
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} {}", self.points, self.level().word())
    }
    /// `50 impossible-travel, 12 new-country`
    #[must_use]
    pub fn contributors(&self) -> String {
        self.top.iter().map(|(detection, points)| format!("{points} {}", detection.id)).collect::<Vec<_>>().join(", ")
    }
}

/// The tactic of the technique that fits a detection best.
#[must_use]
pub fn first_tactic(detection: &Detection) -> Option<Tactic> {
    detection.attack.first().and_then(|technique| tactic(technique))
}

fn whole(points: f64) -> u32 {
    // Saturates; points are never negative.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let points = points.round() as u32;
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::anomaly::Severity;

    const fn detection(id: &'static str, attack: &'static [&'static str]) -> Detection {
        Detection { id, title: "", severity: Severity::Medium, attack, needs: "", requires: &[], check: "" }
    }
    static GUESS: Detection = detection("guess", &["T1110.001", "T1021"]);
    static MOVE: Detection = detection("move", &["T1021.001"]);

    fn hit(detection: &'static Detection, points: f64) -> Hit {
        Hit { detection, points }
    }

    #[test]
    fn repeats_count_a_quarter_and_the_heaviest_two_count_whole() {
        let risk = Risk::of([4.0, 20.0, 8.0, 40.0].map(|points| hit(&GUESS, points)));
        assert_eq!((risk.points, risk.level()), (63, Level::Hot));
        assert_eq!(risk.contributors(), "63 guess");
        assert_eq!(Risk::of([]).words(), "0 quiet");
    }

    #[test]
    fn another_aim_weighs_more_than_the_same_again() {
        let both = Risk::of([hit(&GUESS, 40.0), hit(&MOVE, 40.0)]);
        assert_eq!((both.points, both.level()), (100, Level::Critical));
        assert_eq!(both.top.iter().map(|(detection, points)| (detection.id, *points)).collect::<Vec<_>>(), [("guess", 40), ("move", 40)]);
    }

    #[test]
    fn a_session_has_a_quarter_of_its_account_and_half_of_its_parent() {
        let risk = Risk::of([hit(&MOVE, 20.0)]).with_account(&Risk::of([hit(&GUESS, 60.0)]));
        assert_eq!(risk.points, 35);
        assert_eq!(risk.with_parent(&Risk::of([hit(&MOVE, 10.0)])).points, 40);
    }
}
