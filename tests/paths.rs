//! Paths as data: every `tests/paths/*.toml` states events in short form (`tests/support/notation.rs`), a question, and the
//! trees that must answer it. Add a file to add a case; keys that a file does not state are not compared.
//!
//! ```text
//! 10.0.9.66                                        where the tree begins (backward: ends)
//!   10 svc_backup 09:31:20 > FS01                  type, account, start, host; two blanks more for each step
//!     3 svc_backup 09:36:02 > DC01 [likely] DC +2  how well it is joined; a domain controller; steps not shown
//! ```
//! Further words: `3x` and `5 failed`, `priv`, `seen` and `usual` (else the way was never gone before), `here` for what stays on
//! its host.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;

use logonscope::base::text::is_unsafe;
use logonscope::base::time::{Timestamp, Zone};
use logonscope::export::{self, Format, Scope, What};
use logonscope::model::ids::{AccountId, HostId, SourceId};
use logonscope::model::world::{Tables, World};
use logonscope::query;
use logonscope::session::Sessions;
use logonscope::store::path::pick::{Ask, Direction, Focus, Found, Node, Tree, pick};
use logonscope::store::path::rank::Novelty;
use logonscope::store::path::say::Teller;
use logonscope::store::path::trail::Trails;
use logonscope::store::path::{Ground, Spot, Way, Web};

fn cases() -> Vec<(String, toml::Table)> {
    notation::cases("tests/paths")
}

fn run(text: &str) -> (World, Trails) {
    let (events, names) = notation::events(text);
    let mut world = World { names, ..World::default() };
    let (mut sessions, mut trails) = (Sessions::default(), Trails::default());
    for event in events {
        let changes = sessions.apply(event, &mut world);
        trails.take(&world.tables, &changes);
    }
    (world, trails)
}

/// `source:10.0.9.66`, `host:FS01`, `account:svc`, `session:0x1a`.
fn focus(text: &str, ground: Ground<'_>) -> Focus {
    let (tables, names): (&Tables, _) = (ground.tables, ground.names);
    let Some((kind, value)) = text.split_once(':') else { return Focus::All };
    match kind {
        "source" => Focus::Source(SourceId::new(tables.sources.iter().position(|source| source.name(names) == value).expect(text))),
        "host" => Focus::Host(HostId::new(tables.hosts.iter().position(|host| host.short(names) == value).expect(text))),
        "account" => {
            Focus::Account(AccountId::new(tables.accounts.iter().position(|account| names.raw(account.user) == value).expect(text)))
        }
        "session" => Focus::Visit(tables.sessions.iter().find(|session| session.logon_id.to_string() == value).expect(text).visit),
        other => panic!("no focus '{other}'"),
    }
}

fn clock(at: Timestamp) -> String {
    at.to_chrono().format("%H:%M:%S").to_string()
}

fn line(teller: &Teller<'_>, tree: &Tree, number: usize, node: &Node) -> String {
    let edge = teller.web.edge(node.edge).unwrap();
    let mut words = vec![teller.code(edge), teller.who(edge), clock(edge.start), ">".to_owned(), teller.machine(edge.to)];
    match edge.way {
        Way::Failed => words.push(format!("{} failed", node.count)),
        _ if node.count > 1 => words.push(format!("{}x", node.count)),
        _ => {}
    }
    words.extend(edge.privileged.then(|| "priv".to_owned()));
    words.extend(edge.is_local.then(|| "here".to_owned()));
    words.extend(edge.quality(tree.is_joined(teller.web, number)).map(|quality| format!("[{}]", quality.word())));
    words.extend(edge.controller.then(|| "DC".to_owned()));
    match Novelty::of_node(teller.web, node) {
        None | Some(Novelty::First(_)) => {}
        Some(novelty) => words.push(novelty.word().to_owned()),
    }
    words.extend((node.more > 0).then(|| format!("+{}", node.more)));
    format!("{}{}", "  ".repeat(node.depth), words.join(" "))
}

fn drawn(teller: &Teller<'_>, tree: &Tree) -> String {
    let mut lines = vec![teller.spot(tree.root)];
    lines.extend(tree.nodes.iter().enumerate().map(|(number, node)| line(teller, tree, number, node)));
    lines.extend((tree.more > 0).then(|| format!("  +{}", tree.more)));
    lines.join("\n")
}

fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.trim().to_owned(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Array(lines) => lines.iter().map(written).collect::<Vec<_>>().join("\n"),
        other => panic!("write {other:?} as a text"),
    }
}

fn said(key: &str, found: &Found, ask: Ask<'_>, teller: &Teller<'_>) -> String {
    let web = teller.web;
    let first = found.trees.first();
    // The step the question was asked for: the last of the first tree.
    let last = first.map(|tree| (tree, tree.nodes.len() - 1));
    match key {
        "trees" => found.trees.iter().map(|tree| drawn(teller, tree)).collect::<Vec<_>>().join("\n"),
        "single" => found.single.to_string(),
        "machinery" => web.machinery.to_string(),
        "unseen" => web.unseen.to_string(),
        "confidence" => last.map_or(String::new(), |(tree, node)| {
            tree.confidence(web, node).map_or("nothing".to_owned(), |confidence| format!("{confidence:.2}"))
        }),
        "weakest" => last.and_then(|(tree, node)| teller.weakest(tree, node)).map_or("nothing".to_owned(), |(words, _)| words),
        "why" => {
            let reasons = last.map(|(tree, node)| teller.reasons(web.edge(tree.nodes[node].edge).unwrap(), tree.is_joined(web, node)));
            let reasons = reasons.unwrap_or_default();
            reasons
                .iter()
                .map(|(words, quality)| quality.map_or(words.clone(), |quality| format!("{words}: {}", quality.word())))
                .collect::<Vec<_>>()
                .join("\n")
        }
        "novelty" => last.map_or(String::new(), |(tree, node)| teller.novelty(&tree.nodes[node])),
        "reach" => first.map_or(String::new(), |tree| teller.reach(tree)),
        "score" => found.trees.iter().map(|tree| format!("{:.1}", tree.worth.score)).collect::<Vec<_>>().join(" "),
        "summary" => found.trees.iter().map(|tree| teller.summary(tree, ask.direction)).collect::<Vec<_>>().join("\n"),
        other => panic!("unknown key '{other}'"),
    }
}

#[test]
fn the_files_hold() {
    let cases = cases();
    assert!(cases.len() >= 14, "the cases are not where they should be");
    let mut wrong = Vec::new();
    for (name, case) in &cases {
        let (world, trails) = run(case["events"].as_str().unwrap());
        let names = world.names.names();
        let ground = Ground { tables: &world.tables, names: &names, trails: &trails };
        let web = Web::of(ground, Timestamp::MAX);
        let text = |key: &str| case.get(key).and_then(toml::Value::as_str);
        let now = world.tables.events.iter().map(|row| row.event.at).max().unwrap();
        let filter = text("filter").map(|filter| query::parse(filter, now).unwrap());
        let moment = |clock: &str| Timestamp::parse(&format!("2026-03-16T{clock}Z")).unwrap();
        let ask = Ask {
            focus: focus(text("focus").unwrap_or_default(), ground),
            direction: if text("direction") == Some("backward") { Direction::Backward } else { Direction::Forward },
            depth: case.get("depth").and_then(toml::Value::as_integer).map_or(4, |depth| usize::try_from(depth).unwrap()),
            window: text("window").and_then(|window| window.split_once("..")).map(|(from, to)| (moment(from), moment(to))),
            filter: filter.as_ref(),
        };
        let found = pick(&web, ground, ask);
        let teller = Teller { web: &web, ground, zone: Zone::Utc };
        for (key, value) in case {
            if ["title", "events", "focus", "direction", "depth", "window", "filter"].contains(&key.as_str()) {
                continue;
            }
            let (expected, found) = (written(value), said(key, &found, ask, &teller));
            if expected != found {
                wrong.push(format!("{name}: {key}: expected\n{expected}\nfound\n{found}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn edges_come_out_of_earlier_ones_only_and_stand_in_one_place() {
    for (name, case) in cases() {
        let (world, trails) = run(case["events"].as_str().unwrap());
        let names = world.names.names();
        let web = Web::of(Ground { tables: &world.tables, names: &names, trails: &trails }, Timestamp::MAX);
        for (number, edge) in web.edges.iter().enumerate() {
            if let Some(join) = edge.join {
                assert!(join.from < number, "{name}");
                let before = &web.edges[join.from];
                assert_eq!(Spot::Machine(before.to), edge.from, "{name}: joined where the one before did not lead");
                assert_eq!(web.out_of(join.from).iter().filter(|next| **next == number).count(), 1, "{name}");
            }
        }
        assert_eq!(web.next.iter().map(Vec::len).sum::<usize>(), web.edges.iter().filter(|edge| edge.join.is_some()).count(), "{name}");
    }
}

fn report(text: &str, format: Format, filter: &str) -> String {
    let (world, trails) = run(text);
    let names = world.names.names();
    let filter = query::parse(filter, Timestamp::default()).unwrap();
    let scope = Scope {
        names: &names,
        tables: &world.tables,
        trails: &trails,
        inputs: &[],
        filter: &filter,
        case: &logonscope::casefile::Case::default(),
        zone: Zone::Utc,
        width: None,
        more: Default::default(),
    };
    let mut out = Vec::new();
    export::write(What::Paths, format, &scope, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const HOSTILE: &str = "
09:00:00 4769 host=dc01.corp.local user=FS01$@CORP.LOCAL from=10.0.2.31 target=DC01$
09:01:00 4624 host=fs01.corp.local user=\"CORP\\e\u{1b}[31mvil\" logon=0x1 type=10 from=10.0.9.66
09:02:00 4648 host=fs01.corp.local by=CORP\\x by_logon=0x1 user=CORP\\adm target=\"SQ\u{202e}L9\"
09:05:00 4624 host=sql1.corp.local user=\"CORP\\e\u{1b}[31mvil\" logon=0x2 type=3 from=10.0.2.31
";

#[test]
fn a_report_has_one_line_for_each_step() {
    let text = report(HOSTILE, Format::Jsonl, "");
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "{text}");
    let step = |line: &serde_json::Value| (line["step"].as_u64(), line["after"].as_u64(), line["to"].as_str().map(str::to_owned));
    assert_eq!(step(&lines[0]), (Some(1), None, Some("FS01".to_owned())));
    assert_eq!(step(&lines[2]), (Some(3), Some(1), Some("SQL1".to_owned())));
    assert_eq!((&lines[0]["quality"], &lines[2]["quality"]), (&serde_json::Value::Null, &"exact".into()));
    assert_eq!(lines[2]["why"].as_array().unwrap().len(), 3);
    assert_eq!((&lines[1]["kind"], lines[1]["weakest"].is_string()), (&"explicit".into(), true));
}

#[test]
fn no_format_lets_control_characters_out() {
    for format in [Format::Table, Format::Json, Format::Jsonl, Format::Csv] {
        let text = report(HOSTILE, format, "");
        assert!(text.contains("SQL1"), "{text}");
        assert!(!text.chars().any(|c| c != '\n' && is_unsafe(c)), "{text:?}");
    }
}

#[test]
fn a_filter_finds_single_steps_too() {
    let text = "09:01:00 4624 host=fs01.corp.local user=CORP\\bob logon=0x1 type=10 from=10.0.9.66\n";
    assert_eq!(report(text, Format::Table, ""), "No path of more than one step.\n");
    assert_eq!(report(text, Format::Csv, "account:bob").lines().count(), 2);
}
