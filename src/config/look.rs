//! Options about the screen: how it looks, and what it shows first.

use crate::base::time::Zone;
use crate::config::value::severity;
use crate::model::anomaly::Severity;
use crate::ui::link::{Opening, Start, ends};
use clap::Args;
use std::path::PathBuf;

/// How the screen looks and what it starts with.
#[derive(Clone, Debug, Args)]
pub struct Look {
    /// Start with this filter, such as 'account:svc_* -host:FS01'
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Zone of times: utc, local or a name such as Europe/Vienna [default: utc, or what the settings say]
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse)]
    pub zone: Option<Zone>,
    /// Draw with ASCII characters only [default: by the locale]
    #[arg(long)]
    pub ascii: bool,
    /// Signs to draw with: ascii, unicode, fine (an overview in dots; needs a font with Braille) [default: by the locale]
    #[arg(long, value_name = "NAME", conflicts_with = "ascii", value_parser = ["ascii", "unicode", "fine"])]
    pub glyphs: Option<String>,
    /// No colours; NO_COLOR in the environment does the same
    #[arg(long)]
    pub no_color: bool,
    /// Colours: default-dark, default-light, mono, high-contrast, deuteranopia, tritanopia, or a theme of yours [default: by the background of the terminal]
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Keep decisions about anomalies in this file, and take over those in it
    #[arg(long, value_name = "FILE")]
    pub case: Option<PathBuf>,
    /// No screen: a line for each thing of note, for screen readers and logs of a shift; TERM=dumb does the same
    #[arg(long)]
    pub plain: bool,
    /// No screen: the same as JSON lines, for other programs
    #[arg(long, conflicts_with = "plain")]
    pub headless: bool,
    /// Do not take up the screen as it was left when these inputs were open last
    #[arg(long)]
    pub fresh: bool,
    /// Hold the clock of a replay at anomalies of this severity or worse: info, low, medium, high, critical
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub pause_on: Option<Severity>,
    /// Replace names and addresses by short ones that stay the same (acct-17, host-3, 10.x.x.66), also in copies and files
    #[arg(long)]
    pub mask: bool,
    #[command(flatten)]
    pub shown: Shown,
}

/// What the screen shows first. `y l` on the screen copies a command line with all of it.
#[derive(Clone, Debug, Default, Args)]
pub struct Shown {
    /// Open this first: a view such as events, or account:NAME, host:NAME, source:NAME, session:NUMBER, event:NUMBER
    #[arg(long, value_name = "PLACE", value_parser = Opening::parse)]
    pub open: Option<Opening>,
    /// Go to this time first (09:30, -2h, 2026-03-14T09:30Z)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    /// First window of the timeline (09:00..09:30)
    #[arg(long, value_name = "FROM..TO", value_parser = ends, allow_hyphen_values = true)]
    pub window: Option<Ends>,
}

/// Both ends of a window, as they were written.
pub type Ends = (String, String);

impl Shown {
    /// As the screen takes it.
    #[must_use]
    pub fn start(&self) -> Start {
        Start { place: self.open.clone(), at: self.at.clone(), window: self.window.clone(), is_sought: false }
    }
}
