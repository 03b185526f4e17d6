//! What is marked or noted, ready for drawing: a look-up for each row costs its own name, whatever the case holds.

use super::target::Target;
use crate::casefile::Case;
use crate::casefile::noted::Noted;
use crate::casefile::thing::Thing;
use crate::model::ids::VisitId;
use crate::store::Snapshot;
use crate::ui::theme::Meaning;
use crate::ui::view::Ctx;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::put;
use crate::ui::widget::table::{Look, Table};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustc_hash::FxHashMap;

/// Logon sessions of one session as shown that are asked for.
const LOGONS: usize = 16;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Marked {
    /// By time; those without one last.
    list: Vec<Noted>,
    by_key: FxHashMap<String, usize>,
    /// Where the case is kept; nothing for one that ends with the program.
    pub file: Option<String>,
}

impl Marked {
    /// Nothing marked, in a case that is kept there.
    #[must_use]
    pub fn kept_in(file: Option<String>) -> Self {
        Self { file, ..Self::default() }
    }
    /// Takes over the case as it is now.
    pub fn set(&mut self, case: &Case) {
        self.list = case.noted();
        let keys = self.list.iter().enumerate().flat_map(|(place, noted)| noted.thing.keys().into_iter().map(move |key| (key, place)));
        self.by_key = keys.collect();
    }
    #[must_use]
    pub fn list(&self) -> &[Noted] {
        &self.list
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    #[must_use]
    pub fn find(&self, thing: &Thing) -> Option<&Noted> {
        let place = thing.keys().iter().find_map(|key| self.by_key.get(key).copied());
        place.and_then(|place| self.list.get(place))
    }
    /// Place in the list.
    #[must_use]
    pub fn place(&self, thing: &Thing) -> Option<usize> {
        thing.keys().iter().find_map(|key| self.by_key.get(key).copied())
    }
    #[must_use]
    pub fn about(&self, target: Target, snapshot: &Snapshot) -> Option<&Noted> {
        if self.is_empty() {
            return None;
        }
        let own = target.thing(snapshot).and_then(|thing| self.find(&thing));
        match target {
            Target::Visit(id) => own.or_else(|| self.of_logons(id, snapshot)),
            _ => own,
        }
    }
    /// Of one of the logons that a session is made of.
    fn of_logons(&self, id: VisitId, snapshot: &Snapshot) -> Option<&Noted> {
        let logons = snapshot.tables.sessions_of_visit(id).take(LOGONS);
        logons.map(|(id, _)| Target::Session(id)).find_map(|target| self.find(&target.thing(snapshot)?))
    }
}

/// The note about a thing, as a line of details.
#[must_use]
pub fn note(target: Target, ctx: &Ctx<'_>) -> Option<Pair> {
    let noted = ctx.marked.about(target, ctx.snapshot)?;
    let entry = noted.note.as_ref()?;
    let by = if entry.by.is_empty() { String::new() } else { format!(" ({})", entry.by) };
    let words = crate::base::text::clean(&format!("{}{by}", ctx.snapshot.names.told(noted.text()))).into_owned();
    Some(Pair::new("note", words).meaning(Meaning::Strong))
}

/// Puts the signs of bookmarks and notes before the rows of a table that was drawn in `area`: the bookmark in the second
/// cell, the note in the first, where the cursor's row has its own sign.
pub fn signs(
    buffer: &mut Buffer,
    area: Rect,
    table: &Table,
    len: usize,
    look: Look<'_>,
    ctx: &Ctx<'_>,
    target: impl Fn(usize) -> Option<Target>,
) {
    if ctx.marked.is_empty() || area.width < 2 {
        return;
    }
    let cursor = table.cursor.min(len.saturating_sub(1));
    for (y, row) in (area.y.saturating_add(1)..area.bottom()).zip(table.rows_on_screen(len, area)) {
        let Some(noted) = target(row).and_then(|target| ctx.marked.about(target, ctx.snapshot)) else { continue };
        let here = look.focus && row == cursor;
        let mut style = look.theme.style(Meaning::Strong);
        if here {
            style = style.patch(look.theme.style(Meaning::Cursor));
        }
        if noted.mark.is_some() {
            put(buffer, area.x + 1, y, 1, look.glyphs.mark, style);
        }
        if noted.note.is_some() {
            let x = if here { if noted.mark.is_some() { continue } else { area.x + 1 } } else { area.x };
            put(buffer, x, y, 1, look.glyphs.note, style);
        }
    }
}
