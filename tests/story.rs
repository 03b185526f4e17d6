//! What the page of a session tells of it, in words.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;

use logonscope::base::time::Zone;
use logonscope::model::world::World;
use logonscope::session::Sessions;
use logonscope::store::story;

fn world(text: &str) -> World {
    let (events, names) = notation::events(text);
    let mut world = World { names, ..World::default() };
    let mut sessions = Sessions::default();
    for event in events {
        sessions.apply(event, &mut world);
    }
    world
}

/// The stories of all sessions shown, with a blank line between.
fn stories(world: &World) -> String {
    let names = world.names.names();
    let mut out = String::new();
    for (id, visit) in world.tables.visits() {
        let account = world.tables.account(visit.account).map_or_else(String::new, |account| account.name(&names));
        out.push_str(&format!("{account}\n"));
        let (events, _) = story::events(id, &world.tables, story::READ);
        for line in story::tell(id, &events, &names, &world.tables) {
            let sign = if line.is_inferred { "?" } else { " " };
            let record = world.tables.event(line.event).map_or_else(|| "-".to_owned(), |row| row.event.event_id.to_string());
            out.push_str(&format!("  {}{sign} {}  [{record}]\n", Zone::Utc.clock(line.at), line.words));
        }
    }
    out
}

const REMOTE: &str = r"
default host=fs01.corp.example user=CORP\alice
09:31:18 RdpCoreTS/131 user= from=10.0.9.66
09:31:20 4624 type=3 logon=0x11 from=10.0.9.66 ws=WS41 lm=NTLM_V2 package=NTLM process=NtLmSsp
09:31:21 RCM/1149 from=10.0.9.66
09:31:22 4624 type=10 logon=0x21 linked=0x22 elevated=yes from=10.0.9.66 ws=WS41 package=Negotiate
09:31:22 4624 type=10 logon=0x22 linked=0x21 elevated=no from=10.0.9.66 ws=WS41 package=Negotiate
09:31:22 4672 logon=0x21
09:31:23 LSM/21 ts=3 from=10.0.9.66
09:31:25 4634 type=3 logon=0x11
10:05:00 4800 logon=0x22 ts=3
10:05:04 LSM/24 ts=3 from=10.0.9.66
10:05:04 4779 logon=0x22 session_name=RDP-Tcp#4 ws=WS41 from=10.0.9.66
10:40:00 4778 logon=0x22 session_name=RDP-Tcp#7 ws=HOME from=10.0.0.9
10:40:01 LSM/25 ts=3 from=10.0.0.9
10:40:02 4624 type=7 logon=0x31 from=10.0.0.9
10:40:02 4801 logon=0x22 ts=3
10:40:02 4634 type=7 logon=0x31
18:02:00 System/12 user=
";

#[test]
fn a_remote_desktop_is_told_as_what_happened_not_as_its_records() {
    let expected = "\
alice@CORP
  09:31:18Z  client 10.0.9.66 WS41 proved who it is, NTLM_V2 (131, 4624, 1149)  [4624]
  09:31:22Z  logged on from 10.0.9.66 WS41: 10 RemoteInteractive, Negotiate, elevated 0x21, limited 0x22, privileged (4624, 21)  [4624]
  10:05:00Z  locked (4800)  [4800]
  10:05:04Z  disconnected, client 10.0.9.66 WS41 (24, 4779)  [4779]
  10:40:00Z  reconnected from 10.0.0.9 HOME (4778, 25, 4624, 4801)  [4778]
  10:40:02Z? the last record before the host restarted: it ended about then  [-]
";
    assert_eq!(stories(&world(REMOTE)), expected);
}

#[test]
fn a_desktop_without_a_security_log_is_told_by_the_records_of_remote_desktop() {
    let text = r"
default host=fs01.corp.example user=CORP\alice ts=3
09:00:00 LSM/21 from=10.0.0.5
09:00:01 LSM/22 from=10.0.0.5
10:00:00 LSM/24 from=10.0.0.5
11:00:00 LSM/25 from=10.0.0.9
12:00:00 LSM/23
";
    let expected = "\
alice@CORP
  09:00:00Z  desktop 3 begun from 10.0.0.5 (21, 22)  [21]
  10:00:00Z  disconnected, client 10.0.0.5 (24)  [24]
  11:00:00Z  reconnected from 10.0.0.9 (25)  [25]
  12:00:00Z  desktop ended (23)  [23]
";
    assert_eq!(stories(&world(text)), expected);
}

#[test]
fn a_run_of_thousands_is_its_first_its_last_and_what_differs() {
    let text = r"
default host=fs01.corp.example user=CORP\svc from=10.0.0.5
08:00:00 x9000 every=2s 4624 type=3 logon=0x1{n} package=Kerberos
13:00:01 4624 type=3 logon=0x2ffffff package=NTLM lm=NTLM_V1
";
    let world = world(text);
    let told = stories(&world);
    let expected = "\
svc@CORP
  08:00:00Z  the first of 9,001 logons (4624)  [4624]
  08:00:00Z  9,000 times from here on: logged on from 10.0.0.5: Kerberos (4624)  [4624]
  13:00:01Z  logged on from 10.0.0.5: NTLM_V1 (4624)  [4624]
  13:00:01Z  the last logon; 9,001 without a logoff so far (4624)  [4624]
";
    assert_eq!(told, expected);
    // A longer run is read from its end.
    let (id, _) = world.tables.visits().next().unwrap();
    let (events, cut) = story::events(id, &world.tables, 100);
    assert!(cut && events.len() == 100);
    assert_eq!(events.last().map(|id| id.index()), Some(world.tables.events.len() - 1));
}

#[test]
fn what_is_too_long_keeps_its_beginning_and_its_end() {
    let text = r"
default host=fs01.corp.example user=CORP\alice logon=0x1 ts=1
08:00:00 4624 type=2
08:01:00 x200 every=1m 4800
08:01:30 x200 every=1m 4801
20:00:00 4647
";
    let world = world(text);
    let (id, _) = world.tables.visits().next().unwrap();
    let (events, _) = story::events(id, &world.tables, story::READ);
    let lines = story::tell(id, &events, &world.names.names(), &world.tables);
    assert_eq!(lines.len(), story::LINES);
    assert!(lines[0].words.starts_with("logged on") && lines[story::LINES - 1].words.starts_with("the user logged off"), "{lines:#?}");
    let folded: Vec<_> = lines.iter().filter(|line| line.words.starts_with("and ")).collect();
    assert_eq!(folded.len(), 1, "{lines:#?}");
    assert!(lines.is_sorted_by_key(|line| line.at), "{lines:#?}");
}

#[test]
fn sign_ins_are_told_once_for_each_application_and_place() {
    let text = r"
default host= user=alice@corp.example session_id=s1 app=Teams country=GB
09:00:00 signin from=203.0.113.7 mfa=approved
09:10:00 x20 every=10m signin-ni from=203.0.113.7
13:00:00 signin-ni from=198.51.100.9 country=RO
13:10:00 signin-ni from=198.51.100.9 country=RO status=53003
";
    let expected = "\
alice@corp.example
  09:00:00Z  signed in to Teams from 203.0.113.7 (GB), MFA approved  [0]
  09:10:00Z  silent sign-in to Teams from 203.0.113.7 (GB), 20 times from here on  [0]
  13:00:00Z  silent sign-in to Teams from 198.51.100.9 (RO)  [0]
  13:10:00Z  silent sign-in to Teams from 198.51.100.9 (RO), failed: blocked by conditional access  [0]
";
    assert_eq!(stories(&world(text)), expected);
}

#[test]
fn a_managed_identity_signs_in_to_what_it_uses() {
    let text = "09:00:00 signin-mi host= user=vault-reader resource=\"Azure Key Vault\"";
    assert_eq!(stories(&world(text)), "vault-reader\n  09:00:00Z  workload signed in to Azure Key Vault  [0]\n");
}
