//! The history of a run, and `logonscope history`.

use super::{Unusable, print};
use crate::base::text::{clean, count};
use crate::base::time::Timestamp;
use crate::config::command::{Chore, Remember};
use crate::engine::remember::{self, Feed, Writing};
use crate::history::{self, Scribe, place};
use std::io;
use std::path::{Path, PathBuf};

fn usual() -> Option<PathBuf> {
    place::file(|name| std::env::var_os(name))
}

/// Where a run is remembered.
#[derive(Default)]
pub(super) struct Memory {
    pub writing: Option<(Feed, Writing)>,
    /// Where decisions are kept unless a file is named.
    pub case: Option<PathBuf>,
    /// Why it is not remembered, although nobody said that it should not.
    pub complaint: Option<String>,
    /// The user wants nothing to be remembered.
    pub is_unwanted: bool,
}

/// The file that says that this is not the first start, where it is the first.
pub(super) fn welcome() -> Option<PathBuf> {
    let folder = place::folder(|name| std::env::var_os(name))?;
    let was_here = folder.join("welcomed").exists();
    (!was_here).then(|| folder.join("welcomed"))
}

impl Memory {
    /// The history for the screen. One in the usual place that cannot be used is a complaint, one that was named an error.
    ///
    /// # Errors
    /// The named file cannot be used.
    pub fn open(history: Remember, settings: history::Settings) -> Result<Self, Unusable> {
        let (path, is_named) = match history {
            Remember::Nowhere => return Ok(Self { is_unwanted: true, ..Self::default() }),
            Remember::Here(path) => (path, true),
            Remember::Usual => match usual() {
                Some(path) => (path, false),
                None => return Ok(Self::default()),
            },
        };
        let case = Some(place::case_beside(&path));
        match Scribe::open(&path, settings) {
            Ok(scribe) => Ok(Self { writing: Some(remember::start(scribe)), case, ..Self::default() }),
            Err(error) if is_named => Err(error.to_string().into()),
            Err(error) => Ok(Self { writing: None, case, complaint: Some(error.to_string()), is_unwanted: false }),
        }
    }
}

/// `logonscope history`.
///
/// # Errors
/// There is no history, or it cannot be used.
pub(super) fn look_after(chore: Chore, path: Option<PathBuf>, settings: &history::Settings) -> Result<(), Unusable> {
    let path = path.or_else(usual).ok_or_else(|| "the system has no folder for data of programs: write --history FILE".to_owned())?;
    let told = |error: history::HistoryError| Unusable::from(error.to_string());
    match chore {
        Chore::Stats => {
            let stats = history::upkeep::stats(&path).map_err(told)?;
            print(|out| stats_page(&path, &stats, settings, out))
        }
        Chore::Prune => {
            if !path.exists() {
                return Err(told(history::HistoryError::Absent { path }));
            }
            let mut scribe = Scribe::open(&path, settings.clone()).map_err(told)?;
            let mut pruned = history::upkeep::Pruned::default();
            while scribe.prune(&mut pruned).map_err(told)? {}
            print(|out| writeln!(out, "{} rows went from {}", count(pruned.rows), clean(&path.display().to_string())))
        }
        Chore::Verify => match history::upkeep::verify(&path).map_err(told)? {
            found if found.is_empty() => print(|out| writeln!(out, "{}: everything fits together", clean(&path.display().to_string()))),
            found => Err(Unusable(found.into_iter().map(|line| format!("{}: {line}", path.display())).collect())),
        },
        Chore::Export => {
            let mut failed = None;
            let printed = print(|out| match history::dump::write(&path, out) {
                Err(history::dump::DumpError::Io(error)) => Err(error),
                Err(history::dump::DumpError::History(error)) => {
                    failed = Some(error);
                    Ok(())
                }
                Ok(()) => Ok(()),
            });
            failed.map_or(printed, |error| Err(told(error)))
        }
    }
}

fn stats_page(path: &Path, stats: &history::upkeep::Stats, settings: &history::Settings, out: &mut dyn io::Write) -> io::Result<()> {
    let at = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), Timestamp::rfc3339);
    writeln!(out, "file       {}", clean(&path.display().to_string()))?;
    writeln!(out, "version    {}", stats.version)?;
    writeln!(out, "bytes      {} of at most {}", count(stats.bytes), count(u64::from(settings.most_megabytes) << 20))?;
    writeln!(out, "events     {}", count(stats.events))?;
    writeln!(out, "first      {}", at(stats.first))?;
    writeln!(out, "last       {}", at(stats.last))?;
    writeln!(out, "kept       {} days back from the last", settings.keep_days)?;
    writeln!(out, "days       {} with a logon", count(stats.days))?;
    writeln!(out, "accounts   {}", count(stats.accounts))?;
    writeln!(out, "sessions   {}", count(stats.sessions))?;
    writeln!(out, "anomalies  {}", count(stats.anomalies))?;
    writeln!(out, "baselines  {} values", count(stats.facts))
}
