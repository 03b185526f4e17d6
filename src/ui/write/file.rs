//! Writing an order, away from the thread of the screen.
//!
//! Rows go straight to a file beside the wanted one, which takes its name when all of them are in it: a half-written file is
//! never left under a name that somebody chose. A table cannot say in itself what it is and stay a table, so CSV and JSON
//! lines get a small text beside them.

use super::{Kind, Order, Rows};
use crate::base::text::{clean, count};
use crate::export::{self, More, Scope, What};
use crate::model::ids::VisitId;
use crate::model::world::Tables;
use crate::ui::effect::Place;
use std::cell::Cell;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The whole path.
    pub path: PathBuf,
    pub rows: u64,
    pub bytes: u64,
    /// The text beside it that says what it is.
    pub about: Option<PathBuf>,
}

/// Why a file was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is there already.
    Exists,
    Failed(String),
}

struct Counting<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.bytes += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Numbers of the rows that belong to a thing, oldest first.
fn rows_of(place: Place, tables: &Tables) -> Vec<usize> {
    let mut rows: Vec<usize> = match place {
        Place::Account(id) => tables.visits_of_account(id).map(|(id, _)| id.index()).collect(),
        Place::Host(id) => tables.visits_of_host(id).map(|(id, _)| id.index()).collect(),
        Place::Source(id) => tables.visits_of_source(id).map(|(id, _)| id.index()).collect(),
        Place::Session(id) => tables.events_of_session(id).map(|(id, _)| id.index()).collect(),
        Place::Visit(id) => events_of_visit(id, tables),
        Place::Event(id) => vec![id.index()],
        Place::View(_) | Place::Anomaly(_) | Place::Path(..) | Place::Case => Vec::new(),
    };
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn events_of_visit(id: VisitId, tables: &Tables) -> Vec<usize> {
    let (events, _) = crate::store::story::events(id, tables, usize::MAX - 1);
    events.into_iter().map(|id| id.index()).collect()
}

/// Writes what was ordered.
///
/// # Errors
/// A file is there and may not go, or it cannot be written.
pub fn carry_out(order: &Order) -> Result<Written, Refused> {
    let path = in_home(&order.path);
    let failed = |error: &dyn std::fmt::Display| Refused::Failed(error.to_string());
    if path.is_dir() {
        return Err(Refused::Failed("it is a folder: write a file name behind it".to_owned()));
    }
    if !order.overwrite && path.symlink_metadata().is_ok() {
        return Err(Refused::Exists);
    }
    let (bytes, rows) = place(&path, order.overwrite, |out| table(order, out))?;
    let about = if matches!(order.kind, Kind::Csv | Kind::Jsonl) {
        let mut name = path.clone().into_os_string();
        name.push(".about.txt");
        let about = PathBuf::from(name);
        place(&about, true, |out| {
            head(order, Some((&path, rows)), out)?;
            Ok(0)
        })?;
        Some(about)
    } else {
        None
    };
    let path = std::path::absolute(&path).map_err(|error| failed(&error))?;
    Ok(Written { path, rows, bytes, about })
}

/// Writes a file beside the wanted one and gives it its name at the end. Says how many bytes it has, and what `write` says.
fn place(path: &Path, overwrite: bool, write: impl FnOnce(&mut dyn Write) -> io::Result<u64>) -> Result<(u64, u64), Refused> {
    let failed = |error: io::Error| Refused::Failed(error.to_string());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".logonscope-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any other new file: the mask of the user takes from it what it wants.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder).map_err(failed)?;
    let mut out = Counting { inner: BufWriter::with_capacity(1 << 16, file), bytes: 0 };
    let said = write(&mut out).and_then(|said| out.flush().map(|()| said)).map_err(failed)?;
    let bytes = out.bytes;
    let file = out.inner.into_inner().map_err(|error| failed(error.into_error()))?;
    let placed = if overwrite { file.persist(path) } else { file.persist_noclobber(path) };
    match placed {
        Ok(_) => Ok((bytes, said)),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(Refused::Exists),
        Err(error) => Err(failed(error.error)),
    }
}

/// `~/x` is in the home of the user.
#[must_use]
pub fn in_home(path: &Path) -> PathBuf {
    expanded(path, |name| std::env::var_os(name).map(PathBuf::from))
}

fn expanded(path: &Path, variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    match path.strip_prefix("~") {
        Ok(rest) => variable("HOME").or_else(|| variable("USERPROFILE")).map_or_else(|| path.to_path_buf(), |home| home.join(rest)),
        Err(_) => path.to_path_buf(),
    }
}

/// Writes the contents; says how many rows they are.
fn table(order: &Order, out: &mut dyn Write) -> io::Result<u64> {
    let Some(format) = order.kind.format() else {
        head(order, None, out)?;
        order.lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        return Ok(0);
    };
    let written = Cell::new(0);
    let rows = match &order.rows {
        Rows::All => None,
        Rows::These(rows) => Some(rows.clone()),
        Rows::Of(place) => Some(rows_of(*place, &order.snapshot.tables)),
    };
    let is_report = matches!(order.kind, Kind::Markdown | Kind::Html);
    let more = More {
        rows: rows.as_deref(),
        window: order.window,
        without_computers: !order.options.machine_accounts,
        without_built_in: !order.options.built_in_accounts,
        also: is_report.then_some(order.what),
        written: Some(&written),
    };
    // Switches hide accounts from the lists; a page of such an account shows it all the same.
    let more = if matches!(order.rows, Rows::Of(_)) { More { without_computers: false, without_built_in: false, ..more } } else { more };
    let scope = scope(order, more);
    export::write(if is_report { What::Summary } else { order.what }, format, &scope, out)?;
    Ok(written.get())
}

fn scope<'a>(order: &'a Order, more: More<'a>) -> Scope<'a> {
    Scope { zone: order.zone, more, ..Scope::of(&order.snapshot, &order.filter, &order.case) }
}

/// What a file is, in lines.
fn head(order: &Order, table: Option<(&Path, u64)>, out: &mut dyn Write) -> io::Result<()> {
    let scope = scope(order, More { window: order.window, ..More::default() });
    if let Some((path, rows)) = table {
        let name = path.file_name().map_or_else(String::new, |name| clean(&name.to_string_lossy()).into_owned());
        writeln!(out, "{:<12}{name}", "file")?;
        writeln!(out, "{:<12}{}", "rows", count(rows))?;
    }
    writeln!(out, "{:<12}{}", "screen", clean(&order.snapshot.names.told(&order.title)))?;
    export::review::head(&scope).iter().try_for_each(|(label, words)| writeln!(out, "{label:<12}{words}"))?;
    writeln!(out)
}

/// Names of files that a beginning may become: folders with a `/` behind them, sorted.
#[must_use]
pub fn completions(text: &str) -> Vec<String> {
    const MOST: usize = 200;
    let cut = text.rfind(['/', std::path::MAIN_SEPARATOR]).map_or(0, |place| place + 1);
    let (folder, begin) = text.split_at(cut);
    let looked = if folder.is_empty() { PathBuf::from(".") } else { in_home(Path::new(folder)) };
    let Ok(entries) = std::fs::read_dir(looked) else { return Vec::new() };
    let mut found: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let fits = name.starts_with(begin) && (!name.starts_with('.') || begin.starts_with('.'));
            let slash = if fits && entry.path().is_dir() { "/" } else { "" };
            fits.then(|| format!("{folder}{name}{slash}"))
        })
        .take(MOST)
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_is_where_the_tilde_says() {
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/kl"));
        assert_eq!(expanded(Path::new("~/a.csv"), home), PathBuf::from("/home/kl/a.csv"));
        assert_eq!(expanded(Path::new("a~/b.csv"), home), PathBuf::from("a~/b.csv"));
    }

    #[test]
    fn paths_are_completed_from_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["report.csv", "report.html", ".hidden"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(folder.path().join("reports")).unwrap();
        let base = format!("{}/", folder.path().display());
        assert_eq!(completions(&format!("{base}rep")), ["report.csv", "report.html", "reports/"].map(|name| format!("{base}{name}")));
        assert_eq!(completions(&format!("{base}.h")), [format!("{base}.hidden")]);
        assert!(completions(&format!("{base}none/x")).is_empty());
    }
}
