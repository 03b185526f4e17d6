//! The records that deeds on Windows leave, as `normalise` makes them of the real ones (reference, sections 3 and 6).

use super::stream::Estate;
use super::{MINUTE, Moment};
use logonscope::base::intern::{Interner, Symbol};
use logonscope::base::time::Timestamp;
use logonscope::model::event::{AuthEvent, EventKind, Identity, LogonId, Outcome, Tri};
use logonscope::model::event_id;
use logonscope::model::logon_type::LogonType;
use logonscope::model::status::Status;
use std::collections::HashMap;
use std::net::IpAddr;

pub const SECURITY: &str = "Security";
pub const SYSTEM: &str = "System";
pub const LSM: &str = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational";
pub const RCM: &str = "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational";
pub const WINRM: &str = "Microsoft-Windows-WinRM/Operational";
pub const CORE: &str = "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational";

pub const RIGHT: u32 = 0;
pub const WRONG_PASSWORD: u32 = 0xC000_006A;
pub const NO_SUCH_USER: u32 = 0xC000_0064;
pub const EXPIRED: u32 = 0xC000_0071;
pub const DISABLED: u32 = 0xC000_0072;
pub const LOCKED: u32 = 0xC000_0234;

/// Texts that records share.
pub struct Texts {
    made: HashMap<&'static str, Symbol>,
}

const TEXTS: [&str; 43] = [
    "Kerberos",
    "NTLM",
    "NTLM V2",
    "NTLM V1",
    "Negotiate",
    "User32",
    "NtLmSsp",
    "Advapi",
    "seclogo",
    "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0",
    "krbtgt",
    "localhost",
    "CORP.EXAMPLE.COM",
    "RDP-Tcp#3",
    "RDP-Tcp#12",
    "Console",
    "SYSTEM",
    "NT AUTHORITY",
    "S-1-5-18",
    "ANONYMOUS LOGON",
    "S-1-5-7",
    "KALI",
    "DESKTOP-4F2K9QX",
    "WORKSTATION",
    "C:\\Windows\\System32\\lsass.exe",
    "C:\\Windows\\System32\\svchost.exe",
    "C:\\Windows\\System32\\services.exe",
    "C:\\Windows\\System32\\winlogon.exe",
    "C:\\Windows\\System32\\mstsc.exe",
    "C:\\Windows\\System32\\rundll32.exe",
    "C:\\Windows\\System32\\wsmprovhost.exe",
    "C:\\Users\\Public\\update.exe",
    "S-1-5-21-1004336348-1177238915-682003330-500",
    "Administrator",
    "Domain Admins",
    "Finance Share",
    "CORP-ISSUING-CA1",
    "+131",
    "-86400",
    "-7200",
    "C:\\Windows\\System32\\inetsrv\\w3wp.exe",
    "admin",
    "test",
];

impl Texts {
    pub fn new(names: &mut Interner) -> Self {
        Self { made: TEXTS.iter().map(|text| (*text, names.intern(text))).collect() }
    }
    pub fn of(&self, text: &str) -> Symbol {
        if text.is_empty() { Symbol::NONE } else { *self.made.get(text).unwrap_or_else(|| panic!("'{text}' is not among the texts")) }
    }
}

/// Events that hold what all records of one id have.
pub struct Forms(HashMap<(&'static str, u32), AuthEvent>);

impl Forms {
    pub fn new(names: &mut Interner) -> Self {
        let ids: [(&'static str, &[u32]); 6] = [
            (
                SECURITY,
                &[
                    4608, 4616, 4624, 4625, 4634, 4647, 4648, 4672, 4720, 4722, 4723, 4724, 4725, 4726, 4728, 4732, 4740, 4767, 4768, 4769,
                    4771, 4776, 4778, 4779, 4800, 4801, 1102,
                ],
            ),
            (SYSTEM, &[12, 13, 104]),
            (LSM, &[21, 22, 23, 24, 25]),
            (RCM, &[1149]),
            (CORE, &[131, 140]),
            (WINRM, &[91]),
        ];
        let mut forms = HashMap::new();
        for (channel, id) in ids.iter().flat_map(|(channel, ids)| ids.iter().map(move |id| (*channel, *id))) {
            let Some(known) = event_id::find(channel, "", id) else { continue };
            let event = AuthEvent {
                kind: known.kind,
                known: known.known,
                event_id: id,
                channel: names.intern(known.channel),
                pre_auth_type: u8::MAX,
                outcome: match known.kind {
                    EventKind::Logon | EventKind::RdpAuthenticated => Outcome::Success,
                    EventKind::LogonFailed | EventKind::PreAuthFailed => Outcome::Failure,
                    _ => Outcome::None,
                },
                ..AuthEvent::default()
            };
            forms.insert((channel, id), event);
        }
        Self(forms)
    }
    /// `None` for records that the program does not read.
    pub fn get(&self, channel: &'static str, id: u32) -> Option<AuthEvent> {
        self.0.get(&(channel, id)).cloned()
    }
}

/// How somebody comes in.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub logon_type: u64,
    pub from: Option<IpAddr>,
    /// What the client claims to be called.
    pub workstation: Symbol,
    pub process: &'static str,
    pub package: &'static str,
    pub image: &'static str,
    pub is_admin: bool,
}

impl Way {
    const fn of(logon_type: u64, process: &'static str, package: &'static str, image: &'static str) -> Self {
        Self { logon_type, from: None, workstation: Symbol::NONE, process, package, image, is_admin: false }
    }
    pub const CONSOLE: Self = Self::of(2, "User32", "Negotiate", "C:\\Windows\\System32\\svchost.exe");
    pub const CACHED: Self = Self::of(11, "User32", "Negotiate", "C:\\Windows\\System32\\svchost.exe");
    pub const UNLOCK: Self = Self::of(7, "User32", "Negotiate", "C:\\Windows\\System32\\lsass.exe");
    pub const REMOTE: Self = Self::of(10, "User32", "Negotiate", "C:\\Windows\\System32\\svchost.exe");
    pub const KERBEROS: Self = Self::of(3, "Kerberos", "Kerberos", "");
    pub const NTLM: Self = Self::of(3, "NtLmSsp", "NTLM", "");
    pub const SERVICE: Self = Self::of(5, "Advapi", "Negotiate", "C:\\Windows\\System32\\services.exe");
    pub const BATCH: Self = Self::of(4, "Advapi", "Negotiate", "C:\\Windows\\System32\\svchost.exe");

    pub const fn from(mut self, address: IpAddr) -> Self {
        self.from = Some(address);
        self
    }
    pub const fn at(mut self, workstation: Symbol) -> Self {
        self.workstation = workstation;
        self
    }
    pub const fn admin(mut self, is_admin: bool) -> Self {
        self.is_admin = is_admin;
        self
    }
}

pub fn time(at: Moment) -> Timestamp {
    Timestamp::from_unix_millis(at).unwrap()
}

impl Estate {
    /// A record of a host; nothing where the program does not read such.
    pub fn record(&mut self, at: Moment, host: usize, channel: &'static str, id: u32, fill: impl FnOnce(&mut AuthEvent, &Self)) {
        let Some(mut event) = self.forms.get(channel, id) else { return };
        event.at = time(at);
        event.host = self.cast.machines[host].full;
        fill(&mut event, self);
        self.push(at, Some(host), event);
    }
    pub fn person(&self, account: usize) -> Identity {
        let account = &self.cast.accounts[account];
        Identity { user: account.user, domain: self.cast.domain, sid: account.sid }
    }
    pub fn computer(&self, machine: usize) -> Identity {
        let account = &self.cast.machines[machine].account;
        Identity { user: account.user, domain: self.cast.domain, sid: account.sid }
    }
    pub fn logon_id(&mut self, host: usize) -> LogonId {
        let step = 0x400 + (self.dice.next() & 0x7ff);
        let machine = &mut self.cast.machines[host];
        machine.next_logon += step;
        LogonId(machine.next_logon)
    }
    /// 4624, and 4672 where the account has privileges there.
    pub fn logon(&mut self, at: Moment, host: usize, who: Identity, way: Way) -> LogonId {
        let id = self.logon_id(host);
        self.record(at, host, SECURITY, 4624, |event, estate| {
            event.account = who;
            event.logon_id = id;
            way.fill(event, estate);
            event.elevated = Tri::from_bool(way.is_admin || way.logon_type == 3);
            if way.logon_type != 3 {
                event.subject = estate.computer(host);
                event.subject_logon_id = LogonId(0x3e7);
            }
        });
        if way.is_admin {
            self.record(at + 1, host, SECURITY, 4672, |event, _| {
                event.account = who;
                event.logon_id = id;
            });
        }
        id
    }
    pub fn logoff(&mut self, at: Moment, host: usize, who: Identity, id: LogonId, logon_type: u64) {
        if logon_type != 3 {
            self.record(at - 200, host, SECURITY, 4647, |event, _| {
                event.account = who;
                event.logon_id = id;
            });
        }
        self.record(at, host, SECURITY, 4634, |event, _| {
            event.account = who;
            event.logon_id = id;
            event.logon_type = LogonType::from_number(logon_type);
        });
    }
    /// Reaches a host by Kerberos: Windows asks for what tickets it has no more.
    pub fn reach(&mut self, at: Moment, host: usize, who: Identity, from: IpAddr, is_admin: bool) {
        let site = self.cast.machines[host].site;
        let controller = self.cast.controller(site, at / crate::estate::DAY, who.sid.index());
        if let Some(name) = self.ticket_names.get(&who.sid).copied() {
            let service = self.cast.machines[host].account.user;
            if self.is_stale(at, (who.sid, Symbol::NONE, from)) {
                self.ticket(at - 60, controller, who, from, RIGHT);
            }
            if self.is_stale(at, (who.sid, service, from)) {
                self.service_ticket(at - 30, controller, name, service, from, 0x12);
            }
        }
        self.visit(at, host, who, Way::KERBEROS.from(from).admin(is_admin));
    }
    /// Whether a ticket asked for at another time has run out, or was not yet there; notes the new one.
    pub fn is_stale(&mut self, at: Moment, ticket: (Symbol, Symbol, IpAddr)) -> bool {
        let life = 9 * crate::estate::HOUR;
        let had = self.tickets_held.get(&ticket).copied();
        let is_stale = had.is_none_or(|had| at < had || at - had > life);
        if is_stale {
            self.tickets_held.insert(ticket, at);
        }
        is_stale
    }
    /// A logon over the network and its end.
    pub fn visit(&mut self, at: Moment, host: usize, who: Identity, way: Way) {
        let id = self.logon(at, host, who, way);
        let end = at + self.dice.between(2_000, 14 * MINUTE);
        self.logoff(end, host, who, id, 3);
    }
    pub fn failed(&mut self, at: Moment, host: usize, user: Symbol, way: Way, code: u32) {
        self.record(at, host, SECURITY, 4625, |event, estate| {
            event.account = Identity { user, domain: estate.cast.domain, sid: Symbol::NONE };
            way.fill(event, estate);
            (event.raw_status, event.raw_sub_status) = if code == LOCKED || code == EXPIRED { (code, 0) } else { (0xC000_006D, code) };
            event.status = Status::nt(code);
        });
    }
    /// 4768, good or not.
    pub fn ticket(&mut self, at: Moment, controller: usize, who: Identity, from: IpAddr, code: u32) {
        self.ticket_by(at, controller, who, from, code, 2, 0x12);
    }
    #[allow(clippy::too_many_arguments)]
    pub fn ticket_by(&mut self, at: Moment, controller: usize, who: Identity, from: IpAddr, code: u32, pre_auth: u8, encryption: u32) {
        if code == 0 && self.label.is_none() {
            self.tickets_held.insert((who.sid, Symbol::NONE, from), at);
        }
        self.record(at, controller, SECURITY, 4768, |event, estate| {
            event.account = who;
            event.address = Some(from);
            event.target = estate.texts.of("krbtgt");
            event.package = estate.texts.of("Kerberos");
            event.ticket_options = 0x4081_0010;
            event.raw_status = code;
            event.status = Status::kerberos(code);
            event.outcome = if code == 0 { Outcome::Success } else { Outcome::Failure };
            if code == 0 {
                event.pre_auth_type = pre_auth;
                event.ticket_encryption = encryption;
            } else {
                event.ticket_encryption = u32::MAX;
            }
        });
    }
    /// 4769 for a service that runs under an account or a host.
    pub fn service_ticket(&mut self, at: Moment, controller: usize, who: Symbol, service: Symbol, from: IpAddr, encryption: u32) {
        self.record(at, controller, SECURITY, 4769, |event, estate| {
            event.account = Identity { user: who, domain: estate.texts.of("CORP.EXAMPLE.COM"), sid: Symbol::NONE };
            event.address = Some(from);
            event.target = service;
            event.package = estate.texts.of("Kerberos");
            event.ticket_options = 0x4081_0000;
            event.ticket_encryption = encryption;
            event.status = Status::kerberos(0);
            event.outcome = Outcome::Success;
        });
    }
    /// 4771.
    pub fn refused_ticket(&mut self, at: Moment, controller: usize, who: Identity, from: IpAddr, code: u32) {
        self.record(at, controller, SECURITY, 4771, |event, estate| {
            event.account = Identity { domain: Symbol::NONE, ..who };
            event.address = Some(from);
            event.target = estate.texts.of("krbtgt");
            event.package = estate.texts.of("Kerberos");
            event.raw_status = code;
            event.status = Status::kerberos(code);
            event.pre_auth_type = 2;
        });
    }
    /// 4776.
    pub fn ntlm_check(&mut self, at: Moment, controller: usize, user: Symbol, workstation: Symbol, code: u32) {
        self.record(at, controller, SECURITY, 4776, |event, estate| {
            event.account = Identity { user, ..Identity::default() };
            event.workstation = workstation;
            event.package = estate.texts.of("MICROSOFT_AUTHENTICATION_PACKAGE_V1_0");
            event.raw_status = code;
            event.status = Status::nt(code);
            event.outcome = if code == 0 { Outcome::Success } else { Outcome::Failure };
        });
    }
    /// 4648, on the host where the other credentials were used.
    pub fn explicit(&mut self, at: Moment, host: usize, by: (Identity, LogonId), who: Identity, target: Symbol, image: &'static str) {
        self.record(at, host, SECURITY, 4648, |event, estate| {
            event.subject = by.0;
            event.subject_logon_id = by.1;
            event.account = who;
            event.target = target;
            event.process = estate.texts.of(image);
        });
    }
    /// A change of an account: 4720, 4724, 4728, 4732, 4740, 4767.
    pub fn change(&mut self, at: Moment, controller: usize, id: u32, who: Identity, by: (Identity, LogonId)) {
        self.record(at, controller, SECURITY, id, |event, _| {
            event.account = who;
            event.subject = by.0;
            event.subject_logon_id = by.1;
        });
    }
    /// A member more of a group, which may be one that rules.
    pub fn joins(&mut self, at: Moment, controller: usize, who: Identity, rules: bool, by: (Identity, LogonId)) {
        self.record(at, controller, SECURITY, 4728, |event, estate| {
            event.account = Identity { sid: who.sid, ..Identity::default() };
            event.target = estate.texts.of(if rules { "Domain Admins" } else { "Finance Share" });
            event.elevated = Tri::from_bool(rules);
            event.subject = by.0;
            event.subject_logon_id = by.1;
        });
    }
    /// WinRM 91 and the logon before it.
    pub fn remote_shell(&mut self, at: Moment, host: usize, who: Identity, from: IpAddr) {
        self.reach(at, host, who, from, true);
        self.record(at + 300, host, WINRM, 91, |_, _| {});
    }
    /// A ticket by a certificate, as smart cards and Windows Hello have one.
    pub fn ticket_by_card(&mut self, at: Moment, controller: usize, who: Identity, from: IpAddr) {
        self.record(at, controller, SECURITY, 4768, |event, estate| {
            event.account = who;
            event.address = Some(from);
            event.target = estate.texts.of("krbtgt");
            event.package = estate.texts.of("Kerberos");
            event.ticket_options = 0x4081_0010;
            event.status = Status::kerberos(0);
            event.outcome = Outcome::Success;
            event.pre_auth_type = 15;
            event.ticket_encryption = 0x12;
            event.certificate = estate.texts.of("CORP-ISSUING-CA1");
        });
    }
    pub fn locked_out(&mut self, at: Moment, controller: usize, who: Identity, from: Symbol) {
        self.record(at, controller, SECURITY, 4740, |event, estate| {
            event.account = Identity { domain: Symbol::NONE, ..who };
            event.workstation = from;
            event.subject = estate.computer(controller);
            event.subject_logon_id = LogonId(0x3e7);
        });
    }
    /// 4800 and 4801, 4778 and 4779: what becomes of a desktop.
    pub fn desktop(&mut self, at: Moment, host: usize, id: u32, who: Identity, logon: LogonId, client: Option<(IpAddr, Symbol)>) {
        self.record(at, host, SECURITY, id, |event, estate| {
            event.account = who;
            event.logon_id = logon;
            if let Some((address, name)) = client {
                event.address = Some(address);
                event.workstation = name;
                event.session_name = estate.texts.of("RDP-Tcp#3");
            } else {
                event.ts_session = Some(1);
            }
        });
    }
    /// LocalSessionManager 21 to 25.
    pub fn session_manager(&mut self, at: Moment, host: usize, id: u32, who: Identity, from: IpAddr) {
        self.record(at, host, LSM, id, |event, _| {
            event.account = Identity { sid: Symbol::NONE, ..who };
            event.address = Some(from);
            event.ts_session = Some(3);
        });
    }
    /// Remote Desktop with network level authentication: what the host writes, and the controller.
    pub fn remote_desktop(&mut self, at: Moment, host: usize, who: Identity, from: IpAddr, client: Symbol, is_admin: bool) -> LogonId {
        self.record(at, host, CORE, 131, |event, _| event.address = Some(from));
        self.network_level(at + 900, host, who, (from, client));
        self.record(at + 1_400, host, RCM, 1149, |event, _| {
            event.account = Identity { sid: Symbol::NONE, ..who };
            event.address = Some(from);
        });
        // With NLA the session's own logon claims the host's name.
        let own = self.cast.machines[host].short;
        let id = self.logon(at + 2_500, host, who, Way::REMOTE.from(from).at(own).admin(is_admin));
        self.session_manager(at + 2_900, host, 21, who, from);
        self.session_manager(at + 3_400, host, 22, who, from);
        id
    }
    /// A disconnected session is taken up again: the credentials are checked anew, and the old session goes on.
    pub fn remote_desktop_again(&mut self, at: Moment, host: usize, who: Identity, client: (IpAddr, Symbol), id: LogonId) {
        let (from, name) = client;
        self.network_level(at - 1_500, host, who, (from, name));
        let own = self.cast.machines[host].short;
        let again = self.logon(at - 400, host, who, Way { logon_type: 7, ..Way::REMOTE }.from(from).at(own));
        self.desktop(at, host, 4778, who, id, Some(client));
        self.session_manager(at + 30, host, 25, who, from);
        self.record(at + 900, host, SECURITY, 4634, |event, _| {
            event.account = who;
            event.logon_id = again;
            event.logon_type = LogonType::Unlock;
        });
    }
    /// The check before the desktop: by Kerberos inside, by NTLM for who has no controller to ask.
    fn network_level(&mut self, at: Moment, host: usize, who: Identity, (from, client): (IpAddr, Symbol)) {
        let is_inside = matches!(from, IpAddr::V4(address) if address.is_private());
        if is_inside && self.label.is_none() {
            self.reach(at, host, who, from, false);
        } else {
            self.visit(at, host, who, if is_inside { Way::KERBEROS.from(from) } else { Way::NTLM.from(from).at(client) });
        }
    }
    pub fn remote_desktop_left(&mut self, at: Moment, host: usize, who: Identity, from: IpAddr, id: LogonId) {
        self.session_manager(at - 400, host, 23, who, from);
        self.logoff(at, host, who, id, 10);
    }
    pub fn log_cleared(&mut self, at: Moment, host: usize, by: (Identity, LogonId)) {
        self.record(at, host, SECURITY, 1102, |event, _| {
            event.account = by.0;
            event.subject_logon_id = by.1;
            event.target = event.channel;
        });
    }
    /// 4616 where the clock moved by a minute or more.
    pub fn clock_set(&mut self, at: Moment, host: usize, by: (Identity, LogonId), seconds: &'static str) {
        self.record(at, host, SECURITY, 4616, |event, estate| {
            event.target = estate.texts.of(seconds);
            event.kind = EventKind::ClockStep;
            event.account = by.0;
            event.subject = by.0;
            event.subject_logon_id = by.1;
        });
    }
}

impl Way {
    fn fill(self, event: &mut AuthEvent, estate: &Estate) {
        event.logon_type = LogonType::from_number(self.logon_type);
        event.address = self.from;
        event.workstation = self.workstation;
        event.logon_process = estate.texts.of(self.process);
        event.package = estate.texts.of(self.package);
        event.process = estate.texts.of(self.image);
        if self.package == "NTLM" {
            event.lm_package = estate.texts.of("NTLM V2");
            event.key_length = 128;
        }
    }
}
