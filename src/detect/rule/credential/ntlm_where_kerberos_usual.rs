//! `ntlm-where-kerberos-usual`: an account that always came to a host with Kerberos comes with NTLM.
//!
//! Low by itself: an address instead of a name is enough to cause it. Many such pairs within an hour are trouble with names
//! or controllers, and become one note.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "ntlm-where-kerberos-usual",
    title: "NTLM where Kerberos is usual",
    severity: Severity::Low,
    attack: &["T1550.002"],
    needs: "4624 type 3 with AuthenticationPackageName of at least two weeks",
    requires: &[&[Needed::Logons(LogonType::Network)]],
    check: "Was the host called by its address? If not, look at the source: a hash or a relayed logon comes with NTLM.",
};

/// Pairs of an hour that are counted.
const PAIRS: usize = 256;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Kerberos logons of the account to the host, and over how long.
    pub kerberos_logons: u32,
    pub history_days: i64,
    /// NTLM further back than this is forgotten.
    pub ntlm_days: i64,
    /// Pairs within an hour that make it trouble of the place.
    pub wave: usize,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { kerberos_logons: 20, history_days: 14, ntlm_days: 30, wave: 5, quiet_days: 7 }
    }
}

pub struct Rule {
    settings: Settings,
    recent: Window<Key>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    const LOGONS: &'static [LogonType] = &[LogonType::Network];
    fn new(settings: Settings) -> Self {
        Self { settings, recent: Window::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.logon_type != LogonType::Network || !step.is_remote() || !step.is_somebody() || !step.is_ntlm() {
            return;
        }
        let (usual, host) = (step.usual_account(), Value::Host(step.row.host));
        let Some(kerberos) = usual.seen(Dimension::Kerberos).get(host) else { return };
        let age = event.at - kerberos.first_at;
        if kerberos.count < self.settings.kerberos_logons || age < Span::days(self.settings.history_days) {
            return;
        }
        let ntlm = usual.seen(Dimension::Ntlm).get(host);
        if ntlm.is_some_and(|ntlm| event.at - ntlm.last_at <= Span::days(self.settings.ntlm_days)) {
            return;
        }
        rarely(move || {
            let pair = Key::of(step.row.account.index(), step.row.host.index());
            let hour = Span::hours(1);
            if !self.recent.between(event.at - hour, event.at).any(|(_, other)| *other == pair) {
                self.recent.push(event.at, pair, hour, PAIRS);
            }
            let pairs = self.recent.between(event.at - hour, event.at).count();
            let wave = pairs >= self.settings.wave;
            let score = match wave {
                true => Score::new(Severity::Low, "many at once: trouble with names or controllers is likely"),
                false => Score::new(ABOUT.severity, "NTLM where only Kerberos was")
                    .raise_if(step.host_is_domain_controller(), "the host is a domain controller"),
            };
            let say = step.say();
            let others = if wave { format!("; {} within the hour", say::count(pairs, "such pair")) } else { String::new() };
            let why = format!(
                "{} came from {} to {} with NTLM at {}, the first after {} in {}{others}.",
                say.account(step.row.account),
                say.source(step.row.source),
                say.host(step.row.host),
                say.time(event.at),
                say::count(kerberos.count as usize, "Kerberos logon"),
                say::count(usize::try_from(age.as_seconds() / 86_400).unwrap_or(0), "day"),
            );
            let key = if wave { Key(u64::MAX, 0) } else { pair };
            out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
        });
    }
    fn forget(&mut self, now: Timestamp) {
        self.recent.forget_before(now - Span::hours(1));
    }
}
