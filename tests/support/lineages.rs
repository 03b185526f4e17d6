//! What token lineages say, as the files of `tests/sessions` write it.

#![allow(dead_code)]

use logonscope::base::time::Timestamp;
use logonscope::model::lineage::{Branch, Lineage, Parent, Tie, Unknown};
use logonscope::model::world::World;

fn clock(at: Timestamp) -> String {
    at.to_chrono().format("%m-%d %H:%M:%S").to_string()
}

pub fn parent(parent: Parent) -> String {
    match parent {
        Parent::Likely(Tie::SameDevice) => "likely by device".to_owned(),
        Parent::Likely(_) => "likely by place".to_owned(),
        Parent::Unknown(Unknown::NoInteractive) => "unknown: no interactive log".to_owned(),
        Parent::Unknown(Unknown::LogBegins(since)) => format!("unknown: log from {}", clock(since)),
        Parent::Unknown(Unknown::InUseBefore(since)) => format!("unknown: in use since {}", clock(since)),
        parent => parent.word().to_owned(),
    }
}

/// The parents of all silent sign-ins, in the order of the events.
pub fn parents(world: &World) -> String {
    let tables = &world.tables;
    tables.events.iter().filter_map(|row| tables.token_parent(&row)).map(parent).collect::<Vec<_>>().join(", ")
}

/// `APP | ADDRESS | DEVICE | CLIENT | COUNTS | WHAT DIFFERS FROM THE ROOT`.
fn branch(world: &World, lineage: &Lineage, branch: &Branch) -> String {
    let names = world.names.names();
    let shown = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    let counts: Vec<String> =
        [(branch.interactive, "interactive"), (branch.silent, "silent"), (branch.refused, "refused"), (branch.interrupted, "interrupted")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
    let apart = lineage.root.map(|root| branch.point.apart_from(root.point)).unwrap_or_default();
    [
        shown(names.raw(branch.app).to_owned()),
        shown(world.tables.source(branch.point.source).map_or(String::new(), |source| source.name(&names))),
        shown(names.raw(branch.point.device).to_owned()),
        shown(names.raw(branch.point.client).to_owned()),
        counts.join(" "),
        shown(apart.words().collect::<Vec<_>>().join(" ")),
    ]
    .join(" | ")
}

/// What a lineage says of `key`.
pub fn said(world: &World, lineage: &Lineage, key: &str) -> String {
    match key {
        "root" => lineage.root.map_or(String::new(), |root| format!("{} {}", root.kind.word(), clock(root.at))),
        "tie" => lineage.root.map_or(String::new(), |root| match root.tie {
            Tie::SameSession => "session".to_owned(),
            Tie::SameDevice => "device".to_owned(),
            Tie::SamePlace => "place".to_owned(),
            Tie::ManagedDevice => "managed device".to_owned(),
        }),
        "branches" => lineage.branches.iter().map(|one| branch(world, lineage, one)).collect::<Vec<_>>().join("\n"),
        "rest" => lineage.rest.as_ref().map_or(0, |rest| rest.sign_ins()).to_string(),
        "resources" => {
            let names = world.names.names();
            lineage
                .all()
                .flat_map(|branch| &branch.resources)
                .map(|resource| names.raw(*resource).to_owned())
                .collect::<Vec<_>>()
                .join(", ")
        }
        other => panic!("a lineage has no '{other}'"),
    }
}
