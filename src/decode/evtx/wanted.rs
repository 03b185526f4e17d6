//! Which records can be logon records at all, by provider and event id.
//!
//! A busy Security log is mostly process and object access; leaving those once provider and id are known is what makes
//! reading fast. The list may be too wide, never too narrow: `normalise` decides what a record means. Ids of the Security
//! log are grouped as in Microsoft's audit policy; pre-Vista ids appear in converted logs.

/// May `normalise` make something of such a record? `true` where the provider is not known.
#[must_use]
pub fn wanted(provider: &str, event_id: u32) -> bool {
    match provider {
        "Microsoft-Windows-Security-Auditing" => is_security(event_id),
        "Security" | "" => true,
        "Microsoft-Windows-Eventlog"
        | "EventLog"
        | "User32"
        | "USER32"
        | "Microsoft-Windows-Winlogon"
        | "Microsoft-Windows-Kernel-General"
        | "Microsoft-Windows-Kernel-Power"
        | "Microsoft-Windows-Kernel-Boot"
        | "OpenSSH"
        | "sshd"
        | "NETLOGON" => true,
        _ => PREFIXES.iter().any(|prefix| provider.starts_with(prefix)),
    }
}

const PREFIXES: [&str; 9] = [
    "Microsoft-Windows-TerminalServices",
    "Microsoft-Windows-RemoteDesktopServices",
    "Microsoft-Windows-User Profiles",
    "Microsoft-Windows-User-Profiles",
    "Microsoft-Windows-NTLM",
    "Microsoft-Windows-WinRM",
    "Microsoft-Windows-Windows Remote Management",
    "Microsoft-Windows-Authentication",
    "MSSQL",
];

fn is_security(event_id: u32) -> bool {
    match event_id {
        // System start, stop, time change.
        4608..=4616 => true,
        // Logon, logoff, lockout, explicit credentials, groups, replay.
        4624..=4627 | 4634 | 4646 | 4647 | 4648 | 4649 | 4672 | 4675 => true,
        // Account management.
        4720..=4767 | 4780..=4782 => true,
        // Kerberos and NTLM, session reconnect, lock, screen saver, Kerberos policy.
        4768..=4779 | 4800..=4803 | 4820..=4825 => true,
        // Special groups, credential delegation, 802.1x, RADIUS.
        4964 | 5378 | 5632 | 5633 | 6272..=6280 => true,
        // Service and pre-Vista numbers.
        0..=1200 => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logons_are_wanted_and_noise_is_left() {
        for id in [528, 1102, 4608, 4624, 4625, 4634, 4648, 4672, 4740, 4768, 4771, 4776, 4778, 4801, 4825, 4964, 5633] {
            assert!(wanted("Microsoft-Windows-Security-Auditing", id), "{id}");
        }
        for id in [4656, 4658, 4663, 4688, 4689, 4703, 5140, 5156, 5158] {
            assert!(!wanted("Microsoft-Windows-Security-Auditing", id), "{id}");
        }
        assert!(wanted("Microsoft-Windows-TerminalServices-LocalSessionManager", 21));
        assert!(wanted("MSSQL$SQLEXPRESS", 18456));
        assert!(!wanted("Microsoft-Windows-Sysmon", 1));
    }
}
