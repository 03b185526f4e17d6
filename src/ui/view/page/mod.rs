//! Pages: all about one account, host, source, session or event, in panes.
//!
//! Where there is room the panes stand in a grid, else they are tabs; Tab goes from one to the next in both.

pub mod account;
pub mod coverage;
mod credential;
pub mod digest;
pub mod entity;
mod entity_panes;
pub mod event;
pub mod fields;
mod finding;
pub mod host;
pub mod lineage;
pub mod logon;
pub mod outcomes;
pub mod paint;
mod panes;
pub mod past;
pub mod record;
pub mod source;
pub mod tally;
pub mod visit;
mod visit_panes;
pub mod visit_profile;

use super::Ctx;
use crate::ui::theme::Meaning;
use crate::ui::widget::{boxed, put};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// What a pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pane {
    Profile,
    /// What could have been seen on a host.
    Coverage,
    /// Outcomes over time of a source.
    Outcomes,
    Anomalies,
    Hours,
    Accounts,
    Hosts,
    Sources,
    Sessions,
    Story,
    Logons,
    Lineage,
    Events,
    Fields,
    Raw,
}

impl Pane {
    pub const COUNT: usize = 15;

    /// The word on its tab.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Coverage => "coverage",
            Self::Outcomes => "outcomes",
            Self::Anomalies => "anomalies",
            Self::Hours => "hours",
            Self::Accounts => "accounts",
            Self::Hosts => "hosts",
            Self::Sources => "sources",
            Self::Sessions => "sessions",
            Self::Story => "story",
            Self::Logons => "logons",
            Self::Lineage => "lineage",
            Self::Events => "events",
            Self::Fields => "fields",
            Self::Raw => "raw",
        }
    }
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Panes beside each other; each column is a pile of panes of equal height.
#[derive(Debug)]
pub struct Band {
    /// Rows it likes to have; what is left over goes to the bands with `grows`.
    pub height: u16,
    /// Rows it can do with, where the page is low (a replay's bar takes some).
    pub least: u16,
    pub grows: bool,
    pub columns: &'static [&'static [Pane]],
}

/// How a page uses its area.
#[derive(Debug)]
pub struct Plan {
    /// From 120 columns on.
    pub wide: &'static [Band],
    /// From 100 columns on.
    pub middle: &'static [Band],
    /// In the order of Tab; also the tabs of narrow screens.
    pub panes: &'static [Pane],
    /// Panes of one place in a grid: the second stands there while it has the focus.
    pub shared: &'static [(Pane, Pane)],
}

/// Rows of a page in tabs above its pane: the head and the tabs.
const ABOVE: u16 = 2;

impl Plan {
    /// The grid for this width, unless the area is too low or too narrow for one.
    fn bands(&self, area: Rect) -> Option<&'static [Band]> {
        let bands = match area.width {
            0..100 => return None,
            100..120 => self.middle,
            _ => self.wide,
        };
        let least: u16 = bands.iter().map(|band| band.least).sum();
        (least <= area.height).then_some(bands)
    }
    /// Panes are tabs here.
    #[must_use]
    pub fn is_tabbed(&self, area: Rect) -> bool {
        self.bands(area).is_none()
    }
    /// Frames of the panes in a grid; empty when they are tabs.
    #[must_use]
    pub fn grid(&self, area: Rect) -> Vec<(Pane, Rect)> {
        let Some(bands) = self.bands(area) else { return Vec::new() };
        let need: u16 = bands.iter().map(|band| band.height).sum();
        let mut growing = u16::try_from(bands.iter().filter(|band| band.grows).count()).unwrap_or(0);
        let mut spare = area.height.saturating_sub(need);
        let mut short = need.saturating_sub(area.height);
        let mut y = area.y;
        let mut out = Vec::new();
        for band in bands {
            let mut height = band.height;
            if band.grows {
                let more = spare.checked_div(growing).unwrap_or(0);
                height += more;
                spare -= more;
                growing -= 1;
            }
            let less = short.min(height.saturating_sub(band.least));
            height -= less;
            short -= less;
            let mut columns = u16::try_from(band.columns.len()).unwrap_or(1).max(1);
            let mut x = area.x;
            for pile in band.columns {
                // One cell between columns.
                let width = (area.right().saturating_sub(x).saturating_sub(columns - 1)) / columns;
                let (mut top, mut panes) = (y, u16::try_from(pile.len()).unwrap_or(1).max(1));
                for pane in *pile {
                    let part = (y + height).saturating_sub(top) / panes;
                    out.push((*pane, Rect { x, y: top, width, height: part }));
                    top += part;
                    panes = panes.saturating_sub(1).max(1);
                }
                x += width + 1;
                columns = columns.saturating_sub(1).max(1);
            }
            y += height;
        }
        out
    }
    /// The cells a pane may draw in: without its frame, or below the head and the tabs.
    #[must_use]
    pub fn inside(&self, pane: Pane, area: Rect) -> Rect {
        if self.is_tabbed(area) {
            return Rect { y: area.y.saturating_add(ABOVE), height: area.height.saturating_sub(ABOVE), ..area };
        }
        let pane = self.place_of(pane);
        let frame = self.grid(area).into_iter().find(|(other, _)| *other == pane).map_or(Rect::ZERO, |(_, frame)| frame);
        Rect {
            x: frame.x.saturating_add(1),
            y: frame.y.saturating_add(1),
            width: frame.width.saturating_sub(2),
            height: frame.height.saturating_sub(2),
        }
    }
    /// Where a pane stands in a grid: a guest in the place of its host.
    fn place_of(&self, pane: Pane) -> Pane {
        self.shared.iter().find(|(_, guest)| *guest == pane).map_or(pane, |(host, _)| *host)
    }
    /// A pane is drawn while `focus` has the keys.
    #[must_use]
    pub fn shows(&self, pane: Pane, focus: Pane, area: Rect) -> bool {
        if pane == focus {
            return true;
        }
        let place = self.place_of(pane);
        // A guest is there with the focus alone, and then in the place of its host.
        place == pane && self.place_of(focus) != place && self.grid(area).iter().any(|(other, _)| *other == pane)
    }
    /// The pane `steps` on from `pane`, round in a ring.
    #[must_use]
    pub fn step(&self, pane: Pane, back: bool) -> Pane {
        let len = self.panes.len().max(1);
        let now = self.panes.iter().position(|other| *other == pane).unwrap_or(0);
        let next = if back { now + len - 1 } else { now + 1 } % len;
        self.panes.get(next).copied().unwrap_or(pane)
    }
    /// The other of two panes that stand in one place.
    fn partner(&self, pane: Pane) -> Option<Pane> {
        self.shared.iter().find_map(|(host, guest)| match pane {
            _ if pane == *host => Some(*guest),
            _ if pane == *guest => Some(*host),
            _ => None,
        })
    }
    /// The words on the tabs and where each begins.
    fn tabs(&self, area: Rect, focus: Pane) -> impl Iterator<Item = (Pane, u16, String)> {
        let mut x = area.x.saturating_add(1);
        self.panes.iter().map(move |pane| {
            let words = if *pane == focus { format!("[{}]", pane.word()) } else { format!(" {} ", pane.word()) };
            let from = x;
            x = x.saturating_add(u16::try_from(words.len()).unwrap_or(u16::MAX));
            (*pane, from, words)
        })
    }
    /// The pane at a place of the screen, and whether it is its inside: else it is its tab or its frame, on whose top the
    /// other pane of the same place is reached.
    #[must_use]
    pub fn at(&self, area: Rect, focus: Pane, at: Position) -> Option<(Pane, bool)> {
        if !area.contains(at) {
            return None;
        }
        if self.is_tabbed(area) {
            if self.inside(focus, area).contains(at) {
                return Some((focus, true));
            }
            let tab = self.tabs(area, focus).filter(|(_, x, _)| at.y == area.y + ABOVE - 1 && *x <= at.x).last();
            return tab.filter(|(_, x, words)| usize::from(at.x - x) < words.len()).map(|(pane, ..)| (pane, false));
        }
        let (place, frame) = self.grid(area).into_iter().find(|(_, frame)| frame.contains(at))?;
        let here = place == self.place_of(focus);
        let pane = if here { focus } else { place };
        let on_top = at.y == frame.y && here;
        let pane = self.partner(pane).filter(|_| on_top).unwrap_or(pane);
        Some((pane, !on_top && self.inside(pane, area).contains(at)))
    }
    /// Draws frames, or the head and tabs, and each pane that is to be seen by `paint`.
    pub fn draw(
        &self,
        buffer: &mut Buffer,
        ctx: &Ctx<'_>,
        focus: Pane,
        head: impl FnOnce() -> String,
        title: impl Fn(Pane) -> String,
        mut paint: impl FnMut(&mut Buffer, Pane, Rect, bool),
    ) {
        let area = ctx.area;
        if self.is_tabbed(area) {
            put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), &head(), ctx.theme.style(Meaning::Strong));
            for (pane, x, words) in self.tabs(area, focus) {
                let style = ctx.theme.style(if pane == focus { Meaning::Strong } else { Meaning::Dim });
                put(buffer, x, area.y + ABOVE - 1, area.right().saturating_sub(x), &words, style);
            }
            paint(buffer, focus, self.inside(focus, area), true);
            return;
        }
        for (place, frame) in self.grid(area) {
            let here = place == self.place_of(focus);
            let pane = if here { focus } else { place };
            let style = ctx.theme.style(if here { Meaning::Text } else { Meaning::Dim });
            // What else stands here is said, so that it is found.
            let guest =
                self.shared.iter().find(|(host, _)| *host == pane).map_or_else(String::new, |(_, guest)| format!("  / {}", guest.word()));
            let inside = boxed(buffer, frame, &format!("{}{guest}", title(pane)), here, ctx.glyphs, style);
            paint(buffer, pane, inside, here);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan = Plan {
        wide: &[
            Band { height: 8, least: 8, grows: false, columns: &[&[Pane::Profile], &[Pane::Anomalies]] },
            Band { height: 10, least: 10, grows: true, columns: &[&[Pane::Hours], &[Pane::Hosts, Pane::Sources]] },
        ],
        middle: &[Band { height: 8, least: 8, grows: true, columns: &[&[Pane::Profile]] }],
        panes: &[Pane::Profile, Pane::Anomalies, Pane::Raw, Pane::Hours],
        shared: &[(Pane::Anomalies, Pane::Raw)],
    };

    #[test]
    fn a_grid_fills_its_area_and_small_areas_get_tabs() {
        let area = Rect::new(0, 3, 121, 30);
        let grid = PLAN.grid(area);
        assert_eq!(
            grid,
            [
                (Pane::Profile, Rect::new(0, 3, 60, 8)),
                (Pane::Anomalies, Rect::new(61, 3, 60, 8)),
                (Pane::Hours, Rect::new(0, 11, 60, 22)),
                (Pane::Hosts, Rect::new(61, 11, 60, 11)),
                (Pane::Sources, Rect::new(61, 22, 60, 11)),
            ]
        );
        assert_eq!(PLAN.grid(Rect::new(0, 0, 110, 30)), [(Pane::Profile, Rect::new(0, 0, 110, 30))]);
        assert!(PLAN.is_tabbed(Rect::new(0, 0, 80, 40)) && PLAN.is_tabbed(Rect::new(0, 0, 130, 17)));
        assert_eq!(PLAN.inside(Pane::Hours, Rect::new(0, 3, 80, 18)), Rect::new(0, 5, 80, 16));
    }

    #[test]
    fn a_guest_stands_in_the_place_of_its_host() {
        let area = Rect::new(0, 3, 121, 30);
        assert_eq!(PLAN.inside(Pane::Raw, area), PLAN.inside(Pane::Anomalies, area));
        assert!(PLAN.grid(area).iter().all(|(pane, _)| *pane != Pane::Raw));
        assert_eq!(PLAN.step(Pane::Anomalies, false), Pane::Raw);
        let shown = |focus: Pane| [Pane::Raw, Pane::Anomalies, Pane::Profile].map(|pane| PLAN.shows(pane, focus, area));
        assert_eq!(shown(Pane::Raw), [true, false, true]);
        assert_eq!(shown(Pane::Hours), [false, true, true]);
        assert!(!PLAN.shows(Pane::Profile, Pane::Raw, Rect::new(0, 0, 80, 24)), "a tab hides the others");
    }

    #[test]
    fn a_place_of_the_screen_belongs_to_a_pane_its_frame_or_its_tab() {
        let area = Rect::new(0, 3, 121, 30);
        let at = |focus, x, y| PLAN.at(area, focus, Position::new(x, y));
        assert_eq!(at(Pane::Hours, 5, 5), Some((Pane::Profile, true)));
        assert_eq!(at(Pane::Hours, 0, 5), Some((Pane::Profile, false)));
        assert_eq!((at(Pane::Hours, 60, 5), at(Pane::Hours, 5, 2)), (None, None));
        // The top of a place goes through the panes that share it, once it has the keys.
        assert_eq!(at(Pane::Hours, 70, 3), Some((Pane::Anomalies, false)));
        assert_eq!(at(Pane::Anomalies, 70, 3), Some((Pane::Raw, false)));
        assert_eq!(at(Pane::Raw, 70, 3), Some((Pane::Anomalies, false)));
        assert_eq!(at(Pane::Raw, 70, 5), Some((Pane::Raw, true)));
        // Tabs: ` profile [anomalies] raw  hours `.
        let tabs = Rect::new(0, 3, 80, 20);
        let tab = |x, y| PLAN.at(tabs, Pane::Anomalies, Position::new(x, y));
        assert_eq!(
            (tab(1, 4), tab(9, 4), tab(10, 4)),
            (Some((Pane::Profile, false)), Some((Pane::Profile, false)), Some((Pane::Anomalies, false)))
        );
        assert_eq!((tab(21, 4), tab(26, 4), tab(60, 4), tab(1, 3)), (Some((Pane::Raw, false)), Some((Pane::Hours, false)), None, None));
        assert_eq!(tab(40, 9), Some((Pane::Anomalies, true)));
    }

    #[test]
    fn tab_goes_round() {
        assert_eq!(PLAN.step(Pane::Hours, false), Pane::Profile);
        assert_eq!(PLAN.step(Pane::Profile, true), Pane::Hours);
    }
}
