//! One authentication event: what a record says, in one vocabulary for all shapes (OCSF class 3002 "Authentication").
//!
//! Texts are `Symbol`s of the interner the event travels with: that of its `Batch` first, that of the `World` after the
//! writer took it over (`AuthEvent::translate`). Absent values (`-`, empty, `%%1843` where it means no value, zero ids)
//! are `NONE` already; nobody above needs to know how many spellings of "absent" there are.

use crate::base::intern::{Names, Symbol};
use crate::base::time::Timestamp;
use crate::base::unique::Unique;
use crate::model::event_id::KnownId;
use crate::model::ids::InputId;
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::status::Status;
use std::net::IpAddr;

pub use super::sign_in::{MfaResult, SignIn, SignInCategory};

/// What happened. The record ids that lead to each kind stand beside it; provider and id together decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Security 4624.
    Logon,
    /// Security 4625.
    LogonFailed,
    /// Security 4634.
    Logoff,
    /// Security 4647.
    UserLogoff,
    /// Security 4648, on the host the attempt came from.
    ExplicitCredentials,
    /// Security 4672: privileges given to the session named in the Subject fields.
    SpecialPrivileges,
    /// Security 4768: ticket-granting ticket asked for.
    TicketGranting,
    /// Security 4769: service ticket asked for.
    ServiceTicket,
    /// Security 4770.
    TicketRenewed,
    /// Security 4771.
    PreAuthFailed,
    /// Security 4776: NTLM credential check.
    CredentialValidation,
    /// NTLM 8004, on a domain controller: which server handed a check to it. States no outcome.
    NtlmPassedOn,
    /// Security 4778.
    SessionReconnected,
    /// Security 4779.
    SessionDisconnected,
    /// Security 4800.
    Locked,
    /// Security 4801.
    Unlocked,
    /// Security 4608 (512 before Vista), System Kernel-General 12.
    Boot,
    /// System EventLog 6005: written after the first logons of a boot, so it is only a hint of one.
    EventLogStarted,
    /// System Kernel-General 13, EventLog 6006, Security 4609.
    Shutdown,
    /// Security 4720.
    AccountCreated,
    /// Security 4722.
    AccountEnabled,
    /// Security 4725.
    AccountDisabled,
    /// Security 4726.
    AccountDeleted,
    /// Security 4723, 4724: a password was changed by its owner, or reset by somebody else. Written also where Windows refused.
    PasswordSet,
    /// Security 4728, 4732, 4756; the account is the new member, the group is the target.
    GroupJoined,
    /// Security 4964: a logon of a group that is watched by policy.
    SpecialGroups,
    /// WinRM 91: a remote shell begins. The record names nobody; the network logon just before it does.
    RemoteShell,
    /// System 6011 of EventLog: the old name is the workstation, the new one the target.
    HostRenamed,
    /// Security 4781; the old name is the target.
    AccountRenamed,
    /// Security 4740.
    LockedOut,
    /// Security 1102, System 104.
    LogCleared,
    /// Security 4616, System Kernel-General 1: the clock was set by a minute or more. Smaller corrections are everyday work.
    ClockStep,
    /// Security 4719: what is audited from now on; tells of the log, not of a logon.
    AuditPolicyChanged,
    /// TerminalServices-LocalSessionManager 21.
    RdpSessionLogon,
    /// TerminalServices-LocalSessionManager 22.
    RdpShellStarted,
    /// TerminalServices-LocalSessionManager 23.
    RdpSessionLogoff,
    /// TerminalServices-LocalSessionManager 24.
    RdpSessionDisconnected,
    /// TerminalServices-LocalSessionManager 25.
    RdpSessionReconnected,
    /// TerminalServices-RemoteConnectionManager 1149.
    RdpAuthenticated,
    /// Security 4802.
    ScreenSaverOn,
    /// Security 4803.
    ScreenSaverOff,
    /// System Kernel-Power 41, EventLog 6008: the host restarted without a shutdown before.
    UncleanRestart,
    /// TerminalServices-LocalSessionManager 41, 42: Windows looks for the desktop of who logs on.
    RdpArbitration,
    /// TerminalServices-LocalSessionManager 39, 40: a desktop was disconnected by another one, or for a reason.
    RdpSessionReplaced,
    /// RdpCoreTS 131, TerminalServices-RemoteConnectionManager 261: a client connects.
    RdpConnection,
    /// RdpCoreTS 140: the client's user name or password was wrong. The record has no account.
    RdpRefused,
    /// System Winlogon 7001.
    DesktopLogon,
    /// System Winlogon 7002.
    DesktopLogoff,
    /// User Profile Service 4.
    ProfileUnloaded,
    /// TerminalServices-Gateway 302.
    GatewayConnected,
    /// TerminalServices-Gateway 303.
    GatewayDisconnected,
    /// A row of one of the four Entra sign-in categories.
    SignIn,
    /// A record that belongs to the logon log but has no part in sessions or detections yet.
    #[default]
    Other,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Success,
    Failure,
    /// A step of a flow that asks the user for something (Entra 50074, 50140, ...): neither success nor failure.
    Interrupted,
    /// The record states no outcome (logoffs, boots, state changes).
    #[default]
    None,
}

impl Outcome {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Interrupted => "interrupted",
            Self::None => "-",
        }
    }
}

/// Yes, no, or the record does not say. "Does not say" is never read as no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tri {
    Yes,
    No,
    #[default]
    Unknown,
}

impl Tri {
    #[must_use]
    pub const fn known(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::Unknown => None,
        }
    }
    #[must_use]
    pub const fn from_bool(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "-",
        }
    }
}

/// `LogonId`: unique on one host since one boot; 0 means none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogonId(pub u64);

impl LogonId {
    pub const NONE: Self = Self(0);
    /// SYSTEM, NETWORK SERVICE, LOCAL SERVICE, IUSR and ANONYMOUS have fixed ids that never close: 0x3e3 to 0x3e7.
    #[must_use]
    pub const fn is_built_in(self) -> bool {
        self.0 >= 0x3e3 && self.0 <= 0x3e7
    }
    /// A session can be keyed by it: neither absent nor one of the built-in ids.
    #[must_use]
    pub const fn opens_session(self) -> bool {
        self.0 != 0 && !self.is_built_in()
    }
}

impl std::fmt::Display for LogonId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// Where a record stands, so that it can be read again and shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    pub input: InputId,
    /// Byte offset in the input where the record begins.
    pub offset: u64,
    /// Line of a text input, from 1; 0 in EVTX.
    pub line: u32,
}

/// An account as one record names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity {
    pub user: Symbol,
    pub domain: Symbol,
    /// SID, or the object id of an Entra user or service principal.
    pub sid: Symbol,
}

impl Identity {
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.user.is_none() && self.sid.is_none()
    }
    /// `domain\\user` in lower case, as the contracts of `report` write accounts; UPNs stay UPNs, the SID stands in for
    /// an absent user.
    #[must_use]
    pub fn key(&self, names: &Names) -> String {
        match (names.raw(self.user), names.raw(self.domain)) {
            ("", _) => names.raw(self.sid).to_lowercase(),
            (user, "") => user.to_lowercase(),
            (user, _) if user.contains('@') => user.to_lowercase(),
            (user, domain) => format!("{domain}\\{user}").to_lowercase(),
        }
    }
}

/// One authentication event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuthEvent {
    pub at: Timestamp,
    pub kind: EventKind,
    /// Event id as written by its provider; 0 for Entra.
    pub event_id: u32,
    /// Its line in the list of records; none for Entra.
    pub known: KnownId,
    /// `EventRecordID`; 0 where the shape has none.
    pub record: u64,
    pub provenance: Provenance,
    /// Computer that wrote the record: whole name, lower case. Absent for Entra.
    pub host: Symbol,
    pub channel: Symbol,
    pub outcome: Outcome,
    /// NTSTATUS, Kerberos or Entra code: the one that tells most (`SubStatus` unless 0).
    pub status: Status,
    /// `Status` and `SubStatus` exactly as written (both 0 where there are none).
    pub raw_status: u32,
    pub raw_sub_status: u32,
    pub logon_type: LogonType,
    /// Who was logged on, asked for, locked out or created.
    pub account: Identity,
    /// Who asked for it.
    pub subject: Identity,
    /// The session the record is about. For 4672 it comes from `SubjectLogonId`, for 4778/4779 from `LogonID`.
    pub logon_id: LogonId,
    pub subject_logon_id: LogonId,
    /// `TargetLinkedLogonId`: the other half of a UAC pair.
    pub linked_logon_id: LogonId,
    pub logon_guid: Unique,
    /// Where from, if it is an address.
    pub address: Option<IpAddr>,
    /// The source text where it is no address and not absent (`LOCAL`, `16777216`, a name).
    pub address_text: Symbol,
    pub port: u16,
    /// `WorkstationName`, `Workstation`, `ClientName`: what the client claimed.
    pub workstation: Symbol,
    /// `LogonProcessName`, trimmed.
    pub logon_process: Symbol,
    /// `AuthenticationPackageName` or `PackageName`.
    pub package: Symbol,
    /// `LmPackageName`: `NTLM V1`, `NTLM V2`.
    pub lm_package: Symbol,
    pub key_length: u16,
    /// `ProcessName`: the caller's image.
    pub process: Symbol,
    /// `ElevatedToken`; of 4728, 4732 and 4756 whether the group is one of administrators.
    pub elevated: Tri,
    /// `TargetServerName` of 4648, `ServiceName` of 4768/4769, `SChannelName` of 8004, `TargetName` of 8001, cleared channel
    /// of 104, `LogFileCleared` target, group of 4728, 4732 and 4756; by how many seconds a clock was set (`+7200`, `-90`); what
    /// 4719 changes, where it is about logons (`Logon: success removed`).
    pub target: Symbol,
    /// `TicketEncryptionType`; 0 where there is none.
    pub ticket_encryption: u32,
    /// `TicketOptions`; 0 where there are none.
    pub ticket_options: u32,
    /// `CertIssuerName` of 4768 and 4771, else `CertThumbprint` or `CertSerialNumber`: something, where a certificate was
    /// shown.
    pub certificate: Symbol,
    /// `TargetOutboundUserName`: whose credentials a logon of type 9 uses outwards.
    pub outbound_user: Symbol,
    pub restricted_admin: Tri,
    pub remote_credential_guard: Tri,
    /// `TransmittedServices` is not empty: a service logged on in somebody's name (S4U).
    pub is_delegated: bool,
    /// `PreAuthType`; `u8::MAX` where there is none.
    pub pre_auth_type: u8,
    /// `SessionName` of 4778/4779, such as `RDP-Tcp#8`.
    pub session_name: Symbol,
    /// Terminal Services session number (`SessionID`, `SessionId`), from 4800/4801 and LocalSessionManager.
    pub ts_session: Option<u32>,
    /// What only Entra rows have.
    pub entra: Option<Box<SignIn>>,
}

impl AuthEvent {
    /// The lane it is drawn in; `None` for events that are no logon of any kind (boots, log clears, ...).
    #[must_use]
    pub fn lane(&self) -> Option<Lane> {
        match self.kind {
            EventKind::SignIn => self.entra.as_ref().map(|sign_in| sign_in.category.lane()),
            EventKind::TicketGranting
            | EventKind::ServiceTicket
            | EventKind::TicketRenewed
            | EventKind::PreAuthFailed
            | EventKind::CredentialValidation
            | EventKind::NtlmPassedOn => Some(Lane::DomainController),
            EventKind::ExplicitCredentials => Some(Lane::NewCredentials),
            EventKind::Locked | EventKind::Unlocked => Some(Lane::Unlock),
            EventKind::SessionReconnected
            | EventKind::SessionDisconnected
            | EventKind::RdpSessionLogon
            | EventKind::RdpShellStarted
            | EventKind::RdpSessionLogoff
            | EventKind::RdpSessionDisconnected
            | EventKind::RdpSessionReconnected
            | EventKind::RdpAuthenticated => Some(Lane::RemoteInteractive),
            _ => Lane::of(self.logon_type),
        }
    }
    /// Every symbol of the event, so that it can change tables. A new text field must be added here.
    pub fn translate(&mut self, mut symbol: impl FnMut(Symbol) -> Symbol) {
        for place in [
            &mut self.host,
            &mut self.channel,
            &mut self.account.user,
            &mut self.account.domain,
            &mut self.account.sid,
            &mut self.subject.user,
            &mut self.subject.domain,
            &mut self.subject.sid,
            &mut self.address_text,
            &mut self.workstation,
            &mut self.logon_process,
            &mut self.package,
            &mut self.lm_package,
            &mut self.process,
            &mut self.target,
            &mut self.session_name,
            &mut self.certificate,
            &mut self.outbound_user,
        ] {
            *place = symbol(*place);
        }
        self.logon_guid.translate(&mut symbol);
        if let Some(sign_in) = self.entra.as_deref_mut() {
            sign_in.translate(symbol);
        }
    }
}
