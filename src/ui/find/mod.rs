//! Finding without hiding: `/` asks in the language of the filter, `n` and `N` go from match to match.
//!
//! A view says what its lines stand for (`Scope`); the search runs on a thread of its own (`Hunt`) and answers with a line,
//! so a key never waits for it, however long the logs are. Where lines are texts (a raw record, a story, the help) what
//! is typed are words.

pub mod hunt;
pub mod scope;
pub mod wanted;

use crate::base::text;
use crate::ui::action::Action;
use crate::ui::app::{App, FilterPrompt, Goal, Prompt};
use crate::ui::effect::{Effect, Place};
use crate::ui::popup::{Line, Popup, Sheet};
use crate::ui::theme::Meaning;
use crate::ui::update::{refresh, view_area};
use crate::ui::view::gone;
use hunt::{Answer, Count, Hunt};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use scope::Scope;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wanted::Wanted;

/// Older texts kept.
const KEPT: usize = 100;

/// What is looked for, between two keys.
#[derive(Debug, Default)]
pub struct Find {
    /// As typed last; `n` looks for it.
    text: String,
    /// Earlier texts, oldest first.
    past: Vec<String>,
    /// Matches are marked on the screen.
    is_marked: bool,
    /// Where the search under way began; an answer for another place comes too late.
    place: Option<Place>,
    /// The next match is not known yet; `n` was pressed so often meanwhile.
    is_under_way: bool,
    again: u32,
    forward: bool,
    wrapped: bool,
    /// The switches of accounts may hide lines.
    is_of_accounts: bool,
    /// Ticket of the newest search.
    newest: Arc<AtomicU64>,
    /// Words looked for in the popup that is open.
    in_sheet: String,
}

impl Find {
    /// Earlier texts, newest first.
    #[must_use]
    pub fn recent(&self) -> Vec<&str> {
        self.past.iter().rev().map(String::as_str).collect()
    }
    fn remember(&mut self, text: &str) {
        self.past.retain(|known| known != text);
        self.past.push(text.to_owned());
        if self.past.len() > KEPT {
            self.past.remove(0);
        }
    }
    /// Words that are looked for in the sheet that is open.
    #[must_use]
    pub fn in_sheet(&self) -> &str {
        &self.in_sheet
    }
    /// The popup is closed.
    pub fn leave_sheet(&mut self) {
        self.in_sheet.clear();
    }
    /// Takes the marks away and lets a search that is under way go; `false` when there was none.
    pub fn clear(&mut self) -> bool {
        self.newest.fetch_add(1, Ordering::Relaxed);
        (self.is_under_way, self.again) = (false, 0);
        std::mem::take(&mut self.is_marked)
    }
}

fn scope(app: &App) -> Option<Scope> {
    let ctx = app.scene.ctx(view_area(app));
    app.nav.view().and_then(|view| view.finds(&ctx))
}

pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(scope) = scope(app) else {
        app.say("nothing to find in this pane: Tab goes to one with lines");
        return Vec::new();
    };
    if action == Action::FindOpen {
        let goal = if scope.is_words() { Goal::Words } else { Goal::Find };
        app.prompt = Some(Prompt::Filter(FilterPrompt { goal, ..FilterPrompt::default() }));
        return super::prompt::looked(app);
    }
    let forward = action == Action::FindNext;
    // Keys that came in one go: each goes one match on, from where the one before will have led.
    if app.find.is_under_way && app.find.place == Some(app.nav.place()) && app.find.forward == forward {
        app.find.again = app.find.again.saturating_add(1);
        app.say(format!("searching for {} ...", app.find.text));
        return Vec::new();
    }
    app.find.again = 0;
    step(app, scope, forward)
}

/// Begins to look for what was typed; nothing typed means the same again.
pub(super) fn accept(app: &mut App, text: &str) -> Vec<Effect> {
    let text = text.trim();
    if !text.is_empty() {
        app.find.text = text.to_owned();
        app.find.remember(text);
    }
    app.find.again = 0;
    let Some(scope) = scope(app) else { return Vec::new() };
    step(app, scope, true)
}

/// What is looked for: a filter, or words.
fn wanted(app: &App, is_words: bool) -> Result<Wanted, crate::query::ParseError> {
    if is_words {
        return Ok(Wanted::words(&app.find.text));
    }
    let scene = &app.scene;
    scene.filter.parse(&crate::ui::privacy::real(app, &app.find.text), scene.snapshot.now, scene.zone).map(Wanted::filter)
}

fn step(app: &mut App, scope: Scope, forward: bool) -> Vec<Effect> {
    if app.find.text.is_empty() {
        app.say("nothing to find yet: / asks for it");
        return Vec::new();
    }
    let wanted = match wanted(app, scope.is_words()) {
        Ok(wanted) => wanted,
        Err(error) => {
            app.complain(format!("find: {error}"));
            return Vec::new();
        }
    };
    let ticket = app.find.newest.fetch_add(1, Ordering::Relaxed) + 1;
    (app.find.place, app.find.forward, app.find.is_marked) = (Some(app.nav.place()), forward, true);
    app.say(format!("searching for {} ...", wanted.text()));
    app.find.is_under_way = true;
    app.find.is_of_accounts = match &scope {
        Scope::Rows { place, .. } => matches!(place(0), Place::Account(_)),
        Scope::Time { .. } => true,
        Scope::Events { .. } | Scope::List { .. } => false,
    };
    let scene = &app.scene;
    let filter = scene.filter.in_force().cloned();
    vec![Effect::Hunt(Hunt {
        ticket,
        snapshot: Arc::clone(&scene.snapshot),
        projection: scene.projection.clone().filter(|_| filter.is_some()),
        filter,
        options: scene.options,
        scope,
        wanted,
        forward,
        newest: Arc::clone(&app.find.newest),
    })]
}

/// Takes an answer in: the cursor goes to the match.
pub(super) fn answer(app: &mut App, answer: &Answer) -> Vec<Effect> {
    let ticket = match answer {
        Answer::Found { ticket, .. } | Answer::Nothing { ticket } | Answer::Counted { ticket, .. } => *ticket,
    };
    if ticket != app.find.newest.load(Ordering::Relaxed) {
        return Vec::new();
    }
    if app.find.place != Some(app.nav.place()) {
        (app.find.is_under_way, app.find.again) = (false, 0);
        return Vec::new();
    }
    let end = |find: &Find| match (find.wrapped, find.forward) {
        (false, _) => "",
        (true, true) => ", wrapped to the top",
        (true, false) => ", wrapped to the bottom",
    };
    match answer {
        Answer::Found { spot, wrapped, .. } => {
            app.find.wrapped = *wrapped;
            app.find.is_under_way = false;
            let area = view_area(app);
            let ctx = app.scene.ctx(area);
            let effects = app.nav.view_mut().map(|view| {
                let mut spot = spot.clone();
                // Lines may have moved while they were looked through.
                if let Some(Scope::List { things, .. }) = view.finds(&ctx)
                    && things.get(spot.line) != Some(&spot.thing)
                    && let Some(line) = things.iter().position(|thing| *thing == spot.thing)
                {
                    spot.line = line;
                }
                view.found(&spot, &ctx)
            });
            app.say(format!("found {}{}", app.find.text, end(&app.find)));
            let mut effects = effects.unwrap_or_default();
            effects.extend(refresh(app));
            if let Some(left) = app.find.again.checked_sub(1) {
                app.find.again = left;
                if let Some(scope) = scope(app) {
                    effects.extend(step(app, scope, app.find.forward));
                }
            }
            effects
        }
        Answer::Nothing { .. } => {
            (app.find.is_under_way, app.find.again) = (false, 0);
            let options = app.scene.options;
            let hidden = match (app.scene.filter.in_force(), app.find.is_of_accounts) {
                (Some(_), _) => "; the filter may hide some: F switches it off",
                (None, true) if !(options.machine_accounts && options.built_in_accounts) => {
                    "; hidden accounts are left out: t m, t s show them"
                }
                (None, _) => "",
            };
            let gone =
                gone::words(&app.scene.snapshot.let_go, app.scene.zone).map_or_else(String::new, |gone| format!("; not searched: {gone}"));
            app.say(format!("nothing here matches {}{hidden}{gone}", app.find.text));
            Vec::new()
        }
        Answer::Counted { count, .. } => {
            let end = end(&app.find);
            let text = &app.find.text;
            app.say(match count {
                Count::Exact { place, all } => {
                    format!("match {} of {}{end}: {text}", text::count(*place as u64), text::count(*all as u64))
                }
                Count::About(all) => format!("one of ~{} matches{end}: {text}", text::count(*all as u64)),
            });
            Vec::new()
        }
    }
}

/// Marks what matches in what the view has drawn.
pub(super) fn mark(app: &App, buffer: &mut Buffer, area: Rect) {
    if !app.find.is_marked {
        return;
    }
    let ctx = app.scene.ctx(area);
    let Some(view) = app.nav.view() else { return };
    let style = app.scene.theme.style(Meaning::Match);
    for part in view.on_screen(&ctx) {
        if let Ok(wanted) = wanted(app, part.is_words) {
            wanted.mark(buffer, &part, &app.scene.snapshot, style);
        }
    }
}

/// `/` in a sheet: asks for words.
pub(super) fn open_in_sheet(app: &mut App) {
    app.prompt = Some(Prompt::Filter(FilterPrompt { goal: Goal::Sheet, ..FilterPrompt::default() }));
}

pub(super) fn accept_in_sheet(app: &mut App, text: &str) {
    if !text.trim().is_empty() {
        text.trim().clone_into(&mut app.find.in_sheet);
    }
    step_in_sheet(app, true);
}

/// The next line of the sheet with all the words, or the one before.
pub(super) fn step_in_sheet(app: &mut App, forward: bool) {
    let Some(Popup::Sheet(sheet)) = &mut app.popup else { return };
    let wanted = Wanted::words(&app.find.in_sheet);
    let matches: Vec<usize> =
        (0..sheet.lines.len()).filter(|line| line_words(sheet, *line).is_some_and(|words| wanted.is_in(&words))).collect();
    let ahead =
        if forward { matches.iter().position(|line| *line > sheet.cursor) } else { matches.iter().rposition(|line| *line < sheet.cursor) };
    let place = ahead.or_else(|| if forward { Some(0) } else { matches.len().checked_sub(1) });
    let Some((place, line)) = place.and_then(|place| Some((place, *matches.get(place)?))) else {
        app.say(format!("nothing here matches {}", wanted.text()));
        return;
    };
    sheet.cursor = line;
    let end = match (ahead, forward) {
        (Some(_), _) => "",
        (None, true) => ", wrapped to the top",
        (None, false) => ", wrapped to the bottom",
    };
    app.say(format!("match {} of {}{end}: {}", place + 1, matches.len(), wanted.text()));
}

/// The words of a line the cursor can stand on.
fn line_words(sheet: &Sheet, line: usize) -> Option<String> {
    match sheet.lines.get(line)? {
        Line::Keys(keys, words, _) => Some(format!("{keys} {words}")),
        _ => None,
    }
}
