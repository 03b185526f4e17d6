//! `ntlm-downgrade`: NTLM version 1 or LM, which can be turned back into the hash.
//!
//! Old printers and storage boxes speak it every day from the same source to the same host, so each such pair is told once;
//! a source that already spoke it elsewhere, and a host that takes it from several, are hygiene and stay low. `ANONYMOUS
//! LOGON` is always labelled version 1, whatever was spoken.

use crate::base::net::AddressClass;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::Dimension;
use crate::detect::baseline::Value;
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{HostId, SourceId};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "ntlm-downgrade",
    title: "NTLMv1 or LM used",
    severity: Severity::Medium,
    attack: &["T1557.001", "T1187"],
    needs: "4624 and 4625 with LmPackageName",
    requires: &[&[Needed::Records(EventKind::Logon)], &[Needed::Records(EventKind::LogonFailed)]],
    check: "What is at the source: an old device, or a computer that was made to speak so? Check LmCompatibilityLevel at both ends.",
};

/// Pairs of source and host remembered.
const PAIRS: usize = 32_768;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days of log before a new pair stands out.
    pub history_days: i64,
    /// A pair silent for so long is new again.
    pub known_days: i64,
    /// Sources that make the host one of old protocols.
    pub old_host_sources: u32,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 7, known_days: 90, old_host_sources: 3, quiet_days: 30 }
    }
}

pub struct Rule {
    settings: Settings,
    since: Option<Timestamp>,
    pairs: FxHashMap<(SourceId, HostId), Timestamp>,
    /// Hosts a source spoke it to, and sources a host took it from.
    by_source: FxHashMap<SourceId, u32>,
    by_host: FxHashMap<HostId, u32>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::LogonFailed];
    fn new(settings: Settings) -> Self {
        Self { settings, since: None, pairs: FxHashMap::default(), by_source: FxHashMap::default(), by_host: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if self.since.is_none() {
            self.since = Some(event.at);
        }
        if event.lm_package.is_none() {
            return;
        }
        let version = step.raw(event.lm_package);
        if !(version.eq_ignore_ascii_case("NTLM V1") || version.eq_ignore_ascii_case("LM")) {
            return;
        }
        rarely(move || {
            let anonymous = step.account().is_none_or(|account| account.class == AccountClass::Anonymous);
            let failed = event.outcome == Outcome::Failure;
            // Guessing from the internet speaks whatever it likes.
            if anonymous || step.is_from_loopback() || (failed && step.address_class() == Some(AddressClass::Public)) {
                return;
            }
            let pair = (step.row.source, step.row.host);
            let last = self.pairs.insert(pair, event.at);
            if last.is_some_and(|last| event.at - last <= Span::days(self.settings.known_days)) {
                return;
            }
            let spoken = self.by_source.entry(pair.0).or_default();
            *spoken = spoken.saturating_add(1);
            let elsewhere = *spoken > 1;
            let taken = self.by_host.entry(pair.1).or_default();
            *taken = taken.saturating_add(1);
            let old_host = *taken > self.settings.old_host_sources;
            let age = self.since.map_or(Span::ZERO, |since| event.at - since);
            let learning = age < Span::days(self.settings.history_days);
            let score = if learning {
                Score::new(Severity::Low, "which devices speak so is not learned yet")
            } else if failed || elsewhere || old_host {
                Score::new(Severity::Low, "an old protocol where it was met before, or without success")
            } else {
                Score::new(ABOUT.severity, "an old protocol between two that did not use it").raise_for(step)
            };
            let say = step.say();
            let seen = step.usual_account().seen(Dimension::Package);
            let other = seen.by_use().into_iter().find(|(value, _)| *value != Value::Text(event.lm_package));
            let before = match other {
                Some((Value::Text(package), seen)) => {
                    format!("; {} of the account used {}", say::count(seen.count as usize, "earlier logon"), say.text(package))
                }
                _ => String::new(),
            };
            let learning = if learning {
                format!(" (learning: {} of {} days)", age.as_seconds() / 86_400, self.settings.history_days)
            } else {
                String::new()
            };
            let why = format!(
                "{} from {} {} {} to {} at {}{before}{learning}.",
                say.account(step.row.account),
                say.source(step.row.source),
                if failed { "tried" } else { "spoke" },
                say.text(event.lm_package),
                say.host(step.row.host),
                say.time(event.at),
            );
            let key = Key::of(pair.0.index(), pair.1.index());
            out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
        });
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.known_days);
        self.pairs.retain(|_, at| *at >= limit);
        shed(&mut self.pairs, PAIRS, |at| Some(*at));
        self.by_source.clear();
        self.by_host.clear();
        for (source, host) in self.pairs.keys() {
            *self.by_source.entry(*source).or_default() += 1;
            *self.by_host.entry(*host).or_default() += 1;
        }
    }
}
