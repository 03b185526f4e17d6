//! Everything in a history as JSON lines, for other programs. Texts of logs are cleaned as everywhere.

use super::error::{At as _, HistoryError};
use super::row::outcome_word;
use super::{days, name, schema};
use crate::base::text::clean;
use crate::base::time::{TICKS_PER_SECOND, Timestamp};
use rusqlite::{Connection, Row};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::path::Path;

/// Why a dump ended early.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn moment(second: i64, fraction: i64) -> Value {
    let at = Timestamp::from_ticks(second.saturating_mul(TICKS_PER_SECOND).saturating_add(fraction));
    at.map_or(Value::Null, |at| Value::String(at.rfc3339()))
}

fn date(day: i64) -> Value {
    let at = Timestamp::from_unix_seconds(day.saturating_mul(86_400));
    at.map_or(Value::Null, |at| Value::String(at.to_chrono().format("%Y-%m-%d").to_string()))
}

/// A name without its letter; nothing for none.
fn text(name: Option<String>) -> Value {
    name.map_or(Value::Null, |name| Value::String(clean(name::text(&name)).into_owned()))
}

fn hours(mask: u32) -> Vec<u32> {
    (0..24).filter(|hour| mask >> hour & 1 == 1).collect()
}

type Line = fn(&Row<'_>) -> rusqlite::Result<Value>;

/// What stands in each kind of line.
const LINES: [(&str, &str, Line); 6] = [
    ("account", "SELECT n.text, a.sid, a.class FROM accounts a JOIN names n ON n.id = a.name ORDER BY n.text", |row| {
        let sid: String = row.get(1)?;
        Ok(json!({ "account": text(row.get(0)?), "sid": clean(&sid), "class": row.get::<_, String>(2)? }))
    }),
    (
        "event",
        "SELECT a.text, e.at, e.fraction, w.text, e.outcome, e.type, h.text, s.text, c.text FROM events e
         JOIN names a ON a.id = e.account JOIN names w ON w.id = e.what LEFT JOIN names h ON h.id = e.host
         LEFT JOIN names s ON s.id = e.source LEFT JOIN names c ON c.id = e.status ORDER BY e.account, e.at, e.record",
        |row| {
            Ok(json!({
                "account": text(row.get(0)?), "time": moment(row.get(1)?, row.get(2)?), "event": text(row.get(3)?),
                "outcome": outcome_word(row.get(4)?), "logon_type": row.get::<_, Option<u8>>(5)?,
                "host": text(row.get(6)?), "source": text(row.get(7)?), "status": text(row.get(8)?),
            }))
        },
    ),
    (
        "session",
        "SELECT a.text, x.start, x.stop, h.text, s.text, l.text, x.start_quality, x.reason, x.logons FROM sessions x
         JOIN names a ON a.id = x.account JOIN names l ON l.id = x.lane LEFT JOIN names h ON h.id = x.host
         LEFT JOIN names s ON s.id = x.source ORDER BY x.account, x.start, x.session",
        |row| {
            let end: Option<i64> = row.get(2)?;
            Ok(json!({
                "account": text(row.get(0)?), "start": moment(row.get(1)?, 0), "end": end.map(|end| moment(end, 0)),
                "host": text(row.get(3)?), "source": text(row.get(4)?), "lane": text(row.get(5)?),
                "start_quality": row.get::<_, String>(6)?, "end_reason": row.get::<_, String>(7)?, "logons": row.get::<_, u32>(8)?,
            }))
        },
    ),
    ("anomaly", "SELECT at, detection, severity, score, subject, why, records FROM anomalies ORDER BY at, anomaly", |row| {
        let (subject, why): (String, String) = (row.get(4)?, row.get(5)?);
        let subject: Value = serde_json::from_str(&clean(&subject)).unwrap_or_default();
        Ok(json!({
            "time": moment(row.get(0)?, 0), "kind": row.get::<_, String>(1)?, "severity": row.get::<_, String>(2)?,
            "score": row.get::<_, u32>(3)?, "accounts": subject.get("accounts"), "hosts": subject.get("hosts"),
            "sources": subject.get("sources"), "why": clean(&why), "records": row.get::<_, u32>(6)?,
        }))
    }),
    (
        "baseline",
        "SELECT h.text, d.text, v.text, f.first, f.last, f.days FROM facts f JOIN names h ON h.id = f.holder
         JOIN names d ON d.id = f.dimension JOIN names v ON v.id = f.value ORDER BY f.holder, f.dimension, f.value",
        |row| {
            let counts = row.get_ref(5)?.as_blob().ok().and_then(days::read).unwrap_or_default();
            let days: Map<String, Value> =
                counts.into_iter().filter_map(|(day, count)| Some((date(day).as_str()?.to_owned(), count.into()))).collect();
            Ok(json!({
                "of": text(row.get(0)?), "dimension": text(row.get(1)?), "value": text(row.get(2)?),
                "first": moment(row.get(3)?, 0), "last": moment(row.get(4)?, 0), "days": days,
            }))
        },
    ),
    ("hours", "SELECT n.text, x.day, x.people, x.runs FROM hours x JOIN names n ON n.id = x.account ORDER BY x.account, x.day", |row| {
        Ok(json!({ "account": text(row.get(0)?), "day": date(row.get(1)?), "people": hours(row.get(2)?), "runs": hours(row.get(3)?) }))
    }),
];

/// Writes one JSON object a line; `row` says what it is.
///
/// # Errors
/// There is no history, it cannot be read, or `out` cannot be written to.
pub fn write(path: &Path, out: &mut dyn Write) -> Result<(), DumpError> {
    let connection = schema::open_to_read(path)?;
    for (kind, query, line) in LINES {
        lines(&connection, path, (kind, query, line), out)?;
    }
    Ok(())
}

fn lines(connection: &Connection, path: &Path, (kind, query, line): (&str, &str, Line), out: &mut dyn Write) -> Result<(), DumpError> {
    let mut statement = connection.prepare(query).at(path)?;
    let mut rows = statement.query([]).at(path)?;
    while let Some(row) = rows.next().at(path)? {
        let mut object = Map::new();
        object.insert("row".to_owned(), kind.into());
        if let Value::Object(rest) = line(row).at(path)? {
            object.extend(rest);
        }
        serde_json::to_writer(&mut *out, &object).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
