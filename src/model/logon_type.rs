//! `LogonType` of 4624 and 4625 (Microsoft, "4624(S)", table of logon types).

/// The way an account logged on, as Windows numbers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogonType {
    /// 0: SYSTEM at start-up.
    System,
    /// 2: at this computer; also runas and programs that call LogonUser.
    Interactive,
    /// 3: from the network.
    Network,
    /// 4: scheduled task.
    Batch,
    /// 5: started by the Service Control Manager.
    Service,
    /// 7: unlock, and reconnect of a Remote Desktop session.
    Unlock,
    /// 8: network logon whose password reached the host in clear form.
    NetworkCleartext,
    /// 9: same identity here, other credentials for outbound connections.
    NewCredentials,
    /// 10: Remote Desktop.
    RemoteInteractive,
    /// 11: with credentials cached on the host.
    CachedInteractive,
    /// 12: Remote Desktop with cached credentials.
    CachedRemoteInteractive,
    /// 13: unlock with cached credentials.
    CachedUnlock,
    /// A number that Windows does not define.
    Other(u8),
    /// The record has no logon type.
    #[default]
    None,
}

impl LogonType {
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        match number {
            0 => Self::System,
            2 => Self::Interactive,
            3 => Self::Network,
            4 => Self::Batch,
            5 => Self::Service,
            7 => Self::Unlock,
            8 => Self::NetworkCleartext,
            9 => Self::NewCredentials,
            10 => Self::RemoteInteractive,
            11 => Self::CachedInteractive,
            12 => Self::CachedRemoteInteractive,
            13 => Self::CachedUnlock,
            other => Self::Other(if other > 255 { 255 } else { other as u8 }),
        }
    }
    /// The type a text names: Microsoft's name in any spelling, `3 - Network` of Sentinel, and the words of Defender.
    #[must_use]
    pub fn named(text: &str) -> Self {
        let letters: String = text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
        match letters.as_str() {
            "interactive" | "interactivelogon" => Self::Interactive,
            "network" | "resourceaccess" => Self::Network,
            "batch" => Self::Batch,
            "service" => Self::Service,
            "unlock" => Self::Unlock,
            "networkcleartext" => Self::NetworkCleartext,
            "newcredentials" => Self::NewCredentials,
            "remoteinteractive" | "remoteinteractiverdplogons" | "remotedesktop" => Self::RemoteInteractive,
            "cachedinteractive" => Self::CachedInteractive,
            "cachedremoteinteractive" => Self::CachedRemoteInteractive,
            "cachedunlock" => Self::CachedUnlock,
            "system" => Self::System,
            _ => Self::None,
        }
    }
    #[must_use]
    pub const fn number(self) -> Option<u8> {
        Some(match self {
            Self::System => 0,
            Self::Interactive => 2,
            Self::Network => 3,
            Self::Batch => 4,
            Self::Service => 5,
            Self::Unlock => 7,
            Self::NetworkCleartext => 8,
            Self::NewCredentials => 9,
            Self::RemoteInteractive => 10,
            Self::CachedInteractive => 11,
            Self::CachedRemoteInteractive => 12,
            Self::CachedUnlock => 13,
            Self::Other(number) => number,
            Self::None => return None,
        })
    }
    /// The name Microsoft gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Interactive => "Interactive",
            Self::Network => "Network",
            Self::Batch => "Batch",
            Self::Service => "Service",
            Self::Unlock => "Unlock",
            Self::NetworkCleartext => "NetworkCleartext",
            Self::NewCredentials => "NewCredentials",
            Self::RemoteInteractive => "RemoteInteractive",
            Self::CachedInteractive => "CachedInteractive",
            Self::CachedRemoteInteractive => "CachedRemoteInteractive",
            Self::CachedUnlock => "CachedUnlock",
            Self::Other(_) => "undefined",
            Self::None => "-",
        }
    }
    /// Every type, each at its `place`; 0 stands for all that Windows does not define.
    pub const ALL: &[Self] = &[
        Self::System,
        Self::Interactive,
        Self::Network,
        Self::Batch,
        Self::Service,
        Self::Unlock,
        Self::NetworkCleartext,
        Self::NewCredentials,
        Self::RemoteInteractive,
        Self::CachedInteractive,
        Self::CachedRemoteInteractive,
        Self::CachedUnlock,
        Self::Other(0),
        Self::None,
    ];
    /// A new desktop begins: types 2, 10, 11, 12.
    pub const DESKTOPS: &[Self] = &[Self::Interactive, Self::RemoteInteractive, Self::CachedInteractive, Self::CachedRemoteInteractive];
    /// A person supplies a factor and gets a desktop or shell: types 2, 7, 10, 11, 12, 13.
    pub const INTERACTIVE: &[Self] = &[
        Self::Interactive,
        Self::Unlock,
        Self::RemoteInteractive,
        Self::CachedInteractive,
        Self::CachedRemoteInteractive,
        Self::CachedUnlock,
    ];
    /// Where it stands in `ALL`.
    #[must_use]
    pub const fn place(self) -> usize {
        match self {
            Self::System => 0,
            Self::Interactive => 1,
            Self::Network => 2,
            Self::Batch => 3,
            Self::Service => 4,
            Self::Unlock => 5,
            Self::NetworkCleartext => 6,
            Self::NewCredentials => 7,
            Self::RemoteInteractive => 8,
            Self::CachedInteractive => 9,
            Self::CachedRemoteInteractive => 10,
            Self::CachedUnlock => 11,
            Self::Other(_) => 12,
            Self::None => 13,
        }
    }
    /// It is one of `DESKTOPS`.
    #[must_use]
    pub fn begins_desktop(self) -> bool {
        Self::DESKTOPS.contains(&self)
    }
    /// It is one of `INTERACTIVE`.
    #[must_use]
    pub fn is_interactive(self) -> bool {
        Self::INTERACTIVE.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::LogonType;

    #[test]
    fn each_type_stands_at_its_place() {
        assert!(LogonType::ALL.iter().enumerate().all(|(place, logon_type)| logon_type.place() == place));
    }

    #[test]
    fn a_type_is_known_by_its_name_in_any_spelling() {
        for (text, expected) in [
            ("RemoteInteractive", LogonType::RemoteInteractive),
            ("Remote desktop", LogonType::RemoteInteractive),
            ("3 - Network", LogonType::Network),
            ("CachedInteractive", LogonType::CachedInteractive),
            ("Credentials validation", LogonType::None),
            ("", LogonType::None),
        ] {
            assert_eq!(LogonType::named(text), expected, "{text}");
        }
    }
}
