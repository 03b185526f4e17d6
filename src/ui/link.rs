//! A link: the command line that opens what is on screen again, and what such a command line asks the screen to show.
//!
//! Names of accounts, hosts and sources are looked up when everything is read; sessions and events are named by their
//! number, which holds as long as the inputs do, and are checked against the time that stands beside it.

use crate::base::text::{clean, is_unsafe};
use crate::base::time::{Timestamp, Zone};
use crate::engine::handle::Command;
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::query;
use crate::store::{Phase, Snapshot};
use crate::ui::app::App;
use crate::ui::effect::{Effect, Place};
use crate::ui::prompt;
use crate::ui::update::{refresh, view_area};
use crate::ui::view::{Ctx, Selection, ViewId};

/// What is to be shown once everything is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    pub place: Option<Opening>,
    /// A time as `g t` takes it.
    pub at: Option<String>,
    /// The window of the timeline, both ends as `at`.
    pub window: Option<(String, String)>,
    /// The replay was sent to `at`, which takes a while.
    pub is_sought: bool,
}

/// A place as the command line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    View(ViewId),
    Account(String),
    Host(String),
    Source(String),
    /// Numbers from 1.
    Session(usize),
    Logon(usize),
    Event(usize),
    Anomaly(usize),
}

impl Opening {
    /// Reads `timeline`, `account:svc_backup@CORP`, `session:12`.
    ///
    /// # Errors
    /// The text names no place; what may be written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            "write timeline, anomalies, accounts, hosts, sources, paths, events or inputs, or account:NAME, host:NAME, source:NAME, \
             session:NUMBER, logon:NUMBER, event:NUMBER, anomaly:NUMBER"
                .to_owned()
        };
        let Some((kind, name)) = text.split_once(':') else {
            return ViewId::ALL.into_iter().find(|id| id.title().eq_ignore_ascii_case(text)).map(Self::View).ok_or_else(wrong);
        };
        let number = || name.parse().ok().filter(|number: &usize| *number > 0).ok_or_else(wrong);
        match kind {
            _ if name.is_empty() => Err(wrong()),
            "account" => Ok(Self::Account(name.to_owned())),
            "host" => Ok(Self::Host(name.to_owned())),
            "source" => Ok(Self::Source(name.to_owned())),
            "session" => number().map(Self::Session),
            "logon" => number().map(Self::Logon),
            "event" => number().map(Self::Event),
            "anomaly" => number().map(Self::Anomaly),
            _ => Err(wrong()),
        }
    }
    pub(super) fn text(&self) -> String {
        match self {
            Self::View(id) => id.title().to_lowercase(),
            Self::Account(name) => format!("account:{name}"),
            Self::Host(name) => format!("host:{name}"),
            Self::Source(name) => format!("source:{name}"),
            Self::Session(number) => format!("session:{number}"),
            Self::Logon(number) => format!("logon:{number}"),
            Self::Event(number) => format!("event:{number}"),
            Self::Anomaly(number) => format!("anomaly:{number}"),
        }
    }
    /// How the place is named from outside, and the time by which it is known again.
    pub(super) fn of(place: Place, snapshot: &Snapshot) -> Option<(Self, Option<Timestamp>)> {
        let (tables, names) = (&snapshot.tables, &snapshot.names);
        Some(match place {
            Place::View(id) => (Self::View(id), None),
            Place::Account(id) => (Self::Account(tables.account(id)?.name(names)), None),
            Place::Host(id) => (Self::Host(names.shown(tables.host(id)?.name)), None),
            Place::Source(id) => (Self::Source(tables.source(id)?.name(names)), None),
            Place::Visit(id) => (Self::Session(id.index() + 1), Some(tables.visit(id)?.start)),
            Place::Session(id) => (Self::Logon(id.index() + 1), Some(tables.session(id)?.start)),
            Place::Event(id) => (Self::Event(id.index() + 1), Some(tables.event(id)?.event.at)),
            Place::Anomaly(id) => (Self::Anomaly(id.index() + 1), Some(tables.anomaly(id)?.at)),
            Place::Path(..) => (Self::View(ViewId::Paths), None),
            // What people kept is on their computer, not in the inputs.
            Place::Case => return None,
        })
    }
    /// The place in this state.
    fn place(&self, snapshot: &Snapshot) -> Option<Place> {
        let (tables, names) = (&snapshot.tables, &snapshot.names);
        let same = |name: String, wanted: &str| name.to_lowercase() == wanted.to_lowercase();
        match self {
            Self::View(id) => Some(Place::View(*id)),
            Self::Account(name) => {
                let found = (0..tables.accounts.len())
                    .map(AccountId::new)
                    .find(|id| tables.account_id(*id) == *id && tables.account(*id).is_some_and(|account| same(account.name(names), name)));
                found.map(Place::Account)
            }
            Self::Host(name) => {
                let is = |id: &HostId| tables.host(*id).is_some_and(|host| host.all_names().any(|own| same(names.shown(own), name)));
                (0..tables.hosts.len()).map(HostId::new).find(is).map(Place::Host)
            }
            Self::Source(name) => {
                let is = |id: &SourceId| tables.source(*id).is_some_and(|source| same(source.name(names), name));
                (0..tables.sources.len()).map(SourceId::new).find(is).map(Place::Source)
            }
            Self::Session(number) => {
                let id = VisitId::new(number - 1);
                tables.visit(id).map(|_| Place::Visit(id))
            }
            Self::Logon(number) => {
                let id = SessionId::new(number - 1);
                tables.session(id).map(|_| Place::Session(id))
            }
            Self::Event(number) => {
                let id = EventId::new(number - 1);
                tables.event(id).map(|_| Place::Event(id))
            }
            Self::Anomaly(number) => {
                let id = AnomalyId::new(number - 1);
                tables.anomaly(id).map(|_| Place::Anomaly(id))
            }
        }
    }
}

/// The command line that opens what is on screen.
///
/// # Errors
/// It cannot be written; why.
pub fn line(app: &App, selection: &Selection, ctx: &Ctx<'_>) -> Result<String, String> {
    if app.again.is_empty() {
        return Err("the inputs have no names that a command line could repeat".to_owned());
    }
    let mut line = app.again.clone();
    let mut add = |option: &str, value: String| line.push(format!("{option}={value}"));
    if let Some(filter) = ctx.filter {
        add("--filter", filter.text().to_owned());
    }
    if ctx.zone != Zone::Utc {
        add("--zone", ctx.zone.name().to_owned());
    }
    let known = Opening::of(app.nav.place(), ctx.snapshot);
    if let Some((from, to)) = app.nav.view().and_then(|view| view.reach(ctx)) {
        add("--window", format!("{}..{}", exact(from), exact(to)));
    }
    if let Some(at) = known.as_ref().and_then(|(_, at)| *at).or(selection.at) {
        add("--at", exact(at));
    }
    if let Some((opening, _)) = known.filter(|(opening, _)| *opening != Opening::View(ViewId::Timeline)) {
        add("--open", opening.text());
    }
    if line.iter().any(|word| word.chars().any(is_unsafe)) {
        return Err("a name in it has characters that a command line cannot carry safely".to_owned());
    }
    Ok(line.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
}

/// To the tick: a column of the timeline may begin between two microseconds.
fn exact(at: Timestamp) -> String {
    match at.as_ticks().rem_euclid(10) {
        0 => at.rfc3339(),
        last => at.rfc3339().replace('Z', &format!("{last}Z")),
    }
}

/// One word for the shell: of POSIX, or that of Windows.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-+=:,./@".contains(c) || (cfg!(windows) && c == '\\');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    if cfg!(windows) { format!("\"{}\"", word.replace('"', "\\\"")) } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Shows what the command line asked for, as soon as everything is read.
pub(super) fn arrive(app: &mut App) -> Vec<Effect> {
    let snapshot = &app.scene.snapshot;
    if app.start == Start::default() || snapshot.version == 0 || matches!(snapshot.phase, Phase::Loading { .. }) {
        return Vec::new();
    }
    let (now, zone) = (snapshot.now, app.scene.zone);
    let moment = |text: &String| query::moment_in(text, now, zone);
    let in_replay = matches!(snapshot.phase, Phase::Replay { .. });
    if let Some(at) = app.start.at.as_ref().and_then(moment).filter(|at| in_replay && now < *at) {
        // A place of the recording is known when its clock has come so far.
        let is_first = !std::mem::replace(&mut app.start.is_sought, true);
        return if is_first { vec![Effect::Engine(Command::Seek(at))] } else { Vec::new() };
    }
    let Start { place, at, window, is_sought: _ } = std::mem::take(&mut app.start);
    let at = at.as_ref().and_then(moment);
    let window = window.as_ref().and_then(|(from, to)| Some((moment(from)?, moment(to)?)));
    let mut effects = Vec::new();
    let found = place.as_ref().map(|place| (place, place.place(snapshot)));
    let is_other = |place: &Place| {
        let known = Opening::of(*place, snapshot).and_then(|(_, known)| known);
        // Links are written with millionths of a second.
        known.zip(at).is_some_and(|(known, at)| known.rfc3339() != at.rfc3339())
    };
    let complaint = match &found {
        Some((Opening::Event(number), None)) if *number <= snapshot.tables.events.first_kept() => {
            Some(format!("event {number} is in memory no longer: 7 reads on in the history"))
        }
        Some((opening, None)) => Some(format!("{} is not in these inputs", clean(&opening.text()))),
        Some((opening, Some(place))) if is_other(place) => {
            Some(format!("{} is another one in these inputs: its time is shown instead", opening.text()))
        }
        _ => None,
    };
    let place = found.and_then(|(_, place)| place).filter(|_| complaint.is_none());
    if let Some(place) = place {
        app.nav.open(place);
        effects.extend(refresh(app));
    }
    let has_times = matches!(place, None | Some(Place::View(ViewId::Timeline | ViewId::Events)));
    if let Some(at) = at.filter(|_| has_times && !in_replay) {
        effects.extend(prompt::go_to(app, at));
    }
    // After the time, which may have moved the window.
    if let Some((from, to)) = window {
        let area = view_area(app);
        let ctx = app.scene.ctx(area);
        if let Some(view) = app.nav.view_mut() {
            view.set_reach(from, to, &ctx);
        }
    }
    if let Some(complaint) = complaint {
        app.complain(complaint);
    }
    effects
}

/// The two ends of `FROM..TO`.
///
/// # Errors
/// One is missing.
pub fn ends(text: &str) -> Result<(String, String), String> {
    match text.split_once("..") {
        Some((from, to)) if !from.trim().is_empty() && !to.trim().is_empty() => Ok((from.trim().to_owned(), to.trim().to_owned())),
        _ => Err("write FROM..TO, such as 09:00..09:30 or 2026-03-14T09:00Z..2026-03-14T10:00Z".to_owned()),
    }
}

/// What the mistake in a time of the command line is, if there is one.
#[must_use]
pub fn mistake(start: &Start, now: Timestamp, zone: Zone) -> Option<String> {
    let named = start.at.iter().map(|at| ("--at", at));
    let ends = start.window.iter().flat_map(|(from, to)| [("--window", from), ("--window", to)]);
    let (option, text) = named.chain(ends).find(|(_, text)| query::moment_in(text, now, zone).is_none())?;
    Some(format!("{option}: '{text}' is no time: write 09:30, 2026-03-14T09:30Z or 2026-03-14"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        for text in [
            "timeline",
            "inputs",
            "account:svc_backup@CORP",
            "host:fs01",
            "source:fe80::1",
            "session:12",
            "logon:1",
            "event:7",
            "anomaly:3",
        ] {
            assert_eq!(Opening::parse(text).unwrap().text(), text);
        }
        for text in ["", "nothing", "account:", "session:0", "session:x", "page:1"] {
            assert!(Opening::parse(text).unwrap_err().contains("account:NAME"), "{text}");
        }
    }

    #[test]
    #[cfg(not(windows))]
    fn words_stay_one_word_in_a_shell() {
        for (word, line) in [
            ("a.evtx", "a.evtx"),
            ("my logs", "'my logs'"),
            ("$(reboot)", "'$(reboot)'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
            ("~", "'~'"),
            ("--filter=account:svc_*", "'--filter=account:svc_*'"),
        ] {
            assert_eq!(quoted(word), line);
        }
    }
}
