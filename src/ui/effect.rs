//! What an update asks the program to do. Effects are carried out by `run`, after the state changed.

use crate::base::time::Timestamp;
use crate::casefile::entry::Act;
use crate::casefile::thing::Thing;
use crate::engine::handle::{Command, OlderAsked, ProjectionRequest};
use crate::history::account::Whose;
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::store::group::Question;
use crate::store::path::pick::Focus;
use crate::ui::action::Action;
use crate::ui::app::Asked;
use crate::ui::copy::Copied;
use crate::ui::find::hunt::Hunt;
use crate::ui::marks::bundle::Order as Bundle;
use crate::ui::view::ViewId;
use crate::ui::view::page::digest::Subject;
use crate::ui::write::Order;
use std::sync::Arc;

/// A place that can be opened and gone back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    View(ViewId),
    Account(AccountId),
    Host(HostId),
    Source(SourceId),
    /// A session as shown.
    Visit(VisitId),
    /// One of the logon sessions it is made of.
    Session(SessionId),
    /// One event with its raw record.
    Event(EventId),
    Anomaly(AnomalyId),
    /// Paths of one thing, round a moment.
    Path(Focus, Option<Timestamp>),
    /// Bookmarks, notes and decisions.
    Case,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Put a place on the back stack and show it.
    Open(Place),
    /// Open the place of a thing that the case names, or say why there is none.
    Visit(Thing),
    Back,
    Forward,
    /// Read the record behind an event again; the answer comes as `Reply::Raw`.
    FetchRaw(EventId),
    /// Read what earlier runs saw of an account; the answer comes as `Reply::Past`. Where there is no history none comes.
    FetchPast(AccountId, Whose),
    /// Read events that are in memory no longer; the answer comes as `Reply::Older`. Where there is no history none comes.
    FetchOlder(OlderAsked),
    /// Count all that a page tells of; the answer comes as `Reply::Digest`.
    Digest(Subject),
    Engine(Command),
    /// Read lanes by host, account or source through a filter; the answer comes as `Reply::Grouped`.
    Group(Question, ProjectionRequest),
    /// Replace the filter by this text (it parses, or it is refused with its error in the message row).
    SetFilter(String),
    /// Fit the view to a stretch of time, where it has a time axis.
    ShowSpan(Timestamp, Timestamp),
    /// Ask for a line of text, which starts as this.
    Ask(Asked, String),
    /// Do what a key of this action would.
    Act(Action),
    /// Write a file; what became of it comes as `Reply::Written`.
    Write(Arc<Order>),
    /// Look which paths begin like this; they come as `Reply::Paths`.
    CompletePath(String),
    /// Put a text on the clipboard; what became of it comes as a message.
    Copy(Copied),
    /// A sentence for the message row.
    Say(String),
    /// Project this filter from now on, or none.
    Project(ProjectionRequest),
    /// Look for the next match; the answers come as `Reply::Found`.
    Hunt(Hunt),
    /// Hold the screen on the snapshot it shows, or follow the newest again.
    Freeze(bool),
    /// Keep what one key decided about anomalies; the case comes back as `Msg::Case`.
    Record(Vec<Act>),
    /// Remember that somebody has begun: no other start is greeted.
    Welcomed,
    /// Listen to the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Write the case bundle; how far it is comes as `Reply::Bundled`.
    Bundle(Arc<Bundle>),
    /// Draw everything anew.
    Redraw,
    /// Stop the process until the shell continues it.
    Suspend,
    Quit,
}
