//! The export keys: what is asked, what is written, and what is said of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;

use logonscope::store::Phase;
use logonscope::ui::effect::Effect;
use logonscope::ui::update::Msg;
use logonscope::ui::view::Reply;
use logonscope::ui::write::{Order, Refused, carry_out, completions};
use made::{morning, morning_now};
use stage::Stage;
use std::path::Path;
use std::sync::Arc;

fn file() -> Stage {
    Stage::new(morning().snapshot(Phase::File, morning_now()), 120, 36)
}

/// Presses an export key and names the file.
#[track_caller]
fn order(stage: &mut Stage, keys: &str, path: &Path) -> Arc<Order> {
    stage.asked.clear();
    stage.press(keys).press("Ctrl-u");
    stage.write(&path.display().to_string()).press("Enter");
    match stage.asked.pop() {
        Some(Effect::Write(order)) => order,
        other => panic!("{keys}: {other:?} {}", stage.row_from_below(0)),
    }
}

/// Writes an order as the program would.
fn write(stage: &mut Stage, order: Arc<Order>) {
    let result = carry_out(&order);
    stage.send(Msg::Reply(Reply::Written(order, result)));
}

#[test]
fn each_key_proposes_a_name_and_writes_its_form() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = file();
    for (keys, proposed, begins) in [
        ("w c", "logonscope-accounts-2026-03-14-0942.csv", "account,"),
        ("w j", "logonscope-accounts-2026-03-14-0942.jsonl", "{\"account\":"),
        ("w m", "logonscope-report-2026-03-14-0942.md", "# Logons"),
        ("w h", "logonscope-report-2026-03-14-0942.html", "<!DOCTYPE html>"),
        ("w s", "logonscope-screen-2026-03-14-0942.txt", "screen "),
    ] {
        stage.press("3").press(keys);
        assert!(stage.row_from_below(0).contains(proposed), "{}", stage.row_from_below(0));
        stage.press("Esc");
        let path = folder.path().join(proposed);
        let order = order(&mut stage, keys, &path);
        write(&mut stage, order);
        let said = stage.row_from_below(0);
        assert!(said.starts_with(" wrote ") && said.contains("bytes to /"), "{said}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(begins), "{keys}: {text}");
    }
    let about = std::fs::read_to_string(folder.path().join("logonscope-accounts-2026-03-14-0942.csv.about.txt")).unwrap();
    for wanted in
        ["logonscope-accounts-2026-03-14-0942.csv", "rows        ", "filter      none", "times       UTC", "written by  logonscope"]
    {
        assert!(about.contains(wanted), "no {wanted} in\n{about}");
    }
}

#[test]
fn rows_are_those_of_the_screen_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = file();
    stage.press("3 f").write("account:svc_* or account:jdoe").press("Enter s");
    let shown: Vec<String> = stage
        .picture()
        .lines()
        .skip(4)
        .take(28)
        .filter_map(|line| line.split_whitespace().find(|word| word.contains("@CORP") || word.contains("@corp")).map(str::to_owned))
        .filter(|name| !name.starts_with("account:"))
        .collect();
    assert!(shown.len() > 2, "{shown:?}");
    let path = folder.path().join("a.csv");
    let order = order(&mut stage, "w c", &path);
    write(&mut stage, order);
    assert!(stage.row_from_below(0).contains("filter account:svc_*"), "{}", stage.row_from_below(0));
    let written: Vec<String> = std::fs::read_to_string(&path)
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| {
            let key = line.split(',').next().unwrap();
            key.split_once('\\').map_or(key.to_owned(), |(domain, user)| format!("{user}@{domain}"))
        })
        .collect();
    assert_eq!(written, shown.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>());
}

#[test]
fn the_timeline_writes_its_window_and_a_page_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = file();
    let count = |path: &Path| std::fs::read_to_string(path).unwrap().lines().count() - 1;
    stage.press("1 z a");
    let all = folder.path().join("all.csv");
    let written = order(&mut stage, "w c", &all);
    write(&mut stage, written);
    stage.press("z m");
    let part = folder.path().join("part.csv");
    let written = order(&mut stage, "w c", &part);
    write(&mut stage, written);
    assert!(count(&part) < count(&all) && count(&all) > 10, "{} of {}", count(&part), count(&all));
    // SYSTEM is hidden on the screen, so it is not in the file.
    assert!(!std::fs::read_to_string(&all).unwrap().contains("system"));
    stage.press("7 f").write("account:jdoe@CORP").press("Enter G Enter");
    let page = folder.path().join("page.csv");
    let written = order(&mut stage, "w c", &page);
    write(&mut stage, written);
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(text.lines().skip(1).all(|line| line.contains("jdoe")) && count(&page) == 1, "{text}");
}

#[test]
fn a_file_that_is_there_is_asked_about_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "precious").unwrap();
    let mut stage = file();
    stage.press("3");
    let first = order(&mut stage, "w c", &path);
    write(&mut stage, first);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    let picture = stage.picture();
    assert!(picture.contains("is there already") && picture.contains("overwrite it"), "{picture}");
    stage.press("n");
    assert!(stage.row_from_below(0).contains("a.csv"), "the name is asked again");
    stage.press("Enter");
    let Some(Effect::Write(second)) = stage.asked.pop() else { panic!() };
    write(&mut stage, second);
    stage.asked.clear();
    stage.press("y");
    let Some(Effect::Write(third)) = stage.asked.pop() else { panic!("{}", stage.picture()) };
    write(&mut stage, third);
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("account,"));
    // What was begun is not left behind.
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn what_cannot_be_written_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = file();
    stage.press("3 w c Ctrl-u Enter");
    assert!(stage.row_from_below(0).contains("write a file name"), "{}", stage.row_from_below(0));
    stage.press("Esc");
    for path in [folder.path().join("none/a.csv"), folder.path().to_path_buf()] {
        let order = order(&mut stage, "w c", &path);
        assert!(matches!(carry_out(&order), Err(Refused::Failed(_))));
        write(&mut stage, order);
        assert!(stage.row_from_below(0).contains("not written"), "{}", stage.row_from_below(0));
    }
}

#[test]
fn tab_completes_paths() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("cases")).unwrap();
    let mut stage = file();
    stage.press("w c Ctrl-u").write(&format!("{}/ca", folder.path().display()));
    stage.asked.clear();
    stage.press("Tab");
    let [Effect::CompletePath(text)] = &stage.asked[..] else { panic!("{:?}", stage.asked) };
    let (text, found) = (text.clone(), completions(text));
    stage.send(Msg::Reply(Reply::Paths(text.clone(), found.clone())));
    assert!(stage.picture().contains("/cases/"), "{}", stage.row_from_below(0));
    // An answer that comes after more was typed is not taken.
    stage.write("x");
    stage.send(Msg::Reply(Reply::Paths(text, found)));
    assert!(stage.picture().contains("/cases/x"), "{}", stage.row_from_below(0));
}

#[test]
fn reports_hold_what_the_screen_showed() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = file();
    stage.press("4");
    for keys in ["w h", "w m"] {
        let path = folder.path().join(keys.replace(' ', ""));
        let order = order(&mut stage, keys, &path);
        write(&mut stage, order);
        let text = std::fs::read_to_string(&path).unwrap();
        for wanted in ["What the screen showed", "source never seen for this account in 90 days", "Incidents", "ws17.corp.local"] {
            assert!(text.contains(wanted), "{keys}: no {wanted}");
        }
    }
}
