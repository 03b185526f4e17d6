//! Cuts a stream into messages: by newlines, or by counted frames as RFC 5425 and RFC 6587 have them.
//!
//! Which of the two it is shows at the first byte of each message: a count is a number and a space, a record begins with
//! a bracket and a syslog header with `<`. A message that is too long is skipped and said; the next one is read again.

use super::limits::MESSAGE;
use super::parts::Parts;
use memchr::memchr;
use std::net::SocketAddr;

/// Most digits of a count. A longer number is no count: whoever believes it would wait for a gigabyte.
const COUNT_DIGITS: usize = 8;

/// A message that was not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped(pub String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the first byte of a message, or in a number that may be a count.
    Start,
    Line,
    /// In a counted frame of so many bytes.
    Counted(usize),
    /// In the rest of a line that is too long.
    SkipLine,
    /// Before so many bytes of a frame that is too long.
    SkipCounted(usize),
}

/// Cuts one connection.
#[derive(Debug)]
pub struct Framer {
    from: SocketAddr,
    state: State,
    /// The beginning of a message whose end has not come yet.
    begun: Vec<u8>,
}

impl Framer {
    #[must_use]
    pub const fn new(from: SocketAddr) -> Self {
        Self { from, state: State::Start, begun: Vec::new() }
    }
    /// Whether a message has begun whose end has not come yet.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.state != State::Start || !self.begun.is_empty()
    }
    /// Takes what came; whole messages go to `parts`.
    pub fn push(&mut self, bytes: &[u8], parts: &mut Parts) -> Result<(), Skipped> {
        let mut rest = bytes;
        let mut skipped = Ok(());
        while !rest.is_empty() {
            let taken = match self.state {
                State::Start => self.start(rest),
                State::Line => self.line(rest, parts),
                State::Counted(length) => Ok(self.counted(rest, length, parts)),
                State::SkipLine => Ok(memchr(b'\n', rest).map_or(rest.len(), |end| {
                    self.state = State::Start;
                    end + 1
                })),
                State::SkipCounted(length) => {
                    let taken = length.min(rest.len());
                    self.state = if taken == length { State::Start } else { State::SkipCounted(length - taken) };
                    Ok(taken)
                }
            };
            match taken {
                Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Err((taken, reason)) => {
                    rest = rest.get(taken..).unwrap_or_default();
                    skipped = Err(reason);
                }
            }
        }
        skipped
    }
    /// The sender closed: what has begun is a message if it is a line, which the last one may lack the newline of.
    pub fn finish(&mut self, parts: &mut Parts) -> Result<(), Skipped> {
        let begun = std::mem::take(&mut self.begun);
        match std::mem::replace(&mut self.state, State::Start) {
            State::Counted(length) => Err(Skipped(format!("the connection ended inside a frame: {} of {length} bytes came", begun.len()))),
            State::Start | State::Line => {
                parts.message(&begun, self.from);
                Ok(())
            }
            State::SkipLine | State::SkipCounted(_) => Ok(()),
        }
    }
    /// Decides what a message is; bytes between messages are passed over.
    fn start(&mut self, rest: &[u8]) -> Result<usize, (usize, Skipped)> {
        if self.begun.is_empty() {
            let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0).count();
            if blank > 0 {
                return Ok(blank);
            }
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).take(COUNT_DIGITS + 1).count();
        self.begun.extend_from_slice(rest.get(..digits).unwrap_or_default());
        match rest.get(digits) {
            Some(b' ') if (1..=COUNT_DIGITS).contains(&self.begun.len()) && self.begun.first() != Some(&b'0') => {
                let length: usize = std::str::from_utf8(&self.begun).ok().and_then(|digits| digits.parse().ok()).unwrap_or(usize::MAX);
                self.begun.clear();
                if length > MESSAGE {
                    self.state = State::SkipCounted(length);
                    return Err((digits + 1, Skipped(format!("a frame of {length} bytes is longer than {MESSAGE}"))));
                }
                self.state = State::Counted(length);
                Ok(digits + 1)
            }
            None if self.begun.len() <= COUNT_DIGITS => Ok(digits),
            _ => {
                self.state = State::Line;
                Ok(digits)
            }
        }
    }
    fn line(&mut self, rest: &[u8], parts: &mut Parts) -> Result<usize, (usize, Skipped)> {
        let end = memchr(b'\n', rest);
        let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if self.begun.len() + line.len() > MESSAGE {
            self.begun = Vec::new();
            self.state = if end.is_some() { State::Start } else { State::SkipLine };
            let taken = end.map_or(rest.len(), |end| end + 1);
            return Err((taken, Skipped(format!("a line is longer than {MESSAGE} bytes"))));
        }
        let Some(end) = end else {
            self.begun.extend_from_slice(line);
            return Ok(rest.len());
        };
        if self.begun.is_empty() {
            parts.message(line, self.from);
        } else {
            self.begun.extend_from_slice(line);
            parts.message(&self.begun, self.from);
            self.begun.clear();
        }
        self.state = State::Start;
        Ok(end + 1)
    }
    fn counted(&mut self, rest: &[u8], length: usize, parts: &mut Parts) -> usize {
        let missing = length - self.begun.len().min(length);
        let taken = missing.min(rest.len());
        let part = rest.get(..taken).unwrap_or_default();
        if taken < missing {
            self.begun.extend_from_slice(part);
            return taken;
        }
        if self.begun.is_empty() {
            parts.message(part, self.from);
        } else {
            self.begun.extend_from_slice(part);
            parts.message(&self.begun, self.from);
            self.begun.clear();
        }
        self.state = State::Start;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::super::parts::Layout;
    use super::*;

    /// What comes of a stream that arrives in pieces of `step` bytes.
    fn read(stream: &[u8], step: usize) -> (String, String, Vec<Skipped>) {
        let mut framer = Framer::new("127.0.0.1:1".parse().unwrap());
        let mut parts = Parts::default();
        let mut skipped: Vec<Skipped> = stream.chunks(step).filter_map(|piece| framer.push(piece, &mut parts).err()).collect();
        skipped.extend(framer.finish(&mut parts).err());
        let mut found = [String::new(), String::new()];
        for part in parts.take() {
            found[usize::from(part.layout == Layout::Xml)] = String::from_utf8(part.bytes).unwrap();
        }
        let [json, xml] = found;
        (json, xml, skipped)
    }

    #[test]
    fn lines_and_counted_frames_may_follow_each_other_and_come_in_pieces_of_any_size() {
        let stream =
            b"{\"a\":1}\r\n\n14 <13>1 - - - - \n{\"a\":2}\n28 <14>1 - - - - - - {\"a\":\n 3}\n\n9 <Event/>\n<Event><A/></Event>\n{\"a\":4}";
        let (whole_json, whole_xml, _) = read(stream, stream.len());
        assert_eq!(
            whole_json.lines().filter(|line| line.starts_with('{')).collect::<Vec<_>>(),
            ["{\"a\":1}", "{\"a\":2}", "{\"a\":  3}", "{\"a\":4}"]
        );
        assert_eq!(whole_xml.lines().collect::<Vec<_>>(), ["<Event/>", "<Event><A/></Event>"]);
        for step in 1..stream.len() {
            let (json, xml, skipped) = read(stream, step);
            assert_eq!((&json, &xml, skipped.len()), (&whole_json, &whole_xml, 0), "{step}");
        }
    }

    #[test]
    fn what_is_too_long_is_skipped_and_the_next_message_is_read() {
        let long = "x".repeat(MESSAGE + 1);
        for step in [1 << 16, usize::MAX >> 1] {
            let (json, _, skipped) = read(format!("{{\"a\":\"{long}\"}}\n{{\"a\":2}}\n").as_bytes(), step);
            assert_eq!((json.as_str(), skipped.len()), ("{\"a\":2}\n", 1));
            let (json, _, skipped) = read(format!("{} {long}{{\"a\":3}}\n", long.len()).as_bytes(), step);
            assert_eq!((json.as_str(), skipped.len()), ("{\"a\":3}\n", 1));
        }
        let (json, _, skipped) = read(b"40 {\"a\":1}", 3);
        assert_eq!((json.as_str(), skipped.len()), ("", 1), "a frame that is cut off is no record");
    }
}
