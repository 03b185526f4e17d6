//! What a decoder hands over for one record: a fixed array of values by `Field`, nothing allocated.
//!
//! Decoders fill it, `normalise` reads it. Names are those of the vendor; where Windows uses several names for one thing
//! (`IpAddress`, `ClientAddress`, `Address`) each keeps its own field and `normalise` decides.

use crate::base::time::Timestamp;

/// A value as it stands in the record.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Value<'a> {
    #[default]
    Absent,
    Text(&'a str),
    Number(u64),
    Float(f64),
    Bool(bool),
}

macro_rules! fields {
    ($($name:ident),+ $(,)?) => {
        /// Named values of a record: Windows `EventData`/`UserData` names and Entra property names.
        #[allow(clippy::enum_variant_names)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $($name),+ }

        impl Field {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            pub const COUNT: usize = Self::ALL.len();

            /// The vendor's spelling.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }
        }
    };
}

fields! {
    // Windows, in the spelling of the manifests.
    SubjectUserSid, SubjectUserName, SubjectDomainName, SubjectLogonId,
    TargetUserSid, TargetUserName, TargetDomainName, TargetLogonId,
    LogonType, LogonProcessName, AuthenticationPackageName, WorkstationName, LogonGuid, TransmittedServices,
    LmPackageName, KeyLength, ProcessId, ProcessName, IpAddress, IpPort, ImpersonationLevel, RestrictedAdminMode,
    TargetOutboundUserName, TargetOutboundDomainName, VirtualAccount, TargetLinkedLogonId, ElevatedToken,
    Status, SubStatus, FailureReason,
    TargetLogonGuid, TargetServerName, TargetInfo, PrivilegeList,
    TargetSid, ServiceName, ServiceSid, TicketOptions, TicketEncryptionType, PreAuthType,
    PackageName, Workstation,
    // 4778/4779 spell it LogonID; 4800/4801 SessionId; LocalSessionManager SessionID, User, Address.
    AccountName, AccountDomain, LogonID, SessionName, ClientName, ClientAddress, SessionId, SessionID,
    User, Address, Source, TargetSession, Reason, Session,
    // RemoteConnectionManager and unnamed Data, by position.
    Param1, Param2, Param3, Param4, Param5, Param6, Param7,
    ClientIP, IPString, Username, Resource,
    // LogFileCleared, Kernel-General.
    Channel, BackupPath, StartTime, StopTime, NewTime, OldTime, PreviousTime,
    SamAccountName,
    // Entra, Graph spelling with a capital first letter.
    Category, SignInEventTypes, IsInteractive, Id, CreatedDateTime, RecordTime,
    UserId, UserPrincipalName, UserDisplayName, UserType, AppId, AppDisplayName,
    ResourceId, ResourceDisplayName, TenantId, HomeTenantId,
    IpAddressEntra, AutonomousSystemNumber, City, CountryOrRegion, Latitude, Longitude,
    ClientAppUsed, UserAgent, DeviceId, DeviceDisplayName, Browser, OperatingSystem, IsManaged, IsCompliant, TrustType,
    SignInTokenProtectionStatus, AuthenticationProtocol, OriginalTransferMethod, IncomingTokenType,
    AuthenticationRequirement, AuthenticationMethod, AuthenticationSucceeded, AuthenticationStepResultDetail,
    ConditionalAccessStatus, RiskLevelDuringSignIn, RiskState, CorrelationId, OriginalRequestId, EntraSessionId,
    UniqueTokenIdentifier, ServicePrincipalId, ServicePrincipalName, ServicePrincipalCredentialKeyId,
    ServicePrincipalCredentialThumbprint, ClientCredentialType, FederatedCredentialId,
    ErrorCode, ResultType, ResultDescription, TokenIssuerType, ManagedIdentityType,
    // What happened, in the words of tools that give no event id (`ActionType`, `Operation`).
    Action,
}

/// Which vocabulary the record speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    #[default]
    Windows,
    Entra,
}

/// One decoded record. Cheap to reuse: `clear` empties it.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    pub family: Family,
    /// Which shape the record came in: `evtx`, `nxlog`, ... (the names of `expected.json` shapes).
    pub shape: &'static str,
    pub event_id: u32,
    pub version: u8,
    pub provider: &'a str,
    pub channel: &'a str,
    pub computer: &'a str,
    /// `TimeCreated` in UTC; `None` where the record states none that can be read.
    pub at: Option<Timestamp>,
    /// The record's time is local without a zone, and was taken as UTC.
    pub assumed_utc: bool,
    /// `EventRecordID`; 0 where the shape has none.
    pub record: u64,
    /// Byte offset of the record in its input.
    pub offset: u64,
    /// Line of a text input, from 1; 0 in EVTX.
    pub line: u32,
    values: [Value<'a>; Field::COUNT],
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self {
            family: Family::default(),
            shape: "",
            event_id: 0,
            version: 0,
            provider: "",
            channel: "",
            computer: "",
            at: None,
            assumed_utc: false,
            record: 0,
            offset: 0,
            line: 0,
            values: [Value::Absent; Field::COUNT],
        }
    }
}

impl<'a> Fields<'a> {
    #[must_use]
    pub fn value(&self, field: Field) -> Value<'a> {
        self.values.get(field as usize).copied().unwrap_or_default()
    }
    pub fn set(&mut self, field: Field, value: Value<'a>) {
        if let Some(place) = self.values.get_mut(field as usize) {
            *place = value;
        }
    }
    /// The text, trimmed; empty for numbers and for every spelling of "absent" that is the same in all fields
    /// (missing, empty, `-`, `?` of the LANL sets, `(null)` of Kibana).
    #[must_use]
    pub fn text(&self, field: Field) -> &'a str {
        match self.value(field) {
            Value::Text(text) => match text.trim() {
                "-" | "?" | "(null)" => "",
                text => text,
            },
            _ => "",
        }
    }
    /// The number: as it is, or read from decimal or `0x` text. `None` when absent or no number.
    #[must_use]
    pub fn number(&self, field: Field) -> Option<u64> {
        match self.value(field) {
            Value::Number(number) => Some(number),
            Value::Text(text) => {
                let text = text.trim();
                match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
                    Some(hex) => u64::from_str_radix(hex, 16).ok(),
                    // NXLog prints unsigned 64-bit values as signed ones.
                    None => text.parse::<u64>().ok().or_else(|| text.parse::<i64>().ok().map(i64::cast_unsigned)),
                }
            }
            Value::Float(float) if float.is_finite() && (0.0..9.0e15).contains(&float) => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the range was tested
                Some(float as u64)
            }
            Value::Bool(value) => Some(u64::from(value)),
            _ => None,
        }
    }
    #[must_use]
    pub fn is_absent(&self, field: Field) -> bool {
        matches!(self.value(field), Value::Absent)
    }
}

/// Why a piece of an input could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub offset: u64,
    /// Line of a text input, from 1; 0 in EVTX.
    pub line: u32,
    /// `EventRecordID` where it is known.
    pub record: u64,
    pub reason: String,
}

/// Where decoders send what they find.
pub trait RecordSink {
    fn record(&mut self, fields: &Fields<'_>);
    fn unreadable(&mut self, what: Unreadable);
    /// Records that lie in the slack behind the last valid one of a chunk; counted, not read.
    fn recovered_in_slack(&mut self, _count: u64) {}
    /// A readable record that no shape knows.
    fn unknown(&mut self, offset: u64, line: u32, reason: &str);
}
