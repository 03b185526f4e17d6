//! What an export key writes: what is shown, as a file.
//!
//! The key asks for a name; the order that follows holds a snapshot, so the file is of what was on screen then, however long
//! writing takes (`run` carries it out on a thread of its own, `file` writes).

pub(super) mod file;

pub use file::{Refused, Written, carry_out, completions};

use crate::base::text::{clean, count, is_unsafe};
use crate::base::time::{Timestamp, Zone};
use crate::casefile::Case;
use crate::export::{Format, What};
use crate::query::Filter;
use crate::store::Snapshot;
use crate::ui::action::Action;
use crate::ui::app::{App, Asked, Prompt};
use crate::ui::effect::{Effect, Place};
use crate::ui::frame;
use crate::ui::popup::{Choice, Menu, Popup};
use crate::ui::update::view_area;
use crate::ui::view::gone;
use crate::ui::view::{Options, ViewId};
use ratatui::buffer::Buffer;
use std::path::PathBuf;
use std::sync::Arc;

/// What a file is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Csv,
    Jsonl,
    Markdown,
    Html,
    /// The screen as text.
    Screen,
}

impl Kind {
    const fn of(action: Action) -> Option<Self> {
        Some(match action {
            Action::ExportCsv => Self::Csv,
            Action::ExportJsonl => Self::Jsonl,
            Action::ExportMarkdown => Self::Markdown,
            Action::ExportHtml => Self::Html,
            Action::ExportScreen => Self::Screen,
            _ => return None,
        })
    }
    /// The end of the file's name.
    const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Screen => "txt",
        }
    }
    /// What stands before the name, with room and without.
    #[must_use]
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => ("write CSV to (Tab completes): ", "CSV: "),
            Self::Jsonl => ("write JSON lines to (Tab completes): ", "JSON lines: "),
            Self::Markdown => ("write a Markdown report to (Tab completes): ", "Markdown: "),
            Self::Html => ("write an HTML report to (Tab completes): ", "HTML: "),
            Self::Screen => ("write the screen to (Tab completes): ", "screen: "),
        }
    }
    /// Nothing for the screen.
    const fn format(self) -> Option<Format> {
        match self {
            Self::Csv => Some(Format::Csv),
            Self::Jsonl => Some(Format::Jsonl),
            Self::Markdown => Some(Format::Markdown),
            Self::Html => Some(Format::Html),
            Self::Screen => None,
        }
    }
}

/// Which rows of a table are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// All that pass the filter.
    All,
    /// These, in this order.
    These(Vec<usize>),
    /// Those of the thing whose page is open.
    Of(Place),
}

/// A file that is to be written.
pub struct Order {
    pub kind: Kind,
    pub path: PathBuf,
    /// A file that is there may go.
    pub overwrite: bool,
    /// What the table of it is of.
    pub what: What,
    pub rows: Rows,
    pub window: Option<(Timestamp, Timestamp)>,
    pub filter: Filter,
    pub zone: Zone,
    pub options: Options,
    pub snapshot: Arc<Snapshot>,
    pub case: Arc<Case>,
    /// Lines of the screen.
    pub lines: Vec<String>,
    /// Where on the screen it is from: `Timeline / svc_backup@CORP`.
    pub title: String,
}

/// Two orders are one when they write the same place in the same way.
impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.path, self.overwrite, self.what) == (other.kind, &other.path, other.overwrite, other.what)
            && (&self.rows, self.window, self.zone, &self.lines) == (&other.rows, other.window, other.zone, &other.lines)
    }
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {:?} to {} (overwrite: {})", self.kind, self.what, self.path.display(), self.overwrite)
    }
}

pub(super) fn act(app: &App, action: Action) -> Vec<Effect> {
    Kind::of(action).map(|kind| Effect::Ask(Asked::File(kind), proposed(app, kind))).into_iter().collect()
}

/// A name that says what is in it and of when.
fn proposed(app: &App, kind: Kind) -> String {
    let what = match app.nav.place() {
        _ if kind == Kind::Screen => "screen".to_owned(),
        _ if matches!(kind, Kind::Markdown | Kind::Html) => "report".to_owned(),
        Place::View(id) => id.title().to_lowercase(),
        Place::Account(_) | Place::Host(_) | Place::Source(_) | Place::Path(..) => "sessions".to_owned(),
        Place::Visit(_) | Place::Session(_) | Place::Event(_) => "events".to_owned(),
        Place::Anomaly(_) | Place::Case => "anomalies".to_owned(),
    };
    let at = app.scene.zone.local(app.scene.snapshot.now).format("%Y-%m-%d-%H%M");
    format!("logonscope-{what}-{at}.{}", kind.ending())
}

/// The order that a name makes of what is on screen.
pub(super) fn to(app: &App, kind: Kind, name: &str) -> Result<Vec<Effect>, String> {
    let name = name.trim();
    if name.is_empty() {
        return Err("write a file name; Esc writes nothing".to_owned());
    }
    let ctx = app.scene.ctx(view_area(app));
    let place = app.nav.place();
    let view = app.nav.view();
    let listed = view.and_then(|view| view.rows(&ctx)).map_or(Rows::All, Rows::These);
    let (what, rows) = match place {
        Place::View(ViewId::Timeline) => (What::Timeline, Rows::All),
        Place::View(ViewId::Anomalies) | Place::Anomaly(_) => (What::Anomalies, listed),
        Place::Case if matches!(kind, Kind::Csv | Kind::Jsonl) => return Err("the case is no table: w x writes all of it".to_owned()),
        Place::Case => (What::Anomalies, Rows::All),
        Place::View(ViewId::Accounts) => (What::Accounts, listed),
        Place::View(ViewId::Hosts) => (What::Hosts, listed),
        Place::View(ViewId::Sources) => (What::Sources, listed),
        Place::View(ViewId::Paths) | Place::Path(..) => (What::Paths, Rows::All),
        Place::View(ViewId::Events) => (What::Events, Rows::All),
        Place::View(ViewId::Inputs) => (What::Inputs, Rows::All),
        Place::Account(_) | Place::Host(_) | Place::Source(_) => (What::Timeline, Rows::Of(place)),
        Place::Visit(_) | Place::Session(_) | Place::Event(_) => (What::Events, Rows::Of(place)),
    };
    let order = Order {
        kind,
        path: PathBuf::from(name),
        overwrite: false,
        what,
        rows,
        window: view.and_then(|view| view.reach(&ctx)),
        filter: ctx.filter.cloned().unwrap_or_default(),
        zone: app.scene.zone,
        options: app.scene.options,
        snapshot: Arc::clone(&app.scene.snapshot),
        case: app.scene.triage.shared_case(),
        lines: if kind == Kind::Screen { lines(app) } else { Vec::new() },
        title: app.nav.trail().map(|view| view.crumb(&ctx)).collect::<Vec<_>>().join(" / "),
    };
    Ok(vec![Effect::Write(Arc::new(order))])
}

/// The screen as it stands, without the prompt.
fn lines(app: &App) -> Vec<String> {
    let mut buffer = Buffer::empty(app.size);
    frame::draw(app, &mut buffer);
    let row = |y| (0..app.size.width).filter_map(|x| buffer.cell((x, y))).map(|cell| cell.symbol()).collect::<String>();
    (0..app.size.height).map(|y| clean(row(y).trim_end()).into_owned()).collect()
}

/// What became of an order.
pub(super) fn done(app: &mut App, order: &Arc<Order>, result: Result<Written, Refused>) -> Vec<Effect> {
    let shown = clean(&order.path.display().to_string()).into_owned();
    match result {
        Ok(written) => {
            let rows = match order.kind {
                Kind::Screen => String::new(),
                Kind::Markdown | Kind::Html => format!("a report with {} rows, ", count(written.rows)),
                _ => format!("{} rows, ", count(written.rows)),
            };
            let filter = if order.filter.is_all() {
                "no filter".to_owned()
            } else {
                format!("filter {}", order.snapshot.names.told(order.filter.text()))
            };
            let beside =
                written.about.map_or_else(String::new, |about| format!("; what it is stands in {}", clean(&about.display().to_string())));
            let gone = gone::words(&order.snapshot.let_go, order.zone).filter(|_| order.kind != Kind::Screen);
            let gone = gone.map_or_else(String::new, |gone| format!("; not in it: {gone}"));
            app.say(format!(
                "wrote {rows}{} bytes to {} ({}){gone}{beside}",
                count(written.bytes),
                clean(&written.path.display().to_string()),
                clean(&filter)
            ));
        }
        Err(Refused::Exists) => {
            let again = Order { overwrite: true, ..order.copy() };
            let choice = |key, text: &str, detail: &str, effects| Choice {
                key: Some(key),
                text: text.to_owned(),
                detail: detail.to_owned(),
                effects,
            };
            app.popup = Some(Popup::Menu(Menu {
                title: format!("{shown} is there already"),
                choices: vec![
                    choice(
                        'n',
                        "another name",
                        "nothing is lost",
                        vec![Effect::Ask(Asked::File(order.kind), order.path.display().to_string())],
                    ),
                    choice('y', "overwrite it", "what is in it goes", vec![Effect::Write(Arc::new(again))]),
                ],
                cursor: 0,
            }));
        }
        Err(Refused::Failed(problem)) => app.complain(format!("not written: {}: {}", shown, clean(&problem))),
    }
    Vec::new()
}

/// Puts what all paths that were found have in common behind the prompt's text; several are named.
pub(super) fn completed(app: &mut App, text: &str, found: &[String]) -> Vec<Effect> {
    let Some(Prompt::Line(Asked::File(_), field)) = &mut app.prompt else { return Vec::new() };
    // Something was typed since.
    if field.before() != text {
        return Vec::new();
    }
    let Some(first) = found.first() else {
        app.say("nothing begins like that; Enter writes a new file");
        return Vec::new();
    };
    let common = found.iter().skip(1).fold(first.as_str(), |common, other| {
        let end = common
            .char_indices()
            .find(|(place, c)| !other.get(*place..).is_some_and(|rest| rest.starts_with(*c)))
            .map_or(common.len(), |(place, _)| place);
        common.get(..end).unwrap_or_default()
    });
    if common.chars().any(is_unsafe) {
        return Vec::new();
    }
    field.complete(0, common);
    Vec::new()
}

impl Order {
    fn copy(&self) -> Self {
        Self {
            kind: self.kind,
            path: self.path.clone(),
            overwrite: self.overwrite,
            what: self.what,
            rows: self.rows.clone(),
            window: self.window,
            filter: self.filter.clone(),
            zone: self.zone,
            options: self.options,
            snapshot: Arc::clone(&self.snapshot),
            case: Arc::clone(&self.case),
            lines: self.lines.clone(),
            title: self.title.clone(),
        }
    }
}
