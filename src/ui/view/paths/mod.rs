//! Paths: who reached what from where, hop by hop, with the weakest link named.
//!
//! The tree stands on top; why the path to the cursor is joined and the order of time stand below it where there is room,
//! else they are tabs. What a path is and how it is ranked: `store::path`.

mod finding;
mod lay;
mod made;
mod tree;
mod why;

use super::{Ctx, Selection, View, empty, words};
use crate::base::text;
use crate::base::time::{Span, Timestamp};
use crate::model::ids::{AccountId, SourceId};
use crate::store::path::pick::{Direction, Focus, Node, Tree};
use crate::store::path::say::Teller;
use crate::store::path::{Edge, Quality, Spot, Way};
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{self, OnScreen, Scope};
use crate::ui::theme::Meaning;
use crate::ui::widget::{boxed, put};
use lay::Lay;
use made::{Made, Question};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Steps from the root, at first and at most.
const DEPTH: usize = 4;
const DEEPEST: usize = 9;
/// Either side of a moment that is gone to.
const REACH: Span = Span::hours(12);
/// Rows of the boxes below the tree, with their frames.
const BOXES: u16 = 14;
/// Rows of the tree that are worth more than a box.
const LEAST: u16 = 10;
const RULE: &str = "an edge is a session; a hop is joined when the next logon starts inside it with the same account or one a 4648 names";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pane {
    Tree,
    Why,
    Order,
}

impl Pane {
    const ALL: [Self; 3] = [Self::Tree, Self::Why, Self::Order];
    const fn word(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Why => "why joined",
            Self::Order => "time order",
        }
    }
}

/// Where the panes stand.
struct Parts {
    tree: Option<Rect>,
    /// With its frame.
    why: Option<Rect>,
    order: Option<Rect>,
    tabs: Option<u16>,
}

/// What tells one edge from all others, also after the paths were worked out anew.
type Key = (Way, AccountId, SourceId, Timestamp);

pub struct Paths {
    focus: Focus,
    /// Middle of the window; the whole of the data without one.
    at: Option<Timestamp>,
    direction: Direction,
    depth: usize,
    made: Made,
    lay: Lay,
    /// Number of the tree, and of the node in it.
    tree: usize,
    node: usize,
    pane: Pane,
    scroll: usize,
}

impl Default for Paths {
    fn default() -> Self {
        Self::of(Focus::All, None)
    }
}

const fn key(edge: &Edge) -> Key {
    (edge.way, edge.account, edge.source, edge.start)
}

impl Paths {
    /// Paths of one account, host, source or session as shown round a moment.
    #[must_use]
    pub fn of(focus: Focus, at: Option<Timestamp>) -> Self {
        Self {
            focus,
            at,
            direction: Direction::Forward,
            depth: DEPTH,
            made: Made::default(),
            lay: Lay::default(),
            tree: 0,
            node: 0,
            pane: Pane::Tree,
            scroll: 0,
        }
    }
    fn window(&self) -> Option<(Timestamp, Timestamp)> {
        self.at.map(|at| (at - REACH, at + REACH))
    }
    fn current(&self) -> Option<&Tree> {
        self.made.found.trees.get(self.tree)
    }
    fn node(&self) -> Option<&Node> {
        self.current()?.nodes.get(self.node)
    }
    fn edge(&self) -> Option<&Edge> {
        self.made.web.edge(self.node()?.edge)
    }
    fn teller<'a>(&'a self, ctx: &'a Ctx<'_>) -> Teller<'a> {
        Teller { web: &self.made.web, ground: ctx.snapshot.ground(), zone: ctx.zone }
    }

    /// Answers anew where the data or the question changed; the cursor stays with its step.
    fn look(&mut self, ctx: &Ctx<'_>) {
        let under = self.edge().map(key);
        let question = Question { focus: self.focus, direction: self.direction, depth: self.depth, window: self.window() };
        if !self.made.look(question, ctx) {
            return;
        }
        let found = under.and_then(|under| {
            self.made.found.trees.iter().enumerate().find_map(|(tree, row)| {
                let node = row.nodes.iter().position(|node| self.made.web.edge(node.edge).is_some_and(|edge| key(edge) == under))?;
                Some((tree, node))
            })
        });
        (self.tree, self.node) = found.unwrap_or_else(|| (0, self.start()));
        self.stand();
    }
    /// The step the cursor begins at: the session that was asked for, else the first.
    fn start(&self) -> usize {
        let Focus::Visit(visit) = self.focus else { return 0 };
        let wanted = self.made.web.of_visit.get(&visit);
        let nodes = self.made.found.trees.first().map_or(&[] as &[Node], |tree| tree.nodes.as_slice());
        nodes.iter().position(|node| Some(&node.edge) == wanted).unwrap_or(0)
    }
    /// The cursor moved to another tree or step.
    fn stand(&mut self) {
        self.lay = self.current().map_or_else(Lay::default, Lay::of);
        self.scroll = 0;
    }

    fn parts(ctx: &Ctx<'_>, pane: Pane) -> Parts {
        let area = Rect { y: ctx.area.y.saturating_add(1), height: ctx.area.height.saturating_sub(1), ..ctx.area };
        if ctx.area.width >= 100 && area.height >= BOXES + LEAST {
            if !ctx.options.peek {
                return Parts { tree: Some(area), why: None, order: None, tabs: None };
            }
            let tree = Rect { height: area.height - BOXES, ..area };
            let below = Rect { y: tree.bottom(), height: BOXES, ..area };
            if ctx.area.width < 120 {
                let one = (pane != Pane::Order).then_some(below);
                return Parts { tree: Some(tree), why: one, order: below_or(one, below), tabs: None };
            }
            let width = area.width * 3 / 5;
            let why = Rect { width, ..below };
            let order = Rect { x: why.right() + 1, width: area.width.saturating_sub(width + 1), ..below };
            return Parts { tree: Some(tree), why: Some(why), order: Some(order), tabs: None };
        }
        let below = Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area };
        let only = |own: Pane| (own == pane).then_some(below);
        Parts { tree: only(Pane::Tree), why: only(Pane::Why), order: only(Pane::Order), tabs: Some(area.y) }
    }

    fn moved(&mut self, action: Action, ctx: &Ctx<'_>) {
        let Some(tree) = self.made.found.trees.get(self.tree) else { return };
        let last = tree.nodes.len().saturating_sub(1);
        let page = Self::parts(ctx, Pane::Tree).tree.map_or(1, |area| usize::from(area.height / 2).max(1));
        let beside = |node: usize, down: bool, steps: usize| {
            std::iter::successors(Some(node), |node| self.lay.beside(tree, *node, down)).take(steps + 1).last().unwrap_or(node)
        };
        let next = match action {
            Action::CursorLeft => tree.nodes.get(self.node).and_then(|node| node.parent),
            Action::CursorRight => tree.nodes.iter().position(|node| node.parent == Some(self.node)),
            Action::CursorUp | Action::CursorDown => Some(beside(self.node, action == Action::CursorDown, 1)),
            Action::CursorHalfUp | Action::CursorHalfDown => Some(beside(self.node, action == Action::CursorHalfDown, page)),
            Action::CursorPageUp | Action::CursorPageDown => Some(beside(self.node, action == Action::CursorPageDown, 2 * page)),
            Action::CursorFirst => Some(0),
            Action::CursorLast => Some(last),
            _ => None,
        };
        if let Some(next) = next.filter(|next| *next <= last) {
            self.node = next;
            self.scroll = 0;
        }
    }

    fn asked(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        match action {
            Action::PathDeeper if self.depth >= DEEPEST => return vec![Effect::Say(format!("{DEEPEST} hops are the most"))],
            Action::PathShallower if self.depth <= 1 => return vec![Effect::Say("one hop is the least".to_owned())],
            Action::PathDeeper => self.depth += 1,
            Action::PathShallower => self.depth -= 1,
            Action::PathDirection => {
                self.direction = if self.direction == Direction::Forward { Direction::Backward } else { Direction::Forward };
            }
            _ => self.at = None,
        }
        self.look(ctx);
        vec![Effect::Say(self.question(ctx))]
    }

    fn stepped(&mut self, forward: bool) -> Vec<Effect> {
        let all = self.made.found.trees.len();
        let next = if forward { self.tree + 1 } else { self.tree.wrapping_sub(1) };
        if next >= all {
            return vec![Effect::Say(if forward { "no further path".to_owned() } else { "this is the first path".to_owned() })];
        }
        (self.tree, self.node) = (next, 0);
        self.stand();
        Vec::new()
    }

    /// What the paths are of, as the heading says it.
    fn subject(&self, ctx: &Ctx<'_>) -> String {
        match self.focus {
            Focus::All => "all paths".to_owned(),
            Focus::Account(id) => words::account(id, ctx),
            Focus::Host(id) => words::host(id, ctx),
            Focus::Source(id) => words::source(id, ctx),
            Focus::Visit(id) => {
                let session = ctx.snapshot.tables.visit(id).and_then(|visit| ctx.snapshot.tables.session(visit.first_session));
                match session {
                    Some(session) if session.logon_id.0 != 0 => format!("session {}", session.logon_id),
                    _ => "session".to_owned(),
                }
            }
        }
    }
    fn question(&self, ctx: &Ctx<'_>) -> String {
        let direction = match self.direction {
            Direction::Forward => "where they went",
            Direction::Backward => "how they got there",
        };
        let window = self.window().map_or(String::new(), |(from, to)| format!("   {}", ctx.stretch(from, to)));
        format!("{}: {direction}   depth {}{window}", self.subject(ctx), self.depth)
    }
    fn heading(&self, ctx: &Ctx<'_>) -> String {
        let (web, found) = (&self.made.web, &self.made.found);
        let mut words = vec![self.question(ctx)];
        let all = found.trees.len() + found.more;
        if all > 0 {
            words.push(format!("path {} of {}", self.tree + 1, text::count(all as u64)));
        }
        if found.single > 0 {
            words.push(format!("{} with one step not drawn", words::plural(found.single, "place")));
        }
        if web.unseen > 0 {
            words.push(format!("{} older sessions not looked at", text::count(web.unseen)));
        }
        if web.machinery > 0 {
            words.push(format!("{} of machines left out", text::count(web.machinery)));
        }
        words.join("   ")
    }
    fn why_empty(&self, ctx: &Ctx<'_>) -> Vec<String> {
        let sessions = ctx.snapshot.tables.visits.len();
        if let Some(why) = empty::why(ctx) {
            return why.to_vec();
        }
        if sessions == 0 {
            return vec!["no sessions: the events (7) are no logons that last, such as tickets or failures".to_owned()];
        }
        let mut lines = match (self.focus, ctx.filter.is_some()) {
            (_, true) => vec!["no step that the filter lets through; u takes the last filter change back".to_owned()],
            (Focus::All, false) => {
                vec![format!("no path of more than one step in {}", words::plural(sessions, "session"))]
            }
            (Focus::Source(_), false) if self.direction == Direction::Backward => {
                vec!["no log tells which machine had this address, so how somebody got there cannot be seen".to_owned()]
            }
            _ => vec!["no step of it in this window; D asks in the other direction, Esc shows all of the data".to_owned()],
        };
        if self.made.found.single > 0 {
            lines.push(format!(
                "{} with one step: gp on an account, host or source shows them",
                words::plural(self.made.found.single, "place")
            ));
        }
        lines.push(RULE.to_owned());
        lines
    }
}

/// The one box of a middle width holds the reasons or the order.
fn below_or(why: Option<Rect>, below: Rect) -> Option<Rect> {
    why.is_none().then_some(below)
}

impl View for Paths {
    fn crumb(&self, ctx: &Ctx<'_>) -> String {
        match self.focus {
            Focus::All => "Paths".to_owned(),
            _ => format!("path of {}", self.subject(ctx)),
        }
    }
    fn context(&self) -> Context {
        Context::Path
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.look(ctx);
        match action {
            Action::PathDeeper | Action::PathShallower | Action::PathDirection => return self.asked(action, ctx),
            Action::PopupDismiss if self.at.is_some() => return self.asked(action, ctx),
            Action::PathNext | Action::PathPrev => return self.stepped(action == Action::PathNext),
            Action::PaneNext | Action::PanePrev => {
                let now = Pane::ALL.iter().position(|pane| *pane == self.pane).unwrap_or(0);
                let next = if action == Action::PaneNext { now + 1 } else { now + Pane::ALL.len() - 1 };
                self.pane = Pane::ALL.get(next % Pane::ALL.len()).copied().unwrap_or(Pane::Tree);
                self.scroll = 0;
            }
            Action::NavOpen => {
                let place = self.edge().map(|edge| match edge.visit.some() {
                    Some(visit) => Place::Visit(visit),
                    None => Place::Event(edge.event),
                });
                return place.map(Effect::Open).into_iter().collect();
            }
            // The reasons may be longer than their pane.
            Action::CursorUp if self.pane == Pane::Why => self.scroll = self.scroll.saturating_sub(1),
            Action::CursorDown if self.pane == Pane::Why => self.scroll = (self.scroll + 1).min(200),
            action => self.moved(action, ctx),
        }
        Vec::new()
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.look(ctx);
        Vec::new()
    }
    fn finds(&self, _ctx: &Ctx<'_>) -> Option<Scope> {
        Some(self.scope())
    }
    fn found(&mut self, spot: &scope::Spot, _ctx: &Ctx<'_>) -> Vec<Effect> {
        self.go_to_step(spot.line);
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        vec![OnScreen::all(ctx.area)]
    }
    fn go_to(&mut self, at: Timestamp, ctx: &Ctx<'_>) -> Option<Vec<Effect>> {
        self.at = Some(at);
        self.look(ctx);
        Some(Vec::new())
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let area = ctx.area;
        let dim = ctx.theme.style(Meaning::Dim);
        put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), &self.heading(ctx), dim);
        let Some(current) = self.current() else {
            let lines = self.why_empty(ctx);
            let lines = lines.iter().flat_map(|line| crate::ui::widget::wrapped(line, usize::from(area.width.saturating_sub(4))));
            for (line, y) in lines.zip(area.y + 2..area.bottom()) {
                put(buffer, area.x + 2, y, area.width.saturating_sub(2), &line, ctx.theme.style(Meaning::Text));
            }
            return;
        };
        let parts = Self::parts(ctx, self.pane);
        if let Some(y) = parts.tabs {
            let mut x = area.x + 1;
            for pane in Pane::ALL {
                let here = pane == self.pane;
                let words = if here { format!("[{}]", pane.word()) } else { format!(" {} ", pane.word()) };
                x += put(
                    buffer,
                    x,
                    y,
                    area.right().saturating_sub(x),
                    &words,
                    ctx.theme.style(if here { Meaning::Strong } else { Meaning::Dim }),
                );
            }
        }
        let framed = parts.tabs.is_none();
        let frame = |buffer: &mut Buffer, area: Rect, pane: Pane, title: &str| {
            if !framed {
                return Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
            }
            let here = pane == self.pane;
            boxed(buffer, area, title, here, ctx.glyphs, ctx.theme.style(if here { Meaning::Text } else { Meaning::Dim }))
        };
        if let Some(area) = parts.tree {
            let picture =
                tree::Picture { tree: current, lay: &self.lay, teller: self.teller(ctx), direction: self.direction, node: self.node };
            picture.draw(buffer, area, ctx);
        }
        let (chosen, place) = ((current, self.node), (self.tree, &self.made.found));
        if let Some(area) = parts.why {
            let inside = frame(buffer, area, Pane::Why, "why this path is joined");
            why::draw_why(buffer, inside, chosen, place, &self.teller(ctx), self.scroll, ctx);
        }
        if let Some(area) = parts.order {
            let inside = frame(buffer, area, Pane::Order, "time order");
            why::draw_order(buffer, inside, (current, self.node, self.direction), place, &self.teller(ctx), ctx);
        }
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let Some(edge) = self.edge() else { return Selection::default() };
        let account = ctx.snapshot.tables.account(edge.account).map(|account| ("account", account.name(&ctx.snapshot.names)));
        Selection {
            account: edge.account.some(),
            host: self.made.web.machine(edge.to).and_then(|machine| machine.host.some()),
            source: edge.source.some(),
            visit: edge.visit.some(),
            session: edge.session.some(),
            event: edge.event.some(),
            at: Some(edge.start),
            term: account,
            ..Selection::default()
        }
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        let Some(edge) = self.edge() else { return RULE.to_owned() };
        let teller = self.teller(ctx);
        let end = match (edge.way, edge.end) {
            (Way::Logon, None) => "  open".to_owned(),
            (Way::Logon, Some(end)) => format!("  {}", (end - edge.start).words()),
            _ => String::new(),
        };
        let joined = match (edge.join, edge.from) {
            (Some(_), _) => format!("  joined: {}", edge.quality(true).map_or(words::ABSENT, Quality::word)),
            (None, Spot::Machine(_)) if !edge.is_local => "  no session there that it came out of".to_owned(),
            (None, _) => String::new(),
        };
        let from = if edge.is_local {
            format!("on {}", teller.machine(edge.to))
        } else {
            format!("{} > {}", teller.spot(edge.from), teller.machine(edge.to))
        };
        let kind = match edge.way {
            Way::Logon => edge.logon_type.name(),
            Way::Explicit => "explicit credentials",
            Way::Ticket => "service ticket",
            Way::Failed => "failures",
        };
        format!("{}  {} {kind}  {}  {from}{end}{joined}", ctx.date_time(edge.start), teller.code(edge), teller.account(edge.account))
    }
}

/// The focus of a question about what is under a cursor; `place` tells what the screen shows.
#[must_use]
pub fn focus_of(selection: &Selection, place: Place) -> Option<Focus> {
    use super::ViewId;
    let account = selection.account.map(Focus::Account);
    let host = selection.host.map(Focus::Host);
    let source = selection.source.map(Focus::Source);
    let visit = selection.visit.map(Focus::Visit);
    match place {
        Place::View(ViewId::Accounts) | Place::Account(_) => account.or(visit),
        Place::View(ViewId::Hosts) | Place::Host(_) => host.or(visit),
        Place::View(ViewId::Sources) | Place::Source(_) => source.or(visit),
        _ => visit.or(source).or(account).or(host),
    }
}
