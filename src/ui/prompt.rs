//! Lines that are typed: the filter with its completions and preview, the time to go to, the words of a decision.

use crate::engine::handle::Command;
use crate::query;
use crate::store::Phase;
use crate::ui::action::{Action, Context};
use crate::ui::app::{App, Asked, FilterPrompt, Prompt};
use crate::ui::effect::{Effect, Place};
use crate::ui::field::TextField;
use crate::ui::input::Chord;
use crate::ui::keymap::Found;
use crate::ui::popup::{Popup, Sheet};
use crate::ui::update::{filter_prompt, refresh, request, set_filter, view_area};
use crate::ui::view::ViewId;
use crate::ui::{marks, palette, triage};

pub(super) fn open_filter(app: &mut App) -> Vec<Effect> {
    let mut prompt = filter_prompt(app);
    let effects = look(app, &mut prompt);
    app.prompt = Some(Prompt::Filter(prompt));
    effects
}

/// Completions, error and preview for the text as it is now.
fn look(app: &App, prompt: &mut FilterPrompt) -> Vec<Effect> {
    let scene = &app.scene;
    let text = prompt.field.text();
    prompt.completions = query::complete(&text, prompt.field.cursor(), &scene.snapshot.names, &scene.snapshot.tables);
    prompt.chosen = 0;
    match query::parse_in(&text, scene.snapshot.now, scene.zone) {
        Ok(filter) => {
            prompt.error = None;
            if prompt.preview.as_ref().is_some_and(|preview| preview.text != filter.text()) {
                prompt.preview = None;
            }
            if let Some(kept) = scene.projection.as_ref().filter(|kept| kept.text == filter.text()) {
                prompt.preview = Some(std::sync::Arc::clone(kept));
            }
            let (names, tables) = (&scene.snapshot.names, &scene.snapshot.tables);
            prompt.anomalies = tables.anomalies.iter().filter(|anomaly| filter.matches_anomaly(anomaly, names, tables)).count();
            vec![Effect::Project((!filter.is_all()).then(|| (filter.text().to_owned(), filter)))]
        }
        Err(error) => {
            prompt.error = Some(error);
            prompt.preview = None;
            Vec::new()
        }
    }
}

pub(super) fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    match app.prompt.take() {
        Some(Prompt::Filter(mut prompt)) if app.popup.is_none() => {
            prompt.field.paste(text);
            let effects = look(app, &mut prompt);
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
        Some(Prompt::Filter(prompt)) => filter_key(app, prompt, action, chord),
        Some(Prompt::Line(asked, field)) => line_key(app, asked, field, action, chord),
        Some(Prompt::Palette(palette)) => palette::key(app, palette, action, chord),
        None => Vec::new(),
    }
}

fn filter_key(app: &mut App, mut prompt: FilterPrompt, action: Option<Action>, chord: Chord) -> Vec<Effect> {
    let mut effects = Vec::new();
    match action {
        Some(Action::TextCancel) => {
            effects.push(request(app));
            effects.extend(refresh(app));
            return effects;
        }
        Some(Action::TextAccept) => {
            if let Some(error) = &prompt.error {
                app.complain(format!("filter: {error}"));
            } else {
                return set_filter(app, &prompt.field.text());
            }
        }
        Some(Action::TextComplete) => {
            if let Some(completion) = prompt.completions.get(prompt.chosen) {
                prompt.field.complete(completion.from, &completion.insert.clone());
                prompt.recalled = None;
                effects = look(app, &mut prompt);
            }
        }
        Some(Action::TextChoiceNext | Action::TextChoicePrev) => {
            let next = action == Some(Action::TextChoiceNext);
            effects = choose(app, &mut prompt, next);
        }
        Some(Action::TextHelp) => app.popup = Some(Popup::Sheet(Sheet::syntax())),
        action => {
            if edit(&mut prompt.field, action, chord.typed()) {
                prompt.recalled = None;
                effects = look(app, &mut prompt);
            }
        }
    }
    app.prompt = Some(Prompt::Filter(prompt));
    effects
}

/// Up and Down walk the completions; above the first one lies the history.
fn choose(app: &App, prompt: &mut FilterPrompt, next: bool) -> Vec<Effect> {
    let walking = prompt.recalled;
    let place = match (walking, next) {
        (None, true) => {
            prompt.chosen = (prompt.chosen + 1).min(prompt.completions.len().saturating_sub(1));
            return Vec::new();
        }
        (None, false) if prompt.chosen > 0 => {
            prompt.chosen -= 1;
            return Vec::new();
        }
        (None, false) => Some(0),
        (Some(place), false) => Some(place + 1),
        (Some(place), true) => place.checked_sub(1),
    };
    let recent = app.scene.filter.recent();
    let text = match place {
        None => app.scene.filter.text(),
        Some(place) => match recent.get(place) {
            Some(text) => text,
            None => return Vec::new(),
        },
    };
    prompt.field = TextField::new(text);
    prompt.recalled = place;
    look(app, prompt)
}

fn line_key(app: &mut App, asked: Asked, mut field: TextField, action: Option<Action>, chord: Chord) -> Vec<Effect> {
    match action {
        Some(Action::TextCancel) => return Vec::new(),
        Some(Action::TextAccept) => {
            let text = field.text();
            let answer = match &asked {
                Asked::Time if text.trim().is_empty() => Ok(Vec::new()),
                Asked::Time => query::moment_in(&text, app.scene.snapshot.now, app.scene.zone)
                    .map(|at| go_to(app, at))
                    .ok_or_else(|| format!("'{}' is no time: write 09:30, -2h, yesterday 18:00 or 2026-03-14T09:30Z", text.trim())),
                Asked::Note(on, moment) => Ok(marks::noted(app, on, moment.as_ref(), &text)),
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
