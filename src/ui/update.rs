//! What a message does to the screen. Everything that reaches outside is returned as an effect.

use crate::casefile::Case;
use crate::engine::handle::Command;
use crate::model::input::InputState;
use crate::store::projection::Projection;
use crate::store::{Phase, Snapshot};
use crate::ui::action::{Action, Context};
use crate::ui::app::{App, Asked, FilterPrompt, Prompt};
use crate::ui::effect::{Effect, Place};
use crate::ui::field::TextField;
use crate::ui::ground::Ground;
use crate::ui::input::{Chord, Key};
use crate::ui::keymap::{Found, chords_text};
use crate::ui::layout::Layout;
use crate::ui::look::{self, News};
use crate::ui::mouse::Mouse;
use crate::ui::popup::{Popup, Sheet};
use crate::ui::view::{Reply, ViewId};
use crate::ui::{
    columns, copy, find, link, marks, palette, pivot, pointer, popup_keys, preview, privacy, prompt, replay, select, switch, triage, write,
};
use ratatui::layout::Rect;
use std::sync::Arc;

/// What can happen to the screen.
pub enum Msg {
    Key(Chord),
    Mouse(Mouse),
    Paste(String),
    Snapshot(Arc<Snapshot>),
    Projection(Option<Arc<Projection>>),
    Reply(Reply),
    /// The case as it is after a decision, and what to say of it.
    Case(Arc<Case>, Option<String>),
    Resize(u16, u16),
    /// The settings file was written.
    Settings(News),
    /// The terminal said what its background is.
    Ground(Ground),
    /// The outside has something to say: a command was refused.
    Complain(String),
}

/// Takes a message in. Effects of the screen's own are carried out; those for the outside are returned.
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    let effects = match msg {
        Msg::Key(chord) => {
            let is_first = std::mem::take(&mut app.is_first);
            let mut effects = key(app, chord);
            effects.extend(is_first.then_some(Effect::Welcomed));
            effects
        }
        Msg::Mouse(mouse) => pointer::act(app, mouse),
        Msg::Paste(text) => prompt::paste(app, &text),
        Msg::Snapshot(snapshot) => {
            let before = std::mem::replace(&mut app.newest, snapshot);
            let mut effects = replay::meet(app, &before);
            if !app.frozen {
                effects.extend(follow(app));
            }
            effects
        }
        Msg::Projection(projection) => {
            project(app, projection);
            refresh(app)
        }
        Msg::Reply(reply) => {
            let reply = privacy::receive(app, reply);
            let area = view_area(app);
            let ctx = app.scene.ctx(area);
            app.nav.receive(&reply, &ctx);
            match reply {
                Reply::Raw(id, answer) => copy::received(app, id, &answer),
                Reply::Bundled(told) => marks::bundle::told(app, told),
                Reply::Copied(copied, result) => copy::done(app, &copied, result),
                // The answer may be about a window that was left meanwhile.
                Reply::Grouped(_) | Reply::Digest(..) | Reply::Older(..) => refresh(app),
                Reply::Written(order, result) => write::done(app, &order, result),
                Reply::Paths(text, found) => write::completed(app, &text, &found),
                Reply::Found(answer) => find::answer(app, &answer),
                Reply::Past(..) => Vec::new(),
            }
        }
        Msg::Case(case, said) => {
            let mut effects = hear(app, case);
            if let Some(said) = said {
                app.say(said);
            }
            effects.extend(refresh(app));
            effects
        }
        Msg::Resize(width, height) => {
            app.size = Rect::new(0, 0, width, height);
            refresh(app)
        }
        Msg::Settings(News::Setup(setup, beside)) => {
            let mut effects = look::renew(app, *setup, &beside);
            effects.extend(refresh(app));
            effects
        }
        Msg::Ground(ground) => {
            look::ground(app, ground);
            Vec::new()
        }
        Msg::Settings(News::Wrong(text)) => {
            app.complain(format!("{text}; what was in force stays"));
            Vec::new()
        }
        Msg::Complain(text) => {
            app.complain(text);
            Vec::new()
        }
    };
    let outside = settle(app, effects);
    keep_since(app);
    preview::refuse(app, outside)
}

/// Relative times count from the moment under the cursor, or the last one there was.
fn keep_since(app: &mut App) {
    if app.scene.options.since.is_some()
        && let Some(at) = app.nav.view().and_then(|view| view.selection(&app.scene.ctx(view_area(app))).at)
    {
        app.scene.options.since = Some(at);
    }
}

/// For somebody who was never here.
const WELCOME: &str = "welcome: ? shows the keys, e what is odd, Enter opens, f filters, q goes back";

/// What is to be done before the first key; a filter that is wrong is said in the message row.
pub fn start(app: &mut App, filter: Option<&str>) -> Vec<Effect> {
    let newest = Arc::clone(&app.newest);
    privacy::show(app, &newest);
    let mut effects = match filter {
        Some(text) => set_filter(app, text),
        None => refresh(app),
    };
    effects.extend(link::arrive(app));
    if app.is_first && app.message.is_none() {
        app.say(WELCOME);
    }
    if app.mouse {
        effects.push(Effect::Mouse(true));
    }
    settle(app, effects)
}

/// The area views are drawn in.
#[must_use]
pub fn view_area(app: &App) -> Rect {
    Layout::of(app.size, &app.newest.phase).view
}

/// Carries out what stays inside, which may bring more of it; the rest goes out in order.
fn settle(app: &mut App, effects: Vec<Effect>) -> Vec<Effect> {
    let mut outside = Vec::new();
    let mut waiting: std::collections::VecDeque<Effect> = effects.into();
    // A view that answers each opening by another would go on for ever.
    let mut left = 64;
    while let Some(effect) = waiting.pop_front() {
        left -= 1;
        if left == 0 {
            break;
        }
        match effect {
            Effect::Open(place) => {
                if app.nav.open(place) {
                    waiting.extend(refresh(app));
                }
            }
            Effect::Back => {
                if app.nav.back() {
                    waiting.extend(refresh(app));
                } else {
                    app.popup = Some(Popup::Quit);
                }
            }
            Effect::Forward => {
                if app.nav.forward() {
                    waiting.extend(refresh(app));
                } else {
                    app.say("nothing to go forward to");
                }
            }
            Effect::Visit(thing) => waiting.extend(marks::open(app, &thing, "from the case")),
            Effect::SetFilter(text) => waiting.extend(set_filter(app, &text)),
            Effect::ShowSpan(from, to) => {
                let area = view_area(app);
                let ctx = app.scene.ctx(area);
                if let Some(view) = app.nav.view_mut() {
                    view.set_reach(from, to, &ctx);
                }
                waiting.extend(refresh(app));
            }
            Effect::Ask(asked, text) => app.prompt = Some(Prompt::Line(asked, TextField::new(&text))),
            Effect::Act(action) => waiting.extend(act(app, action)),
            Effect::Say(text) => app.say(text),
            Effect::Freeze(frozen) => {
                app.frozen = frozen;
                if !frozen {
                    waiting.extend(follow(app));
                }
            }
            outer => outside.push(outer),
        }
    }
    outside
}

/// Shows the newest state.
pub(super) fn follow(app: &mut App) -> Vec<Effect> {
    let newest = Arc::clone(&app.newest);
    preview::leave(app);
    privacy::show(app, &newest);
    app.scene.triage.follow(&app.newest);
    let mut effects = refresh(app);
    effects.extend(link::arrive(app));
    effects
}

pub(super) fn refresh(app: &mut App) -> Vec<Effect> {
    let area = view_area(app);
    let ctx = app.scene.ctx(area);
    app.nav.view_mut().map(|view| view.refresh(&ctx)).unwrap_or_default()
}

/// Takes over a projection: of the filter in force, or of the one being typed.
fn project(app: &mut App, projection: Option<Arc<Projection>>) {
    let Some(projection) = projection else { return };
    let typed = match &app.prompt {
        Some(Prompt::Filter(prompt)) => privacy::real(app, prompt.field.text().trim()),
        _ => String::new(),
    };
    if let Some(Prompt::Filter(prompt)) = &mut app.prompt
        && projection.filter.as_ref().is_some_and(|filter| filter.text() == typed)
    {
        prompt.preview = Some(Arc::clone(&projection));
    }
    let Some(filter) = app.scene.filter.in_force() else { return };
    if filter.key() != projection.key {
        return;
    }
    // While the screen is held it keeps the rows it has, unless they were not all looked at.
    let kept = app.scene.projection.as_ref().filter(|kept| kept.key == projection.key);
    let complete = kept.is_some_and(|kept| kept.looked_at() >= app.scene.snapshot.tables.events.len());
    if !(app.frozen && complete) {
        app.scene.projection = Some(projection);
    }
}

/// Asks for the projection of the filter in force.
pub(super) fn request(app: &mut App) -> Effect {
    let request = app.scene.filter.in_force().map(|filter| (filter.key(), filter.clone()));
    if request.is_none() {
        app.scene.projection = None;
    }
    Effect::Project(request)
}

pub(super) fn set_filter(app: &mut App, text: &str) -> Vec<Effect> {
    let text = privacy::real(app, text);
    match app.scene.filter.set(&text, app.scene.snapshot.now, app.scene.zone) {
        Ok(()) => after_filter(app),
        Err(error) => {
            app.complain(format!("filter: {error}"));
            Vec::new()
        }
    }
}

/// Takes over the case as it is now.
pub(super) fn hear(app: &mut App, case: Arc<Case>) -> Vec<Effect> {
    app.scene.marked.set(&case);
    let is_other = app.scene.filter.hear(case.remarks());
    app.scene.triage.set(case, &app.scene.snapshot);
    if is_other { vec![request(app)] } else { Vec::new() }
}

fn after_filter(app: &mut App) -> Vec<Effect> {
    let mut effects = vec![request(app)];
    effects.extend(refresh(app));
    effects
}

fn key(app: &mut App, chord: Chord) -> Vec<Effect> {
    app.message = None;
    match app.context() {
        Context::Popup | Context::Columns => popup_keys::key(app, chord),
        Context::Prompt => prompt::key(app, chord),
        context => {
            app.pressed.push(chord);
            match app.keymap.find(context, &app.pressed) {
                Found::Action(action) => {
                    app.pressed.clear();
                    act(app, action)
                }
                Found::Prefix => Vec::new(),
                Found::Nothing => {
                    if chord.key != Key::Esc {
                        let keys = chords_text(&app.pressed);
                        app.say(format!("{keys} means nothing here: ? shows the keys"));
                    }
                    app.pressed.clear();
                    Vec::new()
                }
            }
        }
    }
}

/// Does what an action says; what is not for the frame goes to the view.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let selection = |app: &App| select::of(app);
    if let Some(done) = replay::scrub(app, action) {
        return done;
    }
    match action {
        Action::HelpToggle => {
            app.popup = Some(Popup::Sheet(Sheet::help(&app.keymap, app.view_context(), app.nav.tab().title(), app.scene.glyphs)));
            Vec::new()
        }
        Action::PaletteOpen => {
            palette::open(app);
            Vec::new()
        }
        Action::FilterEdit => prompt::open_filter(app),
        Action::FilterToggle => {
            if app.scene.filter.toggle() {
                after_filter(app)
            } else {
                app.say("there is no filter to switch: f writes one");
                Vec::new()
            }
        }
        Action::FilterInclude | Action::FilterExclude => select::narrow(app, action == Action::FilterExclude),
        Action::FilterUndo | Action::FilterRedo => {
            let (now, zone) = (app.scene.snapshot.now, app.scene.zone);
            let undo = action == Action::FilterUndo;
            let moved = if undo { app.scene.filter.undo(now, zone) } else { app.scene.filter.redo(now, zone) };
            if moved {
                return after_filter(app);
            }
            app.say(if undo { "no earlier filter" } else { "no later filter" });
            Vec::new()
        }
        Action::NavBack => vec![Effect::Back],
        Action::NavForward => vec![Effect::Forward],
        Action::NavPeek => {
            peek(app);
            let mut effects = pass(app, action);
            effects.extend(refresh(app));
            effects
        }
        Action::ViewTimeline => vec![Effect::Open(Place::View(ViewId::Timeline))],
        Action::ViewAnomalies => vec![Effect::Open(Place::View(ViewId::Anomalies))],
        Action::ViewAccounts => vec![Effect::Open(Place::View(ViewId::Accounts))],
        Action::ViewHosts => vec![Effect::Open(Place::View(ViewId::Hosts))],
        Action::ViewSources => vec![Effect::Open(Place::View(ViewId::Sources))],
        Action::ViewPaths => vec![Effect::Open(Place::View(ViewId::Paths))],
        Action::ViewEvents => vec![Effect::Open(Place::View(ViewId::Events))],
        Action::ViewInputs => vec![Effect::Open(Place::View(ViewId::Inputs))],
        Action::GoAccount => go(selection(app).account.map(Place::Account), "account"),
        Action::GoHost => go(selection(app).host.map(Place::Host), "host"),
        Action::GoSource => go(selection(app).source.map(Place::Source), "source"),
        Action::GoSession => go(selection(app).place(), "session"),
        Action::GoRaw => go(selection(app).event.map(Place::Event), "event"),
        Action::GoPath => {
            let selection = selection(app);
            let focus = crate::ui::view::paths::focus_of(&selection, app.nav.place());
            go(focus.map(|focus| Place::Path(focus, selection.at)), "account, host, source or session")
        }
        Action::GoTime => {
            app.prompt = Some(Prompt::Line(Asked::Time, TextField::default()));
            Vec::new()
        }
        Action::GoDetection => {
            let anomaly = selection(app).anomaly.and_then(|id| app.scene.snapshot.tables.anomaly(id));
            match anomaly.map(|anomaly| anomaly.detection.id) {
                Some(id) => app.popup = Sheet::detection(id, &app.scene.snapshot, app.size.width).map(Popup::Sheet),
                None => app.say("no anomaly under the cursor"),
            }
            Vec::new()
        }
        Action::ClockFreeze => freeze(app),
        Action::CursorLast if app.frozen => {
            app.frozen = false;
            let mut effects = follow(app);
            effects.extend(pass(app, action));
            effects
        }
        Action::ReplayStart
        | Action::ReplayLeave
        | Action::ReplayFaster
        | Action::ReplaySlower
        | Action::ReplayStep
        | Action::ReplayStepBack => replay::act(app, action),
        Action::AnomalyNext | Action::AnomalyPrev if matches!(app.newest.phase, Phase::Replay { .. }) => {
            vec![Effect::Engine(Command::SeekAnomaly { forward: action == Action::AnomalyNext })]
        }
        Action::ToggleUtc
        | Action::ToggleAscii
        | Action::ToggleTheme
        | Action::ToggleMachine
        | Action::ToggleService
        | Action::ToggleRelative
        | Action::TogglePerf
        | Action::ToggleWrap
        | Action::ToggleLanes => {
            switch::act(app, action);
            refresh(app)
        }
        Action::TogglePrivacy => privacy::toggle(app),
        Action::ToggleMouse => {
            app.mouse = !app.mouse;
            let on = "mouse on: click, wheel, drag; Shift with it is the terminal's own in most of them";
            app.say(if app.mouse { on } else { "mouse off: it is the terminal's again" });
            vec![Effect::Mouse(app.mouse)]
        }
        Action::PopupDismiss if app.find.clear() => Vec::new(),
        Action::FindOpen | Action::FindNext | Action::FindPrev => find::act(app, action),
        Action::PivotOpen => {
            let selection = selection(app);
            pivot::open(app, &selection)
        }
        Action::MarkToggle | Action::MarkNext | Action::MarkPrev | Action::NoteEdit | Action::CaseOpen => {
            let selection = selection(app);
            marks::act(app, action, &selection)
        }
        Action::CopyCell
        | Action::CopyAccount
        | Action::CopyHost
        | Action::CopySource
        | Action::CopySession
        | Action::CopyRaw
        | Action::CopyFilter
        | Action::CopyLink => {
            let selection = selection(app);
            copy::act(app, action, &selection)
        }
        Action::ExportCsv | Action::ExportJsonl | Action::ExportMarkdown | Action::ExportHtml | Action::ExportScreen => {
            write::act(app, action)
        }
        Action::ExportCase => marks::bundle::ask(app),
        Action::TriageAck
        | Action::TriageConfirm
        | Action::TriageDismiss
        | Action::TriageSuppress
        | Action::TriageReopen
        | Action::TriageUndo => {
            let selection = selection(app);
            select::end(app);
            triage::act(app, action, selection.anomaly, selection.decided_with)
        }
        Action::TableColumns => columns::open(app),
        Action::TableWiden | Action::TableNarrow => columns::resize(app, action),
        Action::InputsRescan => vec![Effect::Engine(Command::Rescan), Effect::Say("looking at the inputs again".into())],
        Action::ScreenRedraw => vec![Effect::Redraw],
        Action::AppSuspend => vec![Effect::Suspend],
        Action::PopupDismiss if app.newest.progress.is_some() && !app.reads_behind => {
            app.reads_behind = true;
            app.say("reading goes on in the background; 8 says how far it is");
            Vec::new()
        }
        Action::AppQuit => vec![Effect::Quit],
        action => pass(app, action),
    }
}

/// Opens or closes the details pane of the view on screen.
fn peek(app: &mut App) {
    let lists = [ViewId::Accounts, ViewId::Hosts, ViewId::Sources, ViewId::Events].map(Place::View);
    if lists.contains(&app.nav.place()) {
        let shown = app.scene.ctx(view_area(app)).peeks();
        app.scene.options.peek_rows = Some(!shown);
    } else {
        app.scene.options.peek = !app.scene.options.peek;
    }
}

/// Lets the view on screen act.
fn pass(app: &mut App, action: Action) -> Vec<Effect> {
    let area = view_area(app);
    let ctx = app.scene.ctx(area);
    app.nav.view_mut().map(|view| view.update(action, &ctx)).unwrap_or_default()
}

fn go(place: Option<Place>, what: &str) -> Vec<Effect> {
    vec![place.map_or_else(|| Effect::Say(format!("no {what} under the cursor")), Effect::Open)]
}

fn freeze(app: &mut App) -> Vec<Effect> {
    match app.newest.phase {
        Phase::Replay { playing, .. } => vec![Effect::Engine(Command::Play(!playing))],
        Phase::File if !app.frozen && !app.newest.inputs.iter().any(|input| input.state == InputState::Following) => {
            app.say("nothing to freeze: everything is read and nothing is followed");
            Vec::new()
        }
        _ => vec![Effect::Freeze(!app.frozen)],
    }
}

/// An empty filter prompt, for the first key.
pub(super) fn filter_prompt(app: &App) -> FilterPrompt {
    FilterPrompt { field: TextField::new(&privacy::told(app, app.scene.filter.text())), ..FilterPrompt::default() }
}
