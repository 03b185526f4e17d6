//! The HTTP Event Collector of Splunk: `/services/collector`, `/event`, `/raw`, `/health`, `/ack`.
//!
//! Codes and texts are those of Splunk's documentation ("Troubleshoot HTTP Event Collector"). Of an event the `event` is
//! kept, be it an object or a text that holds one. A request is taken whole or not at all. A success means that the events
//! are safe, so every acknowledgement that was given out is true when it is asked for.

use super::super::parts::{Part, Parts};
use super::super::token::Shown;
use super::{Answer, Asked, Refusal, Service, body};
use hyper::body::Incoming;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

/// A status of the collector: code, text and HTTP status.
struct Code(u8, &'static str, StatusCode);

const SUCCESS: Code = Code(0, "Success", StatusCode::OK);
const TOKEN_MISSING: Code = Code(2, "Token is required", StatusCode::UNAUTHORIZED);
const NO_AUTHORIZATION: Code = Code(3, "Invalid authorization", StatusCode::UNAUTHORIZED);
const TOKEN_WRONG: Code = Code(4, "Invalid token", StatusCode::FORBIDDEN);
const NO_DATA: Code = Code(5, "No data", StatusCode::BAD_REQUEST);
const BAD_FORMAT: Code = Code(6, "Invalid data format", StatusCode::BAD_REQUEST);
const BUSY: Code = Code(9, "Server is busy", StatusCode::SERVICE_UNAVAILABLE);
const NO_CHANNEL: Code = Code(10, "Data channel is missing", StatusCode::BAD_REQUEST);
const NO_EVENT: Code = Code(12, "Event field is required", StatusCode::BAD_REQUEST);
const BLANK_EVENT: Code = Code(13, "Event field cannot be blank", StatusCode::BAD_REQUEST);
const HEALTHY: Code = Code(17, "HEC is healthy", StatusCode::OK);
const FULL: Code = Code(18, "HEC is unhealthy, queues are full", StatusCode::SERVICE_UNAVAILABLE);

impl Code {
    fn answer(&self) -> Answer {
        self.with("")
    }
    /// With more fields, each with a comma before it.
    fn with(&self, more: &str) -> Answer {
        Answer::json(self.2, format!("{{\"text\":\"{}\",\"code\":{}{more}}}", self.1, self.0))
    }
}

pub fn unauthorised(shown: Shown) -> Answer {
    match shown {
        Shown::Missing => TOKEN_MISSING,
        Shown::Malformed => NO_AUTHORIZATION,
        Shown::Wrong | Shown::Valid => TOKEN_WRONG,
    }
    .answer()
}

pub fn refused(refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::Busy => BUSY.answer(),
        Refusal::Broken(_) => Code(6, "Invalid data format", StatusCode::REQUEST_TIMEOUT).answer(),
        Refusal::Wrong(status, _) => Code(6, "Invalid data format", *status).answer(),
    }
}

/// Asked without a token by load balancers.
pub fn is_health(path: &str) -> bool {
    matches!(path, "services/collector/health" | "services/collector/health/1.0")
}

/// One event in its envelope. Other fields say what the record says itself.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
}

/// Adds the events of a body.
fn events(bytes: &[u8], from: SocketAddr, parts: &mut Parts) -> Result<(), (Code, usize)> {
    let envelopes = serde_json::Deserializer::from_slice(bytes).into_iter::<Envelope<'_>>();
    let mut number = 0;
    for envelope in envelopes {
        let event = envelope.map_err(|_| (BAD_FORMAT, number))?.event.ok_or((NO_EVENT, number))?.get();
        if event.starts_with('"') {
            let text: String = serde_json::from_str(event).map_err(|_| (BAD_FORMAT, number))?;
            if text.trim().is_empty() {
                return Err((BLANK_EVENT, number));
            }
            parts.message(text.as_bytes(), from);
        } else {
            parts.message(event.as_bytes(), from);
        }
        number += 1;
    }
    if number == 0 { Err((NO_DATA, 0)) } else { Ok(()) }
}

pub async fn answer(service: &Service, asked: &Asked, body: Incoming) -> Result<Answer, Refusal> {
    if is_health(&asked.path) {
        return Ok(if service.hub.room_now(0).is_some() { HEALTHY.answer() } else { FULL.answer() });
    }
    if asked.method != Method::POST {
        return Ok(Answer::json(
            StatusCode::METHOD_NOT_ALLOWED,
            "{\"text\":\"The requested URL does not support this method.\",\"code\":405}",
        ));
    }
    let channel = asked.headers.contains_key("x-splunk-request-channel") || asked.parameter("channel").is_some();
    let (bytes, room) = body::take(&service.hub, asked, body).await?;
    let parts: Vec<Part> = match asked.path.as_str() {
        "services/collector" | "services/collector/1.0" | "services/collector/event" | "services/collector/event/1.0" => {
            let mut parts = Parts::default();
            if let Err((code, number)) = events(&bytes, asked.from, &mut parts) {
                return Ok(if code.0 == NO_DATA.0 { code.answer() } else { code.with(&format!(",\"invalid-event-number\":{number}")) });
            }
            parts.take().collect()
        }
        "services/collector/raw" | "services/collector/raw/1.0" if bytes.trim_ascii().is_empty() => return Ok(NO_DATA.answer()),
        "services/collector/raw" | "services/collector/raw/1.0" => vec![Part::whole(bytes, asked.from)],
        "services/collector/ack" if !channel => return Ok(NO_CHANNEL.answer()),
        "services/collector/ack" => return Ok(acks(service, &bytes)),
        _ => return Ok(Answer::json(StatusCode::NOT_FOUND, "{\"text\":\"The requested URL was not found on this server.\",\"code\":404}")),
    };
    service.deliver(parts, room).await?;
    Ok(if channel { SUCCESS.with(&format!(",\"ackId\":{}", service.acks.fetch_add(1, Ordering::Relaxed))) } else { SUCCESS.answer() })
}

#[derive(Deserialize)]
struct Acks {
    acks: Vec<u64>,
}

fn acks(service: &Service, bytes: &[u8]) -> Answer {
    let Ok(asked) = serde_json::from_slice::<Acks>(bytes) else { return BAD_FORMAT.answer() };
    let given = service.acks.load(Ordering::Relaxed);
    let mut body = String::from("{\"acks\":{");
    for (number, ack) in asked.acks.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        let _ = write!(body, "{comma}\"{ack}\":{}", *ack < given); // a String takes every write
    }
    body.push_str("}}");
    Answer::json(StatusCode::OK, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<String>, (u8, usize)> {
        let mut parts = Parts::default();
        events(body.as_bytes(), "127.0.0.1:1".parse().unwrap(), &mut parts).map_err(|(code, number)| (code.0, number))?;
        Ok(parts.take().map(|part| String::from_utf8(part.bytes).unwrap()).collect())
    }

    #[test]
    fn the_event_is_taken_out_of_its_envelope_be_it_object_or_text() {
        let body = "{\"time\":1,\"event\":{\"a\":\n1}}{\"event\":\"{\\\"a\\\":2}\",\"host\":\"x\"}\n\n{\"event\":\"<Event/>\"}";
        assert_eq!(read(body).unwrap(), ["{\"a\": 1}\n{\"a\":2}\n", "<Event/>\n"]);
        for (body, expected) in [
            ("", (5, 0)),
            ("  \n", (5, 0)),
            ("{\"event\":{}} {\"host\":\"x\"}", (12, 1)),
            ("{\"event\":\" \"}", (13, 0)),
            ("{\"event\":{}} {\"event\":", (6, 1)),
            ("no json", (6, 0)),
        ] {
            assert_eq!(read(body).unwrap_err(), expected, "{body}");
        }
    }
}
