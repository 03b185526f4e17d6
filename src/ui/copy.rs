//! What a copy key puts on the clipboard: always one text, cleaned, as it stands on the screen.

use crate::base::mask::HIDDEN;
use crate::base::text::{self, clean};
use crate::model::event::LogonId;
use crate::model::ids::EventId;
use crate::model::raw::RawRecord;
use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::effect::Effect;
use crate::ui::link;
use crate::ui::update::view_area;
use crate::ui::view::{Ctx, Selection, words};

/// Texts copied at once: more is for a file.
pub const MOST: usize = 1 << 20;

/// One text on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// With its article: `the account`.
    pub what: String,
    pub text: String,
}

impl Copied {
    /// Every line is cleaned; nothing is copied where nothing is left.
    #[must_use]
    pub fn new(what: impl Into<String>, text: &str) -> Option<Self> {
        // Tabs part the cells of a row.
        let line = |line: &str| line.trim_end().split('\t').map(clean).collect::<Vec<_>>().join("\t");
        let text = text.lines().map(line).collect::<Vec<_>>().join("\n");
        (!text.trim().is_empty()).then(|| Self { what: what.into(), text })
    }
    /// `copied the account: 17 bytes, by wl-copy`.
    #[must_use]
    pub fn told(&self, way: &str) -> String {
        format!("copied {}: {} bytes, {way}", self.what, text::count(self.text.len() as u64))
    }
}

pub(super) fn act(app: &mut App, action: Action, selection: &Selection) -> Vec<Effect> {
    match found(app, action, selection) {
        Ok(Found::Text(copied)) if copied.text.len() > MOST => {
            let count = |bytes: usize| text::count(bytes as u64);
            app.complain(format!("not copied: {} bytes, more than {}; w writes files", count(copied.text.len()), count(MOST)));
            Vec::new()
        }
        Ok(Found::Text(copied)) => vec![Effect::Copy(copied)],
        Ok(Found::Record(id)) => {
            app.copying = Some(id);
            vec![Effect::FetchRaw(id)]
        }
        Err(why) => {
            app.say(why);
            Vec::new()
        }
    }
}

/// The record behind an event came, or why it did not.
pub(super) fn received(app: &mut App, id: EventId, answer: &Result<RawRecord, String>) -> Vec<Effect> {
    if app.copying != Some(id) {
        return Vec::new();
    }
    app.copying = None;
    match answer {
        Ok(raw) => Copied::new("the raw event", &raw.json).map(Effect::Copy).into_iter().collect(),
        Err(problem) => {
            app.complain(format!("not copied: {}", clean(problem)));
            Vec::new()
        }
    }
}

/// A tool took a text, or did not.
pub(super) fn done(app: &mut App, copied: &Copied, result: Result<&'static str, String>) -> Vec<Effect> {
    match result {
        Ok(tool) => app.say(copied.told(&format!("by {tool}"))),
        Err(problem) => app.complain(format!("not copied: {}", clean(&problem))),
    }
    Vec::new()
}

enum Found {
    Text(Copied),
    /// The text has to be read again first.
    Record(EventId),
}

fn found(app: &App, action: Action, selection: &Selection) -> Result<Found, String> {
    let ctx = app.scene.ctx(view_area(app));
    let (what, text) = match action {
        Action::CopyAccount => ("the account", selection.account.map(|id| words::account(id, &ctx))),
        Action::CopyHost => ("the host", selection.host.map(|id| words::host(id, &ctx))),
        Action::CopySource => ("the source", selection.source.map(|id| words::source(id, &ctx))),
        Action::CopySession => ("the session id", session_id(selection, &ctx)),
        Action::CopyFilter => ("the filter", Some(app.scene.filter.text().to_owned())),
        Action::CopyLink if app.privacy.is_on => return Err("a link would hold the real names: t p shows them first".to_owned()),
        Action::CopyLink => ("the link", Some(link::line(app, selection, &ctx)?)),
        Action::CopyRaw if app.privacy.is_on => return Err(format!("not copied: {HIDDEN}")),
        Action::CopyRaw => return selection.event.map(Found::Record).ok_or_else(|| "no event under the cursor".to_owned()),
        _ if !selection.rows.is_empty() => ("the selected rows", selection.text.clone()),
        _ if selection.text.is_some() => ("the cell", selection.text.clone()),
        _ => match &selection.term {
            Some((_, value)) => ("the value", Some(value.clone())),
            None => ("the sentence below", app.nav.view().map(|view| view.sentence(&ctx))),
        },
    };
    let absent = || match action {
        Action::CopyFilter => "no filter is in force".to_owned(),
        Action::CopyCell => "nothing under the cursor".to_owned(),
        _ => format!("no {} under the cursor", what.trim_start_matches("the ")),
    };
    let text = text.filter(|text| text != words::ABSENT);
    text.and_then(|text| Copied::new(what, &ctx.snapshot.names.told(&text))).map(Found::Text).ok_or_else(absent)
}

/// The LogonId, or what Entra calls the session; with the host, as it is unique only there.
fn session_id(selection: &Selection, ctx: &Ctx<'_>) -> Option<String> {
    let tables = &ctx.snapshot.tables;
    let first = || selection.visit.and_then(|id| tables.visit(id)).map(|visit| visit.first_session);
    let session = tables.session(selection.session.or_else(first)?)?;
    let id = if session.entra_session().is_some() {
        session.entra_session().shown(&ctx.snapshot.names)
    } else {
        (session.logon_id != LogonId::NONE).then(|| session.logon_id.to_string())?
    };
    Some(match words::host(session.host, ctx) {
        host if host == words::ABSENT || session.entra_session().is_some() => id,
        host => format!("{host} {id}"),
    })
}
