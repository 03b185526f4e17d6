//! What the lines of a lineage say.

use super::super::super::{Ctx, words};
use super::tree::{Kind, Node, began};
use crate::base::intern::Symbol;
use crate::base::text;
use crate::model::event::Tri;
use crate::model::ids::EventId;
use crate::model::lineage::{Apart, Branch, Lineage, Parent, Point, RootKind, Tie, Unknown};
use crate::ui::view::words::plural;

/// The vendor's spelling of values that are kept in lower case.
fn spelled(raw: &str) -> Option<&'static str> {
    ["deviceCode", "deviceCodeFlow", "authenticationTransfer", "primaryRefreshToken", "refreshToken", "remoteDesktopToken"]
        .into_iter()
        .find(|spelled| spelled.eq_ignore_ascii_case(raw))
}

fn value(symbol: Symbol, ctx: &Ctx<'_>) -> String {
    let names = &ctx.snapshot.names;
    spelled(names.raw(symbol)).map_or_else(|| names.shown(symbol), str::to_owned)
}

fn join(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

/// Address, country and network, as far as stated.
fn network(point: Point, ctx: &Ctx<'_>) -> String {
    let address = if point.source.is_some() { words::source(point.source, ctx) } else { "address not logged".to_owned() };
    let asn = if point.asn == 0 { String::new() } else { format!("AS{}", point.asn) };
    join([address, ctx.snapshot.names.shown(point.country), asn])
}

/// The device of a record by its name, else by its id, and whether it is managed; empty for an unknown one.
fn device(point: Point, event: EventId, ctx: &Ctx<'_>) -> String {
    if point.device.is_none() {
        return String::new();
    }
    let row = ctx.snapshot.tables.event(event);
    let sign_in = row.as_ref().and_then(|row| row.event.entra.as_deref());
    let name = sign_in.map_or(Symbol::NONE, |sign_in| sign_in.device_name).or(point.device);
    let managed = match sign_in.map(|sign_in| sign_in.is_managed) {
        Some(Tri::Yes) => " (managed)",
        Some(Tri::No) => " (not managed)",
        _ => "",
    };
    format!("device {}{managed}", ctx.snapshot.names.shown(name))
}

fn place(point: Point, event: EventId, ctx: &Ctx<'_>) -> String {
    join([network(point, ctx), device(point, event, ctx)])
}

/// `another address, ASN and client than the root's`.
fn differs(apart: Apart) -> String {
    let words: Vec<&str> = apart.words().collect();
    match words.split_last() {
        Some((last, [])) => format!("another {last} than the root's"),
        Some((last, others)) => format!("another {} and {last} than the root's", others.join(", ")),
        None => String::new(),
    }
}

fn app(branch: &Branch, lineage: &Lineage, ctx: &Ctx<'_>) -> String {
    let names = &ctx.snapshot.names;
    let resources: Vec<String> = branch.resources.iter().map(|resource| names.shown(*resource)).collect();
    let to = if resources.is_empty() { String::new() } else { format!(" > {}", resources.join(", ")) };
    let is_other = lineage.root.is_some_and(|root| branch.point.apart_from(root.point).client);
    let client = match (branch.point.client.is_some(), is_other) {
        (false, _) => String::new(),
        (true, false) => format!("by {}", names.shown(branch.point.client)),
        (true, true) => format!("by {} (another client)", names.shown(branch.point.client)),
    };
    format!("{}{to}  {client}", words::or_absent(names.shown(branch.app))).trim_end().to_owned()
}

/// Whether there is a parent, and how that is known.
fn parent(parent: Parent, ctx: &Ctx<'_>) -> String {
    match parent {
        Parent::Exact => "exact: the same sessionId".to_owned(),
        Parent::Likely(_) | Parent::Windows => parent.quality().note().to_owned(),
        Parent::Unknown(Unknown::NoInteractive) => "parent unknown: no interactive sign-in of the tenant in these logs then".to_owned(),
        Parent::Unknown(Unknown::LogBegins(since)) => {
            format!("parent unknown: interactive sign-ins are logged only from {} on", ctx.day_clock(since))
        }
        Parent::Unknown(Unknown::InUseBefore(since)) => {
            format!("parent unknown: in use since {}, before the log reaches back over the life of a token", ctx.day_clock(since))
        }
        Parent::Orphan => "orphan: nothing in the log began it, and the log reaches back over the life of a token".to_owned(),
    }
}

/// What ties a lineage to its root, or why it has none.
pub fn link(lineage: &Lineage, ctx: &Ctx<'_>) -> String {
    match (lineage.root, lineage.branches.first()) {
        (Some(root), _) if root.tie == Tie::SameSession => "exact: the same sessionId".to_owned(),
        (Some(root), _) => root.tie.quality().note().to_owned(),
        (None, Some(first)) => parent(lineage.parent_of(first.first, first.point, &ctx.snapshot.tables.sign_in_log), ctx),
        (None, None) => String::new(),
    }
}

fn root(lineage: &Lineage, ctx: &Ctx<'_>) -> String {
    lineage.root.map_or_else(
        || "no interactive sign-in known".to_owned(),
        |root| format!("{}: {}", root.kind.name(), place(root.point, root.event, ctx)),
    )
}

/// By what the root was made, and how it is known.
fn tied(lineage: &Lineage, ctx: &Ctx<'_>) -> String {
    let names = &ctx.snapshot.names;
    let link = link(lineage, ctx);
    let Some(root) = lineage.root.filter(|root| root.kind != RootKind::PrimaryRefreshToken) else { return link };
    let client = if root.point.client.is_some() { format!(" by {}", names.shown(root.point.client)) } else { String::new() };
    join([format!("{}{client}", names.shown(root.app)), link])
}

/// The words of a line, without its place in the tree.
pub fn line(node: &Node, lineage: &Lineage, ctx: &Ctx<'_>) -> String {
    match node.kind {
        Kind::Root => root(lineage, ctx),
        Kind::Began => {
            let (protocol, transfer) = began(lineage, &ctx.snapshot.names).unwrap_or_default();
            let property =
                |name: &str, symbol: Symbol| if symbol.is_some() { format!("{name} {}", value(symbol, ctx)) } else { String::new() };
            join([property("authenticationProtocol", protocol), property("originalTransferMethod", transfer)])
        }
        Kind::Link => tied(lineage, ctx),
        Kind::Place(index) => {
            let point = lineage.branches.get(index).map(|branch| branch.point).unwrap_or_default();
            let mark = if node.is_elsewhere { "elsewhere: " } else { "" };
            format!("{mark}{}", place(point, node.event, ctx))
        }
        Kind::Differs(apart) => differs(apart),
        Kind::Unparented(unparented) => parent(unparented, ctx),
        Kind::App(index) => lineage.branches.get(index).map_or_else(String::new, |branch| app(branch, lineage, ctx)),
        Kind::Rest => "more applications and places".to_owned(),
        Kind::Nothing => "nothing else was issued from it in these logs".to_owned(),
    }
}

/// All about a line, for the message row.
pub fn sentence(node: &Node, lineage: &Lineage, ctx: &Ctx<'_>) -> String {
    let words = line(node, lineage, ctx);
    if !node.is_counted() {
        return words;
    }
    let mut counts = plural(usize::try_from(node.sign_ins).unwrap_or(usize::MAX), "sign-in");
    if node.refused > 0 {
        counts.push_str(&format!(", {} refused", text::count(node.refused)));
    }
    let branch = match node.kind {
        Kind::App(index) => lineage.branches.get(index),
        _ => None,
    };
    let token = branch.filter(|branch| !matches!(ctx.snapshot.names.raw(branch.token), "" | "none"));
    let token = token.map_or_else(String::new, |branch| format!("incomingTokenType {}", value(branch.token, ctx)));
    join([words, counts, token, ctx.stretch(node.first, node.last)])
}
