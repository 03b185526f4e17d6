//! Lines that are typed: the filter and what is to be found (`query`), the time to go to, the words of a decision.

mod query;

pub(super) use query::{looked, open_filter, recent};

use crate::engine::handle::Command;
use crate::store::Phase;
use crate::ui::action::{Action, Context};
use crate::ui::app::{App, Asked, Goal, Prompt};
use crate::ui::effect::{Effect, Place};
use crate::ui::field::TextField;
use crate::ui::input::Chord;
use crate::ui::keymap::Found;
use crate::ui::update::{refresh, view_area};
use crate::ui::view::ViewId;
use crate::ui::{marks, palette, triage, write};

pub(super) fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    match app.prompt.take() {
        Some(Prompt::Filter(mut prompt)) if app.popup.is_none() || prompt.goal == Goal::Sheet => {
            prompt.field.paste(text);
            let effects = query::look(app, &mut prompt);
            app.prompt = Some(Prompt::Filter(prompt));
            effects
        }
        Some(Prompt::Line(asked, mut field)) if app.popup.is_none() => {
            field.paste(text);
            app.prompt = Some(Prompt::Line(asked, field));
            Vec::new()
        }
        Some(Prompt::Palette(mut palette)) if app.popup.is_none() => {
            palette::paste(&mut palette, text, &app.chosen);
            app.prompt = Some(Prompt::Palette(palette));
            Vec::new()
        }
        other => {
            app.prompt = other;
            Vec::new()
        }
    }
}

/// Edits a field by an action or a character; says whether the text may have changed.
pub(super) fn edit(field: &mut TextField, action: Option<Action>, typed: Option<char>) -> bool {
    match action {
        Some(Action::TextLeft) => field.left(),
        Some(Action::TextRight) => field.right(),
        Some(Action::TextWordLeft) => field.word_left(),
        Some(Action::TextWordRight) => field.word_right(),
        Some(Action::TextHome) => field.home(),
        Some(Action::TextEnd) => field.end(),
        Some(Action::TextDeleteBack) => field.delete_back(),
        Some(Action::TextDelete) => field.delete(),
        Some(Action::TextDeleteWord) => field.delete_word(),
        Some(Action::TextKillStart) => field.kill_start(),
        Some(Action::TextKillEnd) => field.kill_end(),
        Some(_) => return false,
        None => match typed {
            Some(c) => field.insert(c),
            None => return false,
        },
    }
    true
}

pub(super) fn key(app: &mut App, chord: Chord) -> Vec<Effect> {
    let action = match app.keymap.find(Context::Prompt, &[chord]) {
        Found::Action(action) => Some(action),
        _ => None,
    };
    match action {
        Some(Action::AppSuspend) => return vec![Effect::Suspend],
        Some(Action::ScreenRedraw) => return vec![Effect::Redraw],
        _ => {}
    }
    match app.prompt.take() {
        Some(Prompt::Filter(prompt)) => query::key(app, prompt, action, chord),
        Some(Prompt::Line(asked, field)) => line_key(app, asked, field, action, chord),
        Some(Prompt::Palette(palette)) => palette::key(app, palette, action, chord),
        None => Vec::new(),
    }
}

fn line_key(app: &mut App, asked: Asked, mut field: TextField, action: Option<Action>, chord: Chord) -> Vec<Effect> {
    match action {
        Some(Action::TextCancel) => return Vec::new(),
        Some(Action::TextAccept) => {
            let text = field.text();
            let answer = match &asked {
                Asked::Time if text.trim().is_empty() => Ok(Vec::new()),
                Asked::Time => crate::query::moment_in(&text, app.scene.snapshot.now, app.scene.zone)
                    .map(|at| go_to(app, at))
                    .ok_or_else(|| format!("'{}' is no time: write 09:30, -2h, yesterday 18:00 or 2026-03-14T09:30Z", text.trim())),
                Asked::Bundle => marks::bundle::order(app, &text),
                Asked::Note(on, moment) => Ok(marks::noted(app, on, moment.as_ref(), &text)),
                Asked::File(kind) => write::to(app, *kind, &text),
                Asked::Dismissal(ids) => Ok(triage::dismissed(app, ids, text.trim())),
                Asked::Suppression(scope) => {
                    triage::suppressed(app.scene.snapshot.now, scope, &text).map(|act| vec![Effect::Record(vec![act])])
                }
            };
            match answer {
                Ok(effects) => return effects,
                Err(complaint) => app.complain(complaint),
            }
        }
        Some(Action::TextComplete) if matches!(asked, Asked::File(_)) => {
            let text = field.before();
            app.prompt = Some(Prompt::Line(asked, field));
            return vec![Effect::CompletePath(text)];
        }
        action => {
            edit(&mut field, action, chord.typed());
        }
    }
    app.prompt = Some(Prompt::Line(asked, field));
    Vec::new()
}

/// Shows a moment: where the screen is, or on the timeline.
pub(super) fn go_to(app: &mut App, at: crate::base::time::Timestamp) -> Vec<Effect> {
    if matches!(app.newest.phase, Phase::Replay { .. }) {
        return vec![Effect::Engine(Command::Seek(at))];
    }
    for _ in 0..2 {
        let area = view_area(app);
        let ctx = app.scene.ctx(area);
        if let Some(effects) = app.nav.view_mut().and_then(|view| view.go_to(at, &ctx)) {
            return effects;
        }
        // A view without times: the timeline has them.
        app.nav.open(Place::View(ViewId::Timeline));
        refresh(app);
    }
    Vec::new()
}
