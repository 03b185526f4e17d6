//! The loop of the screen: keys first, then the newest state, then at most one drawing every few milliseconds.
//!
//! One thread, no lock: the engine publishes, this loop takes the newest. It never waits for the engine; records are read
//! again on a thread of their own. Everything the loop decides is decided in `update`.

use crate::casefile::Case;
use crate::casefile::entry::Act;
use crate::engine::handle::{Command, Handle, OlderAsked, ProjectionRequest, Stopwatch};
use crate::history::account::Whose;
use crate::model::ids::{AccountId, EventId};
use crate::store::group::Question;
use crate::ui::app::App;
use crate::ui::clipboard::{self, Clipboard, Way};
use crate::ui::copy::Copied;
use crate::ui::effect::Effect;
use crate::ui::find::hunt::Hunt;
use crate::ui::frame;
use crate::ui::ground::{Ear, Ground, by_variable, may_be_asked};
use crate::ui::grouper::Grouper;
use crate::ui::input::Chord;
use crate::ui::look::News;
use crate::ui::mouse::Mouse;
use crate::ui::restore::{self, Left};
use crate::ui::signals::{self, Signals, Told};
use crate::ui::terminal::Screen;
use crate::ui::theme::Depth;
use crate::ui::triage;
use crate::ui::update::{Msg, start, update};
use crate::ui::view::Reply;
use crate::ui::view::page::digest::{Digest, Subject};
use crate::ui::write::{self, Order};
use crossterm::event::{Event, EventStream};
use futures_util::{FutureExt as _, StreamExt as _};
use ratatui::layout::Rect;
use std::env;
use std::io::{self, IsTerminal as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, Sleep, interval, sleep};

pub use crate::ui::app::Setup;

/// Least time between two drawings of what came by itself; what a key did is drawn at once.
const FRAME: Duration = Duration::from_millis(16);
/// How often it is kept how the screen is, in case the program does not come to its end.
const LEFT: Duration = Duration::from_secs(30);

/// A drawing that somebody at the keys would notice.
const SLOW: Duration = Duration::from_millis(50);
/// Longest time that the first frame waits for what the terminal says of its background; one that says it later, as over a
/// slow line, is drawn again.
const PATIENCE: Duration = Duration::from_millis(30);

/// Longest time that keys are held back because they look like the beginning of an answer.
const HOLD: Duration = Duration::from_millis(50);

/// The case after a decision; and a complaint when that could not be written.
pub type Recorded = (Arc<Case>, Option<String>);

/// Keeps decisions.
pub struct Recorder {
    /// They are written to a file, not only remembered until the end.
    pub is_kept: bool,
    pub record: Box<dyn FnMut(Vec<Act>) -> Recorded>,
    /// Keeps how the screen was left, where that is wanted.
    pub leave: Option<Arc<dyn Fn(Left) + Send + Sync>>,
}

/// Runs the screen until it is left. `case` is what was decided before.
///
/// # Errors
/// Standard output is no terminal, the theme is unknown, or the terminal cannot be used. The text says what to do.
pub fn run(handle: Handle, setup: Setup, case: Arc<Case>, recorder: Recorder, news: mpsc::UnboundedReceiver<News>) -> io::Result<()> {
    if !io::stdout().is_terminal() {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "standard output is no terminal: `logonscope report INPUT...` prints without one",
        ));
    }
    if let Some(name) = setup.theme.as_deref().filter(|name| setup.themes.find(name).is_none()) {
        let names: Vec<&str> = setup.themes.names().collect();
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("no theme '{name}': write one of {}", names.join(", "))));
    }
    let setup = by_environment(setup, None, variable);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(show(handle, &setup, (case, recorder), news));
    // A record that is being read again must not hold up the end.
    runtime.shutdown_background();
    result
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// What the environment says where the setup says nothing.
fn by_environment(mut setup: Setup, ground: Option<Ground>, variable: impl Fn(&str) -> Option<String>) -> Setup {
    let locale = variable("LC_ALL").or_else(|| variable("LC_CTYPE")).or_else(|| variable("LANG")).unwrap_or_default().to_lowercase();
    let term = variable("TERM").unwrap_or_default();
    let speaks_unicode = if cfg!(windows) {
        variable("WT_SESSION").is_some() || !term.is_empty()
    } else {
        (locale.contains("utf-8") || locale.contains("utf8")) && term != "linux" && term != "dumb"
    };
    setup.ascii |= !speaks_unicode && !setup.unicode;
    setup.depth.get_or_insert_with(|| Depth::of_terminal(variable("COLORTERM").as_deref(), Some(&term)));
    setup.no_color |= variable("NO_COLOR").is_some();
    if setup.theme.is_none() {
        let ground = ground.or_else(|| by_variable(&variable("COLORFGBG")?)).unwrap_or(Ground::Dark);
        setup.theme = Some(ground.theme().to_owned());
        setup.theme_by_terminal = true;
    }
    setup
}

/// What has come from outside since the last turn.
struct Outside {
    handle: Handle,
    events: EventStream,
    replies: mpsc::UnboundedReceiver<Reply>,
    send_reply: mpsc::UnboundedSender<Reply>,
    recorder: Recorder,
    grouper: Arc<Grouper>,
    clipboard: Clipboard,
    /// Hears the terminal's answer among the keys.
    ear: Ear,
    signals: Signals,
    /// Runs since the screen was opened.
    clock: Stopwatch,
    /// The file that remembers the first start.
    welcome: Option<std::path::PathBuf>,
}

/// Ends after a time that was set, once.
async fn over(timer: &mut Option<Pin<Box<Sleep>>>) {
    match timer {
        Some(sleep) => sleep.await,
        None => std::future::pending().await,
    }
    *timer = None;
}

async fn show(
    mut handle: Handle,
    setup: &Setup,
    (case, recorder): (Arc<Case>, Recorder),
    mut news: mpsc::UnboundedReceiver<News>,
) -> io::Result<()> {
    // The handlers are in place before the terminal is changed.
    let mut signals = Signals::listen();
    if signals.next().now_or_never() == Some(Told::End) {
        return Ok(());
    }
    let mut screen = Screen::take()?;
    let size = screen.terminal.size()?;
    let snapshot = Arc::clone(&handle.snapshots.borrow_and_update());
    let mut app = App::new(snapshot, setup, Rect::new(0, 0, size.width, size.height));
    update(&mut app, Msg::Case(case, None));
    let (send_reply, replies) = mpsc::unbounded_channel();
    let mut outside = Outside {
        handle,
        events: EventStream::new(),
        replies,
        send_reply,
        recorder,
        grouper: Arc::default(),
        clipboard: setup.clipboard,
        ear: Ear::default(),
        signals,
        clock: Stopwatch::default(),
        welcome: setup.welcome.clone(),
    };
    let effects = start(&mut app, setup.filter.as_deref());
    if let Some(greeting) = &setup.greeting {
        app.say(greeting.clone());
    }
    if let Some(complaint) = &setup.complaint {
        update(&mut app, Msg::Complain(complaint.clone()));
    }
    let mut go_on = outside.carry_out(&mut app, &mut screen, effects)?;
    let mut left = interval(LEFT);
    left.set_missed_tick_behavior(MissedTickBehavior::Delay);
    left.reset();
    let mut pace = interval(FRAME);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut changed, mut engine_runs) = (true, true);
    // The first frame waits a moment for the answer, so that it is not drawn in colours for another background.
    let (mut patience, mut holding) = (None, None);
    if setup.theme_by_terminal && !setup.no_color && may_be_asked(variable) {
        screen.ask_ground()?;
        outside.ear.listen();
        patience = Some(Box::pin(sleep(PATIENCE)));
    }
    while go_on {
        let mut first = Vec::new();
        tokio::select! {
            biased;
            told = outside.signals.next() => match told {
                Told::End => break,
                Told::Stop => screen.stop()?,
                Told::Continued => screen.again()?,
            },
            event = outside.events.next() => match event {
                Some(Ok(event)) => first = outside.ear.hear(event),
                // The terminal is gone.
                Some(Err(_)) | None => break,
            },
            () = over(&mut holding) => first = outside.ear.release(),
            () = over(&mut patience) => {}
            _ = pace.tick(), if changed && patience.is_none() => {
                let begun = outside.clock.elapsed();
                draw(&mut app, &mut screen)?;
                let now = outside.clock.elapsed();
                app.perf.frame(now, now.saturating_sub(begun), screen.bytes());
                changed = false;
                continue;
            }
            _ = left.tick(), if outside.recorder.leave.is_some() => {
                if let Some(leave) = outside.recorder.leave.clone() {
                    let now = restore::left(&app);
                    tokio::task::spawn_blocking(move || leave(now));
                }
                continue;
            }
            alive = outside.handle.snapshots.changed(), if engine_runs => {
                engine_runs = alive.is_ok();
                // None of the inputs can be used: that is told outside.
                if outside.handle.failure.get().is_some() {
                    break;
                }
                outside.handle.snapshots.mark_changed();
                if !engine_runs {
                    let text = "the engine has stopped: what is on screen stays, nothing new will come; quit and open the inputs again";
                    update(&mut app, Msg::Complain(text.to_owned()));
                }
            }
            _ = outside.handle.projections.changed(), if engine_runs => outside.handle.projections.mark_changed(),
            Some(news) = news.recv() => {
                let news = match news {
                    News::Setup(setup, beside) => {
                        outside.clipboard = setup.clipboard;
                        News::Setup(Box::new(by_environment(*setup, app.ground, variable)), beside)
                    }
                    wrong => wrong,
                };
                let effects = update(&mut app, Msg::Settings(news));
                go_on = outside.carry_out(&mut app, &mut screen, effects)?;
            }
            Some(reply) = outside.replies.recv() => {
                let effects = update(&mut app, Msg::Reply(reply));
                if !outside.carry_out(&mut app, &mut screen, effects)? {
                    break;
                }
            }
        }
        changed = true;
        if !first.is_empty() {
            // A key does not wait for its turn behind the frames of a stream.
            pace.reset_immediately();
        }
        let begun = outside.clock.elapsed();
        go_on = go_on && outside.turn(&mut app, &mut screen, first).await?;
        app.perf.updated(outside.clock.elapsed().saturating_sub(begun));
        if !outside.ear.is_holding() {
            holding = None;
        } else if holding.is_none() {
            holding = Some(Box::pin(sleep(HOLD)));
        }
        if let Some(ground) = outside.ear.take() {
            patience = None;
            update(&mut app, Msg::Ground(ground));
        }
    }
    if let Some(leave) = &outside.recorder.leave {
        leave(restore::left(&app));
    }
    let _ = outside.handle.command(Command::Stop);
    Ok(())
}

fn draw(app: &mut App, screen: &mut Screen) -> io::Result<()> {
    let begun = tokio::time::Instant::now();
    let size = screen.terminal.size()?;
    if (size.width, size.height) != (app.size.width, app.size.height) {
        update(app, Msg::Resize(size.width, size.height));
    }
    screen.terminal.draw(|frame| {
        if let Some(cursor) = frame::draw(app, frame.buffer_mut()) {
            frame.set_cursor_position(cursor);
        }
    })?;
    let took = begun.elapsed();
    if took >= SLOW {
        let (view, width, height) = (app.nav.tab().title(), app.size.width, app.size.height);
        tracing::warn!(millis = took.as_millis(), view, width, height, "slow frame");
    }
    Ok(())
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Chord::of(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Mouse(event) => Mouse::of(event).map(Msg::Mouse),
        Event::Resize(width, height) => Some(Msg::Resize(width, height)),
        _ => None,
    }
}

impl Outside {
    /// The next event if it is there already. It is asked for with this task's own waker: the stream keeps the waker of
    /// whoever asked first, and a waker that does nothing would make the loop sleep through the next key.
    async fn waiting(&mut self) -> Poll<Option<io::Result<Event>>> {
        std::future::poll_fn(|context| Poll::Ready(self.events.poll_next_unpin(context))).await
    }

    /// All waiting keys, then the newest state. `false`: the screen is to be left.
    async fn turn(&mut self, app: &mut App, screen: &mut Screen, first: Vec<Event>) -> io::Result<bool> {
        let mut next = first;
        while !next.is_empty() {
            for msg in next.drain(..).filter_map(message) {
                let effects = update(app, msg);
                if !self.carry_out(app, screen, effects)? {
                    return Ok(false);
                }
            }
            // What the ear holds back may be followed by more.
            while next.is_empty() {
                match self.waiting().await {
                    Poll::Pending => break,
                    Poll::Ready(Some(Ok(event))) => next = self.ear.hear(event),
                    Poll::Ready(Some(Err(_)) | None) => return Ok(false),
                }
            }
        }
        if self.handle.snapshots.has_changed().unwrap_or(true) {
            let snapshot = Arc::clone(&self.handle.snapshots.borrow_and_update());
            if snapshot.version != app.newest.version {
                app.perf.snapshot(self.clock.elapsed());
                let effects = update(app, Msg::Snapshot(snapshot));
                self.carry_out(app, screen, effects)?;
            }
        }
        if self.handle.projections.has_changed().unwrap_or(false) {
            let projection = self.handle.projections.borrow_and_update().clone();
            let effects = update(app, Msg::Projection(projection));
            self.carry_out(app, screen, effects)?;
        }
        Ok(true)
    }

    /// Does what an update asked for. `false`: the screen is to be left.
    fn carry_out(&mut self, app: &mut App, screen: &mut Screen, effects: Vec<Effect>) -> io::Result<bool> {
        for effect in effects {
            match effect {
                Effect::Quit => return Ok(false),
                Effect::Engine(command) => {
                    tracing::debug!(?command, "asked of the engine");
                    if let Err(text) = self.handle.command(command) {
                        update(app, Msg::Complain(text.to_owned()));
                    }
                }
                Effect::Project(request) => self.handle.project(request),
                Effect::Record(acts) => {
                    let said = triage::told(&acts, app.scene.triage.case(), self.recorder.is_kept);
                    let (case, complaint) = (self.recorder.record)(acts);
                    update(app, Msg::Case(case, Some(said)));
                    if let Some(complaint) = complaint {
                        update(app, Msg::Complain(complaint));
                    }
                }
                Effect::Hunt(hunt) => self.hunt(hunt),
                Effect::FetchRaw(id) => self.fetch(app, id),
                Effect::FetchPast(id, whose) => self.fetch_past(id, whose),
                Effect::FetchOlder(asked) => self.fetch_older(app, asked),
                Effect::Digest(subject) => self.digest(app, subject),
                Effect::Group(question, filter) => self.group(app, question, filter),
                Effect::Write(order) => self.write(order),
                Effect::CompletePath(text) => self.complete_path(text),
                Effect::Mouse(on) => screen.mouse(on)?,
                Effect::Copy(copied) => self.copy(app, screen, copied)?,
                Effect::Bundle(order) => {
                    let (raw, send) = (Arc::clone(&self.handle.raw), self.send_reply.clone());
                    tokio::task::spawn_blocking(move || {
                        let tell = |words| drop(send.send(Reply::Bundled(Ok(words))));
                        let written = crate::ui::marks::bundle::write(&order, raw.as_ref(), &tell);
                        let _ = send.send(Reply::Bundled(written));
                    });
                }
                Effect::Welcomed => self.welcomed(),
                Effect::Redraw => screen.clear()?,
                Effect::Suspend if signals::can_be_continued() => screen.suspend(&mut self.signals)?,
                Effect::Suspend => {
                    let text = "nothing could continue the program: no shell with jobs started it";
                    update(app, Msg::Complain(text.to_owned()));
                }
                // The others are the screen's own and were carried out by `update`.
                _ => {}
            }
        }
        Ok(true)
    }

    /// Writes a file, on a thread of its own.
    fn write(&self, order: Arc<Order>) {
        let send = self.send_reply.clone();
        tokio::task::spawn_blocking(move || {
            let result = write::carry_out(&order);
            // Nobody waits for it any more when the screen was left.
            let _ = send.send(Reply::Written(order, result));
        });
    }

    /// Looks which paths begin like a text, on a thread of its own: a folder may be far away.
    fn complete_path(&self, text: String) {
        let send = self.send_reply.clone();
        tokio::task::spawn_blocking(move || {
            let found = write::completions(&text);
            // Nobody waits for it any more when the screen was left.
            let _ = send.send(Reply::Paths(text, found));
        });
    }

    /// Looks for a match, on a thread of its own.
    fn hunt(&self, hunt: Hunt) {
        let send = self.send_reply.clone();
        tokio::task::spawn_blocking(move || {
            hunt.run(|answer| {
                // Nobody waits for it any more when the screen was left.
                let _ = send.send(Reply::Found(answer));
            });
        });
    }

    /// Puts a text on the clipboard: by a tool on a thread of its own, or by the terminal between two drawings.
    fn copy(&self, app: &mut App, screen: &mut Screen, copied: Copied) -> io::Result<()> {
        match Way::choose(self.clipboard, variable, clipboard::find_program) {
            Way::Nowhere(why) => drop(update(app, Msg::Complain(format!("not copied: {why}")))),
            Way::Tool(tool) => {
                let send = self.send_reply.clone();
                tokio::task::spawn_blocking(move || {
                    let result = tool.take(&copied.text).map(|()| tool.name);
                    let result = result.map_err(|error| {
                        format!(
                            "{} does not take it: {error}; clipboard = \"osc52\" under [ui] of the settings goes by the terminal",
                            tool.name
                        )
                    });
                    // Nobody waits for it any more when the screen was left.
                    let _ = send.send(Reply::Copied(copied, result));
                });
            }
            Way::Osc52(between) => match between.sequence(&copied.text) {
                Ok(sequence) => {
                    screen.pass(&sequence)?;
                    app.say(copied.told(between.words()));
                }
                Err(why) => drop(update(app, Msg::Complain(why))),
            },
        }
        Ok(())
    }

    /// Remembers that this was the first start; one that cannot be written down is greeted again.
    fn welcomed(&mut self) {
        let Some(path) = self.welcome.take() else { return };
        tokio::task::spawn_blocking(move || {
            let _ = path.parent().map(std::fs::create_dir_all);
            let _ = std::fs::write(path, b"");
        });
    }
    /// Reads what earlier runs saw of an account, on a thread of its own.
    fn fetch_past(&self, id: AccountId, whose: Whose) {
        let Some(past) = self.handle.past.clone() else { return };
        let send = self.send_reply.clone();
        tokio::task::spawn_blocking(move || {
            let found = past.account(&whose).map(Arc::new);
            // Nobody waits for it any more when the screen was left.
            let _ = send.send(Reply::Past(id, whose, found));
        });
    }

    /// Reads events that are in memory no longer, on a thread of its own.
    fn fetch_older(&self, app: &App, asked: OlderAsked) {
        let Some(past) = self.handle.past.clone() else { return };
        let (snapshot, send) = (Arc::clone(&app.scene.snapshot), self.send_reply.clone());
        tokio::task::spawn_blocking(move || {
            let found = past.older(&snapshot, &asked).map(Arc::new);
            // Nobody waits for it any more when the screen was left.
            let _ = send.send(Reply::Older(asked, found));
        });
    }

    /// Counts what a page tells of, on a thread of its own.
    fn digest(&self, app: &App, subject: Subject) {
        let (snapshot, send) = (Arc::clone(&app.scene.snapshot), self.send_reply.clone());
        tokio::task::spawn_blocking(move || {
            let digest = Digest::whole(subject, &snapshot.tables);
            // Nobody waits for it any more when the screen was left.
            let _ = send.send(Reply::Digest(subject, snapshot.epoch, Arc::new(digest)));
        });
    }

    /// Counts lanes by host, account or source, on a thread of its own.
    fn group(&self, app: &App, question: Question, filter: ProjectionRequest) {
        let (snapshot, grouper, send) = (Arc::clone(&app.scene.snapshot), Arc::clone(&self.grouper), self.send_reply.clone());
        let ticket = grouper.ticket();
        tokio::task::spawn_blocking(move || {
            if let Some(grouped) = grouper.answer(ticket, &snapshot, question, filter) {
                // Nobody waits for it any more when the screen was left.
                let _ = send.send(Reply::Grouped(Arc::new(grouped)));
            }
        });
    }

    /// Reads a record again, on a thread of its own.
    fn fetch(&self, app: &App, id: EventId) {
        let Some(row) = app.newest.tables.event(id) else { return };
        let (at, raw, send) = (row.event.provenance, Arc::clone(&self.handle.raw), self.send_reply.clone());
        tokio::task::spawn_blocking(move || {
            // Nobody waits for it any more when the screen was left.
            let _ = send.send(Reply::Raw(id, raw.raw(at)));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(variables: &[(&str, &str)]) -> Setup {
        by_environment(Setup::default(), None, |name| {
            variables.iter().find(|(other, value)| *other == name && !value.is_empty()).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    #[cfg(unix)]
    fn glyphs_follow_the_locale_and_the_terminal() {
        for (variables, ascii) in [
            (&[("LANG", "en_GB.UTF-8"), ("TERM", "xterm")][..], false),
            (&[("LANG", "C.utf8")], false),
            (&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")], true),
            (&[("LANG", "en_GB.UTF-8"), ("TERM", "linux")], true),
            (&[], true),
        ] {
            assert_eq!(by(variables).ascii, ascii, "{variables:?}");
        }
    }

    #[test]
    fn colours_follow_no_color_and_the_background() {
        assert!(by(&[("NO_COLOR", "1")]).no_color);
        assert!(!by(&[("NO_COLOR", "")]).no_color);
        assert_eq!(by(&[("COLORFGBG", "0;15")]).theme.as_deref(), Some("default-light"));
        assert_eq!(by(&[("COLORFGBG", "15;default;0")]).theme.as_deref(), Some("default-dark"));
    }
}
