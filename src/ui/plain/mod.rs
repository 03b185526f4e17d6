//! The program without a screen to draw on: a line for each thing of note, for screen readers, logs of a shift and
//! terminals that cannot move a cursor; or the same as JSON lines for other programs.
//!
//! The same engine and the same detections as on screen. What is new is read off two snapshots, so a slow reader of the
//! lines makes them late and loses none: nothing is written that the next snapshot would not tell as well.

mod command;
mod news;
mod say;

use crate::casefile::Case;
use crate::engine::handle::{Command, Handle};
use crate::model::input::{InputState, InputStatus};
use crate::store::{Phase, Snapshot};
use crate::ui::app::{App, Setup};
use crate::ui::run::Recorder;
use crate::ui::signals::told_to_end;
use crate::ui::update::hear;
use futures_util::FutureExt as _;
use news::Told;
use ratatui::layout::Rect;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Words, the sort first: `anomaly high: ...`.
    Words,
    /// One JSON object a line.
    Json,
}

/// Least time between two looks at what is new.
const PACE: Duration = Duration::from_millis(100);
/// Width for the few words that are made for cells.
const AREA: Rect = Rect { x: 0, y: 0, width: 120, height: 36 };

/// Tells what comes until everything is read, the reader of the lines is gone, or somebody ends it. `case` is what was
/// decided before; `follows`: files are watched for more.
///
/// # Errors
/// Standard output cannot be written to; that nobody reads it any more is none.
pub fn run(handle: Handle, setup: &Setup, case: Arc<Case>, recorder: Recorder, (style, follows): (Style, bool)) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(tell(handle, setup, (case, recorder), (style, follows)));
    runtime.shutdown_background();
    match ended {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        ended => ended,
    }
}

/// Lines typed at a terminal. Standard input that is none belongs to the inputs.
fn typed(style: Style) -> Option<mpsc::UnboundedReceiver<String>> {
    if style == Style::Json || !io::stdin().is_terminal() {
        return None;
    }
    let (send, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    Some(lines)
}

/// Nothing more will come. `follows`: files are watched, also those that are not there yet.
fn is_over(snapshot: &Snapshot, follows: bool) -> bool {
    let awaited = |input: &InputStatus| matches!(input.state, InputState::Following | InputState::Reading | InputState::Waiting);
    match snapshot.phase {
        Phase::File => snapshot.version > 0 && !follows && !snapshot.inputs.iter().any(awaited),
        Phase::Replay { position, events, .. } => events > 0 && position >= events,
        Phase::Loading { .. } | Phase::Live => false,
    }
}

async fn tell(
    mut handle: Handle,
    setup: &Setup,
    (case, mut recorder): (Arc<Case>, Recorder),
    (style, follows): (Style, bool),
) -> io::Result<()> {
    let told_to_end = told_to_end();
    tokio::pin!(told_to_end);
    if told_to_end.as_mut().now_or_never().is_some() {
        return Ok(());
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let snapshot = Arc::clone(&handle.snapshots.borrow_and_update());
    let mut app = App::new(snapshot, setup, AREA);
    hear(&mut app, case);
    if let Some(filter) = &setup.filter
        && let Err(error) = app.scene.filter.set(filter, app.newest.now, setup.zone)
    {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("--filter: {error}")));
    }
    if let Some(complaint) = &setup.complaint {
        say::write(&mut out, style, &say::notice(complaint))?;
    }
    let mut lines = typed(style);
    if lines.is_some() {
        say::write(&mut out, style, &say::notice("a line is a command: help lists them, quit ends"))?;
    }
    out.flush()?;
    let mut told = Told::default();
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut engine_runs = true;
    loop {
        let typed = tokio::select! {
            biased;
            () = &mut told_to_end => break,
            line = next_line(&mut lines) => Some(line),
            _ = pace.tick() => None,
        };
        let snapshot = Arc::clone(&handle.snapshots.borrow_and_update());
        engine_runs &= handle.snapshots.has_changed().is_ok();
        app.scene.triage.follow(&snapshot);
        (app.newest, app.scene.snapshot) = (Arc::clone(&snapshot), snapshot);
        match typed {
            None => {
                told.look(&app, |news| say::write(&mut out, style, &say::news(&news, &app)))?;
            }
            // The terminal was closed: what comes is told all the same.
            Some(None) => lines = None,
            Some(Some(line)) => match command::act(&line, &mut app, &mut recorder) {
                command::Answer::Quit => break,
                command::Answer::Lines(answer) => {
                    for line in answer {
                        writeln!(out, "{}", crate::base::text::clean(&line))?;
                    }
                }
            },
        }
        out.flush()?;
        if is_over(&app.newest, follows) || !engine_runs {
            break;
        }
    }
    // None of the inputs can be used: that is told outside.
    if handle.failure.get().is_some() {
        return Ok(());
    }
    if is_over(&app.newest, follows) {
        told.look(&app, |news| say::write(&mut out, style, &say::news(&news, &app)))?;
    }
    say::write(&mut out, style, &say::end(&app, &told))?;
    out.flush()?;
    let _ = handle.command(Command::Stop);
    Ok(())
}

/// The next line; where nobody types, none ever comes.
async fn next_line(lines: &mut Option<mpsc::UnboundedReceiver<String>>) -> Option<String> {
    match lines {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}
