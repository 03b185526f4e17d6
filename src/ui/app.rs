//! All state of the screen. `update` changes it, `frame` draws it; neither reads a clock or waits for anything.

use crate::base::pattern::Glob;
use crate::base::text;
use crate::base::time::Zone;
use crate::casefile::entry::Scope;
use crate::casefile::thing::Thing;
use crate::model::ids::{AnomalyId, EventId};
use crate::query::{Completion, Filter, Saved};
use crate::store::projection::Projection;
use crate::store::{Phase, Snapshot};
use crate::ui::action::Context;
use crate::ui::clipboard::Clipboard;
use crate::ui::effect::Place;
use crate::ui::field::TextField;
use crate::ui::filter::FilterBar;
use crate::ui::find::Find;
use crate::ui::glyph::Glyphs;
use crate::ui::ground::Ground;
use crate::ui::input::Chord;
use crate::ui::keymap::Keymap;
use crate::ui::link::Start;
use crate::ui::look;
use crate::ui::marks::Marked;
use crate::ui::nav::Nav;
use crate::ui::palette::{Chosen, Palette};
use crate::ui::perf::Perf;
use crate::ui::popup::Popup;
use crate::ui::privacy::Privacy;
use crate::ui::replay::Former;
use crate::ui::theme::{Depth, Theme, Themes};
use crate::ui::triage::Triage;
use crate::ui::view::{Ctx, Options, ViewId};
use crate::ui::widget::columns::Arrangements;
use crate::ui::widget::table::RowOrder;
use crate::ui::write;
use ratatui::layout::Rect;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How the screen starts.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    pub zone: Zone,
    /// Zones that the settings name for the site and its accounts.
    pub site_zones: Vec<Zone>,
    /// Zones of the clocks of hosts, by patterns of their names.
    pub host_zones: Arc<Vec<(Zone, Vec<Glob>)>>,
    /// What is to be said of what was restored.
    pub greeting: Option<String>,
    /// ASCII glyphs; otherwise the locale decides.
    pub ascii: bool,
    /// Unicode glyphs whatever the locale is.
    pub unicode: bool,
    /// Glyphs for fonts that have all of them.
    pub fine: bool,
    pub no_color: bool,
    /// The mouse is on from the start.
    pub mouse: bool,
    /// Name of a theme; otherwise the terminal decides.
    pub theme: Option<String>,
    /// The terminal decided: what it says later counts.
    pub theme_by_terminal: bool,
    pub filter: Option<String>,
    /// Filters that can be named.
    pub saved: Arc<Saved>,
    /// Switches as they stand at the start.
    pub options: Options,
    /// Columns of tables, and what lists are sorted by, where that was chosen before.
    pub columns: Arrangements,
    pub orders: BTreeMap<ViewId, RowOrder>,
    /// How many colours the terminal shows.
    pub depth: Option<Depth>,
    /// Themes that `theme` may name.
    pub themes: Themes,
    /// Keys; otherwise the ones that ship.
    pub keymap: Option<Arc<Keymap>>,
    /// Names of the inputs, as the frame shows them.
    pub inputs: Vec<String>,
    /// Where the case is kept.
    pub case_file: Option<String>,
    /// What is to be said before the first key.
    pub complaint: Option<String>,
    /// On the first start ever: the file that is written so that no other start is taken for it.
    pub welcome: Option<std::path::PathBuf>,
    /// The words of a command line that opens the same inputs again; none where no command line does.
    pub again: Vec<String>,
    /// What is to be shown once everything is read.
    pub start: Start,
    /// Names and addresses are masked from the start.
    pub mask: bool,
    /// How copies leave.
    pub clipboard: Clipboard,
}

impl Setup {
    /// The keys in force.
    #[must_use]
    pub fn keymap(&self) -> Arc<Keymap> {
        self.keymap.clone().unwrap_or_else(|| Arc::new(Keymap::shipped()))
    }
}

/// What views look at.
pub struct Scene {
    /// The state on screen: the newest, or the one the screen is held on.
    pub snapshot: Arc<Snapshot>,
    pub filter: FilterBar,
    pub projection: Option<Arc<Projection>>,
    pub theme: Theme,
    pub glyphs: &'static Glyphs,
    pub zone: Zone,
    pub options: Options,
    pub triage: Triage,
    /// What was chosen about the columns of tables, for all views.
    pub columns: Arrangements,
    /// What is marked or has a note.
    pub marked: Marked,
}

impl Scene {
    #[must_use]
    pub fn ctx(&self, area: Rect) -> Ctx<'_> {
        let filter: Option<&Filter> = self.filter.in_force();
        Ctx {
            snapshot: &self.snapshot,
            filter,
            projection: filter.and(self.projection.as_deref()),
            theme: &self.theme,
            glyphs: self.glyphs,
            zone: self.zone,
            options: self.options,
            triage: &self.triage,
            columns: &self.columns,
            marked: &self.marked,
            area,
        }
    }
}

/// What is done with a line that is written in the language of the filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Goal {
    /// It becomes the filter.
    #[default]
    Filter,
    /// The cursor goes to the next match.
    Find,
    /// As `Find`, where lines are texts: words, not a filter.
    Words,
    /// As `Words`, in the sheet that is open.
    Sheet,
}

impl Goal {
    /// Nothing but words can be written.
    #[must_use]
    pub const fn is_words(self) -> bool {
        matches!(self, Self::Words | Self::Sheet)
    }
}

/// A filter, or what is to be found, while it is typed.
#[derive(Clone, Debug, Default)]
pub struct FilterPrompt {
    pub goal: Goal,
    pub field: TextField,
    pub completions: Vec<Completion>,
    pub chosen: usize,
    /// Place in the history while it is walked.
    pub recalled: Option<usize>,
    /// The history is searched: `completions` are the older lines that hold what is typed. The line from before comes back.
    pub searching: Option<String>,
    /// What is wrong with the text so far.
    pub error: Option<crate::query::ParseError>,
    /// What the text, where it parses, would leave.
    pub preview: Option<Arc<Projection>>,
    /// Anomalies it would leave.
    pub anomalies: usize,
}

/// What a line of text is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The time to go to.
    Time,
    /// Why an anomaly is benign.
    Dismissal(Vec<AnomalyId>),
    /// How long a suppression holds, and why.
    Suppression(Scope),
    /// The folder of the case bundle.
    Bundle,
    /// The words of a note about a thing, and the moment that was looked at.
    Note(Thing, Option<String>),
    /// The file to write.
    File(write::Kind),
}

impl Asked {
    /// What stands before the text, with room and without.
    #[must_use]
    pub const fn label(&self) -> (&'static str, &'static str) {
        match self {
            Self::Time => ("go to time (09:30, -2h, yesterday 18:00, 2026-03-14T09:30Z): ", "go to time: "),
            Self::Dismissal(_) => ("dismiss, because (Enter dismisses also without words): ", "dismiss, because: "),
            Self::Bundle => ("write the case bundle to this new folder: ", "bundle to folder: "),
            Self::Note(Thing::Event { .. }, _) => ("note on this event (an empty one goes): ", "note on this event: "),
            Self::Note(Thing::Session { .. }, _) => ("note on this session (an empty one goes): ", "note on this session: "),
            Self::Note(Thing::Account { .. }, _) => ("note on this account (an empty one goes): ", "note on this account: "),
            Self::Note(Thing::Host { .. }, _) => ("note on this host (an empty one goes): ", "note on this host: "),
            Self::Note(Thing::Source { .. }, _) => ("note on this source (an empty one goes): ", "note on this source: "),
            Self::Note(Thing::Anomaly { .. }, _) => ("note on this anomaly (an empty one goes): ", "note on this anomaly: "),
            Self::Note(Thing::Moment { .. }, _) => ("note on this moment (an empty one goes): ", "note on this moment: "),
            Self::File(kind) => kind.label(),
            Self::Suppression(_) => ("suppress for how long, and why (12h, 30d, 8w, ever): ", "suppress for, why: "),
        }
    }
}

/// A line that is being typed.
pub enum Prompt {
    Filter(FilterPrompt),
    Line(Asked, TextField),
    Palette(Palette),
}

/// A sentence in the last row, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub text: String,
    pub is_trouble: bool,
}

pub struct App {
    pub scene: Scene,
    /// The newest state, also while the screen is held.
    pub newest: Arc<Snapshot>,
    pub frozen: bool,
    pub nav: Nav,
    pub keymap: Arc<Keymap>,
    /// Chords of a sequence that is not complete.
    pub pressed: Vec<Chord>,
    pub prompt: Option<Prompt>,
    pub popup: Option<Popup>,
    pub find: Find,
    /// What was chosen in the palette.
    pub chosen: Chosen,
    pub message: Option<Message>,
    /// The place that a jump to a bookmark opened, and the bookmark.
    pub at_mark: Option<(Place, Thing)>,
    pub inputs: Vec<String>,
    /// The zones the zone key goes through: that of the start, UTC, that of this computer, that of the site.
    pub zones: Vec<Zone>,
    /// The run a replay was begun from.
    pub former: Option<Former>,
    /// The bar of the replay has the keys.
    pub scrubbing: bool,
    /// Nobody has pressed a key in this program yet.
    pub is_first: bool,
    /// The user does not want to hear of the reading any more, which goes on.
    pub reads_behind: bool,
    /// The mouse is listened to.
    pub mouse: bool,
    /// Colours are off by the user's wish: a theme does not bring them back.
    pub no_color: bool,
    pub privacy: Privacy,
    /// See `Setup::again`.
    pub again: Vec<String>,
    /// What is still to be shown.
    pub start: Start,
    /// The event whose record is to be copied when it comes.
    pub copying: Option<EventId>,
    pub size: Rect,
    /// How the screen does.
    pub perf: Perf,
    /// What the terminal said of its background.
    pub ground: Option<Ground>,
    /// What the screen was set up with; newly read settings are compared with it.
    pub setup: Setup,
}

impl App {
    /// The screen on a state, before any key. `setup.theme` is a name that `setup.themes` knows, or it is not used.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, setup: &Setup, size: Rect) -> Self {
        let mut triage = Triage::default();
        triage.follow(&snapshot);
        Self {
            scene: Scene {
                snapshot: Arc::clone(&snapshot),
                filter: FilterBar::new(Arc::clone(&setup.saved)),
                projection: None,
                theme: look::theme(setup),
                glyphs: look::glyphs(setup),
                zone: setup.zone,
                options: setup.options,
                triage,
                columns: setup.columns.clone(),
                marked: Marked::kept_in(setup.case_file.clone()),
            },
            newest: snapshot,
            frozen: false,
            nav: Nav::new(Place::View(ViewId::Timeline)).sorted(setup.orders.clone()),
            keymap: setup.keymap(),
            pressed: Vec::new(),
            prompt: None,
            popup: None,
            find: Find::default(),
            chosen: Chosen::default(),
            message: None,
            at_mark: None,
            inputs: setup.inputs.clone(),
            zones: look::zones(setup),
            former: None,
            scrubbing: false,
            is_first: setup.welcome.is_some(),
            reads_behind: false,
            mouse: setup.mouse,
            no_color: setup.no_color,
            privacy: Privacy::new(setup.mask),
            again: setup.again.clone(),
            start: setup.start.clone(),
            copying: None,
            size,
            perf: Perf::default(),
            ground: None,
            setup: setup.clone(),
        }
    }
    /// Where keys are looked up now.
    #[must_use]
    pub fn context(&self) -> Context {
        match (&self.popup, &self.prompt) {
            (Some(_), Some(Prompt::Filter(prompt))) if prompt.goal == Goal::Sheet => Context::Prompt,
            (Some(Popup::Columns(_)), _) => Context::Columns,
            (Some(_), _) => Context::Popup,
            (None, Some(_)) => Context::Prompt,
            (None, None) => self.view_context(),
        }
    }
    /// The context of the view on screen, whatever lies over it.
    #[must_use]
    pub fn view_context(&self) -> Context {
        self.nav.view().map_or(Context::Global, |view| view.context())
    }
    pub fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), is_trouble: false });
    }
    pub fn complain(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), is_trouble: true });
    }
    /// Events that came since the screen is held.
    #[must_use]
    pub fn events_since(&self) -> usize {
        self.newest.tables.events.len().saturating_sub(self.scene.snapshot.tables.events.len())
    }
    /// What the program is doing, in words: `LIVE > FOLLOW`, `REPLAY || x60`.
    #[must_use]
    pub fn mode(&self) -> String {
        let frozen = || format!(" || FROZEN +{}", text::count(self.events_since() as u64));
        let (word, following) = match self.newest.phase {
            Phase::Loading { .. } if self.newest.progress.as_ref().is_some_and(|progress| progress.unpacking.is_some()) => {
                ("UNPACKING".to_owned(), "")
            }
            Phase::Loading { percent } if self.newest.preview.is_some() => (format!("PREVIEW {percent}%"), ""),
            Phase::Loading { percent } => (format!("LOADING {percent}%"), ""),
            Phase::File => ("FILE".to_owned(), ""),
            Phase::Live => ("LIVE".to_owned(), " > FOLLOW"),
            Phase::Replay { playing, speed, .. } => {
                return format!("REPLAY {} {}", if playing { ">" } else { "||" }, speed_text(speed));
            }
        };
        if self.frozen { word + &frozen() } else { word + following }
    }
}

/// Speeds of the replay keys; the last is as fast as it goes.
pub const SPEEDS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1000.0, f64::INFINITY];

/// `x60`, `x0.5`, `max`.
#[must_use]
pub fn speed_text(speed: f64) -> String {
    if speed.is_finite() { format!("x{speed}") } else { "max".to_owned() }
}
