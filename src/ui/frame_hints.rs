//! The row of keys that work now, made from the keymap.

use crate::base::text;
use crate::store::Phase;
use crate::ui::action::{Action, Context};
use crate::ui::app::{App, Prompt};
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
const QUEUE: &[Hint] = &[ROWS, OPEN, ACCOUNT, (&[Action::NavPeek], "details"), FILTER, NARROW, FREEZE, BACK, HELP];
const PAGE: &[Hint] = &[
    (&[Action::PaneNext], "pane"),
    ROWS,
    OPEN,
    (&[Action::GoRaw], "raw"),
    (&[Action::GoTime], "time"),
    NARROW,
    BACK,
    (&[Action::NavForward], "forward"),
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
    (&[Action::TextHelp], "what can be written"),
];
const SHEET: &[Hint] = &[
    (&[Action::CursorDown, Action::CursorUp], "line"),
    (&[Action::CursorPageDown], "page"),
    (&[Action::PopupAccept], "do it"),
    (&[Action::PopupDismiss], "close"),
];
const QUESTION: &[Hint] = &[(&[Action::PopupAccept], "yes"), (&[Action::PopupRefuse, Action::PopupDismiss], "no")];

fn hints(app: &App) -> &'static [Hint] {
    match (app.context(), &app.popup, &app.prompt) {
        (_, Some(Popup::Quit), _) => QUESTION,
        (_, Some(Popup::Sheet(_)), _) => SHEET,
        (_, None, Some(Prompt::Filter(_))) => TYPING,
        (_, None, Some(Prompt::Time(_))) => TYPING.get(..2).unwrap_or_default(),
        (Context::Timeline, ..) if matches!(app.newest.phase, Phase::Replay { .. }) => REPLAY,
        (Context::Timeline, ..) => TIMELINE,
        (Context::Queue, ..) => QUEUE,
        (Context::Page, ..) => PAGE,
        _ => TABLE,
    }
}

pub(super) fn draw(app: &App, buffer: &mut Buffer, row: Rect) {
    if row.height == 0 {
        return;
    }
    let (context, theme) = (app.context(), &app.scene.theme);
    let mut x = row.x + 1;
    for (actions, word) in hints(app) {
        let keys: Vec<String> = actions.iter().filter_map(|action| app.keymap.key(context, *action)).collect();
        let short = keys.iter().all(|key| key.chars().count() == 1);
        let keys = keys.join(if short && keys.len() > 2 { "" } else { "/" });
        let cells = u16::try_from(text::width(&keys) + text::width(word) + 1).unwrap_or(u16::MAX);
        // A hint is there whole or not at all.
        if keys.is_empty() || cells > row.right().saturating_sub(x) {
            continue;
        }
        put(buffer, x, row.y, cells, &keys, theme.style(Meaning::Key));
        let behind = u16::try_from(text::width(&keys)).unwrap_or(0) + 1;
        put(buffer, x + behind, row.y, cells, word, theme.style(Meaning::Text));
        x = x.saturating_add(cells).saturating_add(2);
    }
}
