//! The lines: words for people, the same as JSON for programs.

use super::news::{News, Told, lost};
use super::{AREA, Style};
use crate::base::text::{clean, count};
use crate::model::anomaly::Severity;
use crate::model::ids::{AnomalyId, VisitId};
use crate::ui::app::App;
use crate::ui::view::{Ctx, words};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// One line, in both forms.
pub struct Said {
    /// `anomaly high`, `session open`: before the colon.
    sort: String,
    words: String,
    json: Value,
}

/// Writes a line. Control characters of logs come out as `^X`, in JSON as escapes.
///
/// # Errors
/// As `out`.
pub fn write(out: &mut impl Write, style: Style, said: &Said) -> io::Result<()> {
    match style {
        Style::Words => writeln!(out, "{}: {}", said.sort, clean(&said.words)),
        Style::Json => {
            serde_json::to_writer(&mut *out, &said.json)?;
            out.write_all(b"\n")
        }
    }
}

/// A sentence of the program's own.
#[must_use]
pub fn notice(words: &str) -> Said {
    Said { sort: "notice".to_owned(), words: words.to_owned(), json: json!({"kind": "notice", "text": words}) }
}

#[must_use]
pub fn news(news: &News, app: &App) -> Said {
    let ctx = app.scene.ctx(AREA);
    let said = match news {
        News::Input(place) => input(*place, &ctx),
        News::Loss(place) => loss(*place, &ctx),
        News::Anomaly(id) => anomaly(*id, &ctx),
        News::Open(id) => session(*id, true, &ctx),
        News::End(id) => session(*id, false, &ctx),
    };
    said.unwrap_or_else(|| notice("something of the state could not be read"))
}

fn input(place: usize, ctx: &Ctx<'_>) -> Option<Said> {
    let input = ctx.snapshot.inputs.get(place)?;
    let shape = input.shapes.first().map_or("", |(shape, _)| shape);
    let problem = input.problem.as_ref().map(|problem| format!(", {problem}")).unwrap_or_default();
    let of = if shape.is_empty() { String::new() } else { format!(" of {shape}") };
    let path = input.path.display().to_string();
    Some(Said {
        sort: "input".to_owned(),
        words: format!("{path}: {}, {} events{of}{problem}", input.state.word(), count(input.events)),
        json: json!({
            "kind": "input", "path": path, "state": input.state.word(), "events": input.events, "records": input.records,
            "shape": shape, "problem": input.problem,
        }),
    })
}

fn loss(place: usize, ctx: &Ctx<'_>) -> Option<Said> {
    let input = ctx.snapshot.inputs.get(place)?;
    let path = input.path.display().to_string();
    let reasons: Vec<String> = [
        (input.unreadable, "records or places could not be read"),
        (input.checksum_mismatches, "chunks with a wrong checksum"),
        (input.dropped, "records dropped by the log itself"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, words)| format!("{} {words}", count(number)))
    .collect();
    Some(Said {
        sort: "loss".to_owned(),
        words: format!("{path}: {}", reasons.join(", ")),
        json: json!({
            "kind": "loss", "path": path, "lost": lost(input), "unreadable": input.unreadable,
            "checksum": input.checksum_mismatches, "dropped": input.dropped,
        }),
    })
}

/// `svc_backup@CORP on FS01 from 10.0.9.66`, with how many more there are.
fn subject(accounts: &[String], hosts: &[String], sources: &[String]) -> String {
    let part = |word: &str, names: &[String]| match names {
        [] => String::new(),
        [one] => format!("{word}{one}"),
        [one, rest @ ..] => format!("{word}{one} and {} more", rest.len()),
    };
    format!("{}{}{}", part("", accounts), part(" on ", hosts), part(" from ", sources)).trim().to_owned()
}

pub(super) fn anomaly(id: AnomalyId, ctx: &Ctx<'_>) -> Option<Said> {
    let anomaly = ctx.snapshot.tables.anomaly(id)?;
    let accounts: Vec<String> = anomaly.accounts.iter().map(|id| words::account(*id, ctx)).collect();
    let hosts: Vec<String> = anomaly.hosts.iter().map(|id| words::host(*id, ctx)).collect();
    let sources: Vec<String> = anomaly.sources.iter().map(|id| words::source(*id, ctx)).collect();
    let (number, state) = (id.index() + 1, ctx.triage.state(id));
    let decided = if state == crate::casefile::entry::State::New { String::new() } else { format!(" ({})", state.word()) };
    let words = format!(
        "{} number {number}{decided}, score {}, {}: {}: {}",
        ctx.zone.date_time(anomaly.raised_at),
        anomaly.score,
        anomaly.detection.id,
        subject(&accounts, &hosts, &sources),
        anomaly.why
    );
    Some(Said {
        sort: format!("anomaly {}", anomaly.severity.word()),
        words,
        json: json!({
            "kind": "anomaly", "number": number, "at": anomaly.raised_at.rfc3339(), "first": anomaly.at.rfc3339(),
            "severity": anomaly.severity.word(), "score": anomaly.score, "detection": anomaly.detection.id,
            "title": anomaly.detection.title, "accounts": accounts, "hosts": hosts, "sources": sources, "why": anomaly.why,
            "attack": anomaly.detection.attack, "state": state.word(),
        }),
    })
}

pub(super) fn session(id: VisitId, begins: bool, ctx: &Ctx<'_>) -> Option<Said> {
    let visit = ctx.snapshot.tables.visit(id)?;
    let known = |name: String| if name == words::ABSENT { Vec::new() } else { vec![name] };
    let (account, host) = (known(words::account(visit.account, ctx)), known(words::host(visit.host, ctx)));
    let source = known(words::source(visit.source, ctx));
    let who = subject(&account, &host, &source);
    let logon_type = words::type_long(visit.logon_type, visit.lane);
    let first = ctx.snapshot.tables.session(visit.first_session);
    let logon_id = first.filter(|session| session.logon_id.0 != 0).map(|session| session.logon_id.to_string());
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("kind", json!(if begins { "session_open" } else { "session_end" }));
    put("at", json!(if begins { visit.start } else { visit.end_or(ctx.now()) }.rfc3339()));
    put("start", json!(visit.start.rfc3339()));
    put("account", json!(account.first()));
    put("host", json!(host.first()));
    put("source", json!(source.first()));
    put("type", json!(visit.logon_type.number()));
    put("lane", json!(visit.lane.word()));
    put("logon_id", json!(logon_id));
    let number = logon_id.map(|id| format!(", LogonId {id}")).unwrap_or_default();
    let words = if begins {
        let privileged = if visit.privileged { ", privileged" } else { "" };
        format!("{} {logon_type} {who}{number}{privileged}", ctx.zone.date_time(visit.start))
    } else {
        let end = visit.end_or(ctx.now());
        let length = end - visit.start;
        put("seconds", json!(length.as_seconds()));
        put("how", json!(visit.end_reason.word()));
        let how = words::session_end(visit.end_reason);
        format!("{} {logon_type} {who}{number}, after {}, {how}", ctx.zone.date_time(end), length.words())
    };
    Some(Said { sort: if begins { "session open" } else { "session end" }.to_owned(), words, json: Value::Object(fields) })
}

/// The last line.
#[must_use]
pub fn end(app: &App, told: &Told) -> Said {
    let snapshot = &app.newest;
    let events = snapshot.tables.events.len() as u64;
    let open = (0..snapshot.tables.anomalies.len()).map(AnomalyId::new).filter(|id| app.scene.triage.state(*id).is_open());
    let worst: Option<Severity> = open.filter_map(|id| snapshot.tables.anomaly(id)).map(|anomaly| anomaly.severity).max();
    let untold = match told.machinery {
        0 => String::new(),
        number => format!("; {} sessions of computers and of Windows itself were not told", count(number)),
    };
    let words = format!(
        "{} events, {} sessions, {} anomalies, worst {}{untold}",
        count(events),
        count(told.sessions),
        count(told.alerts),
        worst.map_or("none", Severity::word)
    );
    let json = json!({
        "kind": "end", "events": events, "sessions": told.sessions, "anomalies": told.alerts,
        "worst": worst.map(Severity::word), "sessions_not_told": told.machinery,
    });
    Said { sort: "end".to_owned(), words, json }
}

/// A line of an answer.
#[must_use]
pub fn line(said: &Said) -> String {
    format!("{}: {}", said.sort, said.words)
}
