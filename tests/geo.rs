//! Places of addresses: from databases in MaxMind's format, from the settings, and what is said where none is there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/mmdb_writer.rs"]
mod mmdb_writer;

use logonscope::base::intern::Interner;
use logonscope::base::net::Network;
use logonscope::session::atlas::{Atlas, AtlasError};
use mmdb_writer::{Value, asn, city, database};
use std::path::Path;
use std::process::{Command, Output};

fn cities() -> Vec<u8> {
    let networks = vec![
        ("198.51.100.0/24", city("NO", "Oslo", (59.91, 10.75), 20)),
        ("203.0.113.0/25", city("NG", "Lagos", (6.45, 3.39), 100)),
        ("2001:db8::/32", city("FR", "Paris", (48.85, 2.35), 5)),
        ("192.0.2.0/24", city("XX", "Nowhere", (0.0, 0.0), 1000)),
    ];
    database("GeoLite2-City", networks)
}

fn networks() -> Vec<u8> {
    database(
        "GeoLite2-ASN",
        vec![("203.0.113.0/24", asn(64_510, "Example \u{1b}[2J Telecom")), ("198.51.100.0/24", asn(64_500, "Example Net"))],
    )
}

#[test]
fn what_one_database_does_not_know_another_tells() {
    let mut atlas =
        Atlas::new(vec![(Network::parse("10.2.0.0/16").unwrap(), (59.9, 10.7)), (Network::parse("10.2.7.0/24").unwrap(), (69.6, 18.9))]);
    atlas.add("city.mmdb", cities()).unwrap();
    atlas.add("asn.mmdb", networks()).unwrap();
    let mut names = Interner::default();
    let mut found = |address: &str| {
        let place = atlas.find(address.parse().unwrap(), &mut names);
        let text = |symbol| names.raw(symbol).to_owned();
        (text(place.country), text(place.city), place.coordinates, place.radius_km, place.asn)
    };
    let said = |country: &str, city: &str, coordinates, radius, asn| (country.to_owned(), city.to_owned(), coordinates, radius, asn);
    assert_eq!(found("203.0.113.9"), said("NG", "Lagos", Some((6.45, 3.39)), 100, 64_510));
    assert_eq!(found("::ffff:203.0.113.9"), said("NG", "Lagos", Some((6.45, 3.39)), 100, 64_510));
    assert_eq!(found("203.0.113.200"), said("", "", None, 0, 64_510));
    assert_eq!(found("2001:db8::7"), said("FR", "Paris", Some((48.85, 2.35)), 5, 0));
    // 0/0 is how databases write that they do not know.
    assert_eq!(found("192.0.2.1"), said("XX", "Nowhere", None, 1000, 0));
    assert_eq!(found("10.2.3.4"), said("", "", Some((59.9, 10.7)), 0, 0));
    assert_eq!(found("10.2.7.4"), said("", "", Some((69.6, 18.9)), 0, 0));
    assert_eq!(found("10.3.0.1"), said("", "", None, 0, 0));
    assert_eq!(atlas.databases().iter().map(|database| database.kind.as_str()).collect::<Vec<_>>(), ["GeoLite2-City", "GeoLite2-ASN"]);
}

#[test]
fn foreign_damaged_and_useless_files_are_refused() {
    let mut atlas = Atlas::default();
    for foreign in [Vec::new(), b"SQLite format 3\0 and more".to_vec(), cities()[..cities().len() - 200].to_vec()] {
        assert!(matches!(atlas.add("x", foreign), Err(AtlasError::Foreign { .. })));
    }
    let threats = Value::Map(vec![("is_anonymous", Value::U16(1))]);
    let useless = atlas.add("x", database("GeoIP2-Anonymous-IP", vec![("203.0.113.0/24", threats)])).unwrap_err();
    assert!(matches!(useless, AtlasError::Useless { .. }) && useless.to_string().contains("GeoIP2-Anonymous-IP"));
    // A pointer of the data section to itself.
    let mut damaged = cities();
    let place = damaged.windows(4).position(|bytes| bytes == b"city").unwrap() + 4;
    damaged[place..place + 2].copy_from_slice(&[0x20, 0x00]);
    assert!(matches!(atlas.add("x", damaged), Err(AtlasError::Damaged { .. })));
    assert!(atlas.databases().is_empty(), "what is refused is not used");
}

/// Whatever is wrong with a file, it is refused or read: nothing ends the program.
#[test]
fn any_byte_may_be_wrong() {
    let whole = cities();
    let mut names = Interner::default();
    let mut refused = 0;
    for place in 0..whole.len() {
        for change in [0x00, 0xff, 0x21, whole[place] ^ 0x40] {
            let mut bytes = whole.clone();
            bytes[place] = change;
            let mut atlas = Atlas::default();
            match atlas.add("x", bytes) {
                Ok(()) => {
                    for address in ["198.51.100.1", "203.0.113.9", "2001:db8::7"] {
                        let _ = atlas.find(address.parse().unwrap(), &mut names);
                    }
                }
                Err(_) => refused += 1,
            }
        }
        let mut atlas = Atlas::default();
        let _ = atlas.add("x", whole[..place].to_vec());
    }
    assert!(refused > 100);
}

/// One logon by RDP from each of two continents.
const EVENTS: &str = r#"{"EventID":4624,"Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","Hostname":"srv","EventTime":"2026-03-16 09:00:00","RecordNumber":1,"SourceModuleType":"im_msvistalog","TargetUserName":"x","TargetDomainName":"CORP","TargetUserSid":"S-1-5-21-1-2-3-1104","TargetLogonId":"0x11","LogonType":"10","IpAddress":"198.51.100.7"}
{"EventID":4624,"Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","Hostname":"srv","EventTime":"2026-03-16 09:30:00","RecordNumber":2,"SourceModuleType":"im_msvistalog","TargetUserName":"x","TargetDomainName":"CORP","TargetUserSid":"S-1-5-21-1-2-3-1104","TargetLogonId":"0x12","LogonType":"10","IpAddress":"203.0.113.9"}
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("events.jsonl"), EVENTS).unwrap();
    std::fs::write(folder.path().join("city.mmdb"), cities()).unwrap();
    std::fs::write(folder.path().join("asn.mmdb"), networks()).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logonscope"));
    command.args(arguments).current_dir(folder).env("XDG_CONFIG_HOME", folder).env("APPDATA", folder);
    command.output().unwrap()
}

fn printed(folder: &Path, arguments: &[&str]) -> String {
    let done = run(folder, arguments);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn reports_and_filters_know_the_places_of_windows_logons() {
    let folder = folder();
    let geo = ["--geo", "city.mmdb", "--geo", "asn.mmdb"];
    let report =
        |what: &[&str], geo: &[&str]| printed(folder.path(), &[&["report", "events.jsonl", "--format", "jsonl"], what, geo].concat());
    let sources = report(&["--what", "sources"], &geo);
    assert!(
        sources.contains("\"country\":\"NG\"") && sources.contains("\"city\":\"Lagos\"") && sources.contains("\"asn\":64510"),
        "{sources}"
    );
    for (filter, lines) in [("country:NG", 1), ("-country:NG", 1), ("asn:64500", 1), ("country:(NG,NO)", 2), ("asn:1", 0)] {
        assert_eq!(report(&["--what", "events", "--filter", filter], &geo).lines().count(), lines, "{filter}");
        assert_eq!(report(&["--what", "sources", "--filter", filter], &geo).lines().count(), lines, "{filter}");
        assert_eq!(report(&["--what", "sessions", "--filter", filter], &geo).lines().count(), lines, "{filter}");
    }
    assert!(!report(&["--what", "sources"], &[]).contains("Lagos"));
    // A table is for a terminal: no control byte of a database reaches it.
    assert!(!printed(folder.path(), &["report", "events.jsonl", "--what", "sources", "--geo", "asn.mmdb"]).contains('\u{1b}'));
}

#[test]
fn the_settings_may_name_databases_and_place_networks() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("site")).unwrap();
    std::fs::rename(folder.path().join("city.mmdb"), folder.path().join("site/city.mmdb")).unwrap();
    let text = "[site]\ngeo = [\"city.mmdb\"]\nplaces = { \"203.0.113.0/24\" = [52.5, 13.4] }\n";
    std::fs::write(folder.path().join("site/settings.toml"), text).unwrap();
    let sources =
        printed(folder.path(), &["report", "events.jsonl", "--what", "sources", "--format", "jsonl", "--settings", "site/settings.toml"]);
    assert!(sources.contains("59.9100,10.7500") && sources.contains("52.5000,13.4000"), "{sources}");
}

#[test]
fn a_file_that_is_no_database_is_refused_with_what_to_do() {
    let folder = folder();
    std::fs::write(folder.path().join("short.mmdb"), &cities()[..400]).unwrap();
    for (arguments, told) in [
        (["--geo", "events.jsonl"], "events.jsonl: no database of places"),
        (["--geo", "short.mmdb"], "name a file in MaxMind's format"),
        (["--geo", "absent.mmdb"], "cannot read absent.mmdb"),
    ] {
        let done = run(folder.path(), &[&["report", "events.jsonl"], &arguments[..]].concat());
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2));
        assert!(said.contains(told), "{said}");
    }
    std::fs::write(folder.path().join("wrong.toml"), "[site]\nplaces = { \"10.0.0.0/8\" = [100.0, 0.0] }\n").unwrap();
    let done = run(folder.path(), &["report", "events.jsonl", "--settings", "wrong.toml"]);
    assert!(String::from_utf8(done.stderr).unwrap().contains("is no place on earth"));
}
