//! The row of keys that work now, made from the keymap.

use crate::base::text;
use crate::store::Phase;
use crate::ui::action::{Action, Context};
use crate::ui::app::{App, Goal, Prompt};
use crate::ui::popup::Popup;
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

type Hint = (&'static [Action], &'static str);

const MOVE: Hint = (&[Action::CursorLeft, Action::CursorDown, Action::CursorUp, Action::CursorRight], "move");
const ROWS: Hint = (&[Action::CursorDown, Action::CursorUp], "row");
const OPEN: Hint = (&[Action::NavOpen], "open");
const ANOMALY: Hint = (&[Action::AnomalyNext, Action::AnomalyPrev], "anomaly");
const FILTER: Hint = (&[Action::FilterEdit], "filter");
const NARROW: Hint = (&[Action::FilterInclude, Action::FilterExclude], "only / hide value");
const FREEZE: Hint = (&[Action::ClockFreeze], "freeze");
const ACCOUNT: Hint = (&[Action::GoAccount], "account");
const BACK: Hint = (&[Action::NavBack], "back");
/// After what is needed: there where there is room.
const FIND: Hint = (&[Action::FindOpen], "find");
const PIVOT: Hint = (&[Action::PivotOpen], "pivot");
const HELP: Hint = (&[Action::HelpToggle], "help");

const TIMELINE: &[Hint] = &[
    MOVE,
    (&[Action::ZoomIn, Action::ZoomOut], "zoom"),
    OPEN,
    ANOMALY,
    FILTER,
    FREEZE,
    (&[Action::ReplayStart], "replay"),
    (&[Action::TimeSelect], "range"),
    ACCOUNT,
    (&[Action::FitAll], "all"),
    BACK,
    FIND,
    PIVOT,
    HELP,
];
const TABLE: &[Hint] =
    &[ROWS, OPEN, (&[Action::NavPeek], "details"), (&[Action::TableSort], "sort"), FILTER, NARROW, FREEZE, BACK, FIND, PIVOT, HELP];
const QUEUE: &[Hint] = &[
    ROWS,
    OPEN,
    (&[Action::TriageAck], "ack"),
    (&[Action::TriageDismiss], "dismiss"),
    (&[Action::TriageConfirm], "confirm"),
    (&[Action::TriageSuppress], "suppress"),
    (&[Action::TriageUndo], "undo"),
    (&[Action::NavPeek], "details"),
    ACCOUNT,
    FILTER,
    NARROW,
    BACK,
    FIND,
    PIVOT,
    HELP,
];
const CASE: &[Hint] = &[
    ROWS,
    (&[Action::NavOpen], "go there"),
    (&[Action::NoteEdit], "note"),
    (&[Action::CaseDelete], "delete"),
    (&[Action::TriageUndo], "undo"),
    (&[Action::ExportCase], "write the bundle"),
    (&[Action::TableSort], "sort"),
    FILTER,
    BACK,
    FIND,
    PIVOT,
    HELP,
];
const PAGE: &[Hint] = &[
    (&[Action::PaneNext], "pane"),
    ROWS,
    OPEN,
    (&[Action::GoRaw], "raw"),
    (&[Action::GoTime], "time"),
    (&[Action::PageBaseline], "baseline"),
    (&[Action::GoPath], "path"),
    NARROW,
    BACK,
    (&[Action::NavForward], "forward"),
    FIND,
    PIVOT,
    HELP,
];
const PATH: &[Hint] = &[
    (&[Action::CursorLeft, Action::CursorRight], "hop"),
    (&[Action::CursorDown, Action::CursorUp], "branch"),
    (&[Action::PathDeeper, Action::PathShallower], "depth"),
    (&[Action::PathDirection], "direction"),
    (&[Action::PathNext, Action::PathPrev], "path"),
    OPEN,
    (&[Action::PaneNext], "pane"),
    (&[Action::GoSession], "session"),
    BACK,
    FIND,
    PIVOT,
    HELP,
];
const REPLAY: &[Hint] = &[
    (&[Action::ClockFreeze], "play/pause"),
    (&[Action::ReplaySlower, Action::ReplayFaster], "speed"),
    (&[Action::ReplayStepBack, Action::ReplayStep], "step"),
    ANOMALY,
    OPEN,
    (&[Action::GoTime], "go to"),
    (&[Action::ReplayLeave], "leave"),
    (&[Action::PaneNext], "bar"),
    FILTER,
    ACCOUNT,
    BACK,
    HELP,
];
const SCRUB: &[Hint] = &[
    (&[Action::CursorLeft, Action::CursorRight], "clock"),
    (&[Action::PanLeft, Action::PanRight], "far"),
    (&[Action::WindowStart, Action::WindowEnd], "ends"),
    (&[Action::ClockFreeze], "play/pause"),
    (&[Action::PaneNext], "lanes"),
    (&[Action::ReplayLeave], "leave"),
    HELP,
];
const BRUSH: &[Hint] = &[
    (&[Action::CursorLeft, Action::CursorRight], "extend"),
    (&[Action::PanLeft, Action::PanRight], "far"),
    (&[Action::NavOpen], "filter to it"),
    (&[Action::WindowRange], "zoom to it"),
    (&[Action::PopupDismiss], "leave"),
    HELP,
];
const TYPING: &[Hint] = &[
    (&[Action::TextAccept], "apply"),
    (&[Action::TextCancel], "cancel"),
    (&[Action::TextComplete], "complete"),
    (&[Action::TextChoicePrev, Action::TextChoiceNext], "choose"),
    (&[Action::TextHistorySearch], "search the history"),
    (&[Action::TextHelp], "what can be written"),
];
const FINDING: &[Hint] = &[
    (&[Action::TextAccept], "next match"),
    (&[Action::TextCancel], "cancel"),
    (&[Action::TextComplete], "complete"),
    (&[Action::TextChoicePrev, Action::TextChoiceNext], "choose"),
    (&[Action::TextHistorySearch], "search the history"),
    (&[Action::TextHelp], "what can be written"),
];
const WORDS: &[Hint] = &[(&[Action::TextAccept], "next match"), (&[Action::TextCancel], "cancel"), (&[Action::TextChoicePrev], "earlier")];
const PALETTE: &[Hint] = &[
    (&[Action::TextChoiceNext, Action::TextChoicePrev], "line"),
    (&[Action::TextAccept], "run or open"),
    (&[Action::TextCancel], "close"),
];
const MENU: &[Hint] =
    &[(&[Action::CursorDown, Action::CursorUp], "line"), (&[Action::PopupAccept], "do it"), (&[Action::PopupDismiss], "close")];
const SHEET: &[Hint] = &[
    (&[Action::CursorDown, Action::CursorUp], "line"),
    (&[Action::CursorPageDown], "page"),
    (&[Action::PopupAccept], "do it"),
    (&[Action::FindOpen], "find"),
    (&[Action::PopupDismiss], "close"),
];
const FOUND: &[Hint] = &[
    (&[Action::PopupRefuse, Action::FindPrev], "next / earlier match"),
    (&[Action::PopupAccept], "do it"),
    (&[Action::FindOpen], "find"),
    (&[Action::PopupDismiss], "close"),
];
const COLUMNS: &[Hint] = &[
    (&[Action::CursorDown, Action::CursorUp], "column"),
    (&[Action::ColumnsToggle], "show / hide"),
    (&[Action::ColumnsDown, Action::ColumnsUp], "move"),
    (&[Action::TableWiden, Action::TableNarrow], "width"),
    (&[Action::ColumnsReset], "reset"),
    (&[Action::PopupDismiss], "close"),
];
const QUESTION: &[Hint] = &[(&[Action::PopupAccept], "yes"), (&[Action::PopupRefuse, Action::PopupDismiss], "no")];

fn hints(app: &App) -> &'static [Hint] {
    match (app.context(), &app.popup, &app.prompt) {
        (_, Some(Popup::Quit), _) => QUESTION,
        (_, _, Some(Prompt::Filter(prompt))) if prompt.goal.is_words() => WORDS,
        (_, None, Some(Prompt::Filter(prompt))) if prompt.goal == Goal::Find => FINDING,
        (_, Some(Popup::Sheet(_)), _) if !app.find.in_sheet().is_empty() => FOUND,
        (_, Some(Popup::Columns(_)), _) => COLUMNS,
        (_, Some(Popup::Sheet(_)), _) => SHEET,
        (_, Some(Popup::Menu(_)), _) => MENU,
        (_, None, Some(Prompt::Filter(_))) => TYPING,
        (_, None, Some(Prompt::Palette(_))) => PALETTE,
        (_, None, Some(Prompt::Line(..))) => TYPING.get(..2).unwrap_or_default(),
        (Context::Timeline, ..) if app.nav.view().is_some_and(|view| view.is_selecting()) => BRUSH,
        (Context::Timeline, ..) if app.scrubbing => SCRUB,
        (Context::Timeline, ..) if matches!(app.newest.phase, Phase::Replay { .. }) => REPLAY,
        (Context::Timeline, ..) => TIMELINE,
        (Context::Queue, ..) => QUEUE,
        (Context::Case, ..) => CASE,
        (Context::Page | Context::Entity, ..) => PAGE,
        (Context::Path, ..) => PATH,
        _ => TABLE,
    }
}

/// A hint as it is drawn: its keys, what is between them, and its word.
struct Words {
    keys: Vec<(Action, String)>,
    between: &'static str,
    word: &'static str,
}

impl Words {
    fn keys(&self) -> String {
        self.keys.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>().join(self.between)
    }
    fn cells(&self) -> u16 {
        u16::try_from(text::width(&self.keys()) + text::width(self.word) + 1).unwrap_or(u16::MAX)
    }
}

fn words(app: &App, context: Context, (actions, word): &Hint) -> Option<Words> {
    let keys: Vec<(Action, String)> = actions.iter().filter_map(|action| Some((*action, app.keymap.key(context, *action)?))).collect();
    let short = keys.iter().all(|(_, key)| key.chars().count() == 1);
    let word = match (*actions, app.newest.phase) {
        ([Action::ClockFreeze], Phase::Replay { .. }) => "play/pause",
        _ => word,
    };
    let between = if short && keys.len() > 2 { "" } else { "/" };
    (!keys.is_empty()).then_some(Words { keys, between, word })
}

/// The hints that have room, and where they begin.
fn placed(app: &App, row: Rect) -> Vec<(u16, Words)> {
    let all: Vec<Words> = hints(app).iter().filter_map(|hint| words(app, app.context(), hint)).collect();
    // A hint is there whole or not at all; the last one, which leads to all others, always is.
    let last = all.last().map_or(0, |hint| hint.cells().saturating_add(2));
    let count = all.len();
    let mut x = row.x + 1;
    let mut out = Vec::with_capacity(count);
    for (place, hint) in all.into_iter().enumerate() {
        let is_last = place + 1 == count;
        let room = row.right().saturating_sub(x).saturating_sub(if is_last { 0 } else { last });
        let cells = hint.cells();
        if cells <= room {
            out.push((x, hint));
            x = x.saturating_add(cells).saturating_add(2);
        }
    }
    out
}

pub(super) fn draw(app: &App, buffer: &mut Buffer, row: Rect) {
    if row.height == 0 {
        return;
    }
    let theme = &app.scene.theme;
    for (x, hint) in placed(app, row) {
        let room = row.right().saturating_sub(x);
        let used = put(buffer, x, row.y, room, &hint.keys(), theme.style(Meaning::Key));
        put(buffer, x + used + 1, row.y, room, hint.word, theme.style(Meaning::Text));
    }
}

/// The action whose key is at a place of the screen; the word stands for the first key.
pub(super) fn hit(app: &App, row: Rect, at: Position) -> Option<Action> {
    if !row.contains(at) {
        return None;
    }
    let (x, hint) = placed(app, row).into_iter().find(|(x, hint)| *x <= at.x && at.x < x.saturating_add(hint.cells()))?;
    let mut end = usize::from(x);
    for (action, key) in &hint.keys {
        end += text::width(key);
        if usize::from(at.x) < end {
            return Some(*action);
        }
        end += text::width(hint.between);
    }
    hint.keys.first().map(|(action, _)| *action)
}
