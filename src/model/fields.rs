//! What a decoder hands over for one record: a fixed array of values by `Field`, nothing allocated, nothing converted.
//!
//! Decoders fill it, `normalise` reads it. Names are those of the vendor; where Windows uses several names for one thing
//! (`IpAddress`, `ClientAddress`, `Address`) each keeps its own field and `normalise` decides.

use crate::base::time::Timestamp;
use crate::model::event_id::KnownEvent;

use std::borrow::Cow;

pub use super::value::Value;

macro_rules! fields {
    ($($name:ident),+ $(,)?) => {
        /// Named values of a record: Windows `EventData`/`UserData` names and Entra property names. Only those that somebody
        /// asks for: what has no name here costs no decoder anything.
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
    LogonType, LogonProcessName, AuthenticationPackageName, WorkstationName, LogonGuid,
    LmPackageName, KeyLength, ProcessId, ProcessName, IpAddress, IpPort,
    TargetLinkedLogonId, ElevatedToken, RestrictedAdminMode, RemoteCredentialGuard, TargetOutboundUserName, TransmittedServices,
    Status, SubStatus, FailureReason,
    TargetLogonGuid, TargetServerName,
    TargetSid, ServiceName, TicketOptions, TicketEncryptionType, PreAuthType, CertIssuerName, CertSerialNumber, CertThumbprint,
    PackageName, Workstation,
    // NTLM/Operational 8001 to 8004.
    UserName, DomainName, TargetName, ClientLUID, SChannelName,
    // 4778/4779 spell it LogonID; 4800/4801 SessionId; LocalSessionManager SessionID, User, Address.
    AccountName, AccountDomain, LogonID, SessionName, ClientName, ClientAddress, SessionId, SessionID,
    User, Address, Source, Session, TargetSession,
    // Winlogon 7001, 7002.
    TSId, UserSid,
    // RemoteConnectionManager and unnamed Data, by position.
    Param1, Param2, Param3, Param4, Param5, Param6, Param7,
    ClientIP, IPString, Username, Resource,
    // LogFileCleared.
    Channel,
    MemberSid, SamAccountName, OldTargetUserName, NewTargetUserName,
    // 4616, Kernel-General 1.
    PreviousTime, NewTime, OldTime,
    // 4719.
    SubcategoryId, SubcategoryGuid, AuditPolicyChanges,
    // Entra, Graph spelling with a capital first letter.
    Category, SignInEventTypes, IsInteractive, Id, CreatedDateTime, RecordTime,
    UserId, UserPrincipalName, UserDisplayName, UserType, AppId, AppDisplayName,
    ResourceId, ResourceDisplayName, TenantId, HomeTenantId, CrossTenantAccessType,
    IpAddressEntra, AutonomousSystemNumber, City, CountryOrRegion, Latitude, Longitude,
    ClientAppUsed, UserAgent, DeviceId, DeviceDisplayName, Browser, OperatingSystem, IsManaged, IsCompliant, TrustType,
    SignInTokenProtectionStatus, AuthenticationProtocol, OriginalTransferMethod, IncomingTokenType,
    AuthenticationRequirement, AuthenticationMethod, AuthenticationSucceeded, AuthenticationStepResultDetail,
    ConditionalAccessStatus, RiskLevelDuringSignIn, RiskState, RiskEventTypes, CorrelationId, OriginalRequestId, EntraSessionId,
    UniqueTokenIdentifier, ServicePrincipalId, ServicePrincipalName, ServicePrincipalCredentialKeyId,
    ServicePrincipalCredentialThumbprint, ClientCredentialType, FederatedCredentialId,
    ErrorCode, ResultType, ResultDescription, TokenIssuerType, ManagedIdentityType,
    // What happened, in the words of tools that give no event id (`ActionType`, `Operation`).
    Action,
}

impl Field {
    /// Names that stand in Windows records, in the order of the list.
    pub fn windows() -> impl Iterator<Item = &'static Self> {
        Self::ALL.iter().take_while(|field| **field <= Self::AuditPolicyChanges)
    }
}

/// Which vocabulary the record speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    #[default]
    Windows,
    Entra,
}

/// Words of the set of fields that are there.
const WORDS: usize = Field::COUNT.div_ceil(64);

/// One decoded record. Cheap to use again for the next one: `clear_values` empties it.
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
    /// What `event_id::find` says of channel, provider and id, where the decoder has asked already.
    pub known: Option<Option<&'static KnownEvent>>,
    /// Which of the values are of this record; the others are left over from earlier ones.
    present: [u64; WORDS],
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
            known: None,
            present: [0; WORDS],
            values: [Value::Absent; Field::COUNT],
        }
    }
}

impl<'a> Fields<'a> {
    /// Empties the values. What stands beside them is the decoder's to set anew.
    #[inline]
    pub fn clear_values(&mut self) {
        self.present = [0; WORDS];
        self.known = None;
    }
    #[must_use]
    #[inline]
    pub fn value(&self, field: Field) -> Value<'a> {
        if self.is_absent(field) { Value::Absent } else { self.values.get(field as usize).copied().unwrap_or_default() }
    }
    #[inline]
    pub fn set(&mut self, field: Field, value: Value<'a>) {
        let number = field as usize;
        if let (Some(place), Some(word)) = (self.values.get_mut(number), self.present.get_mut(number / 64)) {
            *place = value;
            let bit = 1 << (number % 64);
            *word = if matches!(value, Value::Absent) { *word & !bit } else { *word | bit };
        }
    }
    /// The text, trimmed; empty for numbers and for every spelling of "absent" that is the same in all fields
    /// (missing, empty, `-`, `?` of the LANL sets, `(null)` of Kibana).
    #[must_use]
    pub fn text(&self, field: Field) -> Cow<'a, str> {
        if self.is_absent(field) {
            return Cow::Borrowed("");
        }
        match self.value(field).text() {
            Cow::Borrowed(text) => Cow::Borrowed(without_dash(text)),
            Cow::Owned(text) => Cow::Owned(without_dash(&text).to_owned()),
        }
    }
    /// The number: as it is, or read from decimal or `0x` text. `None` when absent or no number.
    #[must_use]
    #[inline]
    pub fn number(&self, field: Field) -> Option<u64> {
        self.value(field).number()
    }
    #[must_use]
    #[inline]
    pub fn is_absent(&self, field: Field) -> bool {
        let number = field as usize;
        self.present.get(number / 64).is_none_or(|word| word >> (number % 64) & 1 == 0)
    }
}

/// Trimmed, and empty where it is one of the spellings of "absent".
#[must_use]
pub fn without_dash(text: &str) -> &str {
    match text.trim() {
        "-" | "?" | "(null)" => "",
        text => text,
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
    /// A piece that is not what was written, as its checksum says. Its records are read with care and handed over like
    /// all others; `reason` says which checksum.
    fn checksum_mismatch(&mut self, _offset: u64, _reason: &str) {}
    /// A readable record that no shape knows.
    fn unknown(&mut self, offset: u64, line: u32, reason: &str);
}
