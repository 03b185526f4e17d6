//! What stands in a case now: the things that are marked or have a note, and all that was decided, in the order of time.

use super::Case;
use super::entry::{Act, Entry};
use super::thing::Thing;
use crate::base::time::Timestamp;

/// A thing with a bookmark, a note or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    pub thing: Thing,
    /// When it belongs there: its own time, or the moment that was looked at when it was noted.
    pub at: Option<Timestamp>,
    /// The entry that set the bookmark.
    pub mark: Option<Entry>,
    /// The entry with the words.
    pub note: Option<Entry>,
}

impl Noted {
    /// The words of the note; empty where there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.note.as_ref().map_or("", |entry| entry.act.reason())
    }
}

impl Case {
    /// Things that are marked or have a note, by time; those that have none come last, in the order of noting.
    #[must_use]
    pub fn noted(&self) -> Vec<Noted> {
        let mut list: Vec<Noted> = Vec::new();
        let mut known: rustc_hash::FxHashMap<String, usize> = rustc_hash::FxHashMap::default();
        // Newest first: what was said of a thing before is passed over.
        let mut said: rustc_hash::FxHashSet<(bool, usize)> = rustc_hash::FxHashSet::default();
        for entry in self.standing() {
            let (on, is_mark) = match &entry.act {
                Act::Mark { on, .. } => (on, true),
                Act::Note { on, .. } => (on, false),
                _ => continue,
            };
            let keys = on.keys();
            let place = keys.iter().find_map(|key| known.get(key).copied()).unwrap_or_else(|| {
                list.push(Noted { thing: on.clone(), at: None, mark: None, note: None });
                list.len() - 1
            });
            known.extend(keys.into_iter().map(|key| (key, place)));
            if !said.insert((is_mark, place)) {
                continue;
            }
            let Some(noted) = list.get_mut(place) else { continue };
            match &entry.act {
                Act::Mark { set: true, .. } => noted.mark = Some(entry.clone()),
                Act::Note { text, .. } if !text.is_empty() => noted.note = Some(entry.clone()),
                _ => continue,
            }
            noted.at = noted.at.or_else(|| entry.act.moment());
        }
        list.retain(|noted| noted.mark.is_some() || noted.note.is_some());
        list.reverse();
        list.sort_by_key(|noted| (noted.at.is_none(), noted.at));
        list
    }
    /// Everything that stands: of each thing its bookmark and its note, and every decision, by the time of what it is about.
    #[must_use]
    pub fn standing_by_time(&self) -> Vec<Entry> {
        let noted = self.noted().into_iter().flat_map(|noted| noted.mark.into_iter().chain(noted.note));
        let decisions = self.standing().filter(|entry| matches!(entry.act, Act::Decide { .. } | Act::Suppress { .. })).cloned();
        let mut list: Vec<Entry> = noted.chain(decisions).collect();
        list.sort_by_cached_key(|entry| (entry.act.moment().is_none(), entry.act.moment(), entry.at.clone(), entry.id.clone()));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(record: u64, at: &str) -> Thing {
        Thing::Event {
            at: at.into(),
            host: "fs01.corp.example".into(),
            channel: "Security".into(),
            record,
            id: String::new(),
            words: "4624 logon".into(),
        }
    }
    fn entry(id: &str, act: Act) -> Entry {
        Entry { id: id.into(), at: format!("2026-03-14T10:00:0{id}Z"), by: "kl".into(), act }
    }
    fn mark(id: &str, on: &Thing, set: bool) -> Entry {
        entry(id, Act::Mark { on: on.clone(), set, moment: Some("2026-03-14T09:40:00Z".into()) })
    }
    fn note(id: &str, on: &Thing, text: &str) -> Entry {
        entry(id, Act::Note { on: on.clone(), text: text.into(), moment: None })
    }
    fn told(case: &Case) -> Vec<(String, bool, String)> {
        case.noted().into_iter().map(|noted| (noted.thing.words(), noted.mark.is_some(), noted.text().to_owned())).collect()
    }

    #[test]
    fn the_newest_word_counts_and_everything_stands_in_time() {
        let (early, late) = (event(1, "2026-03-14T09:00:00.1234567Z"), event(2, "2026-03-14T09:50:00Z"));
        let account = Thing::Account { name: "corp\\a".into(), sid: "S-1-5-21-1-2-3-1001".into() };
        let mut case = Case::default();
        case.add(mark("1", &late, true));
        case.add(mark("2", &account, true));
        case.add(note("3", &early, "asked"));
        case.add(note("4", &early, "asked twice"));
        let all = [("4624 logon", false, "asked twice"), ("corp\\a", true, ""), ("4624 logon", true, "")];
        let found = told(&case);
        assert_eq!(found.len(), 3);
        for ((words, is_marked, text), (wanted, marked, note)) in found.iter().zip(all) {
            assert!(words.starts_with(wanted), "{words}");
            assert_eq!((*is_marked, text.as_str()), (marked, note));
        }
        case.add(mark("5", &late, false));
        case.add(note("6", &early, ""));
        assert_eq!(told(&case).len(), 1, "taken away: {:?}", told(&case));
        case.add(entry("7", Act::Undo { of: "6".into() }));
        case.add(entry("8", Act::Undo { of: "5".into() }));
        assert_eq!(told(&case), found, "and taken back");
        assert_eq!(case.standing_by_time().iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["4", "2", "1"]);
    }

    #[test]
    fn a_thing_is_known_again_by_what_its_record_says() {
        let one = event(7, "2026-03-14T09:00:00.1234567Z");
        assert!(one.is(&event(7, "2026-03-14T09:00:00.123Z")), "an export with fewer digits");
        assert!(!one.is(&event(8, "2026-03-14T09:00:00.123Z")));
        assert!(!one.is(&event(7, "2026-03-15T09:00:00.123Z")), "numbers begin anew when a log is cleared");
        let named = Thing::Account { name: "corp\\a".into(), sid: "S-1-5-21-1-2-3-1001".into() };
        assert!(named.is(&Thing::Account { name: "s-1-5-21-1-2-3-1001".into(), sid: "S-1-5-21-1-2-3-1001".into() }));
        assert!(named.is(&Thing::Account { name: "CORP\\A".into(), sid: String::new() }));
        assert!(!named.is(&Thing::Host { name: "corp\\a".into() }));
    }
}
