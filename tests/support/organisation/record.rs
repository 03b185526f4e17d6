//! Records as Winlogbeat writes them, one JSON line each.

use super::Moment;
use std::fmt::Write as _;

pub const SECURITY: Log = Log { channel: "Security", provider: "Microsoft-Windows-Security-Auditing", in_user_data: false };
/// The event log service writes into Security under its own name.
pub const SERVICE: Log = Log { channel: "Security", provider: "Microsoft-Windows-Eventlog", in_user_data: false };
pub const EVENT_LOG: Log = Log { channel: "System", provider: "EventLog", in_user_data: false };
pub const KERNEL: Log = Log { channel: "System", provider: "Microsoft-Windows-Kernel-General", in_user_data: false };
pub const POWER: Log = Log { channel: "System", provider: "Microsoft-Windows-Kernel-Power", in_user_data: false };
pub const USER32: Log = Log { channel: "System", provider: "User32", in_user_data: false };
pub const WINLOGON: Log = Log { channel: "System", provider: "Microsoft-Windows-Winlogon", in_user_data: false };
pub const LOCAL_SESSIONS: Log = Log {
    channel: "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
    provider: "Microsoft-Windows-TerminalServices-LocalSessionManager",
    in_user_data: true,
};
pub const REMOTE_CONNECTIONS: Log = Log {
    channel: "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
    provider: "Microsoft-Windows-TerminalServices-RemoteConnectionManager",
    in_user_data: true,
};
pub const RDP_TRANSPORT: Log = Log {
    channel: "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational",
    provider: "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS",
    in_user_data: false,
};

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    pub channel: &'static str,
    pub provider: &'static str,
    pub in_user_data: bool,
}

/// One record on its way to a collector.
#[derive(Clone, Debug)]
pub struct Record {
    pub at: Moment,
    pub host: usize,
    pub log: Log,
    pub id: u32,
    pub number: u64,
    /// Members of the JSON object with its values.
    pub data: String,
}

/// Members of a JSON object.
pub fn members(pairs: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(pairs.len() * 32);
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push(',');
        }
        text.push('"');
        text.push_str(name);
        text.push_str("\":\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\') {
                text.push('\\');
            }
            text.push(c);
        }
        text.push('"');
    }
    text
}

impl Record {
    pub fn line(&self, computer: &str, out: &mut String) {
        let at = chrono::DateTime::from_timestamp_millis(self.at).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let Log { channel, provider, in_user_data } = self.log;
        let place = if in_user_data { "user_data" } else { "event_data" };
        let Self { id, number, data, .. } = self;
        writeln!(
            out,
            r#"{{"@timestamp":"{at}","winlog":{{"channel":"{channel}","computer_name":"{computer}","event_id":"{id}","provider_name":"{provider}","record_id":{number},"{place}":{{{data}}}}}}}"#
        )
        .unwrap();
    }
}
