//! Says when the settings file, or a theme file beside it, was written.
//!
//! Where their folder is not there yet, the nearest folder above it is watched until it is.

use super::themes;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Editors write in several steps; the file is read when nothing was told for so long.
const QUIET: Duration = Duration::from_millis(80);

/// Watches as long as it lives.
pub struct Watch {
    _end: Sender<()>,
}

/// What the system told since somebody looked.
#[derive(Default)]
struct Told {
    /// One of the files was written, made or removed.
    news: AtomicBool,
    /// A folder that may have been watched is gone.
    lost: AtomicBool,
}

/// What is watched of what is wanted.
struct Guard {
    watcher: RecommendedWatcher,
    folder: PathBuf,
    themes: PathBuf,
    /// The folder, or the nearest one above it.
    nearest: Option<PathBuf>,
    has_themes: bool,
}

impl Guard {
    fn end(&mut self, path: &Path) {
        // It may be gone, and its watch with it.
        let _ = self.watcher.unwatch(path);
    }
    /// Watches what is there by now. Says whether one of the wanted folders is watched that was not before.
    fn look(&mut self, has_lost: bool) -> bool {
        if has_lost {
            if let Some(nearest) = self.nearest.take() {
                self.end(&nearest);
            }
            if std::mem::take(&mut self.has_themes) {
                let themes = self.themes.clone();
                self.end(&themes);
            }
        }
        let before = (self.nearest.as_ref() == Some(&self.folder), self.has_themes);
        // A folder may be made between the look and the watch.
        while let Some(nearest) = self.folder.ancestors().find(|path| path.is_dir()).map(Path::to_path_buf) {
            if self.nearest.as_ref() == Some(&nearest) {
                break;
            }
            if let Some(old) = self.nearest.take() {
                self.end(&old);
            }
            if self.watcher.watch(&nearest, RecursiveMode::NonRecursive).is_err() {
                break;
            }
            self.nearest = Some(nearest);
        }
        // Without it only the settings file is watched, which is still something.
        self.has_themes = self.has_themes || self.themes.is_dir() && self.watcher.watch(&self.themes, RecursiveMode::NonRecursive).is_ok();
        let now = (self.nearest.as_ref() == Some(&self.folder), self.has_themes);
        (now.0 && !before.0) || (now.1 && !before.1)
    }
}

/// Calls `changed` on a thread of its own after the file, or a file in `themes` beside it, was written, made or removed.
/// `None` where the system gives no notifications.
#[must_use]
pub fn watch(file: &Path, mut changed: impl FnMut() + Send + 'static) -> Option<Watch> {
    let file = std::path::absolute(file).ok()?;
    let folder = file.parent()?.to_path_buf();
    let themes = themes::folder(&folder);
    let (ring, bell) = bounded(1);
    let told = Arc::new(Told::default());
    let watcher = {
        let (told, file, folder, themes) = (Arc::clone(&told), file.clone(), folder.clone(), themes.clone());
        notify::recommended_watcher(move |event: notify::Result<Event>| {
            if hear(&event, &told, &file, &folder, &themes) {
                // A full channel means that somebody is about to look anyway.
                let _ = ring.try_send(());
            }
        })
        .ok()?
    };
    let mut guard = Guard { watcher, folder, themes, nearest: None, has_themes: false };
    guard.look(false);
    guard.nearest.as_ref()?;
    let (end, ended) = bounded(0);
    std::thread::Builder::new()
        .name("settings".to_owned())
        .spawn(move || {
            while rests(&bell, &ended) {
                let has_lost = told.lost.swap(false, Ordering::Relaxed);
                let is_new = guard.look(has_lost);
                let has_news = told.news.swap(false, Ordering::Relaxed);
                if has_news || is_new {
                    changed();
                }
            }
        })
        .ok()?;
    Some(Watch { _end: end })
}

/// Notes what the system told; whether it is worth a look.
fn hear(event: &notify::Result<Event>, told: &Told, file: &Path, folder: &Path, themes: &Path) -> bool {
    let Ok(event) = event else {
        told.news.store(true, Ordering::Relaxed);
        return true;
    };
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    // An editor may write beside and rename, so the name is compared, not the file.
    let is_file = |path: &PathBuf| {
        path.file_name() == file.file_name()
            || path.extension().is_some_and(|end| end == "toml") && path.parent().is_some_and(|at| at.ends_with("themes"))
    };
    let is_folder = |path: &PathBuf| folder.starts_with(path) || path == themes;
    let has_file = event.need_rescan() || event.paths.iter().any(is_file);
    let has_folder = event.paths.iter().any(is_folder);
    let is_gone = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(notify::event::ModifyKind::Name(_)));
    if has_folder && is_gone {
        told.lost.store(true, Ordering::Relaxed);
    }
    if has_file || (has_folder && is_gone) {
        told.news.store(true, Ordering::Relaxed);
    }
    has_file || has_folder
}

/// Waits for news, and until nothing more is told for a moment. `false` when nobody wants to know any more.
fn rests(bell: &Receiver<()>, ended: &Receiver<()>) -> bool {
    select! {
        recv(bell) -> rung => if rung.is_err() { return false },
        recv(ended) -> _ => return false,
    }
    loop {
        match bell.recv_timeout(QUIET) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Takes what `changed` saw until it is this.
    fn until(seen: &Receiver<Vec<Option<String>>>, wanted: &[Option<&str>]) {
        let mut last = None;
        while let Ok(now) = seen.recv_timeout(Duration::from_secs(30)) {
            if now.iter().map(Option::as_deref).eq(wanted.iter().copied()) {
                return;
            }
            last = Some(now);
        }
        panic!("not told of {wanted:?}, but of {last:?}");
    }

    #[test]
    fn files_are_noticed_whenever_their_folders_are_made() {
        for depth in 0..3 {
            let home = tempfile::tempdir().unwrap();
            let folder = ["config", "logonscope"].iter().take(depth).fold(home.path().to_path_buf(), |path, name| path.join(name));
            let files = [folder.join("settings.toml"), folder.join("themes").join("night.toml")];
            let (tell, seen) = bounded(1_000);
            let looked_at = files.clone();
            let watch = watch(&files[0], move || {
                let read = |path: &PathBuf| fs::read_to_string(path).ok();
                let _ = tell.send(looked_at.iter().map(read).collect::<Vec<_>>());
            });
            assert!(watch.is_some());
            fs::create_dir_all(&folder).unwrap();
            fs::write(&files[0], "one").unwrap();
            until(&seen, &[Some("one"), None]);
            fs::write(&files[0], "two").unwrap();
            until(&seen, &[Some("two"), None]);
            fs::create_dir(folder.join("themes")).unwrap();
            fs::write(&files[1], "dark").unwrap();
            until(&seen, &[Some("two"), Some("dark")]);
            fs::write(&files[1], "darker").unwrap();
            until(&seen, &[Some("two"), Some("darker")]);
            if depth > 0 {
                fs::remove_dir_all(&folder).unwrap();
                until(&seen, &[None, None]);
                fs::create_dir_all(&folder).unwrap();
                fs::write(&files[0], "three").unwrap();
                until(&seen, &[Some("three"), None]);
            }
            drop(watch);
        }
    }

    #[test]
    fn what_others_write_above_is_no_news() {
        let told = Told::default();
        let [file, folder, themes] =
            ["/home/kl/.config/logonscope/settings.toml", "/home/kl/.config/logonscope", "/home/kl/.config/logonscope/themes"];
        let hears = |path: &str, kind: EventKind| {
            let event = Event::new(kind).add_path(path.into());
            let heard = hear(&Ok(event), &told, Path::new(file), Path::new(folder), Path::new(themes));
            (heard, told.news.swap(false, Ordering::Relaxed), told.lost.swap(false, Ordering::Relaxed))
        };
        let made = EventKind::Create(notify::event::CreateKind::Any);
        let gone = EventKind::Remove(notify::event::RemoveKind::Any);
        assert_eq!(hears("/home/kl/.bash_history", made), (false, false, false));
        assert_eq!(hears("/home/kl/.config/other", gone), (false, false, false));
        assert_eq!(hears("/home/kl/.config", made), (true, false, false));
        assert_eq!(hears(folder, gone), (true, true, true));
        assert_eq!(hears(file, made), (true, true, false));
        assert_eq!(hears(themes, made), (true, false, false));
        assert_eq!(hears("/home/kl/.config/logonscope/themes/night.toml", made), (true, true, false));
        assert_eq!(hears(file, EventKind::Access(notify::event::AccessKind::Any)), (false, false, false));
    }
}
