//! Messages collected to be handed on together: one record a line, JSON and XML apart.
//!
//! Each record stands on one line, so a broken one cannot take the next one with it, and nothing of one sender can change
//! how another one is read.

use super::syslog;
use memchr::memchr;
use std::net::SocketAddr;

/// How the records of a part are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One record a line: `Received::messages` of them.
    JsonLines,
    /// JSON as somebody laid it out.
    Json,
    Xml,
}

/// Records of one layout and who sent them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub layout: Layout,
    pub bytes: Vec<u8>,
    /// Who sent what begins here; in order, the first at 0.
    pub senders: Vec<(usize, SocketAddr)>,
    pub messages: u64,
}

impl Part {
    #[must_use]
    pub const fn new(layout: Layout) -> Self {
        Self { layout, bytes: Vec::new(), senders: Vec::new(), messages: 0 }
    }
    /// A part of one sender that is taken as it came, such as the body of a request.
    #[must_use]
    pub fn whole(bytes: Vec<u8>, from: SocketAddr) -> Self {
        let layout = if bytes.trim_ascii_start().first() == Some(&b'<') { Layout::Xml } else { Layout::Json };
        Self { layout, bytes, senders: vec![(0, from)], messages: 1 }
    }
    fn add(&mut self, record: &[u8], from: SocketAddr) {
        if self.senders.last().is_none_or(|(_, last)| *last != from) {
            self.senders.push((self.bytes.len(), from));
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(record);
        if memchr(b'\n', record).is_some() {
            // Between the tokens of JSON and XML a newline is as good as a space; inside a text JSON has none.
            self.bytes.iter_mut().skip(start).filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
        }
        self.bytes.push(b'\n');
        self.messages += 1;
    }
}

/// The parts that are being filled.
#[derive(Debug)]
pub struct Parts {
    json: Part,
    xml: Part,
}

impl Default for Parts {
    fn default() -> Self {
        Self { json: Part::new(Layout::JsonLines), xml: Part::new(Layout::Xml) }
    }
}

impl Parts {
    /// Adds a message; its syslog header is left out, an empty one is passed over.
    pub fn message(&mut self, message: &[u8], from: SocketAddr) {
        let record = syslog::record(message);
        match record.first() {
            None => {}
            Some(b'<') => self.xml.add(record, from),
            Some(_) => self.json.add(record, from),
        }
    }
    /// Adds a datagram, which may hold several records, one a line.
    pub fn datagram(&mut self, datagram: &[u8], from: SocketAddr) {
        let datagram = datagram.trim_ascii_end();
        let lines = || datagram.split(|byte| *byte == b'\n');
        if lines().all(|line| matches!(line.first(), Some(b'{' | b'<'))) {
            lines().for_each(|line| self.message(line, from));
        } else {
            self.message(datagram, from);
        }
    }
    #[must_use]
    pub fn len(&self) -> usize {
        self.json.bytes.len() + self.xml.bytes.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// What was collected; collecting begins anew.
    pub fn take(&mut self) -> impl Iterator<Item = Part> + use<> {
        let taken = std::mem::take(self);
        [taken.json, taken.xml].into_iter().filter(|part| !part.bytes.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_of_lines_is_many_records_and_a_pretty_one_is_one() {
        let from = "127.0.0.1:1".parse().unwrap();
        let other = "127.0.0.2:1".parse().unwrap();
        let mut parts = Parts::default();
        parts.datagram(b"{\"a\":1}\n{\"a\":2}\n", from);
        parts.datagram(b"{\n \"a\": 3\n}\n", other);
        parts.datagram(b"<13>host: <Event/>", from);
        let taken: Vec<Part> = parts.take().collect();
        assert_eq!(taken[0].bytes, b"{\"a\":1}\n{\"a\":2}\n{  \"a\": 3 }\n");
        assert_eq!((taken[0].senders.as_slice(), taken[0].messages), (&[(0, from), (16, other)][..], 3));
        assert_eq!((taken[1].layout, taken[1].bytes.as_slice()), (Layout::Xml, &b"<Event/>\n"[..]));
        assert!(parts.is_empty());
    }
}
