//! `pkinit-new-certificate`: a ticket for a certificate, where this account or this domain has none like it.
//!
//! A certificate that was stolen or forged works after the password is changed. An issuer nobody used before is odd for
//! anybody. A first certificate of an ordinary person is mostly a new card or Windows Hello, so it stays low; of an
//! administrator, from a source the account never used, it is not. A renewal has the same issuer and says nothing.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{ComputerKey, Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::HostId;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "pkinit-new-certificate",
    title: "Logon with a new kind of certificate",
    severity: Severity::Medium,
    attack: &["T1649", "T1556"],
    needs: "4768 with CertIssuerName or CertThumbprint",
    requires: &[&[Needed::Records(EventKind::TicketGranting)]],
    check: "Who issued the certificate, from which template, and who asked for it? Revoke it if the owner does not know it.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days since the first certificate logon of the domain before a new issuer stands out.
    pub history_days: i64,
    /// Active days of the account before its first certificate stands out.
    pub account_days: u32,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 14, account_days: 14, quiet_days: 30 }
    }
}

pub struct Rule {
    settings: Settings,
    /// When the domain used a certificate first.
    since: Option<Timestamp>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::TicketGranting];
    fn new(settings: Settings) -> Self {
        Self { settings, since: None }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.certificate.is_none() || event.outcome != Outcome::Success {
            return;
        }
        rarely(move || {
            let since = *self.since.get_or_insert(event.at);
            let (usual, value) = (step.usual_account(), Value::Text(event.certificate));
            let foreign = step.user.is_computer && is_foreign(step);
            let known = usual.seen(Dimension::Certificate);
            if known.contains(value) && !foreign {
                return;
            }
            let mature = event.at - since >= Span::days(self.settings.history_days);
            let nobody = step.usual.share(None, Dimension::Certificate, value).users == 0;
            let new_source = step.row.source.is_some() && !usual.seen(Dimension::Source).contains(Value::Source(step.row.source));
            let established = usual.activity.days >= self.settings.account_days;
            let first = known.is_empty();
            // Cards and keys are given to everybody sooner or later; computers get theirs by themselves.
            let score = if foreign {
                Score::new(Severity::High, "a computer's certificate from an address of another")
            } else if step.user.is_computer {
                return;
            } else if nobody && mature {
                Score::new(ABOUT.severity, "an issuer that nobody used before")
                    .raise_if(step.account_is_privileged(), "the account holds administrator rights")
            } else if first && established && new_source && step.account_is_privileged() {
                Score::new(ABOUT.severity, "the first certificate of an administrator, from a source it never used")
            } else if mature || established {
                Score::new(Severity::Low, "the first certificate of this kind of the account")
            } else {
                return;
            };
            let say = step.say();
            let before = match (foreign, nobody && mature, first) {
                (true, ..) => format!(
                    "that address is {}'s",
                    say.text(step.usual.machines.at(step.row.source, event.at).map_or(event.certificate, |met| met.name))
                        .trim_end_matches('$')
                ),
                (_, true, _) => format!("nobody used one from that issuer in {}", days(event.at - since)),
                (_, _, true) => format!("its first certificate in {}", say::count(usual.activity.days as usize, "active day")),
                _ => "it used others before".to_owned(),
            };
            let why = format!(
                "{} got a ticket at {} for a certificate from {} at {}; {before}.",
                say.account(step.row.account),
                say.source(step.row.source),
                say.text(event.certificate),
                say.time(event.at),
            );
            let key = Key::of(step.row.account.index(), event.certificate.index());
            out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
        });
    }
}

fn days(span: Span) -> String {
    say::count(usize::try_from(span.as_seconds() / 86_400).unwrap_or(0), "day")
}

/// The address is known as another computer's, and never was this one's.
fn is_foreign(step: &Step<'_>) -> bool {
    let Some(key) = ComputerKey::of(step.raw(step.event().account.user)) else { return false };
    let machines = &step.usual.machines;
    let own = machines.computer(key).is_some_and(|computer| computer.own.contains(step.row.source));
    let on_itself = step.row.host != HostId::NONE && machines.key_of(step.row.host) == Some(key);
    !own && !on_itself && step.is_remote() && machines.at(step.row.source, step.at()).is_some_and(|met| met.own && met.key != key)
}
