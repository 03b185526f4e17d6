//! Real recordings as an expert would tell them: the sessions as shown of a domain controller over a restart and a Remote
//! Desktop logon, and the same sessions from twelve shapes of one log. Needs `LOGONSCOPE_CORPUS`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use logonscope::base::time::Timestamp;
use logonscope::engine::load::{Loaded, Opened, Reading, load};
use logonscope::model::ids::VisitId;
use logonscope::model::visit::Visit;
use logonscope::model::world::World;
use logonscope::session::Sessions;
use std::path::{Path, PathBuf};

fn corpus() -> Option<PathBuf> {
    std::env::var_os("LOGONSCOPE_CORPUS").map(PathBuf::from)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn world(files: &[PathBuf]) -> World {
    let opened: Vec<_> = files.iter().cloned().map(Opened::file).collect();
    let Loaded { events, names, .. } = load(&opened, Reading::default(), &mut |_, _, _| true);
    let mut world = World { names, ..World::default() };
    let mut sessions = Sessions::default();
    for event in events {
        sessions.apply(event, &mut world);
    }
    world
}

fn clock(at: Timestamp) -> String {
    at.to_chrono().format("%H:%M:%S%.3f").to_string()
}

/// One visit in one line.
fn line(world: &World, id: VisitId, visit: &Visit) -> String {
    let (names, tables) = (world.names.names(), &world.tables);
    let account = tables.account(visit.account).map_or(String::new(), |account| account.key(&names));
    let source = tables.source(visit.source).map_or("-".to_owned(), |source| source.name(&names));
    let end = visit.end.map_or("-".to_owned(), clock);
    let loose = tables.loose_events_of_visit(id).count();
    format!(
        "{} {account} from {source}: {} ({}) to {end} ({}), {} logons, {} open, {loose} loose",
        visit.kind.word(),
        clock(visit.start),
        visit.start_quality.word(),
        visit.end_reason.word(),
        visit.logons,
        visit.open_logons,
    )
}

fn lines(world: &World) -> Vec<String> {
    let mut visits: Vec<_> = world.tables.visits().collect();
    visits.sort_by_key(|(id, visit)| (visit.start, *id));
    visits.into_iter().map(|(id, visit)| line(world, id, &visit)).collect()
}

/// vagrant clears the logs and asks for a restart; his desktop, which was there before the log, ends with it. After the
/// boot the controller talks to itself under three addresses. vagrant is logged on at the console by itself; then comes by
/// Remote Desktop from silversurfer: Windows opens a second desktop, finds the one at the console, and gives him that.
#[test]
fn a_controller_over_a_restart_and_a_remote_desktop_logon() {
    let Some(corpus) = corpus() else { return };
    let world = world(&files(&corpus.join("evtx/one-machine-rdpauth")));
    let expected = [
        r"desktop windomain\vagrant from -: 12:32:31.035 (missing) to 12:32:43.290 (user_logoff), 0 logons, 0 open, 3 loose",
        r"single window manager\dwm-1 from -: 12:33:09.447 (exact) to 12:34:41.004 (logoff), 2 logons, 0 open, 0 loose",
        r"run nt authority\anonymous logon from -: 12:33:36.799 (exact) to 12:33:36.799 (open), 1 logons, 1 open, 0 loose",
        r"run windomain\dc$ from 127.0.0.1: 12:33:48.894 (exact) to 12:34:54.814 (open), 11 logons, 3 open, 0 loose",
        r"run windomain\dc$ from 172.16.1.8: 12:33:48.895 (exact) to 12:34:54.821 (open), 19 logons, 8 open, 0 loose",
        r"run windomain\dc$ from 192.168.38.102: 12:33:49.744 (exact) to 12:34:54.814 (logoff), 2 logons, 0 open, 0 loose",
        r"desktop windomain\vagrant from 127.0.0.1: 12:33:51.724 (exact) to 12:34:40.609 (user_logoff), 5 logons, 1 open, 2 loose",
        r"run windomain.local\wef$ from 192.168.38.103: 12:34:11.294 (exact) to 12:34:11.485 (logoff), 3 logons, 0 open, 0 loose",
        r"single window manager\dwm-2 from -: 12:34:26.225 (exact) to 12:34:31.495 (logoff), 2 logons, 0 open, 0 loose",
        r"single window manager\dwm-3 from -: 12:34:29.803 (exact) to - (open), 2 logons, 2 open, 0 loose",
    ];
    assert_eq!(lines(&world), expected);

    let names = world.names.names();
    let (_, visit) = world.tables.visits().find(|(_, visit)| visit.logons == 5).unwrap();
    let states = visit.states().iter();
    let states: Vec<_> = states.map(|(at, state)| format!("{} {}", clock(*at), state.word())).collect();
    assert_eq!(states, ["12:34:28.543 disconnected", "12:34:30.050 active"]);
    let clients = visit.clients().iter();
    let clients: Vec<_> = clients
        .map(|client| {
            let source = world.tables.source(client.source).unwrap().name(&names);
            format!("{} {source} {}", clock(client.at), names.raw(client.workstation))
        })
        .collect();
    assert_eq!(clients, ["12:34:30.050 192.168.38.1 silversurfer"]);
    assert_eq!(visit.ts_session(), Some(1));
    // A reconnection is not five new sessions: every logon of vagrant is in this one.
    let vagrant = world.tables.visits().filter(|(_, other)| other.account == visit.account).count();
    assert_eq!(vagrant, 2);
}

#[test]
fn twelve_shapes_of_one_log_give_the_same_sessions() {
    let Some(corpus) = corpus() else { return };
    let shapes = files(&corpus.join("json/shapes"));
    assert!(shapes.len() >= 12, "the shapes are not where they should be");
    // Some shapes have whole seconds.
    let cut = |line: String| {
        line.split(' ')
            .map(|word| word.split_once('.').filter(|_| word.contains(':')).map_or(word, |(word, _)| word))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let told: Vec<_> =
        shapes.iter().map(|file| (file, lines(&world(std::slice::from_ref(file))).into_iter().map(cut).collect::<Vec<_>>())).collect();
    let (first, expected) = &told[0];
    assert!(expected.len() > 5);
    for (file, found) in &told[1..] {
        assert_eq!(found, expected, "{} and {}", first.display(), file.display());
    }
}
