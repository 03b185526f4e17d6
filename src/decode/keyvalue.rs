//! Classic text of a Windows event, as Splunk's `WinEventLog` input writes it: a time, `Key=Value` lines, and a message.
//!
//! The keys lead to the paths below the place of the text; the first line, which has no key, is `time`. The message is the
//! last key and goes on to the end.

use super::catch::Catch;
use super::json::trie::{NodeId, Trie};

/// Keeps the values that `trie` wants below `id`.
pub fn read(text: &str, trie: &Trie, id: NodeId, catch: &mut Catch) {
    let mut keep = |key: &str, value: &str| {
        let child = trie.node(id).and_then(|node| node.child(key.as_bytes())).and_then(|child| trie.node(child));
        let Some(slot) = child.and_then(|child| child.slot) else { return };
        let got = catch.copy_text(value.as_bytes());
        catch.push(slot, 0, got);
    };
    let mut rest = text.trim_start();
    let mut first = true;
    while !rest.is_empty() {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        match line.split_once('=') {
            Some(("Message", _)) => {
                keep("Message", rest.get("Message=".len()..).unwrap_or_default());
                return;
            }
            Some((key, value)) => keep(key.trim(), value.trim()),
            None if first => keep("time", line.trim()),
            None => {}
        }
        first = false;
        rest = behind;
    }
}

/// Whether a text is worth reading: it names an event.
#[must_use]
pub fn is_event(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"EventCode=").is_some()
}
