//! The privacy mask on the screen: the state that views see has masked names, and whatever else is drawn is looked through
//! once more when the picture is complete.
//!
//! Filters, decisions and searches go on with the real names: `Names::raw` knows no mask. What is typed by what is on screen
//! (`account:acct-17`) is turned back before it is read.

use crate::base::mask::{HIDDEN, Mask};
use crate::base::text;
use crate::model::masking::{self, Reached};
use crate::store::Snapshot;
use crate::ui::app::App;
use crate::ui::effect::Effect;
use crate::ui::update::{follow, refresh};
use crate::ui::view::Reply;
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use std::borrow::Cow;
use std::sync::Arc;

/// Marks versions of masked states, so that nothing made of the one is taken for something made of the other.
const MASKED: u64 = 1 << 63;

/// Kept also while it is off: who was `acct-17` stays that.
#[derive(Clone, Debug, Default)]
pub struct Privacy {
    pub is_on: bool,
    mask: Arc<Mask>,
    reached: Reached,
    epoch: u64,
}

impl Privacy {
    #[must_use]
    pub fn new(is_on: bool) -> Self {
        Self { is_on, ..Self::default() }
    }
    /// The state as it may be shown.
    fn masked(&mut self, snapshot: &Arc<Snapshot>) -> Arc<Snapshot> {
        if !self.is_on {
            return Arc::clone(snapshot);
        }
        if self.epoch != snapshot.epoch {
            *self = Self { is_on: true, epoch: snapshot.epoch, ..Self::default() };
        }
        if !masking::covers(&self.mask, self.reached, &snapshot.names, &snapshot.tables) {
            masking::extend(Arc::make_mut(&mut self.mask), &mut self.reached, &snapshot.names, &snapshot.tables);
        }
        let names = snapshot.names.behind(Some(Arc::clone(&self.mask)));
        Arc::new(Snapshot { names, version: snapshot.version | MASKED, ..(**snapshot).clone() })
    }
}

/// Puts a state on the screen.
pub(super) fn show(app: &mut App, snapshot: &Arc<Snapshot>) {
    // The one before goes first: then the mask is nobody else's and grows without a copy.
    app.scene.snapshot = Arc::clone(snapshot);
    app.scene.snapshot = app.privacy.masked(snapshot);
}

/// Switches the mask.
pub(super) fn toggle(app: &mut App) -> Vec<Effect> {
    app.privacy.is_on = !app.privacy.is_on;
    // Pages hold words of records that were read again.
    app.nav.renew();
    let effects = if app.frozen {
        let mut plain = (*app.scene.snapshot).clone();
        plain.names = plain.names.behind(None);
        plain.version &= !MASKED;
        show(app, &Arc::new(plain));
        refresh(app)
    } else {
        follow(app)
    };
    app.say(if app.privacy.is_on {
        "names and addresses are masked on the screen, in copies and in files; filters still know the real ones"
    } else {
        "names and addresses are shown"
    });
    effects
}

/// A reply as views may see it.
pub(super) fn receive(app: &App, reply: Reply) -> Reply {
    match reply {
        Reply::Raw(id, _) if app.privacy.is_on => Reply::Raw(id, Err(HIDDEN.to_owned())),
        other => other,
    }
}

/// Words as they may be shown.
#[must_use]
pub fn told<'a>(app: &App, words: &'a str) -> Cow<'a, str> {
    app.scene.snapshot.names.told(words)
}

/// What was typed by what is on screen, with the real names.
#[must_use]
pub fn real(app: &App, text: &str) -> String {
    app.scene.snapshot.names.mask().map_or_else(|| text.to_owned(), |mask| mask.behind(text))
}

/// Looks through a complete picture: no way of drawing goes round it.
pub(super) fn cover(app: &App, buffer: &mut Buffer) {
    let Some(mask) = app.scene.snapshot.names.mask() else { return };
    let area = *buffer.area();
    for y in area.top()..area.bottom() {
        let line: String = (area.left()..area.right()).filter_map(|x| buffer.cell((x, y))).map(ratatui::buffer::Cell::symbol).collect();
        if let Cow::Owned(told) = mask.told_cut(&line)
            && told != line
        {
            let width = usize::from(area.width);
            buffer.set_stringn(area.left(), y, text::pad(&told, width), width, Style::default());
        }
    }
}
