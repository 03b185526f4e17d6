//! Run or open anything by its name: actions, accounts, hosts, sources, anomalies.
//!
//! What can be found is listed once, when the palette opens; a key only ranks it anew.

mod keys;
mod search;

pub(super) use keys::{key, open, paste};

use crate::base::segments::SegVec;
use crate::base::text;
use crate::model::anomaly::Severity;
use crate::model::ids::{AccountId, AnomalyId, HostId, SourceId};
use crate::query::Saved;
use crate::store::Snapshot;
use crate::ui::action::{Action, Context};
use crate::ui::effect::Place;
use crate::ui::field::TextField;
use crate::ui::keymap::Keymap;
use crate::ui::marks::Marked;
use search::Query;
use std::cmp::Reverse;

/// What Enter does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Run(Action),
    Open(Place),
    /// Becomes the filter.
    Filter(String),
    /// A bookmark or note, by its place in the list of them.
    Noted(usize),
}

/// The sorts of things, in the order in which equally good ones stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Command,
    Account,
    Host,
    Source,
    Anomaly,
    Bookmark,
    Filter,
}

impl Sort {
    pub const ALL: [Self; 7] = [Self::Command, Self::Account, Self::Host, Self::Source, Self::Anomaly, Self::Bookmark, Self::Filter];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Account => "account",
            Self::Host => "host",
            Self::Source => "source",
            Self::Anomaly => "anomaly",
            Self::Filter => "filter",
            Self::Bookmark => "bookmark",
        }
    }
    /// Typed first, it leaves only this sort.
    #[must_use]
    pub const fn prefix(self) -> char {
        match self {
            Self::Command => '>',
            Self::Account => '@',
            Self::Host => '#',
            Self::Source => '~',
            Self::Anomaly => '!',
            Self::Filter => '%',
            Self::Bookmark => '*',
        }
    }
}

/// One thing that can be found.
#[derive(Clone, Debug)]
pub struct Item {
    pub sort: Sort,
    /// What is searched, cleaned.
    pub name: String,
    /// What is known of it, in a few words.
    pub detail: String,
    /// Keys that do the same without the palette.
    pub keys: String,
    pub target: Target,
    /// `name` in lower case.
    folded: String,
}

impl Item {
    fn new(sort: Sort, name: String, detail: String, keys: String, target: Target) -> Self {
        let folded = name.to_lowercase();
        Self { sort, name, detail, keys, target, folded }
    }
}

/// Names chosen lately, newest first.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    names: Vec<String>,
}

impl Chosen {
    const MOST: usize = 32;

    fn add(&mut self, name: &str) {
        self.names.retain(|known| known != name);
        self.names.insert(0, name.to_owned());
        self.names.truncate(Self::MOST);
    }
    fn rank(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }
}

/// The open palette.
pub struct Palette {
    pub field: TextField,
    items: Vec<Item>,
    /// Places in `items` that fit, best first.
    found: Vec<usize>,
    pub cursor: usize,
    /// Rows of tables that are not among `items`, so that opening and typing never wait.
    left_out: usize,
}

impl Palette {
    #[must_use]
    pub fn new(snapshot: &Snapshot, (marked, saved): (&Marked, &Saved), keymap: &Keymap, context: Context, chosen: &Chosen) -> Self {
        let mut items = commands(keymap, context);
        entities(snapshot, &mut items);
        bookmarks(marked, &mut items);
        items.extend(saved.all().map(|entry| {
            let name = text::clean(&format!("@{}  {}", entry.name, entry.about)).trim_end().to_owned();
            let detail = text::clean(&text::fit(entry.filter, FILTER_CELLS)).into_owned();
            Item::new(Sort::Filter, name, detail, String::new(), Target::Filter(format!("@{}", entry.name)))
        }));
        let mut palette = Self { field: TextField::default(), items, found: Vec::new(), cursor: 0, left_out: left_out(snapshot) };
        palette.search(chosen);
        palette
    }
    /// Ranks all items by the text as it is now.
    fn search(&mut self, chosen: &Chosen) {
        let query = Query::of(&self.field.text());
        let fits = self.items.iter().enumerate().filter_map(|(place, item)| Some((place, query.fit(item.sort, &item.folded)?, item)));
        let mut found: Vec<_> = fits
            .map(|(place, fit, item)| ((Reverse(fit), chosen.rank(&item.name).unwrap_or(usize::MAX), item.sort, &item.folded), place))
            .collect();
        found.sort_unstable();
        self.found = found.into_iter().map(|(_, place)| place).collect();
        self.cursor = 0;
    }
    fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.found.len().saturating_sub(1));
    }
    /// How many fit, and of how many.
    #[must_use]
    pub const fn counts(&self) -> (usize, usize) {
        (self.found.len(), self.items.len())
    }
    /// Accounts, hosts, sources and anomalies that are too many to be listed: the quietest and the oldest of them.
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.left_out
    }
    /// What fits, best first, from a place on.
    pub fn found(&self, from: usize) -> impl Iterator<Item = (usize, &Item)> {
        self.found.iter().enumerate().skip(from).filter_map(|(place, item)| Some((place, self.items.get(*item)?)))
    }
}

/// What a key does in this context, but for moving the cursor and for what is the palette's own.
fn commands(keymap: &Keymap, context: Context) -> Vec<Item> {
    const LEFT_OUT: [&str; 3] = ["cursor.", "popup.", "palette."];
    let is_offered = |action: Action| !LEFT_OUT.iter().any(|group| action.id().starts_with(group));
    let mut items: Vec<Item> = Vec::new();
    for binding in keymap.bindings(context).filter(|binding| is_offered(binding.action)) {
        match items.iter_mut().find(|item| item.target == Target::Run(binding.action)) {
            Some(item) => item.keys = format!("{}  {}", item.keys, binding.keys()),
            None => {
                let name = binding.action.text().to_owned();
                items.push(Item::new(Sort::Command, name, String::new(), binding.keys(), Target::Run(binding.action)));
            }
        }
    }
    items
}

fn sessions(count: u32, worst: Option<Severity>) -> String {
    let noun = if count == 1 { "session" } else { "sessions" };
    let worst = worst.map_or_else(String::new, |worst| format!("  {}", worst.letter()));
    format!("{} {noun}{worst}", text::count(u64::from(count)))
}

/// Bookmarks and notes, by the words of the note where there are some.
fn bookmarks(marked: &Marked, items: &mut Vec<Item>) {
    for (place, noted) in marked.list().iter().enumerate() {
        let thing = text::clean(&format!("{} {}", noted.thing.noun(), noted.thing.words())).into_owned();
        let (name, detail) = match noted.text() {
            "" => (thing, String::new()),
            words => (format!("\"{}\"", text::clean(words)), thing),
        };
        items.push(Item::new(Sort::Bookmark, name, detail, String::new(), Target::Noted(place)));
    }
}

/// Rows listed of each table.
const LISTED: usize = 5_000;
/// Cells of the text of a saved filter.
const FILTER_CELLS: usize = 32;

/// The rows of a table that are listed: all of a small one, of a large one those with the most marks and events.
fn busiest<T>(rows: &SegVec<T>, stands: impl Fn(&T) -> bool, rank: impl Fn(&T) -> (Option<Severity>, u32)) -> Vec<usize> {
    let mut listed: Vec<(usize, (Option<Severity>, u32))> =
        rows.iter().enumerate().filter(|(_, row)| stands(row)).map(|(place, row)| (place, rank(row))).collect();
    if listed.len() > LISTED {
        listed.select_nth_unstable_by_key(LISTED, |(place, rank)| (Reverse(*rank), *place));
        listed.truncate(LISTED);
        listed.sort_unstable();
    }
    listed.into_iter().map(|(place, _)| place).collect()
}

fn left_out(snapshot: &Snapshot) -> usize {
    let tables = &snapshot.tables;
    let accounts = tables.accounts.len().saturating_sub(tables.merged_accounts);
    [accounts, tables.hosts.len(), tables.sources.len(), tables.anomalies.len()].into_iter().map(|rows| rows.saturating_sub(LISTED)).sum()
}

fn entities(snapshot: &Snapshot, items: &mut Vec<Item>) {
    let (tables, names) = (&snapshot.tables, &snapshot.names);
    let open = |place| (String::new(), Target::Open(place));
    let accounts = busiest(&tables.accounts, |account| account.merged_into.is_none(), |account| (account.worst, account.events));
    for (row, account) in accounts.into_iter().filter_map(|row| Some((row, tables.accounts.get(row)?))) {
        let (keys, target) = open(Place::Account(AccountId::new(row)));
        items.push(Item::new(Sort::Account, account.name(names), sessions(account.visits, account.worst), keys, target));
    }
    let hosts = busiest(&tables.hosts, |_| true, |host| (host.worst, host.events));
    for (row, host) in hosts.into_iter().filter_map(|row| Some((row, tables.hosts.get(row)?))) {
        let (keys, target) = open(Place::Host(HostId::new(row)));
        items.push(Item::new(Sort::Host, names.shown(host.name), sessions(host.visits, host.worst), keys, target));
    }
    let sources = busiest(&tables.sources, |_| true, |source| (source.worst, source.events));
    for (row, source) in sources.into_iter().filter_map(|row| Some((row, tables.sources.get(row)?))) {
        let (keys, target) = open(Place::Source(SourceId::new(row)));
        items.push(Item::new(Sort::Source, source.name(names), sessions(source.visits, source.worst), keys, target));
    }
    let anomalies = busiest(&tables.anomalies, |_| true, |anomaly| (Some(anomaly.severity), u32::from(anomaly.score)));
    for (row, anomaly) in anomalies.into_iter().filter_map(|row| Some((row, tables.anomalies.get(row)?))) {
        let (keys, target) = open(Place::Anomaly(AnomalyId::new(row)));
        let who = anomaly.accounts.first().and_then(|id| tables.account(*id)).map(|account| account.name(names));
        let name = format!("{} {}", anomaly.detection.id, who.unwrap_or_default());
        let detail = format!("{} {}", anomaly.severity.letter(), anomaly.score);
        items.push(Item::new(Sort::Anomaly, name.trim_end().to_owned(), detail, keys, target));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::source::Source;

    #[test]
    fn of_a_large_table_the_busiest_are_listed_and_the_rest_is_said() {
        let mut snapshot = Snapshot::default();
        for number in 0..200_000_u32 {
            // The last ones are the busiest; one quiet one is marked.
            let worst = (number == 7).then_some(Severity::High);
            snapshot.tables.sources.push(Source { events: number, worst, ..Source::default() });
        }
        let (marked, saved) = (Marked::default(), Saved::default());
        let nothing = (&marked, &saved);
        let palette = Palette::new(&snapshot, nothing, &Keymap::shipped(), Context::Table, &Chosen::default());
        let places: Vec<usize> = palette
            .items
            .iter()
            .filter_map(|item| if let Target::Open(Place::Source(id)) = &item.target { Some(id.index()) } else { None })
            .collect();
        assert_eq!(places.len(), LISTED);
        assert_eq!((places[0], places[1], places[LISTED - 1]), (7, 195_001, 199_999));
        assert_eq!(palette.left_out(), 195_000);
        let all = Palette::new(&Snapshot::default(), nothing, &Keymap::shipped(), Context::Table, &Chosen::default());
        assert_eq!(all.left_out(), 0);
        assert!(all.items.iter().any(|item| item.target == Target::Filter("@spray".to_owned())));
    }
}
