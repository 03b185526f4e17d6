//! `silver-ticket-hint`: a Kerberos logon with administrator rights for which no controller issued a ticket.
//!
//! A forged service ticket never touches a controller. Missing logs look the same, so the account and the host earn the right
//! to speak: nearly all such logons of the account, anywhere, and to the host had a 4769 before. Services that run as people
//! and clusters have other names than their host; they never earn it.

use crate::base::by_id::ById;
use crate::base::intern::Symbol;
use crate::base::net::{self, AddressClass};
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::ComputerKey;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rule::read::Read;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::HostId;
use crate::model::logon_type::LogonType;
use crate::model::session::Session;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "silver-ticket-hint",
    title: "Kerberos logon no controller heard of",
    severity: Severity::Medium,
    attack: &["T1558.002"],
    needs: "4769 of all domain controllers; 4624 type 3 and 4672 of the host",
    requires: &[&[
        Needed::Records(EventKind::ServiceTicket),
        Needed::Logons(LogonType::Network),
        Needed::Records(EventKind::SpecialPrivileges),
    ]],
    check: "Is a controller's log missing? If not, the host's own password may be known: change it, and look at the session.",
};

/// Clocks of controllers and members may differ by minutes (Kerberos allows five).
const SLACK: i64 = 15;
/// Pairs of user and computer with a ticket that are remembered.
const TICKETS: usize = 262_144;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a service ticket lives.
    pub ticket_hours: i64,
    /// Logons of the account that had a ticket, anywhere, and logons to the host, of whomever.
    pub account_logons: u32,
    pub host_logons: u32,
    /// Share of them that must have had one.
    pub matched: f64,
    /// Hosts with such logons within an hour that make it a controller that is not heard.
    pub wave: usize,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { ticket_hours: 10, account_logons: 10, host_logons: 1, matched: 0.99, wave: 3, quiet_hours: 24 }
    }
}

#[derive(Clone, Copy, Default)]
struct Logons {
    matched: u32,
    unmatched: u32,
}

impl Logons {
    fn is_trusted(self, least: u32, share: f64) -> bool {
        self.matched >= least && f64::from(self.matched) >= share * (f64::from(self.matched) + f64::from(self.unmatched))
    }
    const fn count(&mut self, matched: bool) {
        let place = if matched { &mut self.matched } else { &mut self.unmatched };
        *place = place.saturating_add(1);
    }
}

pub struct Rule {
    settings: Settings,
    tickets: FxHashMap<(UserKey, ComputerKey), Timestamp>,
    /// Which computer a service is; nothing for those that are none.
    services: Read<Symbol, Option<ComputerKey>>,
    accounts: ById<Logons>,
    hosts: ById<Logons>,
    /// Hosts with a logon without a ticket lately.
    recent: Window<HostId>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::ServiceTicket, EventKind::Logon, EventKind::SpecialPrivileges];
    fn new(settings: Settings) -> Self {
        Self {
            settings,
            tickets: FxHashMap::default(),
            services: Read::default(),
            accounts: ById::default(),
            hosts: ById::default(),
            recent: Window::default(),
        }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if step.user.is_dollar {
            return;
        }
        if event.kind == EventKind::ServiceTicket {
            if event.outcome == Outcome::Success
                && let Some(key) = self.services.of(event.target, || computer(step.raw(event.target)))
            {
                self.tickets.insert((step.user_key(), key), event.at);
            }
            return;
        }
        // The rights are told before the logon or after it; whichever comes last finds both.
        let Some(session) = step.session() else { return };
        let network = session.logon_type == LogonType::Network && session.privileged && session.source.is_some();
        if network && step.is_somebody() && step.raw(session.package).eq_ignore_ascii_case("Kerberos") {
            self.logon(step, &session, out);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - lives(self.settings.ticket_hours);
        self.tickets.retain(|_, at| *at >= limit);
        shed(&mut self.tickets, TICKETS, |at| Some(*at));
        self.recent.forget_before(now - Span::hours(1));
    }
}

/// The computer of a service that is one's own: those of others have names without `$`.
fn computer(service: &str) -> Option<ComputerKey> {
    if service.ends_with('$') { ComputerKey::of(service) } else { None }
}

/// How long a ticket explains what is done with it.
const fn lives(hours: i64) -> Span {
    Span::minutes(hours * 60 + SLACK)
}

impl Rule {
    #[inline(never)]
    fn logon(&mut self, step: &Step<'_>, session: &Session, out: &mut Findings) {
        let (settings, at) = (&self.settings, step.at());
        let Some(key) = step.usual.machines.key_of(step.row.host) else { return };
        let Some(address) = step.world.tables.source(session.source).and_then(|source| source.address) else { return };
        if net::class(address) == AddressClass::Loopback {
            return;
        }
        let alive = lives(settings.ticket_hours);
        let matched = self.tickets.get(&(step.user_key(), key)).is_some_and(|issued| at - *issued <= alive);
        let (of_host, of_account) =
            (self.hosts.entry(step.row.host.index(), Logons::default), self.accounts.entry(step.row.account.index(), Logons::default));
        let (Some(of_host), Some(of_account)) = (of_host, of_account) else { return };
        let (host, account) = (*of_host, *of_account);
        // Whoever never has a ticket here tells nothing of the host.
        let trusted = account.is_trusted(settings.account_logons, settings.matched);
        of_account.count(matched);
        if matched || trusted {
            of_host.count(matched);
        }
        if !matched && trusted && host.is_trusted(settings.host_logons, settings.matched) {
            self.untold(step, session, account, out);
        }
    }
    /// No controller told of the ticket.
    #[cold]
    #[inline(never)]
    fn untold(&mut self, step: &Step<'_>, session: &Session, account: Logons, out: &mut Findings) {
        let (settings, at) = (&self.settings, step.at());
        let hour = Span::hours(1);
        if !self.recent.between(at - hour, at).any(|(_, host)| *host == step.row.host) {
            self.recent.push(at, step.row.host, hour, 64);
        }
        if self.recent.between(at - hour, at).count() >= settings.wave {
            return;
        }
        let score = Score::new(ABOUT.severity, "administrator rights by a ticket nobody issued")
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller");
        let say = step.say();
        let why = format!(
            "{} entered {} from {} by Kerberos with administrator rights at {}; no controller issued a ticket for it in {} h, where {} of {} earlier such logons of the account had one.",
            say.account(step.row.account),
            say.host(step.row.host),
            say.source(session.source),
            say.time(at),
            settings.ticket_hours,
            account.matched,
            account.matched.saturating_add(account.unmatched),
        );
        let key = Key::of(step.row.account.index(), step.row.host.index());
        out.push(Finding::new(step, key, Span::hours(settings.quiet_hours), score, why).and_sources([session.source]));
    }
}
