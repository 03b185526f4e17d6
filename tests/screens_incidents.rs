//! Incidents in the queue, closed and open, as they are drawn.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/stage.rs"]
mod stage;

use stage::Stage;

#[test]
fn incidents_are_lines_that_open() {
    let snapshot = digest::demo_with(&digest::ATTACK);
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = Stage::new(snapshot.clone(), width, height);
        stage.press("2 g g");
        insta::assert_snapshot!(format!("incidents_{width}"), stage.picture());
        stage.press("Enter j");
        insta::assert_snapshot!(format!("incidents_{width}_open"), stage.picture());
    }
}
