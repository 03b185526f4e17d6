//! Paths: one row for each step, the path with the highest rank first; within a path each step stands before those after it.

use crate::base::time::Timestamp;
use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};
use crate::model::account::Account;
use crate::store::path::pick::{Ask, Direction, Focus, Node, Tree, pick};
use crate::store::path::rank::Novelty;
use crate::store::path::say::Teller;
use crate::store::path::{Ground, Way, Web};

const COLUMNS: &[Column] = &[
    Column::new("path").number(1, "path").at_least(4),
    Column::new("step").number(2, "step").at_least(4),
    Column::new("after").number(3, "after").at_least(5),
    Column::new("from").shown(5, "from", 39),
    Column::new("to").shown(6, "to", 32),
    Column::new("kind").shown(8, "kind", 8).spare(3),
    Column::new("account").shown(7, "account", 40),
    Column::new("accounts"),
    Column::new("logon_type").number(9, "type").at_least(4),
    Column::new("start").shown(4, "start", 20),
    Column::new("last"),
    Column::new("end"),
    Column::new("count").number(10, "n").at_least(5).spare(4),
    Column::new("privileged").shown(11, "privileged", 10).spare(2),
    Column::new("domain_controller"),
    Column::new("worst").shown(12, "worst", 8).spare(5),
    Column::new("novelty").shown(13, "novelty", 7).spare(1),
    Column::new("quality").shown(14, "quality", 7),
    Column::new("confidence_percent").number(15, "conf").at_least(4).spare(6),
    Column::new("why").shown(16, "why", 120).at_least(30),
    Column::new("weakest"),
    Column::new("steps_left_out"),
    Column::new("path_points"),
    Column::new("path_hosts"),
    Column::new("path_domain_controllers"),
    Column::new("path_accounts"),
    Column::new("path_privileged"),
];

/// Steps from the origin that a report follows.
const DEPTH: usize = 8;

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let ground = Ground { tables: scope.tables, names: scope.names, trails: scope.trails };
    let web = Web::of(ground, Timestamp::MAX);
    // What a filter asks for is shown also where it is one step only.
    let filter = (!scope.filter.is_all()).then_some(scope.filter);
    let ask = Ask { focus: Focus::All, direction: Direction::Forward, depth: DEPTH, window: None, filter };
    let found = pick(&web, ground, ask);
    let teller = Teller { web: &web, ground, zone: scope.zone };
    let rows: Vec<Vec<Cell>> = found.trees.iter().enumerate().flat_map(|(path, tree)| rows(&teller, path + 1, tree)).collect();
    Report { columns: COLUMNS, rows: Box::new(rows.into_iter()), empty: "No path of more than one step." }
}

fn number(number: usize) -> Cell {
    Cell::Number(number as u64)
}

/// A share or a sum of weights as a whole number, `times` as large.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // neither is negative nor near the bounds
fn rounded(value: f64, times: f64) -> Cell {
    Cell::Number((value * times).round() as u64)
}

fn rows(teller: &Teller<'_>, path: usize, tree: &Tree) -> Vec<Vec<Cell>> {
    let (names, tables) = (teller.ground.names, teller.ground.tables);
    let row = |(place, node): (usize, &Node)| {
        let edge = teller.web.edge(node.edge)?;
        let joined = tree.is_joined(teller.web, place);
        let account = tables.account(edge.account);
        let reasons = teller.reasons(edge, joined).into_iter();
        let reasons = reasons
            .map(|(words, quality)| Cell::Text(quality.map_or_else(|| words.clone(), |quality| format!("{words} ({})", quality.word()))));
        let novelty = Novelty::of_node(teller.web, node).map_or(Cell::Null, |novelty| Cell::Word(novelty.word()));
        let kind = match edge.way {
            Way::Logon => "logon",
            Way::Explicit => "explicit",
            Way::Ticket => "ticket",
            Way::Failed => "failed",
        };
        let worth = &tree.worth;
        Some(vec![
            number(path),
            number(place + 1),
            node.parent.map_or(Cell::Null, |parent| number(parent + 1)),
            Cell::Text(teller.spot(edge.from)),
            Cell::Text(teller.machine(edge.to)),
            Cell::Word(kind),
            account.map_or(Cell::Null, |account: &Account| Cell::text(&account.key(names))),
            number(edge.accounts()),
            edge.logon_type.number().map_or(Cell::Null, |number| Cell::Number(number.into())),
            Cell::Time(edge.start),
            Cell::Time(node.last),
            if edge.way == Way::Logon { Cell::time(edge.end) } else { Cell::Null },
            Cell::Number(node.count.into()),
            Cell::Flag(edge.privileged),
            Cell::Flag(edge.controller),
            edge.worst.map_or(Cell::Null, |worst| Cell::Word(worst.word())),
            novelty,
            edge.quality(joined).map_or(Cell::Null, |quality| Cell::Word(quality.word())),
            tree.confidence(teller.web, place).map_or(Cell::Null, |confidence| rounded(confidence, 100.0)),
            Cell::List(reasons.collect()),
            teller.weakest(tree, place).map_or(Cell::Null, |(words, _)| Cell::Text(words)),
            Cell::Number(node.more.into()),
            rounded(worth.score, 10.0),
            number(worth.hosts),
            number(worth.controllers),
            number(worth.accounts),
            number(worth.privileged),
        ])
    };
    tree.nodes.iter().enumerate().filter_map(row).collect()
}
