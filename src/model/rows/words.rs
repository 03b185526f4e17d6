//! What the rows of an age have in common: who, where, from where, what for. Each different combination is kept once, and
//! a row names it by a number.

use crate::base::dictionary::Dictionary;
use crate::base::intern::Symbol;
use crate::model::attempt::Counted;
use crate::model::event::{EventKind, Identity, MfaResult, Outcome, SignInCategory, Tri};
use crate::model::event_id::KnownId;
use crate::model::ids::{AccountId, HostId, InputId, SourceId};
use crate::model::logon_type::LogonType;
use crate::model::status::Status;
use std::net::IpAddr;

/// What sort of record it is, and what its kind of logon has in common with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sort {
    pub kind: EventKind,
    pub event_id: u32,
    pub known: KnownId,
    pub outcome: Outcome,
    pub status: Status,
    pub raw_status: u32,
    pub raw_sub_status: u32,
    pub logon_type: LogonType,
    pub logon_process: Symbol,
    pub package: Symbol,
    pub lm_package: Symbol,
    pub key_length: u16,
    pub elevated: Tri,
    pub ticket_encryption: u32,
    pub ticket_options: u32,
    pub restricted_admin: Tri,
    pub remote_credential_guard: Tri,
    pub is_delegated: bool,
    pub pre_auth_type: u8,
    pub counted: Counted,
}

/// Who, and which account that was found to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Person {
    pub identity: Identity,
    pub account: AccountId,
}

/// Where it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub name: Symbol,
    pub channel: Symbol,
    pub host: HostId,
    pub input: InputId,
}

/// Where from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    pub address: Option<IpAddr>,
    pub address_text: Symbol,
    pub workstation: Symbol,
    pub source: SourceId,
}

/// What for, and what else only some records say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Detail {
    pub target: Symbol,
    pub process: Symbol,
    pub certificate: Symbol,
    pub outbound_user: Symbol,
    pub session_name: Symbol,
}

/// Of a sign-in: which application asked for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct App {
    pub app_id: Symbol,
    pub app: Symbol,
    pub resource_id: Symbol,
    pub resource: Symbol,
    pub client_app: Symbol,
    pub service_principal_id: Symbol,
    pub credential_key_id: Symbol,
    pub credential_thumbprint: Symbol,
    pub credential_type: Symbol,
    pub federated_credential_id: Symbol,
}

/// Of a sign-in: with what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Device {
    pub user_agent: Symbol,
    pub device_id: Symbol,
    pub device_name: Symbol,
    pub browser: Symbol,
    pub operating_system: Symbol,
    pub client: Symbol,
    pub system: Symbol,
    pub is_managed: Tri,
    pub is_compliant: Tri,
}

/// Of a sign-in: from which part of the world, and between which tenants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Region {
    pub country: Symbol,
    pub city: Symbol,
    /// The bits of latitude and longitude.
    pub coordinates: Option<(u64, u64)>,
    pub asn: u32,
    pub tenant: Symbol,
    pub home_tenant: Symbol,
    pub cross_tenant: Symbol,
    pub user_type: Symbol,
}

/// Of a sign-in: how, and what was thought of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Manner {
    pub category: SignInCategory,
    pub protocol: Symbol,
    pub original_transfer: Symbol,
    pub incoming_token: Symbol,
    pub token_protection: Symbol,
    pub requirement: Symbol,
    pub method: Symbol,
    pub step_detail: Symbol,
    pub conditional_access: Symbol,
    pub risk: Symbol,
    pub risk_state: Symbol,
    pub risk_event: Symbol,
    pub mfa: MfaResult,
}

macro_rules! words {
    ($($name:ident: $of:ident),+ $(,)?) => {
        /// The combinations of an age.
        #[derive(Clone, Debug, Default)]
        pub(super) struct Words {
            $(pub $name: Dictionary<$of>,)+
        }

        impl Words {
            /// The same for those who only read; see `SegVec::share`.
            pub fn share(&mut self) -> Self {
                Self { $($name: self.$name.share(),)+ }
            }
        }
    };
}

words! {
    sorts: Sort,
    people: Person,
    subjects: Identity,
    places: Place,
    origins: Origin,
    details: Detail,
    apps: App,
    devices: Device,
    regions: Region,
    manners: Manner,
}
