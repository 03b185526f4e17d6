//! `kerberoast-fanout`: one account asks for tickets of many services that people run, or for one with a weak cipher.
//!
//! A ticket for a service that runs as an ordinary account can be cracked offline; those of computers (`HOST$`) cannot.
//! Counted are services that are new for the account: portals, scanners and monitoring ask for many every day, always the
//! same. The second arm takes a single RC4 ticket of a service whose tickets have AES otherwise.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::EventId;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "kerberoast-fanout",
    title: "Service tickets for offline cracking",
    severity: Severity::Medium,
    attack: &["T1558.003"],
    needs: "4769 with ServiceName and TicketEncryptionType",
    requires: &[&[Needed::Records(EventKind::ServiceTicket)]],
    check: "Does the account use these services? Change the passwords of those that got RC4 tickets first.",
};

/// RC4-HMAC and its export form.
const RC4: [u32; 2] = [0x17, 0x18];
/// Accounts with asked services in the window, and services remembered.
const ACCOUNTS: usize = 65_536;
const SERVICES: usize = 16_384;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Services of people's accounts that the account never asked for, within the time.
    pub services: usize,
    pub within_minutes: i64,
    /// The same for who takes time.
    pub slow_services: usize,
    pub slow_within_minutes: i64,
    /// Active days of the account before its services are known.
    pub history_days: u32,
    /// Services asked for while they are not known yet.
    pub services_cold: usize,
    /// Good-Turing chance of a new service above which new ones are usual for the account.
    pub wanderer: f64,
    /// AES tickets of a service that make RC4 odd for it.
    pub aes_tickets: u32,
    pub kept: usize,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            services: 6,
            within_minutes: 10,
            slow_services: 8,
            slow_within_minutes: 120,
            history_days: 7,
            services_cold: 10,
            wanderer: 0.30,
            aes_tickets: 20,
            kept: 256,
            quiet_hours: 24,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Ciphers {
    aes: u32,
    rc4: u32,
    last_at: Timestamp,
}

#[derive(Clone, Copy)]
struct Asked {
    service: Symbol,
    event: EventId,
    rc4: bool,
}

pub struct Rule {
    settings: Settings,
    /// Asked for lately and never before, by account.
    asked: FxHashMap<UserKey, Window<Asked>>,
    services: FxHashMap<Symbol, Ciphers>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::ServiceTicket];
    fn new(settings: Settings) -> Self {
        Self { settings, asked: FxHashMap::default(), services: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        // Computers ask for tickets all day; half of all records end here.
        if step.user.is_dollar || event.target.is_none() || event.outcome != Outcome::Success {
            return;
        }
        let service = step.raw(event.target);
        if service.ends_with('$') || starts_with_krbtgt(service) || event.is_delegated {
            return;
        }
        let rc4 = RC4.contains(&event.ticket_encryption);
        let folded = step.world.names.fold(event.target);
        let ciphers = self.services.entry(folded).or_default();
        let before = *ciphers;
        ciphers.aes = ciphers.aes.saturating_add(u32::from(!rc4));
        ciphers.rc4 = ciphers.rc4.saturating_add(u32::from(rc4));
        ciphers.last_at = event.at;
        let usual = step.usual_account().seen(Dimension::Service);
        if usual.contains(Value::Text(event.target)) {
            return;
        }
        if step.account_tags().scanner || UserKey::of(step.world, event.target) == step.user_key() {
            return;
        }
        let within = Span::minutes(self.settings.within_minutes);
        let slowly = Span::minutes(self.settings.slow_within_minutes).max(within);
        let window = self.asked.entry(step.user_key()).or_default();
        if !window.iter().any(|(_, asked)| asked.service == folded) {
            window.push(event.at, Asked { service: folded, event: step.id, rc4 }, slowly, self.settings.kept);
        }
        let mut asked: Vec<(Timestamp, Asked)> = window.between(event.at - within, event.at).copied().collect();
        let mature = step.usual_account().activity.days >= self.settings.history_days;
        if mature && asked.len() < self.settings.services && window.len() >= self.settings.slow_services {
            asked = window.between(event.at - slowly, event.at).copied().collect();
        }
        let fanout = match mature {
            // With few services known an estimate of new ones says nothing.
            true => {
                let (novelty, known) = usual.novelty_before(asked.first().map_or(event.at, |(at, _)| *at));
                asked.len() >= self.settings.services && (known < 5 || novelty < self.settings.wanderer)
            }
            false => asked.len() >= self.settings.services_cold,
        };
        if fanout {
            self.many(step, &asked, mature, out);
        } else if rc4 && ((before.aes >= self.settings.aes_tickets && before.rc4 == 0) || before.aes + before.rc4 == 0) {
            self.weak(step, before, mature, out);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.slow_within_minutes.max(self.settings.within_minutes));
        self.asked.retain(|_, window| {
            window.forget_before(limit);
            !window.is_empty()
        });
        shed(&mut self.asked, ACCOUNTS, Window::newest);
        shed(&mut self.services, SERVICES, |ciphers| Some(ciphers.last_at));
    }
}

fn starts_with_krbtgt(service: &str) -> bool {
    service.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("krbtgt"))
}

impl Rule {
    fn many(&self, step: &Step<'_>, asked: &[(Timestamp, Asked)], mature: bool, out: &mut Findings) {
        let weak = asked.iter().filter(|(_, asked)| asked.rc4).count();
        let first = asked.first().map_or(step.at(), |(at, _)| *at);
        let score = match mature {
            true => Score::new(ABOUT.severity, "many services the account never used"),
            false => Score::new(Severity::Low, "the services of the account are not learned yet"),
        }
        .raise_if(weak > 0, "tickets with RC4, which is cracked fastest");
        let say = step.say();
        let (_, used) = step.usual_account().seen(Dimension::Service).novelty_before(first);
        let why = format!(
            "{} from {} asked for {} it never used, {} with RC4, {}: {}; before it used {}.",
            say.account(step.row.account),
            say.source(step.row.source),
            say::count(asked.len(), "service"),
            if weak == 0 { "none".to_owned() } else { weak.to_string() },
            say.stretch(first, step.at()),
            say.list(asked.iter().map(|(_, asked)| say.text(asked.service)), 5),
            say::count(used, "service"),
        );
        out.push(self.finding(step, score, why).since(first, asked.iter().map(|(_, asked)| asked.event)));
    }
    /// One weak ticket: of a service that always had strong ones, or of one that nobody asked for before.
    fn weak(&self, step: &Step<'_>, before: Ciphers, mature: bool, out: &mut Findings) {
        let strong = before.aes > 0;
        let score = match strong && mature {
            true => Score::new(ABOUT.severity, "RC4 for a service that has AES otherwise"),
            false => Score::new(Severity::Low, "RC4 for a service of which little is known"),
        };
        let say = step.say();
        let usually = match strong {
            true => format!("its {} before had AES", say::count(before.aes as usize, "ticket")),
            false => "nobody asked for it before".to_owned(),
        };
        let why = format!(
            "{} from {} got a ticket for service {} with RC4 at {}; {usually}.",
            say.account(step.row.account),
            say.source(step.row.source),
            say.text(step.event().target),
            say.time(step.at()),
        );
        out.push(self.finding(step, score, why));
    }
    fn finding(&self, step: &Step<'_>, score: Score, why: String) -> Finding {
        let key = Key(step.user_key().0, step.row.source.index() as u64);
        Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why)
    }
}
