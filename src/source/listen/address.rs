//! Addresses of listeners as they are typed: `tcp://127.0.0.1:5140`, `https://:9200`.
//!
//! Without a host an address means the loopback; the world is only listened to when its address is typed. Names other
//! than `localhost` are refused: what is opened must be what is read.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What is spoken at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Lines or counted frames, with or without syslog headers.
    Stream,
    /// Datagrams, with or without syslog headers.
    Datagram,
    /// Elasticsearch `_bulk`, Splunk HEC, plain POST.
    Http,
}

/// Schemes, what they speak, and whether inside TLS. `syslog` is taken with each and says nothing more: headers are
/// recognised message by message.
const SCHEMES: [(&str, Protocol, bool); 9] = [
    ("tcp", Protocol::Stream, false),
    ("udp", Protocol::Datagram, false),
    ("tls", Protocol::Stream, true),
    ("http", Protocol::Http, false),
    ("https", Protocol::Http, true),
    ("syslog", Protocol::Stream, false),
    ("syslog+tcp", Protocol::Stream, false),
    ("syslog+udp", Protocol::Datagram, false),
    ("syslog+tls", Protocol::Stream, true),
];

/// Where to listen and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// As it is typed, without `://`.
    pub scheme: &'static str,
    pub protocol: Protocol,
    pub is_tls: bool,
    pub at: SocketAddr,
}

impl Address {
    /// Reads what was typed.
    ///
    /// # Errors
    /// A sentence that says what to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or_else(|| {
            format!(
                "'{text}' is no address to listen on: write tcp://127.0.0.1:5140, udp://:5140, tls://:6514, http://:9200 or https://:9200"
            )
        })?;
        let known = SCHEMES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(scheme));
        let (scheme, protocol, is_tls) = *known.ok_or_else(|| {
            let names: Vec<&str> = SCHEMES.iter().map(|(name, ..)| *name).collect();
            format!("'{scheme}' cannot be listened to: write one of {}", names.join(", "))
        })?;
        let (host, port) = rest
            .trim_end_matches('/')
            .rsplit_once(':')
            .ok_or_else(|| format!("'{text}' has no port: write {scheme}://127.0.0.1:PORT, or port 0 for a free one"))?;
        let port = port.parse().map_err(|_| format!("'{port}' is no port: write a number from 0 to 65535"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let ip = match host {
            "" | "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
            host => host.parse().map_err(|_| {
                format!("'{host}' is no IP address: write the address of this machine to listen on, 127.0.0.1 or 0.0.0.0 for all of them")
            })?,
        };
        Ok(Self { scheme, protocol, is_tls, at: SocketAddr::new(ip, port) })
    }
    /// Whether only this machine can reach it.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.at.ip().is_loopback()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}", self.scheme, self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_host_is_the_loopback_and_a_name_is_no_address() {
        for (text, shown, loopback) in [
            ("tcp://:5140", "tcp://127.0.0.1:5140", true),
            ("udp://localhost:5140", "udp://127.0.0.1:5140", true),
            ("TLS://0.0.0.0:6514", "tls://0.0.0.0:6514", false),
            ("https://[::1]:9200/", "https://[::1]:9200", true),
            ("syslog+udp://[::]:514", "syslog+udp://[::]:514", false),
            ("http://192.0.2.7:0", "http://192.0.2.7:0", false),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.to_string().as_str(), address.is_loopback()), (shown, loopback), "{text}");
        }
        for (text, says) in [
            ("5140", "write tcp://"),
            ("ftp://:21", "write one of"),
            ("tcp://127.0.0.1", "no port"),
            ("tcp://:99999", "0 to 65535"),
            ("tcp://host.example:5140", "no IP address"),
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
