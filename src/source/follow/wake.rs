//! Says at once when a watched file was written, where the system tells: inotify, FSEvents, ReadDirectoryChangesW.
//!
//! Folders are watched, not files: that also tells of files that are renamed, replaced and new, and costs one watch for
//! each folder. Nothing relies on it: shares, mapped writing and full queues stay silent, so whoever waits here also
//! looks by the clock. What was told is kept as a set of numbers, so it cannot grow beyond the files watched.

use crossbeam_channel::{Receiver, Sender};
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecursiveMode, Watcher as _};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What was told since it was asked last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Numbers of the files that were written, renamed, made or deleted.
    pub written: BTreeSet<usize>,
    /// A file or folder that is not known appeared in a watched folder.
    pub appeared: bool,
    /// Something was missed: everything is to be looked at.
    pub missed: bool,
}

#[derive(Debug, Default)]
struct Told {
    known: BTreeMap<PathBuf, BTreeSet<usize>>,
    news: News,
}

/// Watches folders for the files in them.
pub struct Wake {
    /// `None` where the system gives no notifications.
    watcher: Option<notify::RecommendedWatcher>,
    folders: BTreeMap<PathBuf, bool>,
    told: Arc<Mutex<Told>>,
    bell: Receiver<()>,
}

impl Default for Wake {
    fn default() -> Self {
        let told: Arc<Mutex<Told>> = Arc::default();
        let (ring, bell) = crossbeam_channel::bounded(1);
        let shared = Arc::clone(&told);
        let watcher = notify::recommended_watcher(move |event| tell(&shared, &ring, event)).ok();
        Self { watcher, folders: BTreeMap::new(), told, bell }
    }
}

/// Reading a file is no news: our own looks would wake us.
fn is_news(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

fn tell(told: &Mutex<Told>, ring: &Sender<()>, event: notify::Result<notify::Event>) {
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    let Told { known, news } = &mut *told;
    let before = news.clone();
    match event {
        Ok(event) if event.need_rescan() => news.missed = true,
        Ok(event) if is_news(event.kind) => {
            for path in &event.paths {
                match known.get(path) {
                    Some(numbers) => news.written.extend(numbers),
                    None => {
                        news.appeared |= matches!(event.kind, EventKind::Create(_) | EventKind::Modify(notify::event::ModifyKind::Name(_)))
                    }
                }
            }
        }
        Ok(_) => {}
        Err(_) => news.missed = true,
    }
    if *news != before {
        // A full channel means that somebody is about to ask anyway.
        let _ = ring.try_send(());
    }
}

fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())
}

impl Wake {
    /// Watches for one file; news name it by `number`. A link is watched for on both ends. False when the system will
    /// not tell.
    pub fn watch(&mut self, number: usize, path: &Path) -> bool {
        let own = path.file_name().map(|name| folder_of(path).join(name));
        let places: BTreeSet<PathBuf> = own.into_iter().chain(path.canonicalize()).collect();
        let mut tells = !places.is_empty();
        for place in places {
            tells &= place.parent().is_some_and(|folder| self.watch_folder(folder));
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.known.entry(place).or_default().insert(number);
        }
        tells
    }

    /// Watches a folder, not those in it; what appears there is told by `News::appeared`. False when the system will not
    /// tell.
    pub fn watch_folder(&mut self, folder: &Path) -> bool {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let Some(watcher) = &mut self.watcher else { return false };
        let watch = || watcher.watch(&folder, RecursiveMode::NonRecursive).is_ok();
        let tells = self.folders.get(&folder).copied().unwrap_or_else(watch);
        self.folders.insert(folder, tells);
        tells
    }

    /// Rings when there is news.
    #[must_use]
    pub const fn bell(&self) -> &Receiver<()> {
        &self.bell
    }

    /// The news since the last call.
    #[must_use]
    pub fn take(&self) -> News {
        std::mem::take(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner).news)
    }
}
