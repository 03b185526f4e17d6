//! Commands by line, for those who cannot use a screen.

use super::{AREA, say};
use crate::base::text::count;
use crate::casefile::entry::{Act, State};
use crate::casefile::subject::Subject;
use crate::model::ids::{AccountId, AnomalyId, VisitId};
use crate::ui::app::App;
use crate::ui::run::Recorder;
use crate::ui::triage;
use crate::ui::update::hear;
use crate::ui::view::anomalies::explained;
use std::cmp::Reverse;
use std::sync::Arc;

/// What a command says.
pub enum Answer {
    Quit,
    Lines(Vec<String>),
}

/// Lines of a list, unless a number is written behind the command.
const LISTED: usize = 20;

/// Every command, what follows it, and what it does.
const COMMANDS: [(&str, &str, &str); 9] = [
    ("anomalies", "[COUNT]", "what is odd and still open, worst first"),
    ("why", "NUMBER", "why an anomaly was raised, and what to check"),
    ("ack", "NUMBER", "acknowledge: somebody looks at it"),
    ("confirm", "NUMBER", "confirm as part of an incident"),
    ("dismiss", "NUMBER WORDS", "dismiss as benign, because"),
    ("accounts", "[COUNT]", "accounts, worst first"),
    ("sessions", "[COUNT]", "sessions that are open, newest first"),
    ("inputs", "", "what was read"),
    ("quit", "", "end"),
];

/// Does what a line says.
pub fn act(line: &str, app: &mut App, recorder: &mut Recorder) -> Answer {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    Answer::Lines(match word.to_lowercase().as_str() {
        "" => Vec::new(),
        "quit" | "q" | "exit" => return Answer::Quit,
        "help" | "?" => help(),
        "anomalies" => anomalies(app, most(rest)),
        "accounts" => accounts(app, most(rest)),
        "sessions" => sessions(app, most(rest)),
        "inputs" => inputs(app),
        "why" => with_number(rest, app, |id, _, app| why(id, app)),
        "ack" => with_number(rest, app, |id, _, app| decide(id, State::Acknowledged, "", app, recorder)),
        "confirm" => with_number(rest, app, |id, _, app| decide(id, State::Confirmed, "", app, recorder)),
        "dismiss" => with_number(rest, app, |id, words, app| decide(id, State::Dismissed, words, app, recorder)),
        other => vec![format!("no command '{other}': help lists them")],
    })
}

fn most(text: &str) -> usize {
    text.parse().unwrap_or(LISTED)
}

fn help() -> Vec<String> {
    let line = |(word, follows, text): (&str, &str, &str)| format!("{word} {follows}: {text}").replace(" :", ":");
    COMMANDS.into_iter().map(line).collect()
}

/// Runs a command on the anomaly whose number stands first.
fn with_number(text: &str, app: &mut App, mut run: impl FnMut(AnomalyId, &str, &mut App) -> Vec<String>) -> Vec<String> {
    let (number, words) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let id = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).map(AnomalyId::new);
    match id.filter(|id| app.newest.tables.anomaly(*id).is_some()) {
        Some(id) => run(id, words.trim(), app),
        None => vec![format!("no anomaly has the number '{number}': anomalies lists them")],
    }
}

fn anomalies(app: &App, most: usize) -> Vec<String> {
    let ctx = app.scene.ctx(AREA);
    let all = (0..app.newest.tables.anomalies.len()).map(AnomalyId::new);
    let mut open: Vec<AnomalyId> = all.filter(|id| app.scene.triage.state(*id).is_open()).collect();
    open.sort_by_key(|id| app.newest.tables.anomaly(*id).map(|anomaly| Reverse((anomaly.severity, anomaly.score, anomaly.raised_at))));
    let mut lines: Vec<String> = open.iter().take(most).filter_map(|id| say::anomaly(*id, &ctx)).map(|said| say::line(&said)).collect();
    lines.push(format!("{} of {} open anomalies", lines.len(), count(open.len() as u64)));
    lines
}

fn accounts(app: &App, most: usize) -> Vec<String> {
    let (tables, names) = (&app.newest.tables, &app.newest.names);
    let stands = |id: &AccountId| tables.account_id(*id) == *id;
    let mut ids: Vec<AccountId> = (0..tables.accounts.len()).map(AccountId::new).filter(stands).collect();
    ids.sort_by_key(|id| tables.account(*id).map(|account| Reverse((account.worst, account.anomalies, account.visits))));
    let line = |id: &AccountId| {
        let account = tables.account(*id)?;
        let worst = account.worst.map_or("", |worst| worst.word());
        let odd = if account.anomalies > 0 { format!(", {} anomalies, worst {worst}", account.anomalies) } else { String::new() };
        let (ok, failed) = (count(account.successes.into()), count(account.failures.into()));
        Some(format!(
            "account: {}, {}, {ok} ok, {failed} failed, {} open{odd}",
            account.name(names),
            account.class.word(),
            account.open_visits
        ))
    };
    let mut lines: Vec<String> = ids.iter().take(most).filter_map(line).collect();
    lines.push(format!("{} of {} accounts", lines.len(), count(ids.len() as u64)));
    lines
}

fn sessions(app: &App, most: usize) -> Vec<String> {
    let ctx = app.scene.ctx(AREA);
    let mut open: Vec<VisitId> = app.newest.tables.visits().filter(|(_, visit)| visit.is_open()).map(|(id, _)| id).collect();
    open.sort_by_key(|id| app.newest.tables.visit(*id).map(|visit| Reverse(visit.start)));
    let mut lines: Vec<String> =
        open.iter().take(most).filter_map(|id| say::session(*id, true, &ctx)).map(|said| say::line(&said)).collect();
    lines.push(format!("{} of {} open sessions", lines.len(), count(open.len() as u64)));
    lines
}

fn inputs(app: &App) -> Vec<String> {
    let news = (0..app.newest.inputs.len()).map(super::news::News::Input);
    news.map(|news| say::line(&say::news(&news, app))).collect()
}

fn why(id: AnomalyId, app: &App) -> Vec<String> {
    let ctx = app.scene.ctx(AREA);
    let Some(anomaly) = app.newest.tables.anomaly(id) else { return Vec::new() };
    explained(id, anomaly, &ctx).into_iter().map(|pair| format!("{}: {}", pair.label, pair.words)).collect()
}

fn decide(id: AnomalyId, state: State, reason: &str, app: &mut App, recorder: &mut Recorder) -> Vec<String> {
    let snapshot = Arc::clone(&app.newest);
    let Some(anomaly) = snapshot.tables.anomaly(id) else { return Vec::new() };
    let anomaly = Subject::of(anomaly, &snapshot.names, &snapshot.tables);
    let acts = vec![Act::Decide { anomaly, state, reason: reason.to_owned() }];
    let said = triage::told(&acts, app.scene.triage.case(), recorder.is_kept);
    let (case, complaint) = (recorder.record)(acts);
    hear(app, case);
    // Nothing is pressed here.
    let said = said.replace("; U takes it back", "");
    std::iter::once(format!("number {}: {said}", id.index() + 1)).chain(complaint).collect()
}
