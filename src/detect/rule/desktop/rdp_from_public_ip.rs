//! `rdp-from-public-ip`: somebody got in by Remote Desktop from the internet.
//!
//! A session counts, not 1149: without network level authentication that record only says that the logon screen was
//! reached, which every scanner does. Networks that the settings name as exits are the owner's own. A network that the
//! account has come from on several days is how that person works, and information. A host that several people reach so is
//! open to the internet by design: then a new network is low, unless an administrator's or from a new country. One finding a
//! day for each host.

use crate::base::net::AddressClass;
use crate::base::time::Span;
use crate::detect::baseline::seen::day;
use crate::detect::baseline::{Dimension, Value, subnet};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, HostId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "rdp-from-public-ip",
    title: "Remote Desktop from the internet",
    severity: Severity::High,
    attack: &["T1133", "T1021.001"],
    needs: "4624 types 7, 10 and 12, 4778, or LocalSessionManager 21 and 25",
    requires: &[&[Needed::Logons(LogonType::RemoteInteractive)], &[Needed::Records(EventKind::RdpSessionLogon)]],
    check: "Is the host meant to be reached from the internet? Ask the person; if it was not them, the password is known: look at all that the session did.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Accounts that reach a host from the internet from which on it is open by design.
    pub open_accounts: usize,
    /// Days on which an account came from a network before it is how that person works.
    pub usual_days: u32,
    pub quiet_hours: i64,
    /// The same for what is usual.
    pub quiet_days_usual: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { open_accounts: 5, usual_days: 2, quiet_hours: 24, quiet_days_usual: 7 }
    }
}

/// Public networks, and accounts, counted for one host.
const NETWORKS: usize = 256;

/// Who got in from where.
#[derive(Default)]
struct Open {
    networks: Vec<Value>,
    accounts: Vec<AccountId>,
}

pub struct Rule {
    settings: Settings,
    /// Public networks that got in, by host; hosts that anybody reaches so are few.
    hosts: FxHashMap<HostId, Open>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] =
        &[EventKind::Logon, EventKind::SessionReconnected, EventKind::RdpSessionLogon, EventKind::RdpSessionReconnected];
    const LOGONS: &'static [LogonType] =
        &[LogonType::RemoteInteractive, LogonType::CachedRemoteInteractive, LogonType::Unlock, LogonType::CachedUnlock];
    fn new(settings: Settings) -> Self {
        Self { settings, hosts: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let Some(address) = event.address.filter(|_| step.address_class() == Some(AddressClass::Public)) else { return };
        if step.source_tags().exit {
            return;
        }
        rarely(move || {
            let network = subnet(address);
            let open = self.hosts.entry(step.row.host).or_default();
            let by_design = open.accounts.iter().filter(|account| **account != step.row.account).count() >= self.settings.open_accounts;
            if !open.accounts.contains(&step.row.account) && open.accounts.len() < NETWORKS {
                open.accounts.push(step.row.account);
            }
            let networks = &mut open.networks;
            if !networks.contains(&network) && networks.len() < NETWORKS {
                networks.push(network);
            }
            let place = networks.iter().position(|known| *known == network).unwrap_or(NETWORKS) + 1;
            let known = step.usual_account().seen(Dimension::Subnet).get(network).map_or(0, |seen| {
                // What came earlier today is no habit.
                seen.days - u32::from(day(seen.last_at) == day(step.at()))
            });
            let usual = known >= self.settings.usual_days;
            let say = step.say();
            let country = step.place().country;
            let country = if country.is_some() { format!(" ({})", say.text(country)) } else { String::new() };
            let past = if known == 0 {
                "; the account never came from there".to_owned()
            } else {
                format!("; the account came from there on {}", say::count(known as usize, "earlier day"))
            };
            let why = format!(
                "{} reached {} by Remote Desktop from public {address}{country} at {}, {} on this host{past}.",
                say.account(step.row.account),
                say.host(step.row.host),
                say.time(step.at()),
                if place == 1 { "the first public network".to_owned() } else { format!("public network number {place}") },
            );
            let countries = step.usual_account().seen(Dimension::Country);
            let abroad = step.place().country.is_some() && !countries.is_empty() && !countries.contains(Value::Text(step.place().country));
            let tags = step.account_tags();
            let (score, quiet) = if usual {
                (Score::new(Severity::Info, "from the internet, as usual for the account"), Span::days(self.settings.quiet_days_usual))
            } else if by_design && !abroad {
                let score = Score::new(Severity::Low, "a host that people reach from the internet")
                    .raise_if(tags.tier0 || tags.admin, "the account holds administrator rights");
                (score, Span::days(self.settings.quiet_days_usual))
            } else {
                let score = Score::new(ABOUT.severity, "a desktop reached from the internet").raise_for(step);
                (score, Span::hours(self.settings.quiet_hours))
            };
            let key = Key(step.row.host.index() as u64, score.severity as u64);
            out.push(Finding::new(step, key, quiet, score, why));
        });
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        for open in self.hosts.values_mut() {
            if !open.accounts.contains(&stays) {
                open.accounts.iter_mut().filter(|account| **account == goes).for_each(|account| *account = stays);
            }
        }
    }
}
