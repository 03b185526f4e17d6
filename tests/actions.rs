//! Every action by its key: what is pressed before, and what must be new on screen, or asked of the outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;

use logonscope::store::Phase;
use logonscope::ui::action::{ACTIONS, Action};
use logonscope::ui::frame;
use made::{morning, morning_now};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use stage::Stage;
use std::collections::BTreeSet;

/// One action a line: its id, the keys before (`~` begins a word that is typed), and words that only its key brings to
/// the screen. Without words the key must change the picture, move the cursor or ask something of the outside.
const ROWS: &str = r"
help.toggle         |                      | help: Timeline
palette.open        |                      | palette
find.open           | 3                    |
find.next           | 3 / ~svc Enter       |
find.prev           | 3 / ~svc Enter       |
filter.edit         |                      | preview, not applied yet
filter.toggle       | f ~type:10 Enter     | (off) type:10
filter.include      | 3                    | filter> account:
filter.exclude      | 3                    | filter> -account:
filter.undo         | 3 i                  | filter> (none)
filter.redo         | 3 i u                | filter> account:
pivot.open          | 3                    |
nav.back            | 3                    | [1 Timeline]
nav.forward         | 3 q                  | [3 Accounts]
nav.open            | 3                    | Accounts / 
nav.peek            | 3                    |
view.timeline       | 3                    | [1 Timeline]
view.anomalies      |                      | [2 Anomalies
view.accounts       |                      | [3 Accounts]
view.hosts          |                      | [4 Hosts]
view.sources        |                      | [5 Sources]
view.paths          |                      | [6 Paths]
view.events         |                      | [7 Events]
view.inputs         |                      | [8 Inputs]
pane.next           | 3 Enter              |
pane.prev           | 3 Enter              |
cursor.up           | 3 j                  |
cursor.down         | 3                    |
cursor.left         |                      |
cursor.right        | h h                  |
cursor.page_up      | 3 G                  |
cursor.page_down    | 3                    |
cursor.half_up      | 3 G                  |
cursor.half_down    | 3                    |
cursor.first        | 3 G                  |
cursor.last         | 3                    |
go.account          | 3                    | Accounts / 
go.host             | 4                    | Hosts / 
go.source           | 5                    | Sources / 
go.session          | (                    | Timeline / 
go.raw              | 7                    | Events / 
go.path             | 3                    | [6 Paths]
go.time             |                      | go to time
go.detection        | 2                    | detection
anomaly.next        |                      |
anomaly.prev        |                      |
clock.freeze        |                      | FROZEN
replay.start        | (                    |
replay.leave        | replay               |
replay.slower       | replay               |
replay.faster       | replay               |
replay.step         | replay               |
replay.step_back    | replay               |
mark.toggle         | 3                    |
mark.next           | 3 m j                |
mark.prev           | 3 m j                |
note.edit           | 3                    |
case.open           | 3 m                  |
case.delete         | 3 m C                |
copy.cell           | 3                    |
copy.account        | 3                    |
copy.host           | 4                    |
copy.source         | 5                    |
copy.session        | (                    |
copy.raw            | 7                    |
copy.filter         | 3 i                  |
copy.link           | 3                    |
export.csv          | 3                    |
export.jsonl        | 3                    |
export.markdown     | 3                    |
export.html         | 3                    |
export.screen       | 3                    |
export.case         | 3                    |
toggle.utc          |                      | times in the local zone
toggle.ascii        |                      | glyphs: unicode
toggle.theme        |                      | theme: default-light
toggle.machine      | 3                    | machine accounts hidden
toggle.service      | 3                    | built-in accounts (SYSTEM
toggle.relative     | 7                    |
toggle.privacy      | 3                    |
toggle.mouse        |                      | mouse on
toggle.perf         |                      | timing
toggle.wrap         |                      | long lines wrapped
toggle.lanes        |                      | empty lanes hidden
inputs.rescan       |                      | looking at the inputs again
screen.redraw       |                      |
app.suspend         |                      |
app.quit            |                      |
popup.dismiss       | ?                    | [1 Timeline]
time.zoom_in        |                      |
time.zoom_out       | +                    |
time.fit_all        | +                    |
time.fit_session    | (                    |
time.day            | +                    |
time.hour           |                      |
time.quarter        |                      |
time.centre         | + + h h h            |
time.pan_left       | + +                  |
time.pan_right      | + + H                |
time.day_prev       |                      |
time.day_next       | {                    |
time.window_start   |                      |
time.window_end     | 0                    |
lane.next           |                      |
lane.prev           | J                    |
lane.event_next     | 0                    |
lane.event_prev     | 0 ) )                |
lane.fold           |                      |
lane.group          |                      |
lane.solo           |                      |
time.select         |                      | Enter: filter
time.range          | v h h h              |
replay.loop         | v h h h              |
triage.ack          | 2                    |
triage.dismiss      | 2                    | dismiss, because
triage.confirm      | 2                    |
triage.suppress     | 2                    |
triage.reopen       | 2 a                  |
triage.undo         | 2 a                  |
table.sort          | 3                    |
table.reverse       | 3                    |
table.columns       | 3                    |
table.widen         | 3                    |
table.narrow        | 3                    |
table.select        | 3                    |
table.group         | 7                    |
columns.toggle      | 3 z c j              |
columns.down        | 3 z c                |
columns.up          | 3 z c j j            |
columns.reset       | 3 z c j Space        |
page.baseline       | 3 Enter              | what is usual is shown
page.form           | 7 Enter              |
page.event_next     | ( g i                |
page.event_prev     | ( g i                |
page.logons         | ( g i                |
path.deeper         | 5 g p                |
path.shallower      | 5 g p                |
path.direction      | 5 g p                |
path.next           | 6                    |
path.prev           | 6                    |
popup.accept        | ?                    |
popup.refuse        | q                    |
text.accept         | f ~type:10           | hidden
text.cancel         | f ~type:10           | filter> (none)
text.complete       | f ~acc               | filter> account
text.choice_next    | f ~s                 |
text.choice_prev    | f ~s Down            |
text.history_search | f ~type:10 Enter f   |
text.page_next      | Ctrl-p               |
text.page_prev      | Ctrl-p PageDown      |
text.left           | f ~abc               |
text.right          | f ~abc Left          |
text.word_left      | f ~abc               |
text.word_right     | f ~abc Home          |
text.home           | f ~abc               |
text.end            | f ~abc Home          |
text.delete_back    | f ~abc               |
text.delete         | f ~abc Left          |
text.delete_word    | f ~abc               |
text.kill_start     | f ~abc               |
text.kill_end       | f ~abc Home          |
text.help           | f                    | what a filter may say
";

struct Row {
    id: &'static str,
    before: &'static str,
    shows: &'static str,
}

fn rows() -> Vec<Row> {
    let row = |line: &'static str| {
        let mut parts = line.splitn(3, '|');
        let (id, before, shows) = (parts.next().unwrap().trim(), parts.next().unwrap().trim(), parts.next().unwrap());
        Row { id, before, shows: shows.strip_prefix(' ').unwrap_or(shows) }
    };
    ROWS.lines().filter(|line| !line.is_empty()).map(row).collect()
}

fn stage(before: &str) -> Stage {
    let replay = before == "replay";
    let phase = if replay { Phase::Replay { playing: true, speed: 60.0, position: 9, events: 100 } } else { Phase::Live };
    let mut stage = Stage::new(morning().snapshot(phase, morning_now()), 120, 36);
    for word in before.split_whitespace().filter(|_| !replay) {
        match word.strip_prefix('~') {
            Some(text) => stage.write(text),
            None => stage.press(word),
        };
    }
    stage
}

/// All that is seen: cells with their styles, and the cursor of the terminal.
fn seen(stage: &Stage) -> (Buffer, Option<Position>) {
    let mut buffer = Buffer::empty(stage.app.size);
    let cursor = frame::draw(&stage.app, &mut buffer);
    (buffer, cursor)
}

/// What is wrong with an action, if anything.
fn mistake(row: &Row) -> Option<String> {
    let Some(action) = Action::find(row.id) else { return Some("there is no such action".to_owned()) };
    let mut stage = stage(row.before);
    let context = stage.app.context();
    let keymap = stage.app.keymap.clone();
    let Some(binding) = keymap.bindings(context).find(|binding| binding.action == action) else {
        return Some(format!("it has no key in {}", context.name()));
    };
    let (before, picture, asked) = (seen(&stage), stage.picture(), stage.asked.len());
    for chord in &binding.chords {
        stage.press(&chord.to_string());
    }
    let after = stage.picture();
    for told in ["not yet", "means nothing here"] {
        if after.contains(told) {
            return Some(format!("it says '{told}'"));
        }
    }
    if row.shows.is_empty() {
        let is_idle = seen(&stage) == before && stage.asked.len() == asked;
        return is_idle.then(|| format!("{} does nothing:\n{after}", binding.keys()));
    }
    let is_new = after.contains(row.shows) && !picture.contains(row.shows);
    (!is_new).then(|| format!("{} does not bring `{}` to the screen:\n{after}", binding.keys(), row.shows))
}

#[test]
fn every_action_does_something_by_its_key() {
    let rows = rows();
    let wrong: Vec<String> = rows.iter().filter_map(|row| Some(format!("{}: {}", row.id, mistake(row)?))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_action_has_one_row() {
    let rows = rows();
    let listed: BTreeSet<&str> = rows.iter().map(|row| row.id).collect();
    assert_eq!(listed.len(), rows.len());
    let missing: Vec<&str> = ACTIONS.iter().map(|(_, id, _)| *id).filter(|id| !listed.contains(id)).collect();
    assert!(missing.is_empty(), "no row in tests/actions.rs for {missing:?}");
}
