//! The screen as it was left, so that the same inputs open with it again: place, time, window, filter, zone, theme,
//! switches, columns and what lists are sorted by. Bookmarks and notes stand in the case file, which is the same for all.

use crate::base::text;
use crate::base::time::Zone;
use crate::store::Phase;
use crate::ui::app::{App, Setup};
use crate::ui::link::{Opening, Start};
use crate::ui::update::view_area;
use crate::ui::view::{Options, ViewId};
use crate::ui::widget::columns::Arrangements;
use crate::ui::widget::table::RowOrder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One screen that was left. Names are those of the state file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Left {
    /// As `--open` takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    /// As `--at` takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<(String, String)>,
    pub filter: String,
    /// As `--zone` takes it.
    pub zone: String,
    pub theme: String,
    pub switches: Options,
    /// By kind of table.
    pub columns: Arrangements,
    /// By view, as `--open` names it.
    pub orders: BTreeMap<String, RowOrder>,
}

/// The screen as it is now.
#[must_use]
pub fn left(app: &App) -> Left {
    let ctx = app.scene.ctx(view_area(app));
    // Behind the mask names are others, which nobody could look up.
    let known = Opening::of(app.nav.place(), ctx.snapshot).filter(|_| ctx.snapshot.names.mask().is_none());
    // Numbers and times of a preview are not those of the whole.
    let is_preview = ctx.snapshot.preview.is_some();
    let known = known.filter(|(opening, _)| !is_preview || matches!(opening, Opening::View(_)));
    let view = app.nav.view().filter(|_| !is_preview);
    // A window that follows the newest is found again by following.
    let follows = |to| ctx.snapshot.phase == Phase::Live && to >= ctx.now();
    let window = view.and_then(|view| view.reach(&ctx)).filter(|(_, to)| !follows(*to));
    let at = known.as_ref().and_then(|(_, at)| *at).or_else(|| view?.selection(&ctx).at).filter(|_| window.is_some() || known.is_some());
    let follows_now = ctx.snapshot.phase == Phase::Live && window.is_none();
    let is_page = known.as_ref().is_some_and(|(_, at)| at.is_some());
    Left {
        open: known.map(|(opening, _)| opening.text()).filter(|text| text != "timeline"),
        at: at.filter(|_| is_page || !follows_now).map(crate::base::time::Timestamp::rfc3339),
        window: window.map(|(from, to)| (from.rfc3339(), to.rfc3339())),
        filter: app.scene.filter.in_force().map_or_else(String::new, |filter| filter.text().to_owned()),
        zone: app.scene.zone.name().to_owned(),
        theme: app.scene.theme.name.to_owned(),
        switches: app.scene.options,
        columns: app.scene.columns.clone(),
        orders: app.nav.orders().into_iter().map(|(id, order)| (Opening::View(id).text(), order)).collect(),
    }
}

impl Left {
    /// Takes over what the command line does not say, and says what that is.
    pub fn onto(&self, setup: &mut Setup) {
        let mut said: Vec<String> = Vec::new();
        if setup.start == Start::default() {
            let place = self.open.as_deref().and_then(|text| Opening::parse(text).ok());
            if let Some(place) = place.as_ref().filter(|place| **place != Opening::View(ViewId::Timeline)) {
                said.push(place.text());
            }
            if let Some((from, to)) = &self.window {
                let short = |at: &str| at.split('.').next().unwrap_or(at).replace('T', " ");
                said.push(format!("window {} .. {}", short(from), short(to)));
            }
            setup.start = Start { place, at: self.at.clone(), window: self.window.clone(), is_sought: false };
        }
        if setup.filter.is_none() && !self.filter.is_empty() {
            said.insert(0, format!("filter {}", self.filter));
            setup.filter = Some(self.filter.clone());
        }
        if setup.zone == Zone::default()
            && let Some(zone) = Zone::parse(&self.zone).ok().filter(|zone| *zone != setup.zone)
        {
            said.push(format!("times in {}", zone.label()));
            setup.zone = zone;
        }
        if setup.theme.is_none() && crate::ui::theme::Theme::shipped(&self.theme).is_some() {
            setup.theme = Some(self.theme.clone());
        }
        setup.options = Options { since: setup.options.since, peek_rows: setup.options.peek_rows, ..self.switches };
        if !self.columns.0.is_empty() || !self.orders.is_empty() {
            said.push("columns and order of lists".to_owned());
        }
        setup.columns = self.columns.clone();
        let order = |(view, order): (&String, &RowOrder)| match Opening::parse(view) {
            Ok(Opening::View(id)) => Some((id, order.clone())),
            _ => None,
        };
        setup.orders = self.orders.iter().filter_map(order).collect();
        if !said.is_empty() {
            setup.greeting = Some(text::clean(&format!("restored: {} (--fresh starts anew)", said.join(", "))).into_owned());
        }
    }
}
