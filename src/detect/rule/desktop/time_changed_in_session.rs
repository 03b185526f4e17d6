//! `time-changed-in-session`: a person moved a host's clock.
//!
//! That breaks timelines and the validity of tickets. Windows corrects its clock as LOCAL SERVICE, virtual machines by their
//! tools after a resume: those are no persons. Smaller steps than a minute are everyday and never reach a detection.

use crate::base::time::Span;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "time-changed-in-session",
    title: "Clock moved by a person",
    severity: Severity::Medium,
    attack: &["T1070.006"],
    needs: "4616 (audit Security State Change)",
    requires: &[&[Needed::Records(EventKind::ClockStep)], &[Needed::Records(EventKind::Logon)]],
    check: "Times of this host between the two changes are wrong: compare with records of other hosts. What was done in between?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Smaller steps are not told.
    pub least_seconds: i64,
    /// From here on it is high.
    pub large_seconds: i64,
    /// Programs that set the clock by trade, as the end of their path.
    pub tools: Vec<String>,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        let tools =
            ["vmtoolsd.exe", "VBoxService.exe", "prl_tools.exe", "prl_tools_service.exe", "vmicsvc.exe", "qemu-ga.exe", "xenservice.exe"];
        Self { least_seconds: 60, large_seconds: 600, tools: tools.map(str::to_owned).to_vec(), quiet_hours: 24 }
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::ClockStep];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        // Kernel-General 1 names nobody; 4616 of the same change does.
        let Some(account) = step.account() else { return };
        if account.class.is_machinery() || step.user.is_dollar || event.account.user.is_none() {
            return;
        }
        let process = step.raw(event.process).to_ascii_lowercase();
        if self.settings.tools.iter().any(|tool| process.ends_with(&tool.to_ascii_lowercase())) {
            return;
        }
        let by = step.raw(event.target).parse::<i64>().unwrap_or(0);
        if by.saturating_abs() < self.settings.least_seconds {
            return;
        }
        let session = step.row.session.some().or_else(|| step.subject_session());
        let say = step.say();
        let process = if process.is_empty() { String::new() } else { format!(" with {}", say.text(event.process)) };
        let opened = session.and_then(|id| step.world.tables.session(id));
        let since = match &opened {
            Some(session) => {
                let from = session.source.some().map_or_else(String::new, |source| format!(" from {}", say.source(source)));
                format!(" (session {}{from}, since {})", session.logon_id, say.time(session.start))
            }
            None => String::new(),
        };
        let why = format!(
            "{}{since} moved the clock of {} {} by {} at {}{process}.",
            say.account(step.row.account),
            say.host(step.row.host),
            if by < 0 { "back" } else { "forward" },
            say::span(Span::seconds(by)),
            say.time(event.at),
        );
        let large = by.saturating_abs() >= self.settings.large_seconds;
        let score = Score::new(ABOUT.severity, "a person moved the clock")
            .raise_if(large, "by ten minutes or more")
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller");
        let key = Key::of(step.row.host.index(), 0);
        let source = opened.map(|session| session.source);
        out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why).and_sessions(session).and_sources(source));
    }
}
