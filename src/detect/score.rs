//! Points of a finding: a base, at most one raise, and signs that add to it, each with its reason; the sum is the score.

use crate::detect::step::Step;
use crate::model::anomaly::{ScorePart, Severity};

pub const HIGHEST: u8 = 100;

/// The score of one finding in the making.
#[derive(Clone, Debug)]
pub struct Score {
    pub severity: Severity,
    raised: bool,
    parts: Vec<ScorePart>,
}

impl Score {
    #[must_use]
    pub fn new(severity: Severity, reason: impl Into<String>) -> Self {
        Self { severity, raised: false, parts: vec![ScorePart { points: severity.points(), reason: reason.into() }] }
    }
    /// One step of severity, the first time a condition asks for it.
    #[must_use]
    pub fn raise_if(mut self, condition: bool, reason: &str) -> Self {
        if condition && !self.raised && self.severity != Severity::Critical {
            let raised = self.severity.raised();
            let points = raised.points().saturating_sub(self.severity.points());
            self.parts.push(ScorePart { points, reason: reason.to_owned() });
            self.severity = raised;
            self.raised = true;
        }
        self
    }
    /// The raise that holds for all detections: privileged account, or a domain controller.
    #[must_use]
    pub fn raise_for(self, step: &Step<'_>) -> Self {
        self.raise_if(step.account_is_privileged(), "the account holds administrator rights")
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller")
    }
    /// Points that make a finding stand out among others of its severity.
    #[must_use]
    pub fn plus_if(mut self, condition: bool, points: u8, reason: &str) -> Self {
        if condition {
            self.parts.push(ScorePart { points, reason: reason.to_owned() });
        }
        self
    }
    /// The sum and its parts; what goes over 100 is taken from the last parts, so that the parts always make the sum.
    #[must_use]
    pub fn total(&self) -> (u8, Vec<ScorePart>) {
        let mut total = 0_u8;
        let mut parts = self.parts.clone();
        for part in &mut parts {
            part.points = part.points.min(HIGHEST.saturating_sub(total));
            total = total.saturating_add(part.points);
        }
        (total, parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_sum_and_it_stays_within_a_hundred() {
        let score = Score::new(Severity::High, "base").raise_if(true, "admin").raise_if(true, "again").plus_if(true, 30, "sign");
        let (total, parts) = score.total();
        assert_eq!((score.severity, total), (Severity::Critical, 100));
        assert_eq!(parts.iter().map(|part| u32::from(part.points)).collect::<Vec<_>>(), [50, 40, 10]);
    }

    #[test]
    fn critical_is_not_raised() {
        let score = Score::new(Severity::Critical, "base").raise_if(true, "admin");
        assert_eq!(score.total().0, 90);
    }
}
