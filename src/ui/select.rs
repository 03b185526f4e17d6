//! What keys act on: what is under the cursor, or the rows that were selected.

use crate::ui::app::App;
use crate::ui::effect::Effect;
use crate::ui::update::{set_filter, view_area};
use crate::ui::view::{Selection, words};

/// Most different values that one filter term is given: more could not be read any more.
const MOST_VALUES: usize = 50;

/// What is under the cursor; where rows are selected, with all of them.
#[must_use]
pub(super) fn of(app: &App) -> Selection {
    let ctx = app.scene.ctx(view_area(app));
    let Some(view) = app.nav.view() else { return Selection::default() };
    let mut selection = view.selection(&ctx);
    // An empty cell says nothing.
    selection.text = selection.text.filter(|text| !text.trim().is_empty() && text != words::ABSENT);
    let (rows, lines): (Vec<Selection>, Vec<String>) = view.selected(&ctx).into_iter().unzip();
    if rows.is_empty() {
        return selection;
    }
    selection.text = Some(lines.join("\n"));
    selection.decided_with = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for id in rows.iter().flat_map(|row| &row.decided_with) {
        if seen.insert(*id) {
            selection.decided_with.push(*id);
        }
    }
    selection.anomaly = selection.anomaly.or(selection.decided_with.first().copied());
    selection.rows = rows;
    selection
}

/// Ends the selection of rows; what acts on one is done with it.
pub(super) fn end(app: &mut App) {
    if let Some(view) = app.nav.view_mut() {
        view.unselect();
    }
}

/// Adds the values under the cursor, or those of the selected rows, to the filter.
pub(super) fn narrow(app: &mut App, exclude: bool) -> Vec<Effect> {
    let selection = of(app);
    let Some((field, value)) = &selection.term else {
        app.say("no value under the cursor that a filter could name");
        return Vec::new();
    };
    let mut values: Vec<&str> = Vec::new();
    for (_, value) in selection.rows.iter().filter_map(|row| row.term.as_ref()).filter(|(other, _)| other == field) {
        if values.contains(&value.as_str()) {
            continue;
        }
        if values.len() == MOST_VALUES {
            app.say(format!("more than {MOST_VALUES} different values of {field} are selected: select fewer rows"));
            return Vec::new();
        }
        values.push(value);
    }
    if values.is_empty() {
        values.push(value);
    }
    let text = crate::query::narrow::narrow_to(app.scene.filter.text(), field, &values, exclude);
    end(app);
    set_filter(app, &text)
}
