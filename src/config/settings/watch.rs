//! Says when the settings file, or a theme file beside it, was written.

use super::themes;
use crossbeam_channel::{RecvTimeoutError, bounded};
use notify::{EventKind, RecursiveMode, Watcher as _};
use std::path::Path;
use std::time::Duration;

/// Editors write in several steps; the file is read when nothing was told for so long.
const QUIET: Duration = Duration::from_millis(80);

/// Watches as long as it lives.
pub struct Watch {
    _watcher: notify::RecommendedWatcher,
}

/// Calls `changed` on a thread of its own after the file, or a file in `themes` beside it, was written, made or removed.
/// `None` where the system gives no notifications or there is no such folder.
#[must_use]
pub fn watch(file: &Path, mut changed: impl FnMut() + Send + 'static) -> Option<Watch> {
    let (ring, bell) = bounded(1);
    let (name, themes) = (file.file_name()?.to_owned(), themes::folder(file.parent()?));
    let folder = match file.parent()? {
        here if here.as_os_str().is_empty() => Path::new("."),
        folder => folder,
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_news = match &event {
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => false,
            // An editor may write beside and rename, so the name is compared, not the file.
            Ok(event) => {
                event.need_rescan()
                    || event.paths.iter().any(|path| {
                        path.file_name() == Some(&name)
                            || path.ends_with("themes")
                            || path.extension().is_some_and(|end| end == "toml") && path.parent().is_some_and(|at| at.ends_with("themes"))
                    })
            }
            Err(_) => true,
        };
        if is_news {
            // A full channel means that the file is about to be read anyway.
            let _ = ring.try_send(());
        }
    })
    .ok()?;
    watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
    if themes.is_dir() {
        // Without it only the settings file is watched, which is still something.
        let _ = watcher.watch(&themes, RecursiveMode::NonRecursive);
    }
    std::thread::Builder::new()
        .name("settings".to_owned())
        .spawn(move || {
            while bell.recv().is_ok() {
                loop {
                    match bell.recv_timeout(QUIET) {
                        Ok(()) => {}
                        Err(RecvTimeoutError::Timeout) => break,
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
                changed();
            }
        })
        .ok()?;
    Some(Watch { _watcher: watcher })
}
