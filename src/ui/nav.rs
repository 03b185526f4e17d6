//! Where the screen is and was: a history like that of a browser.
//!
//! Numbered views are made once and keep their state; a page is made when it is opened and lives as long as it can be
//! gone back or forward to.

use crate::ui::effect::Place;
use crate::ui::view::{self, Reply, View, ViewId};
use crate::ui::widget::table::RowOrder;
use std::collections::BTreeMap;

/// Places kept; older ones are forgotten.
const LONGEST: usize = 100;

struct Stop {
    place: Place,
    /// `None` for numbered views.
    page: Option<Box<dyn View>>,
}

pub struct Nav {
    views: BTreeMap<ViewId, Box<dyn View>>,
    stops: Vec<Stop>,
    at: usize,
    /// What lists are sorted by from the time they are first opened.
    orders: BTreeMap<ViewId, RowOrder>,
}

impl Nav {
    #[must_use]
    pub fn new(first: Place) -> Self {
        Self::made_of(BTreeMap::new(), first)
    }
    /// Begins with this timeline.
    #[must_use]
    pub fn with_timeline(view: Box<dyn View>) -> Self {
        Self::made_of(BTreeMap::from([(ViewId::Timeline, view)]), Place::View(ViewId::Timeline))
    }
    fn made_of(views: BTreeMap<ViewId, Box<dyn View>>, first: Place) -> Self {
        let mut nav = Self { views, stops: Vec::new(), at: 0, orders: BTreeMap::new() };
        nav.open(first);
        nav
    }
    /// The same with lists sorted like that; for one on which nothing was opened yet.
    #[must_use]
    pub fn sorted(self, orders: BTreeMap<ViewId, RowOrder>) -> Self {
        Self { orders, ..self }
    }
    /// What lists are sorted by, where that is not as at first.
    #[must_use]
    pub fn orders(&self) -> BTreeMap<ViewId, RowOrder> {
        let mut orders = self.orders.clone();
        for (id, shown) in &self.views {
            match shown.order().filter(|order| view::open(Place::View(*id)).order().as_ref() != Some(order)) {
                Some(order) => orders.insert(*id, order),
                None => orders.remove(id),
            };
        }
        orders
    }
    #[must_use]
    pub fn place(&self) -> Place {
        self.stops.get(self.at).map_or(Place::View(ViewId::Timeline), |stop| stop.place)
    }
    /// Shows a place; what could be gone forward to is forgotten. Says whether anything changed.
    pub fn open(&mut self, place: Place) -> bool {
        if !self.stops.is_empty() && self.place() == place {
            return false;
        }
        self.stops.truncate(self.at + 1);
        let page = match place {
            Place::View(id) => {
                self.views.entry(id).or_insert_with(|| {
                    let mut view = view::open(place);
                    if let Some(order) = self.orders.get(&id) {
                        view.set_order(order);
                    }
                    view
                });
                // A numbered view stands in the history once, so that going back always leads to something new.
                self.stops.retain(|stop| stop.place != place);
                None
            }
            _ => Some(view::open(place)),
        };
        if self.stops.len() >= LONGEST {
            self.stops.remove(0);
        }
        self.stops.push(Stop { place, page });
        self.at = self.stops.len() - 1;
        true
    }
    /// Makes the pages anew, with nothing of what they held.
    pub fn renew(&mut self) {
        for stop in &mut self.stops {
            if stop.page.is_some() {
                stop.page = Some(view::open(stop.place));
            }
        }
    }
    /// One place back; `false` on the first.
    pub const fn back(&mut self) -> bool {
        let moved = self.at > 0;
        self.at = self.at.saturating_sub(1);
        moved
    }
    pub const fn forward(&mut self) -> bool {
        let moved = self.at + 1 < self.stops.len();
        if moved {
            self.at += 1;
        }
        moved
    }
    fn view_of<'a>(&'a self, stop: &'a Stop) -> Option<&'a dyn View> {
        match (stop.place, &stop.page) {
            (_, Some(page)) => Some(page.as_ref()),
            (Place::View(id), None) => self.views.get(&id).map(AsRef::as_ref),
            _ => None,
        }
    }
    #[must_use]
    pub fn view(&self) -> Option<&dyn View> {
        self.stops.get(self.at).and_then(|stop| self.view_of(stop))
    }
    pub fn view_mut(&mut self) -> Option<&mut Box<dyn View>> {
        match self.stops.get_mut(self.at)? {
            Stop { page: Some(page), .. } => Some(page),
            Stop { place: Place::View(id), .. } => self.views.get_mut(id),
            _ => None,
        }
    }
    /// Views from the first place to the one shown, for the crumbs.
    pub fn trail(&self) -> impl Iterator<Item = &dyn View> {
        self.stops.iter().take(self.at + 1).filter_map(|stop| self.view_of(stop))
    }
    /// Hands a reply to every view that may have asked.
    pub fn receive(&mut self, reply: &Reply, ctx: &view::Ctx<'_>) {
        for view in self.views.values_mut().chain(self.stops.iter_mut().filter_map(|stop| stop.page.as_mut())) {
            view.receive(reply, ctx);
        }
    }
    /// The number key a place belongs to.
    #[must_use]
    pub fn tab(&self) -> ViewId {
        self.tab_of(self.at)
    }
    fn tab_of(&self, at: usize) -> ViewId {
        match self.stops.get(at).map_or(Place::View(ViewId::Timeline), |stop| stop.place) {
            Place::View(id) => id,
            // It belongs to no number: the view it was opened over stays the open one.
            Place::Case => at.checked_sub(1).map_or(ViewId::Timeline, |before| self.tab_of(before)),
            Place::Account(_) => ViewId::Accounts,
            Place::Host(_) => ViewId::Hosts,
            Place::Source(_) => ViewId::Sources,
            Place::Visit(_) | Place::Session(_) => ViewId::Timeline,
            Place::Event(_) => ViewId::Events,
            Place::Anomaly(_) => ViewId::Anomalies,
            Place::Path(..) => ViewId::Paths,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::AccountId;

    #[test]
    fn back_and_forward_walk_the_places_as_they_were_opened() {
        let account = |index| Place::Account(AccountId::new(index));
        let mut nav = Nav::new(Place::View(ViewId::Timeline));
        assert!(!nav.back());
        for place in [Place::View(ViewId::Accounts), account(1), account(2)] {
            assert!(nav.open(place));
        }
        assert!(!nav.open(account(2)));
        assert!(nav.back());
        assert_eq!((nav.place(), nav.tab()), (account(1), ViewId::Accounts));
        assert!(nav.forward() && !nav.forward());
        assert!(nav.back());
        nav.open(Place::View(ViewId::Events));
        assert!(!nav.forward());
        assert_eq!(nav.trail().count(), 4);
        // Numbered views stand in the history once.
        nav.open(Place::View(ViewId::Timeline));
        assert_eq!(nav.trail().count(), 4);
        for _ in 0..3 {
            assert!(nav.back());
        }
        assert!(!nav.back());
        assert_eq!(nav.place(), Place::View(ViewId::Accounts));
    }
}
