//! The filter language: what passes, what is refused and how it is said, what is offered while typing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/tables.rs"]
mod tables;

use logonscope::model::ids::{AccountId, EventId, HostId, SessionId, SourceId, VisitId};
use logonscope::model::input::InputStatus;
use logonscope::model::session::SessionEnd;
use logonscope::query::{self, Saved, complete, narrow};
use proptest::prelude::*;
use std::sync::Arc;
use tables::{Builder, Logon, NEW_HOST, SPRAY, at};

/// Events 0 and 1: failures of a spray; 2: its success by RDP, an open session; 3: a backup service; 4: a batch job in a
/// closed session; 5: Entra; 6: no address but a claimed name.
fn world() -> Builder {
    let mut b = Builder::default();
    let log = InputStatus { path: "/dc1/Security.evtx".into(), ..InputStatus::default() };
    b.world.tables.inputs = Arc::new(vec![log]);
    let spray = Logon { source: "10.0.9.66", status: 0xC000_006A, workstation: "WS41", package: "NTLM", ..Logon::default() };
    b.logon(&Logon { at: "2026-03-14T09:19:40Z", host: "dc01.corp.local", ..spray.clone() });
    b.logon(&Logon { at: "2026-03-14T09:20:00Z", host: "dc01.corp.local", account: "adm_kl@CORP", status: 0xC000_0064, ..spray.clone() });
    let rdp = Logon { at: "2026-03-14T09:31:20Z", account: "svc_backup@CORP", status: 0, logon_type: 10, logon_id: 0x1f3_a8c2, ..spray };
    b.logon(&rdp);
    b.logon(&Logon {
        at: "2026-03-14T02:00:00Z",
        account: "svc_backup@CORP",
        source: "10.0.2.11",
        logon_id: 0x55,
        logon_type: 5,
        ..Logon::default()
    });
    b.logon(&Logon {
        at: "2026-03-13T18:00:00Z",
        account: "web_pool@IIS",
        host: "IIS2",
        source: "fe80::1",
        logon_type: 4,
        logon_id: 0x77,
        end: Some(("2026-03-13T18:30:00Z", SessionEnd::Boot)),
        ..Logon::default()
    });
    b.sign_in("2026-03-14T09:25:00Z", "jdoe@corp.example", "203.0.113.9", "GB", "Azure Portal", 50126);
    b.logon(&Logon { at: "2026-03-14T09:40:00Z", source: "JMP1", account: "J\u{c4}GER@CORP", ..Logon::default() });
    b.anomaly(&SPRAY, 88, &[EventId::new(0), EventId::new(1), EventId::new(2)], "3 logons from one source");
    b.anomaly(&NEW_HOST, 20, &[EventId::new(4)], "IIS2 is new");
    b
}

fn filter(text: &str) -> query::Filter {
    query::parse(text, at("2026-03-14T09:42:17Z")).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn passing(count: usize, mut passes: impl FnMut(usize) -> bool) -> Vec<usize> {
    (0..count).filter(|place| passes(*place)).collect()
}

#[test]
fn events_pass_by_every_field() {
    let b = world();
    let (names, tables) = (b.names(), b.tables());
    for (text, expected) in [
        ("", vec![0, 1, 2, 3, 4, 5, 6]),
        ("account:svc_backup", vec![2, 3]),
        ("account:SVC_*", vec![2, 3]),
        ("account:svc_backup@corp", vec![2, 3]),
        ("account:corp\\svc_backup", vec![2, 3]),
        ("account:svc_backup@other", vec![]),
        ("account:svc", vec![]),
        ("account~svc", vec![2, 3]),
        ("account=svc_*", vec![]),
        ("account!=svc_*", vec![0, 1, 4, 5, 6]),
        ("account:j\u{e4}ger", vec![6]),
        ("account:jdoe", vec![0, 5]),
        ("account:*@corp*", vec![0, 1, 2, 3, 5, 6]),
        ("account:(jdoe, adm_*)", vec![0, 1, 5]),
        ("domain:iis", vec![4]),
        ("domain:corp.example", vec![5]),
        ("class:service", vec![2, 3]),
        ("host:FS01", vec![2, 3, 6]),
        ("host:fs01.corp.local", vec![2, 3, 6]),
        ("host:*.corp.local", vec![0, 1, 2, 3, 6]),
        ("-host:FS01", vec![0, 1, 4, 5]),
        ("not host:FS01", vec![0, 1, 4, 5]),
        ("!host:FS01", vec![0, 1, 4, 5]),
        ("source:10.0.9.66", vec![0, 1, 2]),
        ("source:10.0.0.0/16", vec![0, 1, 2, 3]),
        ("source:0.0.0.0/0", vec![0, 1, 2, 3, 5]),
        ("source:fe80::/10", vec![4]),
        ("source:10.0.2.0..10.0.2.255", vec![3]),
        ("source:10.0.*", vec![0, 1, 2, 3]),
        ("source:jmp1", vec![6]),
        ("source~.9.", vec![0, 1, 2]),
        ("-source:10.0.0.0/8", vec![4, 5, 6]),
        ("workstation:ws41", vec![0, 1, 2]),
        ("type:10", vec![2]),
        ("type:rdp", vec![2]),
        ("type:RemoteInteractive", vec![2]),
        ("type:(3,10)", vec![0, 1, 2, 6]),
        ("type:3,10", vec![0, 1, 2, 6]),
        ("type:4..5", vec![3, 4]),
        ("type:none", vec![5]),
        ("lane:rdp", vec![2]),
        ("lane:10", vec![2]),
        ("lane:entra*", vec![5]),
        ("lane:(5,batch)", vec![3, 4]),
        ("outcome:failure", vec![0, 1, 5]),
        ("outcome:ok", vec![2, 3, 4, 6]),
        ("status:0xc000006a", vec![0]),
        ("status:0xC00000*", vec![0, 1]),
        ("status:\"wrong password\"", vec![0]),
        ("status:50126", vec![5]),
        ("session:0x1f3a8c2", vec![2]),
        ("state:open", vec![2, 3]),
        ("state:inferred", vec![4]),
        ("duration>=30m", vec![3, 4]),
        ("duration:30m..31m", vec![4]),
        ("time:09:20", vec![1]),
        ("time:09:19..09:25", vec![0, 1, 5]),
        ("time>=09:31", vec![2, 6]),
        ("time>09:31", vec![6]),
        ("time < 2026-03-14", vec![4]),
        ("time:yesterday", vec![4]),
        ("time:yesterday 18:00..yesterday 19:00", vec![4]),
        ("time:\"yesterday 18:00\"..\"today 02:00\"", vec![3, 4]),
        ("time:-15m..", vec![2, 6]),
        ("time:2026-03-14T09:31Z", vec![2]),
        ("start<today", vec![4]),
        ("end:2026-03-13 18:30", vec![4]),
        ("auth:ntlm", vec![0, 1, 2]),
        ("severity>=high", vec![2]),
        ("severity:low", vec![4]),
        ("severity:low..high", vec![2, 4]),
        ("id:4625", vec![0, 1]),
        ("id:4624..4625", vec![0, 1, 2, 3, 4, 6]),
        ("country:gb", vec![5]),
        ("-country:gb", vec![0, 1, 2, 3, 4, 6]),
        ("asn:64496", vec![5]),
        ("app:\"azure portal\"", vec![5]),
        ("risk:high", vec![5]),
        ("mfa:none", vec![5]),
        ("backup", vec![2, 3]),
        ("-svc_backup", vec![0, 1, 4, 5, 6]),
        ("10.0.9", vec![0, 1, 2]),
        ("\"ws41\"", vec![0, 1, 2]),
        ("fe80::1", vec![4]),
        ("type:10 or type:4", vec![2, 4]),
        ("type:10 or type:4 host:IIS2", vec![2, 4]),
        ("(type:10 or type:4) and host:IIS2", vec![4]),
        ("not (type:10 or type:3) -host:IIS2", vec![3, 5]),
        ("NOT type:10 AND outcome:success", vec![3, 4, 6]),
        ("rule:password*", vec![0, 1, 2]),
        ("rule:password* type:10", vec![2]),
        ("score>20", vec![0, 1, 2]),
        ("-score>=20", vec![3, 5, 6]),
        ("account:/^svc_\\w+$/", vec![2, 3]),
        ("account:/^SVC/", vec![2, 3]),
        ("account:/@corp$/", vec![0, 1, 2, 3, 6]),
        ("account:/^corp\\\\/", vec![0, 1, 2, 3, 6]),
        ("account!=/svc/", vec![0, 1, 4, 5, 6]),
        ("account=/svc_backup/", vec![2, 3]),
        ("account=/svc/", vec![]),
        ("account:(/^adm/, web_pool)", vec![1, 4]),
        ("host:/^fs\\d+\\./ type:10", vec![2]),
        ("source:/^10\\.0\\.9\\./", vec![0, 1, 2]),
        ("app:/azure (portal|cli)/", vec![5]),
        ("status:/^0xC0000064$/", vec![1]),
        ("/^jd(o|x)e$/", vec![0, 5]),
        ("-/svc/ -/jdoe/", vec![1, 4, 6]),
        ("process:/usr/sbin/sshd", vec![]),
        ("@failures", vec![0, 1, 5]),
        ("-@failures type:10", vec![2]),
        ("not @cloud @failures", vec![0, 1]),
        ("(@RDP or @cloud)", vec![2, 5]),
        ("@spray type:10", vec![2]),
        ("@internet", vec![5]),
        ("@private", vec![0, 1, 2, 3, 4]),
        ("incident:1", vec![]),
        ("input:Security.evtx", vec![0, 1, 2, 3, 4, 5, 6]),
        ("input:/dc1\\/sec/", vec![0, 1, 2, 3, 4, 5, 6]),
        ("input:/dc1/*", vec![0, 1, 2, 3, 4, 5, 6]),
        ("-input:sec*", vec![]),
        ("session:0x77", vec![4]),
    ] {
        let filter = filter(text);
        let found = passing(tables.events.len(), |place| filter.matches_event(EventId::new(place), &names, tables));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn sessions_anomalies_and_entities_pass_by_the_same_language() {
    let b = world();
    let (names, t) = (b.names(), b.tables());
    for (text, sessions, anomalies, accounts) in [
        ("", vec![0, 1, 2], vec![0, 1], vec![0, 1, 2, 3, 4, 5]),
        ("account:svc_*", vec![0, 1], vec![0], vec![2]),
        ("host:FS01", vec![0, 1], vec![0], vec![2, 5]),
        ("type:10", vec![0], vec![0], vec![2]),
        ("outcome:failure", vec![], vec![0], vec![0, 1, 4]),
        ("status:0xC000006A", vec![], vec![0], vec![0]),
        ("severity>=medium", vec![0], vec![0], vec![0, 1, 2]),
        ("rule:first-*", vec![2], vec![1], vec![3]),
        ("score>50", vec![0], vec![0], vec![0, 1, 2]),
        ("spray", vec![], vec![0], vec![]),
        ("state:open", vec![0, 1], vec![0], vec![2]),
        ("auth:ntlm", vec![0], vec![0], vec![0, 1, 2]),
        ("id:4624", vec![0, 1, 2], vec![0, 1], vec![2, 3, 5]),
        ("time:09:31..", vec![0, 1], vec![0], vec![2, 5]),
        ("lane:batch", vec![2], vec![1], vec![3]),
        ("-account:svc_*", vec![2], vec![1], vec![0, 1, 3, 4, 5]),
        ("account:/^svc/", vec![0, 1], vec![0], vec![2]),
        ("domain:iis", vec![2], vec![1], vec![3]),
        ("class:service", vec![0, 1], vec![0], vec![2]),
        ("source:10.0.9.0/24", vec![0], vec![0], vec![0, 1, 2]),
        ("workstation:ws41", vec![0], vec![0], vec![0, 1, 2]),
        ("session:0x77", vec![2], vec![1], vec![3]),
        ("start<today", vec![2], vec![1], vec![3]),
        ("end:2026-03-13 18:30", vec![2], vec![], vec![3]),
        ("duration:30m..31m", vec![2], vec![1], vec![3]),
        ("state:inferred", vec![2], vec![1], vec![3]),
        ("elevated:yes", vec![], vec![], vec![]),
        ("privileged:no", vec![0, 1, 2], vec![0, 1], vec![0, 1, 2, 3, 4, 5]),
        ("process~x", vec![], vec![], vec![]),
        ("id:4625", vec![], vec![0], vec![0, 1]),
        ("country:gb", vec![], vec![], vec![4]),
        ("asn:64496", vec![], vec![], vec![4]),
        ("app:azure*", vec![], vec![], vec![4]),
        ("mfa:none", vec![], vec![], vec![4]),
        ("risk:high", vec![], vec![], vec![4]),
        ("@failures", vec![], vec![0], vec![0, 1, 4]),
        ("input:*.evtx", vec![0, 1, 2], vec![0, 1], vec![0, 1, 2, 3, 4, 5]),
        ("input:other", vec![], vec![], vec![]),
        ("@odd", vec![0], vec![0], vec![0, 1, 2]),
    ] {
        let f = filter(text);
        assert_eq!(passing(t.sessions.len(), |n| f.matches_session(SessionId::new(n), &names, t)), sessions, "{text}: sessions");
        // Each is a session as shown of its own.
        assert_eq!(passing(t.visits.len(), |n| f.matches_visit(VisitId::new(n), &names, t)), sessions, "{text}: as shown");
        assert_eq!(
            passing(t.anomalies.len(), |n| f.matches_anomaly(&t.anomalies.iter().nth(n).unwrap().clone(), &names, t)),
            anomalies,
            "{text}: anomalies"
        );
        assert_eq!(passing(t.accounts.len(), |n| f.matches_account(AccountId::new(n), &names, t)), accounts, "{text}: accounts");
    }
    let f = filter("source:10.0.9.0/24");
    assert_eq!(passing(t.sources.len(), |n| f.matches_source(SourceId::new(n), &names, t)), [0]);
    assert_eq!(passing(t.hosts.len(), |n| f.matches_host(HostId::new(n), &names, t)), [0, 1]);
}

#[test]
fn a_refused_filter_says_where_and_what_to_write() {
    for (text, column, message, fix) in [
        ("acount:x", 1, "there is no field 'acount'", "did you mean 'account:'?"),
        ("host:A zzz:b", 8, "there is no field 'zzz'", "take one of account"),
        ("host:", 6, "a value is expected", "such as host:FS01"),
        ("host: FS01", 6, "a value is expected", "such as host:FS01"),
        ("type:10 and", 12, "a term is expected", "write a field and a value"),
        ("type:10 and or host:a", 13, "a term is expected, not 'or'", "delete it"),
        ("(type:10", 1, "this '(' is never closed", "write a ')'"),
        ("type:10)", 8, "this ')' closes nothing", "delete it"),
        ("()", 2, "a term is expected before ')'", "delete the parentheses"),
        ("account:\"svc", 9, "this quote is never closed", "write a \""),
        ("type:(3,10", 6, "this list is never closed", "write a ')'"),
        ("type:(3 10)", 9, "a ',' or ')' is expected", "(3,10)"),
        ("type:nonsense", 6, "'nonsense' is no value of 'type'", "such as type:(3,10)"),
        ("type:300", 6, "'300' is no value of 'type'", "such as"),
        ("outcome:maybe", 9, "'maybe' is no value of 'outcome'", "such as outcome:failure"),
        ("severity>=odd", 11, "'odd' is no value of 'severity'", "such as severity>=high"),
        ("severity:high..low", 10, "this range ends before it begins", "turn the range round"),
        ("time:25:00", 6, "'25:00' is no value of 'time'", "such as time:-2h"),
        ("duration>soon", 10, "'soon' is no value of 'duration'", "such as duration>10m"),
        ("host>FS01", 6, "'host' has no order", "write host:FS01"),
        ("type~3", 6, "'~' looks inside texts", "write type:"),
        ("source:10.0.0.0/40", 8, "'/40' is no length of a network: 0 to 32", "write source:10.0.0.0/24"),
        ("account:/svc", 9, "this expression is never closed", "write a / behind it"),
        ("host:A account:(adm,/(/)", 21, "this is no expression: unclosed group", "quote the text"),
        ("account:/(a{999}){999}/", 9, "this is no expression: it grows too large", "mend it"),
        ("type:/3/", 6, "an expression looks at texts, and 'type' is none", "write type:(3,10)"),
        ("type:3 @spry", 8, "there is no saved filter '@spry'", "did you mean '@spray'?"),
        ("@nothing-like-it", 1, "there is no saved filter '@nothing-like-it'", "take one of @admins"),
        ("type:3 @", 8, "the name of a saved filter is expected", "such as @failures"),
        ("score>(1,2)", 10, "'>' takes one value", "a..b"),
        ("score>1..2", 7, "'>' takes no range", "write score:1..2"),
        ("\u{4e2d}\u{6587} lane:moon", 9, "'moon' is no value of 'lane'", "such as lane:rdp"),
        ("-", 1, "", ""),
    ] {
        if text == "-" {
            assert!(query::parse(text, at("2026-03-14T09:42:17Z")).is_ok(), "a lone '-' is a word");
            continue;
        }
        let error = query::parse(text, at("2026-03-14T09:42:17Z")).expect_err(text);
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.message.starts_with(message), "{text}: {error}");
        assert!(error.fix.contains(fix), "{text}: {error}");
    }
    let deep = "(".repeat(10_000);
    assert!(query::parse(&deep, at("2026-03-14T09:42:17Z")).unwrap_err().message.starts_with("too many parentheses"));
}

#[test]
fn saved_filters_are_named_from_each_other_and_never_from_themselves() {
    let now = at("2026-03-14T09:42:17Z");
    let saved = |pairs: &[(&str, &str)]| {
        Saved::new(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
            .map_err(|(name, problem)| format!("{name}: {problem}"))
    };
    let own = saved(&[("night", "time:00:00..06:00"), ("odd-night", "@night @odd"), ("spray", "type:3")]).unwrap();
    let b = world();
    let (names, tables) = (b.names(), b.tables());
    let found = |text: &str| {
        let filter = query::parse_with(text, now, Default::default(), &own).unwrap();
        passing(tables.events.len(), |place| filter.matches_event(EventId::new(place), &names, tables))
    };
    assert_eq!(found("@night"), [3]);
    assert_eq!(found("-@odd-night @night"), [3]);
    // One's own stands in the place of one that ships.
    assert_eq!(found("@spray"), found("type:3"));
    assert!(own.all().any(|entry| entry.name == "spray" && entry.filter == "type:3"));
    for (pairs, told) in [
        (&[("a", "@b"), ("b", "@a")][..], "a: column 1: in @b: in @a: '@b' is made of too many saved filters, or of itself"),
        (&[("a", "acount:x")], "a: column 1: there is no field 'acount'"),
        (&[("a b", "x")], "a b: 'a b' is no name of a filter"),
        (&[("a", "@nobody")], "a: column 1: there is no saved filter '@nobody'"),
    ] {
        let error = saved(pairs).unwrap_err();
        assert!(error.starts_with(told), "{error}");
    }
    // A text that doubles with every name ends.
    let names: Vec<String> = (0..12).map(|level| format!("l{level}")).collect();
    let mut doubling: Vec<(&str, String)> = vec![(&names[0], "type:3".to_owned())];
    doubling.extend(names.windows(2).map(|pair| (pair[1].as_str(), format!("@{0} or @{0} or @{0}", pair[0]))));
    let doubling: Vec<(&str, &str)> = doubling.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert!(saved(&doubling).unwrap_err().contains("too many saved filters"));
    for (name, text, about) in query::saved::SHIPPED {
        assert!(query::parse(text, now).is_ok() && !about.is_empty(), "{name}");
    }
    let offered: Vec<String> = complete("type:3 -@sp", 11, &b.names(), b.tables(), &own, None).into_iter().map(|one| one.insert).collect();
    assert_eq!(offered, ["@spray"]);
}

#[test]
fn completion_offers_fields_then_values_by_frequency() {
    let b = world();
    let (names, tables) = (b.names(), b.tables());
    let inserts = |text: &str| -> Vec<(usize, String)> {
        complete(text, text.chars().count(), &names, tables, &Saved::default(), None)
            .into_iter()
            .map(|one| (one.from, one.insert))
            .collect()
    };
    assert_eq!(inserts("sta"), [(0, "status:".into()), (0, "status.sub:".into()), (0, "start:".into()), (0, "state:".into())]);
    assert_eq!(inserts("type:10 -acc"), [(9, "account:".into())]);
    assert_eq!(inserts("account:svc"), [(8, "svc_backup@CORP".into())]);
    assert_eq!(inserts("host:")[0], (5, "FS01".into()), "FS01 has most events");
    assert_eq!(inserts("type:(3,clear"), [(8, "8".into())]);
    assert_eq!(inserts("outcome:f"), [(8, "failure".into())]);
    assert_eq!(inserts("app:az"), [(4, "\"Azure Portal\"".into())]);
    assert_eq!(inserts("rule:"), [(5, "first-seen-host-for-account".into()), (5, "password-spray-windows".into())]);
    assert!(inserts("nofield:x").is_empty());
    for one in complete("account:\u{4e2d}", 9, &names, tables, &Saved::default(), None) {
        assert!(query::parse(&one.insert, at("2026-03-14T09:42:17Z")).is_ok());
    }
}

#[test]
fn what_narrow_writes_is_understood_and_finds_its_value() {
    let mut b = Builder::default();
    let hostile = ["a b", "quo\"te", "back\\slash", "x,y", "(p)", "a..b", "st*r", "/re/", "-dash", "\u{1b}[31m", "or"];
    for name in hostile {
        b.logon(&Logon { account: name, ..Logon::default() });
    }
    let (names, tables) = (b.names(), b.tables());
    for (place, name) in hostile.into_iter().enumerate() {
        let text = narrow("type:3", "account", name, false);
        let f = filter(&text);
        assert_eq!(passing(tables.events.len(), |n| f.matches_event(EventId::new(n), &names, tables)), [place], "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,60}") {
        let _ = query::parse(&text, at("2026-03-14T09:42:17Z"));
        let _ = complete(&text, 30, &Default::default(), &Default::default(), &Default::default(), None);
        let _ = narrow(&text, "host", "x", true);
    }

    #[test]
    fn no_mix_of_the_language_s_own_pieces_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "account", "type", "time", "source", "severity", ":", "=", "!=", ">", "<=", "~", "(", ")", ",", "\"", "..", " ", "-", "!", "not", "and",
        "or", "10", "0x", "-2h", "09:30", "yesterday", "2026-03-14", "10.0.0.0/8", "/", "*", "\u{e4}", "high", "\\", "@", "spray", "/a(b/", "99999999999999999999d"]), 0..14)) {
        let text = pieces.concat();
        if let Err(error) = query::parse(&text, at("2026-03-14T09:42:17Z")) {
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1, "{text}: {error}");
            prop_assert!(!error.fix.is_empty());
        }
        let _ = complete(&text, text.chars().count(), &Default::default(), &Default::default(), &Default::default(), None);
    }
}
