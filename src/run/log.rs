//! `--log FILE`: what the program does, one line each, for whoever has to find out why it did so.
//!
//! The lines are events of `tracing`; without `--log` nobody listens, and an event costs one look at a number. Lines are
//! written by a thread of their own, so that neither the screen nor the reading waits for a disk; what does not fit is
//! counted, and the count is written. Nothing goes to the terminal. Events name inputs, shapes and numbers: never an
//! account, an address, a filter or a token.

use super::Unusable;
use crate::base::text::clean;
use crate::config::command::LogLevel;
use crate::engine::clock;
use crossbeam_channel::{Receiver, Sender, TrySendError};
use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Lines that may wait for the disk.
const WAITING: usize = 4_096;

/// Only what the program itself says is written.
const TARGET: &str = "logonscope";

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
        }
    }
}

/// What the thread is given.
enum Said {
    Line(String),
    End,
}

/// The log of a run. When it goes, what was said is in the file.
pub(super) struct Log {
    sender: Sender<Said>,
    writer: Option<JoinHandle<()>>,
}

impl Drop for Log {
    fn drop(&mut self) {
        // A thread that has ended has nothing left to write.
        let _ = self.sender.send(Said::End);
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Begins to write down what the program does, behind what is in the file. Panics go there too.
///
/// # Errors
/// The file cannot be written to.
pub(super) fn begin(path: &Path, level: LogLevel) -> Result<Log, Unusable> {
    let cannot = |error: io::Error| format!("--log: cannot write {}: {error}", path.display());
    let file = OpenOptions::new().create(true).append(true).open(path).map_err(cannot)?;
    let (sender, said) = crossbeam_channel::bounded(WAITING);
    let lost = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&lost);
    let writer = std::thread::Builder::new().name("log".to_owned()).spawn(move || write(file, &said, &counted)).map_err(cannot)?;
    let listener = Listener { level: level.into(), sender: sender.clone(), lost };
    tracing::subscriber::set_global_default(listener).map_err(|error| format!("--log: {error}"))?;
    tell_panics(sender.clone());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), system = std::env::consts::OS, ?level, "started");
    Ok(Log { sender, writer: Some(writer) })
}

/// A panic is written where it happens, then told as before.
fn tell_panics(sender: Sender<Said>) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let text = crate::ui::terminal::panic_text(info);
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current();
        let line = line("ERROR", &format!("panic: {text} place={place} thread={}", thread.name().unwrap_or("-")));
        // It is not lost for want of room: the thread that panics may wait.
        let _ = sender.send(Said::Line(line));
        before(info);
    }));
}

fn line(level: &str, words: &str) -> String {
    format!("{} {level:<5} {}\n", clock::wall().rfc3339(), clean(words))
}

fn write(mut file: File, said: &Receiver<Said>, lost: &AtomicU64) {
    for what in said {
        let Said::Line(line) = what else { break };
        let missing = lost.swap(0, Ordering::Relaxed);
        let missing = if missing > 0 { self::line("WARN", &format!("left out for want of room lines={missing}")) } else { String::new() };
        // A disk that is full is no reason to stop anything.
        let _ = file.write_all((missing + &line).as_bytes());
    }
    let _ = file.flush();
}

/// Makes lines of events.
struct Listener {
    level: LevelFilter,
    sender: Sender<Said>,
    /// Lines that did not fit.
    lost: Arc<AtomicU64>,
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !metadata.is_span() && *metadata.level() <= self.level && metadata.target().starts_with(TARGET)
    }
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        let module = event.metadata().target().trim_start_matches(TARGET).trim_start_matches("::").split("::").next().unwrap_or_default();
        let line = line(event.metadata().level().as_str(), &format!("{module}: {}{}", words.message, words.values));
        if let Err(TrySendError::Full(_)) = self.sender.try_send(Said::Line(line)) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The message of an event, and its values as ` name=value`.
#[derive(Default)]
struct Words {
    message: String,
    values: String,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // A String takes every write.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.values, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_without_control_bytes_and_what_does_not_fit_is_counted() {
        let (sender, said) = crossbeam_channel::bounded(1);
        let lost = Arc::new(AtomicU64::new(0));
        let listener = Listener { level: LevelFilter::INFO, sender, lost: Arc::clone(&lost) };
        tracing::subscriber::with_default(listener, || {
            tracing::debug!("not at this level");
            tracing::info!(path = %"a\u{1b}[2J\nb", records = 3, "opened");
            tracing::info!("no room");
            tracing::info!(target: "hyper::proto", "not ours");
        });
        let Ok(Said::Line(line)) = said.recv() else { panic!("nothing was said") };
        assert!(line.ends_with('\n') && line.matches('\n').count() == 1 && !line.contains('\u{1b}'), "{line:?}");
        assert!(line.contains("INFO  run: opened path=a") && line.contains(" records=3"), "{line:?}");
        assert_eq!(lost.load(Ordering::Relaxed), 1);
    }
}
