//! The rows of the timeline: one for each way to log on.

use crate::model::logon_type::LogonType;

/// A lane of the timeline. The order is the order on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    Interactive,
    Network,
    Batch,
    Service,
    Unlock,
    NetworkCleartext,
    NewCredentials,
    RemoteInteractive,
    Cached,
    /// Tickets and NTLM checks on domain controllers: records that have no logon type.
    DomainController,
    EntraInteractive,
    EntraNonInteractive,
    EntraServicePrincipal,
    EntraManagedIdentity,
}

impl Lane {
    pub const COUNT: usize = 14;
    pub const ALL: [Self; Self::COUNT] = [
        Self::Interactive,
        Self::Network,
        Self::Batch,
        Self::Service,
        Self::Unlock,
        Self::NetworkCleartext,
        Self::NewCredentials,
        Self::RemoteInteractive,
        Self::Cached,
        Self::DomainController,
        Self::EntraInteractive,
        Self::EntraNonInteractive,
        Self::EntraServicePrincipal,
        Self::EntraManagedIdentity,
    ];

    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
    /// The lane of a logon type; type 0 joins the services. `None` where the record has no type.
    #[must_use]
    pub const fn of(logon_type: LogonType) -> Option<Self> {
        Some(match logon_type {
            LogonType::Interactive => Self::Interactive,
            LogonType::Network => Self::Network,
            LogonType::Batch => Self::Batch,
            LogonType::Service | LogonType::System => Self::Service,
            LogonType::Unlock => Self::Unlock,
            LogonType::NetworkCleartext => Self::NetworkCleartext,
            LogonType::NewCredentials => Self::NewCredentials,
            LogonType::RemoteInteractive => Self::RemoteInteractive,
            LogonType::CachedInteractive | LogonType::CachedRemoteInteractive | LogonType::CachedUnlock => Self::Cached,
            LogonType::Other(_) | LogonType::None => return None,
        })
    }
    /// What stands before the name: the number of the logon type, `-` for the DC, `E` for Entra.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Interactive => "2",
            Self::Network => "3",
            Self::Batch => "4",
            Self::Service => "5",
            Self::Unlock => "7",
            Self::NetworkCleartext => "8",
            Self::NewCredentials => "9",
            Self::RemoteInteractive => "10",
            Self::Cached => "11-13",
            Self::DomainController => "-",
            Self::EntraInteractive | Self::EntraNonInteractive | Self::EntraServicePrincipal | Self::EntraManagedIdentity => "E",
        }
    }
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interactive => "Interactive",
            Self::Network => "Network",
            Self::Batch => "Batch",
            Self::Service => "Service",
            Self::Unlock => "Unlock",
            Self::NetworkCleartext => "NetworkCleartext",
            Self::NewCredentials => "NewCredentials",
            Self::RemoteInteractive => "RemoteInteractive",
            Self::Cached => "Cached",
            Self::DomainController => "DC auth",
            Self::EntraInteractive => "interactive",
            Self::EntraNonInteractive => "non-interactive",
            Self::EntraServicePrincipal => "service principal",
            Self::EntraManagedIdentity => "managed identity",
        }
    }
    /// The name in five cells or fewer, for narrow screens.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Interactive => "Intr",
            Self::Network => "Netw",
            Self::Batch => "Btch",
            Self::Service => "Svc",
            Self::Unlock => "Unlk",
            Self::NetworkCleartext => "NClr",
            Self::NewCredentials => "NCrd",
            Self::RemoteInteractive => "RDP",
            Self::Cached => "",
            Self::DomainController => "DC",
            Self::EntraInteractive => "intr",
            Self::EntraNonInteractive => "noni",
            Self::EntraServicePrincipal => "svcp",
            Self::EntraManagedIdentity => "mgid",
        }
    }
    /// The word the filter language uses: `lane:rdp`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Network => "network",
            Self::Batch => "batch",
            Self::Service => "service",
            Self::Unlock => "unlock",
            Self::NetworkCleartext => "cleartext",
            Self::NewCredentials => "newcredentials",
            Self::RemoteInteractive => "rdp",
            Self::Cached => "cached",
            Self::DomainController => "dc",
            Self::EntraInteractive => "entra-interactive",
            Self::EntraNonInteractive => "entra-noninteractive",
            Self::EntraServicePrincipal => "entra-serviceprincipal",
            Self::EntraManagedIdentity => "entra-managedidentity",
        }
    }
    #[must_use]
    pub const fn is_entra(self) -> bool {
        matches!(self, Self::EntraInteractive | Self::EntraNonInteractive | Self::EntraServicePrincipal | Self::EntraManagedIdentity)
    }
}
