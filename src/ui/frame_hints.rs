//! The row of keys that work now, made from the keymap.

use crate::base::text;
use crate::store::Phase;
use crate::ui::action::{Action, Context};
use crate::ui::app::{App, Goal, Prompt};
use crate::ui::popup::Popup;
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

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
const HELP: Hint = (&[Action::HelpToggle], "help");

const TIMELINE: &[Hint] =
    &[MOVE, (&[Action::ZoomIn, Action::ZoomOut], "zoom"), OPEN, ANOMALY, FILTER, FREEZE, ACCOUNT, (&[Action::FitAll], "all"), BACK, HELP];
const TABLE: &[Hint] = &[ROWS, OPEN, (&[Action::NavPeek], "details"), (&[Action::TableSort], "sort"), FILTER, NARROW, FREEZE, BACK, HELP];
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
    HELP,
];
const PAGE: &[Hint] = &[
    (&[Action::PaneNext], "pane"),
    ROWS,
    OPEN,
    (&[Action::GoRaw], "raw"),
    (&[Action::GoTime], "time"),
    (&[Action::GoPath], "path"),
    NARROW,
    BACK,
    (&[Action::NavForward], "forward"),
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
    HELP,
];
const REPLAY: &[Hint] = &[
    (&[Action::ClockFreeze], "play/pause"),
    (&[Action::ReplaySlower, Action::ReplayFaster], "speed"),
    (&[Action::ReplayStepBack, Action::ReplayStep], "step"),
    ANOMALY,
    OPEN,
    (&[Action::GoTime], "go to"),
    FILTER,
    ACCOUNT,
    BACK,
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
const QUESTION: &[Hint] = &[(&[Action::PopupAccept], "yes"), (&[Action::PopupRefuse, Action::PopupDismiss], "no")];

fn hints(app: &App) -> &'static [Hint] {
    match (app.context(), &app.popup, &app.prompt) {
        (_, Some(Popup::Quit), _) => QUESTION,
        (_, _, Some(Prompt::Filter(prompt))) if prompt.goal.is_words() => WORDS,
        (_, None, Some(Prompt::Filter(prompt))) if prompt.goal == Goal::Find => FINDING,
        (_, Some(Popup::Sheet(_)), _) => SHEET,
        (_, Some(Popup::Menu(_)), _) => MENU,
        (_, None, Some(Prompt::Filter(_))) => TYPING,
        (_, None, Some(Prompt::Palette(_))) => PALETTE,
        (_, None, Some(Prompt::Line(..))) => TYPING.get(..2).unwrap_or_default(),
        (Context::Timeline, ..) if matches!(app.newest.phase, Phase::Replay { .. }) => REPLAY,
        (Context::Timeline, ..) => TIMELINE,
        (Context::Queue, ..) => QUEUE,
        (Context::Case, ..) => CASE,
        (Context::Page, ..) => PAGE,
        (Context::Path, ..) => PATH,
        _ => TABLE,
    }
}

/// A hint as it is drawn: its keys and its word.
fn words(app: &App, context: Context, (actions, word): &Hint) -> Option<(String, &'static str)> {
    let keys: Vec<String> = actions.iter().filter_map(|action| app.keymap.key(context, *action)).collect();
    let short = keys.iter().all(|key| key.chars().count() == 1);
    let keys = keys.join(if short && keys.len() > 2 { "" } else { "/" });
    let word = match (*actions, app.newest.phase) {
        ([Action::ClockFreeze], Phase::Replay { .. }) => "play/pause",
        _ => word,
    };
    (!keys.is_empty()).then_some((keys, word))
}

pub(super) fn draw(app: &App, buffer: &mut Buffer, row: Rect) {
    if row.height == 0 {
        return;
    }
    let (context, theme) = (app.context(), &app.scene.theme);
    let cells = |(keys, word): &(String, &str)| u16::try_from(text::width(keys) + text::width(word) + 1).unwrap_or(u16::MAX);
    let all: Vec<(String, &str)> = hints(app).iter().filter_map(|hint| words(app, context, hint)).collect();
    // A hint is there whole or not at all; the last one, which leads to all others, always is.
    let last = all.last().map_or(0, |hint| cells(hint) + 2);
    let mut x = row.x + 1;
    for (place, hint) in all.iter().enumerate() {
        let is_last = place + 1 == all.len();
        let room = row.right().saturating_sub(x).saturating_sub(if is_last { 0 } else { last });
        if cells(hint) > room {
            continue;
        }
        let (keys, word) = hint;
        let used = put(buffer, x, row.y, room, keys, theme.style(Meaning::Key));
        put(buffer, x + used + 1, row.y, room, word, theme.style(Meaning::Text));
        x = x.saturating_add(cells(hint)).saturating_add(2);
    }
}
