//! The line in which a filter, or what is to be found, is typed: completions, the place of a mistake, what the filter
//! would leave, and the lines that were typed before.

use super::edit;
use crate::query::{self, Completion};
use crate::ui::action::Action;
use crate::ui::app::{App, FilterPrompt, Goal, Prompt};
use crate::ui::effect::Effect;
use crate::ui::field::TextField;
use crate::ui::find;
use crate::ui::input::Chord;
use crate::ui::popup::{Popup, Sheet};
use crate::ui::privacy;
use crate::ui::update::{filter_prompt, refresh, request, set_filter};

/// Older lines that a search of the history offers at once.
const OFFERED: usize = 20;

pub(in crate::ui) fn open_filter(app: &mut App) -> Vec<Effect> {
    app.prompt = Some(Prompt::Filter(filter_prompt(app)));
    looked(app)
}

/// Looks at the text of the prompt that is open.
pub(in crate::ui) fn looked(app: &mut App) -> Vec<Effect> {
    let Some(Prompt::Filter(mut prompt)) = app.prompt.take() else { return Vec::new() };
    let effects = look(app, &mut prompt);
    app.prompt = Some(Prompt::Filter(prompt));
    effects
}

/// Completions, error and preview for the text as it is now.
pub(super) fn look(app: &App, prompt: &mut FilterPrompt) -> Vec<Effect> {
    let scene = &app.scene;
    let text = prompt.field.text();
    prompt.chosen = 0;
    if prompt.searching.is_some() {
        prompt.completions = older(app, prompt.goal, &text);
        return Vec::new();
    }
    if prompt.goal.is_words() {
        return Vec::new();
    }
    let (names, tables) = (&scene.snapshot.names, &scene.snapshot.tables);
    let remarks = scene.filter.remarks();
    prompt.completions = query::complete(&text, prompt.field.cursor(), names, tables, scene.filter.saved(), remarks.map(|said| &**said));
    match scene.filter.parse(&privacy::real(app, &text), scene.snapshot.now, scene.zone) {
        Ok(_) if prompt.goal == Goal::Find => {
            prompt.error = None;
            Vec::new()
        }
        Ok(filter) => {
            prompt.error = None;
            if prompt.preview.as_ref().is_some_and(|preview| preview.key != filter.key()) {
                prompt.preview = None;
            }
            if let Some(kept) = scene.projection.as_ref().filter(|kept| kept.key == filter.key()) {
                prompt.preview = Some(std::sync::Arc::clone(kept));
            }
            prompt.anomalies = tables.anomalies.iter().filter(|anomaly| filter.matches_anomaly(anomaly, names, tables)).count();
            vec![Effect::Project((!filter.is_all()).then(|| (filter.key(), filter)))]
        }
        Err(error) => {
            prompt.error = Some(error);
            prompt.preview = None;
            Vec::new()
        }
    }
}

/// Lines typed before, newest first.
pub(in crate::ui) fn recent(app: &App, goal: Goal) -> Vec<&str> {
    if goal == Goal::Filter { app.scene.filter.recent() } else { app.find.recent() }
}

/// Older lines with everything that is typed in them, in any order.
fn older(app: &App, goal: Goal, typed: &str) -> Vec<Completion> {
    let words: Vec<String> = typed.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let holds = |line: &&str| {
        let line = line.to_lowercase();
        words.iter().all(|word| line.contains(word))
    };
    let offer = |line: &str| Completion {
        insert: line.to_owned(),
        from: 0,
        label: crate::base::text::clean(line).into_owned(),
        hint: String::new(),
    };
    recent(app, goal).into_iter().filter(holds).take(OFFERED).map(offer).collect()
}

pub(super) fn key(app: &mut App, mut prompt: FilterPrompt, action: Option<Action>, chord: Chord) -> Vec<Effect> {
    let mut effects = Vec::new();
    match action {
        Some(Action::TextCancel) => {
            // Out of the search of the history first.
            if let Some(before) = prompt.searching.take() {
                prompt.field = TextField::new(&before);
                effects = look(app, &mut prompt);
            } else {
                return leave(app, prompt.goal);
            }
        }
        Some(Action::TextHistorySearch) if prompt.searching.is_none() => {
            if recent(app, prompt.goal).is_empty() {
                app.say("nothing was typed here before");
            } else {
                prompt.searching = Some(prompt.field.text());
                prompt.field = TextField::default();
                effects = look(app, &mut prompt);
            }
        }
        // Again: the one before.
        Some(Action::TextHistorySearch) => prompt.chosen = (prompt.chosen + 1).min(prompt.completions.len().saturating_sub(1)),
        Some(Action::TextAccept | Action::TextComplete) if prompt.searching.is_some() => {
            if let Some(completion) = prompt.completions.get(prompt.chosen) {
                prompt.field = TextField::new(&completion.insert);
                prompt.searching = None;
                effects = look(app, &mut prompt);
            } else {
                app.say("no earlier line holds this");
            }
        }
        Some(Action::TextAccept) => {
            if let Some(error) = &prompt.error {
                let what = if prompt.goal == Goal::Filter { "filter" } else { "find" };
                app.complain(format!("{what}: {error}"));
            } else {
                return accept(app, &prompt);
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
        Some(Action::TextHelp) if !prompt.goal.is_words() => app.popup = Some(Popup::Sheet(Sheet::syntax())),
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

fn accept(app: &mut App, prompt: &FilterPrompt) -> Vec<Effect> {
    let text = prompt.field.text();
    match prompt.goal {
        Goal::Filter => set_filter(app, &text),
        Goal::Find | Goal::Words => find::accept(app, &text),
        Goal::Sheet => {
            find::accept_in_sheet(app, &text);
            Vec::new()
        }
    }
}

fn leave(app: &mut App, goal: Goal) -> Vec<Effect> {
    if goal != Goal::Filter {
        return Vec::new();
    }
    let mut effects = vec![request(app)];
    effects.extend(refresh(app));
    effects
}

/// Up and Down walk the completions; above the first one lies the history.
fn choose(app: &App, prompt: &mut FilterPrompt, next: bool) -> Vec<Effect> {
    let walking = prompt.recalled;
    let is_list = prompt.searching.is_some();
    let place = match (walking, next) {
        (None, true) => {
            prompt.chosen = (prompt.chosen + 1).min(prompt.completions.len().saturating_sub(1));
            return Vec::new();
        }
        (None, false) if prompt.chosen > 0 || is_list => {
            prompt.chosen = prompt.chosen.saturating_sub(1);
            return Vec::new();
        }
        (None, false) => Some(0),
        (Some(place), false) => Some(place + 1),
        (Some(place), true) => place.checked_sub(1),
    };
    let recent = recent(app, prompt.goal);
    let text = match place {
        None if prompt.goal == Goal::Filter => app.scene.filter.text(),
        None => "",
        Some(place) => match recent.get(place) {
            Some(text) => text,
            None => return Vec::new(),
        },
    };
    prompt.field = TextField::new(text);
    prompt.recalled = place;
    look(app, prompt)
}
