//! How times are told: in which zone, or as distances from the moment under the cursor.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/stage.rs"]
mod stage;

use logonscope::base::pattern::Glob;
use logonscope::base::time::Zone;
use logonscope::ui::app::Setup;
use stage::Stage;
use std::sync::Arc;

#[test]
fn times_count_from_the_cursor_and_go_along_with_it() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = Stage::new(digest::demo_with(&digest::ATTACK), width, height);
        stage.press("7 g g t r");
        assert!(stage.row_from_below(0).contains("times count from the moment under the cursor"), "{}", stage.picture());
        stage.press("Esc");
        let picture = stage.picture();
        assert!(picture.lines().nth(5).unwrap().contains("+0s"), "the cursor's own row\n{picture}");
        assert!(picture.lines().nth(6).unwrap().contains("+2"), "{picture}");
        assert!(stage.row(0).contains("since") && stage.row(0).contains("07:31:03Z"), "the frame says from when\n{picture}");
        assert!(stage.row_from_below(0).contains("2026-03-10 07:31:03Z"), "the sentence keeps the clock\n{picture}");
        stage.press("j j");
        let picture = stage.picture();
        assert!(picture.lines().nth(5).unwrap().contains(" -"), "what was before is less\n{picture}");
        assert!(stage.row(0).contains("07:31:08Z"), "{picture}");
        stage.press("2 g g");
        assert!(stage.picture().contains("-38m 53s") && stage.picture().contains("+3m 38s"), "{}", stage.picture());
        stage.press("Enter 1");
        assert!(!stage.picture().is_empty());
        stage.press("7 t r");
        assert!(stage.row_from_below(0).contains("times as the clock shows them"), "{}", stage.picture());
        assert!(stage.picture().contains("03-10 07:31:08Z"), "{}", stage.picture());
    }
}

#[test]
fn relative_times_as_pictures() {
    let mut stage = Stage::new(digest::demo_with(&digest::ATTACK), 120, 36);
    stage.press("2 g g t r Esc");
    insta::assert_snapshot!("relative_queue_120", stage.picture());
    stage.press("g a");
    insta::assert_snapshot!("relative_account_120", stage.picture());
}

#[test]
fn the_zone_key_goes_through_every_zone_once() {
    let vienna = Zone::parse("Europe/Vienna").unwrap();
    let tokyo = Zone::parse("Asia/Tokyo").unwrap();
    let setup = Setup { ascii: true, zone: vienna, site_zones: vec![Zone::Utc, tokyo], ..Setup::default() };
    let mut stage = Stage::with(digest::demo_with(&digest::ATTACK), &setup, 120, 36);
    let mut said = Vec::new();
    for _ in 0..5 {
        stage.press("t u");
        said.push(stage.row_from_below(0));
    }
    let wanted = ["UTC", "local zone", "Asia/Tokyo", "Europe/Vienna", "UTC"];
    for (said, wanted) in said.iter().zip(wanted) {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}

/// The host under the cursor and the zones that the settings give hosts; what the key goes to last, and says of the host.
#[test]
fn the_zone_key_goes_to_the_zone_of_the_host_under_the_cursor_too() {
    let tokyo = Zone::parse("Asia/Tokyo").unwrap();
    let zones = |pattern: &str| vec![(tokyo, vec![Glob::new(pattern).unwrap()])];
    let cases = [
        (zones("FS01"), "times in Asia/Tokyo, the zone of FS01 ([site] host_zones)"),
        (zones("fs*.corp.*"), "times in Asia/Tokyo, the zone of FS01 ([site] host_zones)"),
        (zones("elsewhere"), "times in UTC; that of FS01 is not known ([site] host_zones)"),
        (Vec::new(), "times in UTC; that of FS01 is not known ([site] host_zones)"),
    ];
    for (zones, wanted) in cases {
        for mask in [false, true] {
            let setup = Setup { ascii: true, host_zones: Arc::new(zones.clone()), mask, ..Setup::default() };
            let mut stage = Stage::with(digest::demo_with(&digest::ATTACK), &setup, 120, 36);
            stage.press("4");
            // The list stands in another order each time hosts are worse: the row of the host is looked for.
            for _ in 0..20 {
                if stage.app.nav.view().unwrap().selection(&stage.app.scene.ctx(stage.app.size)).host.is_some_and(|id| {
                    let newest = &stage.app.newest;
                    newest.tables.host(id).is_some_and(|host| host.short(&newest.names) == "FS01")
                }) {
                    break;
                }
                stage.press("j");
            }
            let said: Vec<String> = (0..3).map(|_| stage.press("t u").row_from_below(0)).collect();
            let wanted = if mask { wanted.split("FS01").next().unwrap() } else { wanted };
            assert!(said.iter().any(|said| said.contains(wanted)), "{wanted}: {said:?}");
            assert!(!mask || !said.iter().any(|said| said.contains("FS01")), "{said:?}");
        }
    }
    // Where there is no host, nothing is said of one.
    let mut stage = Stage::with(digest::demo_with(&digest::ATTACK), &Setup { ascii: true, ..Setup::default() }, 120, 36);
    assert!(!stage.press("3 t u").row_from_below(0).contains("not known"));
}
