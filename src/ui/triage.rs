//! Decisions about anomalies on their way between the queue and the case file, and what follows from the case for the
//! anomalies on screen.
//!
//! Keys only make entries; what holds is always read from the case, so that what another run decided looks the same.

use crate::base::time::{Span, Timestamp};
use crate::casefile::entry::{Act, Entry, Scope, State};
use crate::casefile::subject::Subject;
use crate::casefile::{Case, Verdict};
use crate::model::ids::AnomalyId;
use crate::store::Snapshot;
use crate::ui::action::Action;
use crate::ui::app::{App, Asked, Prompt};
use crate::ui::effect::Effect;
use crate::ui::field::TextField;
use crate::ui::popup::{Choice, Menu, Popup};
use std::sync::Arc;

/// The case, and what it says of each anomaly of the snapshot on screen.
#[derive(Clone, Debug, Default)]
pub struct Triage {
    case: Arc<Case>,
    /// With the records the anomaly had then: one that grew may concern somebody else too.
    states: Vec<(State, u32)>,
    open: usize,
    epoch: u64,
    /// Grows with every change of a state.
    version: u64,
}

impl Triage {
    /// Takes over the case as it is now.
    pub fn set(&mut self, case: Arc<Case>, snapshot: &Snapshot) {
        self.case = case;
        self.version += 1;
        self.states.clear();
        self.follow(snapshot);
    }
    /// Looks at the anomalies that are new or grew.
    pub fn follow(&mut self, snapshot: &Snapshot) {
        let anomalies = &snapshot.tables.anomalies;
        if self.epoch != snapshot.epoch || self.states.len() > anomalies.len() {
            self.states.clear();
            self.epoch = snapshot.epoch;
        }
        if self.case.entries().is_empty() {
            self.states.resize(anomalies.len(), (State::New, 0));
            self.open = self.states.len();
            return;
        }
        let known = self.states.len();
        self.states.resize(anomalies.len(), (State::New, 0));
        for (place, (held, anomaly)) in self.states.iter_mut().zip(anomalies.iter()).enumerate() {
            if place >= known || held.1 != anomaly.count {
                let state = self.case.verdict(&Subject::of(anomaly, &snapshot.names, &snapshot.tables)).state;
                self.version += u64::from(held.0 != state);
                *held = (state, anomaly.count);
            }
        }
        self.open = self.states.iter().filter(|(state, _)| state.is_open()).count();
    }
    /// Everything that was decided and noted.
    #[must_use]
    pub fn shared_case(&self) -> Arc<Case> {
        Arc::clone(&self.case)
    }
    #[must_use]
    pub fn case(&self) -> &Case {
        &self.case
    }
    #[must_use]
    pub fn state(&self, id: AnomalyId) -> State {
        self.states.get(id.index()).map_or(State::New, |(state, _)| *state)
    }
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }
    /// Nothing was ever decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.case.entries().is_empty()
    }
    /// Anomalies that are still to be dealt with.
    #[must_use]
    pub const fn open(&self) -> usize {
        self.open
    }
    /// What holds for an anomaly, and which entry says so.
    #[must_use]
    pub fn verdict(&self, id: AnomalyId, snapshot: &Snapshot) -> Verdict<'_> {
        let unknown = Verdict { state: State::New, entry: None };
        snapshot.tables.anomaly(id).map_or(unknown, |anomaly| self.case.verdict(&Subject::of(anomaly, &snapshot.names, &snapshot.tables)))
    }
}

fn subject(app: &App, id: AnomalyId) -> Option<Subject> {
    let snapshot = &app.scene.snapshot;
    snapshot.tables.anomaly(id).map(|anomaly| Subject::of(anomaly, &snapshot.names, &snapshot.tables))
}

fn decide(app: &App, ids: &[AnomalyId], state: State, reason: &str) -> Vec<Effect> {
    let decision = |anomaly| Act::Decide { anomaly, state, reason: reason.to_owned() };
    let acts: Vec<Act> = ids.iter().filter_map(|id| subject(app, *id)).map(decision).collect();
    if acts.is_empty() { Vec::new() } else { vec![Effect::Record(acts)] }
}

/// Entries this near were made by one key.
const ONE_KEY: Span = Span::seconds(2);

/// Takes back what the last key decided: one entry, or those of all anomalies of a line.
fn undo(app: &mut App) -> Vec<Effect> {
    let standing: Vec<&Entry> = app.scene.triage.case.standing().collect();
    let Some(last) = standing.first() else {
        app.say("nothing was decided or noted yet");
        return Vec::new();
    };
    let time = |entry: &Entry| Timestamp::parse(&entry.at);
    let of_one_key = |entry: &&&Entry| match (&last.act, &entry.act) {
        (Act::Decide { state, reason, .. }, Act::Decide { state: other, reason: words, .. }) => {
            let is_near = time(last).zip(time(entry)).is_some_and(|(one, other)| (one - other).abs() <= ONE_KEY);
            state == other && reason == words && is_near
        }
        _ => last.id == entry.id,
    };
    let others: Vec<Subject> = line_of(app, last);
    let is_in_line = |entry: &&&Entry| match &entry.act {
        Act::Decide { anomaly, .. } => last.id == entry.id || others.iter().any(|other| other.is(anomaly)),
        _ => last.id == entry.id,
    };
    let taken = standing.iter().take_while(of_one_key).take_while(is_in_line);
    vec![Effect::Record(taken.map(|entry| Act::Undo { of: entry.id.clone() }).collect())]
}

/// The anomalies of the incident that an entry decided about.
fn line_of(app: &App, entry: &Entry) -> Vec<Subject> {
    let tables = &app.scene.snapshot.tables;
    let Act::Decide { anomaly, .. } = &entry.act else { return Vec::new() };
    let is_it = |id: AnomalyId| subject(app, id).is_some_and(|subject| subject.is(anomaly));
    let same = |found: &crate::model::anomaly::Anomaly| found.detection.id == anomaly.detection;
    let place = tables.anomalies.iter().enumerate().position(|(place, found)| same(found) && is_it(AnomalyId::new(place)));
    let incident = place.and_then(|place| tables.incident(tables.anomaly(AnomalyId::new(place))?.incident));
    incident.map(|incident| incident.anomalies().filter_map(|id| subject(app, id)).collect()).unwrap_or_default()
}

/// What a key says of the line under the cursor: `under`, and the anomalies that stand with it. Dismissals and suppressions
/// ask for more first.
pub(super) fn act(app: &mut App, action: Action, under: Option<AnomalyId>, with: Vec<AnomalyId>) -> Vec<Effect> {
    if action == Action::TriageUndo {
        return undo(app);
    }
    let Some(id) = under else {
        app.say("no anomaly under the cursor");
        return Vec::new();
    };
    match action {
        Action::TriageAck => return decide(app, &with, State::Acknowledged, ""),
        Action::TriageConfirm => return decide(app, &with, State::Confirmed, ""),
        Action::TriageReopen => return reopen(app, &with),
        Action::TriageDismiss => app.prompt = Some(Prompt::Line(Asked::Dismissal(with), TextField::default())),
        _ => app.popup = subject(app, id).map(|subject| Popup::Menu(suppressions(&subject))),
    }
    Vec::new()
}

fn reopen(app: &mut App, ids: &[AnomalyId]) -> Vec<Effect> {
    let mut lifted: Vec<String> = Vec::new();
    let mut decided: Vec<AnomalyId> = Vec::new();
    for id in ids {
        let verdict = app.scene.triage.verdict(*id, &app.scene.snapshot);
        match (verdict.state, verdict.entry) {
            (State::Suppressed, Some(entry)) if lifted.contains(&entry.id) => {}
            (State::Suppressed, Some(entry)) => lifted.push(entry.id.clone()),
            (State::New, _) => {}
            _ => decided.push(*id),
        }
    }
    if lifted.is_empty() && decided.is_empty() {
        app.say("it is open already");
    }
    let mut effects = decide(app, &decided, State::New, "");
    if !lifted.is_empty() {
        effects.push(Effect::Record(lifted.into_iter().map(|of| Act::Undo { of }).collect()));
    }
    effects
}

pub(super) fn dismissed(app: &App, ids: &[AnomalyId], reason: &str) -> Vec<Effect> {
    decide(app, ids, State::Dismissed, reason)
}

/// What a suppression may cover.
fn suppressions(anomaly: &Subject) -> Menu {
    let choice = |(text, scope)| Choice {
        key: None,
        text,
        detail: String::new(),
        effects: vec![Effect::Ask(Asked::Suppression(scope), "30d ".to_owned())],
    };
    Menu { title: format!("suppress {} for", anomaly.detection), choices: scopes(anomaly).into_iter().map(choice).collect(), cursor: 0 }
}

/// The scopes that are offered for an anomaly, narrowest first, with their words.
#[must_use]
pub fn scopes(anomaly: &Subject) -> Vec<(String, Scope)> {
    let one = |names: &[String]| if let [name] = names { Some(name.clone()) } else { None };
    let (account, host, source) = (one(&anomaly.accounts), one(&anomaly.hosts), one(&anomaly.sources));
    let detection = Some(anomaly.detection.clone());
    let all = |account: &Option<String>, host: &Option<String>, source: &Option<String>| Scope {
        detection: detection.clone(),
        account: account.clone(),
        host: host.clone(),
        source: source.clone(),
        until: None,
    };
    let mut offered: Vec<Scope> = Vec::new();
    for scope in [
        all(&account, &host, &source),
        all(&account, &None, &source),
        all(&account, &host, &None),
        all(&account, &None, &None),
        all(&None, &host, &source),
        all(&None, &None, &source),
        all(&None, &host, &None),
        all(&None, &None, &None),
    ] {
        if !offered.contains(&scope) {
            offered.push(scope);
        }
    }
    let words = |scope: &Scope| {
        let entities = [("account", &scope.account), ("host", &scope.host), ("source", &scope.source)];
        let named: Vec<String> = entities.into_iter().filter_map(|(word, name)| Some(format!("{word} {}", name.as_ref()?))).collect();
        if named.is_empty() { "everything of this detection".to_owned() } else { named.join(", ") }
    };
    offered.into_iter().map(|scope| (words(&scope), scope)).collect()
}

/// `30d backup proxy moved`: how long, counted from the clock of the data, and why.
///
/// # Errors
/// The first word is no length; the text says what to write.
pub(super) fn suppressed(now: Timestamp, scope: &Scope, text: &str) -> Result<Act, String> {
    let text = text.trim();
    let (length, reason) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let until = match length {
        "ever" => None,
        length => Some(now + span(length).ok_or_else(|| format!("no length '{length}': write 12h, 30d or ever"))?),
    };
    let scope = Scope { until: until.map(Timestamp::rfc3339), ..scope.clone() };
    Ok(Act::Suppress { scope, reason: reason.trim().to_owned() })
}

fn span(length: &str) -> Option<Span> {
    let unit = length.chars().next_back()?;
    let number: i64 = length.strip_suffix(unit)?.parse().ok().filter(|number| (1..=10_000).contains(number))?;
    match unit {
        'h' => Some(Span::hours(number)),
        'd' => Some(Span::days(number)),
        'w' => Some(Span::days(number * 7)),
        _ => None,
    }
}

/// What entries of one key mean, for the message row; `case` has those before.
#[must_use]
pub fn told(acts: &[Act], case: &Case, is_kept: bool) -> String {
    let many = if acts.len() > 1 { format!(": {} anomalies", acts.len()) } else { String::new() };
    let words = match acts.first() {
        Some(Act::Mark { on, set: true, .. }) => format!("bookmark on this {}; ' and \" go from one to the next, C lists them", on.noun()),
        Some(Act::Mark { on, .. }) => format!("no bookmark on this {} any more; U takes it back", on.noun()),
        Some(Act::Note { on, text, .. }) if text.is_empty() => format!("the note on this {} is gone; U takes it back", on.noun()),
        Some(Act::Note { on, .. }) => format!("note on this {}; C lists all, U takes it back", on.noun()),
        Some(Act::Delete { .. }) => "deleted; U takes it back".to_owned(),
        None => String::new(),
        Some(Act::Decide { state: State::New, .. }) => format!("open again{many}"),
        Some(Act::Decide { state, .. }) => format!("{}{many}; U takes it back", state.word()),
        Some(Act::Suppress { scope, .. }) => format!("suppressed: {}; U takes it back", scope.words()),
        Some(Act::Undo { of }) => match case.entry(of).map(|entry| &entry.act) {
            Some(Act::Mark { set: true, .. }) => "the last bookmark was taken back".to_owned(),
            Some(Act::Mark { .. }) => "the bookmark is back".to_owned(),
            Some(Act::Note { .. }) => "the note is as it was before".to_owned(),
            Some(Act::Delete { .. }) => "what was deleted is back".to_owned(),
            _ => format!("the last decision was taken back{many}"),
        },
    };
    if is_kept { words } else { format!("{words} (until the program ends: --case FILE keeps it)") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suppression_is_as_long_as_it_says() {
        let now = Timestamp::parse("2026-03-14T10:00:00Z").unwrap();
        let until = |text: &str| match suppressed(now, &Scope::default(), text) {
            Ok(Act::Suppress { scope, reason }) => (scope.until.unwrap_or_default(), reason),
            other => panic!("{other:?}"),
        };
        assert_eq!(until("30d"), ("2026-04-13T10:00:00.000000Z".into(), String::new()));
        assert_eq!(until("12h  asked  him "), ("2026-03-14T22:00:00.000000Z".into(), "asked  him".into()));
        assert_eq!(until("1w"), ("2026-03-21T10:00:00.000000Z".into(), String::new()));
        assert_eq!(until("ever"), (String::new(), String::new()));
        for wrong in ["", "30", "d", "-1d", "99999d", "30m", "\u{e4}"] {
            assert!(suppressed(now, &Scope::default(), wrong).unwrap_err().contains("write 12h"), "{wrong}");
        }
    }

    #[test]
    fn scopes_offer_only_what_names_one() {
        let anomaly = Subject {
            detection: "password-spray-windows".into(),
            at: "2026-03-14T09:00:00Z".into(),
            accounts: vec!["corp\\a".into(), "corp\\b".into()],
            hosts: vec!["dc01".into()],
            sources: vec!["10.0.9.66".into()],
        };
        let words: Vec<String> = scopes(&anomaly).into_iter().map(|(words, _)| words).collect();
        assert_eq!(words, ["host dc01, source 10.0.9.66", "source 10.0.9.66", "host dc01", "everything of this detection"]);
    }
}
