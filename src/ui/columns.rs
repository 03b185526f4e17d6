//! Choosing, moving and sizing the columns of the table that has the keys.
//!
//! What is chosen is kept in one place, `Scene::columns`, by kind of table; views arrange their columns by it.

use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::effect::Effect;
use crate::ui::popup::Popup;
use crate::ui::update::{refresh, view_area};
use crate::ui::widget::columns::{Arrangement, ColumnList};

/// Cells that one key adds or takes.
const STEP: u16 = 2;
/// Narrowest column that a key makes.
const NARROWEST: u16 = 3;

/// The columns of the table that has the keys.
#[must_use]
pub(super) fn list(app: &App) -> Option<ColumnList> {
    app.nav.view()?.columns(&app.scene.ctx(view_area(app)))
}

/// Opens the list, with the column under the cursor under its cursor.
pub(super) fn open(app: &mut App) -> Vec<Effect> {
    match list(app) {
        Some(list) => app.popup = Some(Popup::Columns(list.cursor)),
        None => app.say("no table here whose columns can be chosen"),
    }
    Vec::new()
}

fn change(app: &mut App, table: &str, change: impl FnOnce(&mut Arrangement)) -> Vec<Effect> {
    change(app.scene.columns.0.entry(table.to_owned()).or_default());
    refresh(app)
}

/// An action on one column of the list.
fn on(app: &mut App, action: Action, list: &ColumnList, place: usize) -> Vec<Effect> {
    let Some(column) = list.columns.get(place) else { return Vec::new() };
    match action {
        Action::TableWiden | Action::TableNarrow => {
            let Some(now) = column.placed else {
                app.say(format!("{} has no room on this screen: hide another column (z c)", column.name));
                return Vec::new();
            };
            let width = if action == Action::TableWiden { now.saturating_add(STEP) } else { now.saturating_sub(STEP) };
            let width = width.clamp(NARROWEST.min(now), list.room.max(1));
            app.say(format!("{}: {width} cells wide", column.name));
            change(app, list.table, |arrangement| {
                arrangement.widths.insert(column.name.to_owned(), width);
            })
        }
        Action::ColumnsToggle if column.shown && list.columns.iter().filter(|column| column.shown).count() == 1 => {
            app.say("the last column stays");
            Vec::new()
        }
        Action::ColumnsToggle => change(app, list.table, |arrangement| {
            arrangement.shown.insert(column.name.to_owned(), !column.shown);
        }),
        _ => Vec::new(),
    }
}

/// Widens or narrows the column under the cursor of the table.
pub(super) fn resize(app: &mut App, action: Action) -> Vec<Effect> {
    match list(app) {
        Some(list) => on(app, action, &list, list.cursor),
        None => {
            app.say("no table here whose columns can be sized");
            Vec::new()
        }
    }
}

/// What a key of the list does; `place` is its cursor.
pub(super) fn act(app: &mut App, action: Action, place: usize) -> Vec<Effect> {
    let Some(list) = list(app) else {
        app.popup = None;
        return Vec::new();
    };
    let last = list.columns.len().saturating_sub(1);
    let place = place.min(last);
    let mut to = place;
    let mut effects = Vec::new();
    match action {
        Action::CursorUp => to = place.saturating_sub(1),
        Action::CursorDown => to = place.saturating_add(1).min(last),
        Action::CursorPageUp => to = place.saturating_sub(10),
        Action::CursorPageDown => to = place.saturating_add(10).min(last),
        Action::CursorFirst => to = 0,
        Action::CursorLast => to = last,
        Action::ColumnsUp | Action::ColumnsDown => {
            to = if action == Action::ColumnsUp { place.saturating_sub(1) } else { place.saturating_add(1).min(last) };
            let mut order: Vec<String> = list.columns.iter().map(|column| column.name.to_owned()).collect();
            order.swap(place, to);
            effects = change(app, list.table, |arrangement| arrangement.order = order);
        }
        Action::ColumnsReset => {
            app.scene.columns.0.remove(list.table);
            app.say("columns are as they were at first");
            effects = refresh(app);
        }
        action => effects = on(app, action, &list, place),
    }
    app.popup = Some(Popup::Columns(to));
    effects
}
