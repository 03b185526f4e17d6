//! `rdp-loopback-tunnel`: a Remote Desktop session whose source is the host itself, or no address at all.
//!
//! Plink, chisel, ngrok and SSH forward the port, so the connection comes from inside. `LOCAL` is the console, not a
//! tunnel; unlocks (type 7) carry 127.0.0.1 at every keyboard and are left out.

use crate::base::net::{self, AddressClass};
use crate::base::time::Span;
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "rdp-loopback-tunnel",
    title: "Remote Desktop through a tunnel",
    severity: Severity::High,
    attack: &["T1572", "T1021.001", "T1090"],
    needs: "4624 type 10, 4778, LocalSessionManager 21/22/24/25 or RemoteConnectionManager 1149",
    requires: &[
        &[Needed::Logons(LogonType::RemoteInteractive)],
        &[Needed::Records(EventKind::RdpSessionLogon)],
        &[Needed::Records(EventKind::RdpAuthenticated)],
    ],
    check: "Which process on the host forwarded port 3389 (plink, chisel, ngrok, ssh), and where does it connect to?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Short host names (lower case) with a gateway of their own, where loopback is the rule.
    pub gateways: Vec<String>,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { gateways: Vec::new(), quiet_hours: 24 }
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[
        EventKind::Logon,
        EventKind::SessionReconnected,
        EventKind::RdpSessionLogon,
        EventKind::RdpShellStarted,
        EventKind::RdpSessionReconnected,
        EventKind::RdpAuthenticated,
    ];
    const LOGONS: &'static [LogonType] = &[LogonType::RemoteInteractive, LogonType::CachedRemoteInteractive];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let Some(sign) = self.sign(step) else { return };
        rarely(move || {
            if self.is_gateway(step) {
                return;
            }
            let say = step.say();
            let from = match (event.address, sign) {
                (Some(address), _) => address.to_string(),
                (None, Sign::OwnName) => format!("a client named {}, the host itself", say.text(event.workstation)),
                (None, _) => format!("\u{201c}{}\u{201d}, which is no address", say.text(event.address_text)),
            };
            let verb = match event.kind {
                EventKind::SessionReconnected | EventKind::RdpSessionReconnected => "was reconnected",
                _ => "came",
            };
            let who = if event.account.is_none() { "an unnamed account".to_owned() } else { say.account(step.row.account) };
            let why = format!("RDP session of {who} on {} {verb} at {} from {from}.", say.host(step.row.host), say.time(event.at));
            let score = Score::new(ABOUT.severity, "Remote Desktop from the host itself").raise_for(step);
            out.push(Finding::new(step, Key::of(step.row.host.index(), 0), Span::hours(self.settings.quiet_hours), score, why));
        });
    }
}

#[derive(Clone, Copy)]
enum Sign {
    Loopback,
    NoAddress,
    OwnName,
}

impl Rule {
    fn sign(&self, step: &Step<'_>) -> Option<Sign> {
        let event = step.event();
        if event.address.is_some_and(|address| net::class(address) == AddressClass::Loopback) {
            return Some(Sign::Loopback);
        }
        let text = step.raw(event.address_text);
        let is_console = step.raw(event.session_name).eq_ignore_ascii_case("Console");
        // `16777216` and the like; a name or `LOCAL` is no tunnel.
        if event.address.is_none() && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Sign::NoAddress);
        }
        let client = step.raw(event.workstation);
        let named_itself = event.kind == EventKind::SessionReconnected
            && !is_console
            && event.address.is_none()
            && !text.eq_ignore_ascii_case("LOCAL")
            && !client.is_empty()
            && client.eq_ignore_ascii_case(short(step));
        named_itself.then_some(Sign::OwnName)
    }
    fn is_gateway(&self, step: &Step<'_>) -> bool {
        let host = short(step);
        self.settings.gateways.iter().any(|gateway| gateway.eq_ignore_ascii_case(host))
    }
}

/// The host's name up to the first dot.
fn short<'a>(step: &Step<'a>) -> &'a str {
    let name = step.host().map_or("", |host| step.raw(host.name));
    name.split('.').next().unwrap_or(name)
}
