//! As much of Elasticsearch as shippers ask for: `_bulk`, and the questions they ask before it.
//!
//! Templates, policies, pipelines, aliases and data streams are said to be there already, and are taken without effect
//! when a shipper sends them: winlogbeat 7 and 8 then go on to `_bulk`. The version that is told is at least the shipper's
//! own, because shippers refuse an older server. A broken document is refused by itself, in its item, and counted.

use super::super::parts::Parts;
use super::{Answer, Asked, Refusal, Service, body};
use hyper::body::Incoming;
use hyper::header::{HeaderName, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::SocketAddr;

/// The version told when the shipper does not say its own.
const VERSION: (u32, u32, u32) = (8, 19, 0);

/// Official clients stop when this is missing.
const PRODUCT: HeaderName = HeaderName::from_static("x-elastic-product");

/// Whether a part of a path says that documents follow.
pub fn is_write(part: &str) -> bool {
    matches!(part, "_bulk" | "_doc" | "_create")
}

fn answered(status: StatusCode, body: impl Into<String>) -> Answer {
    Answer::json(status, body).with(PRODUCT, "Elasticsearch")
}

fn failed(status: StatusCode, kind: &str, reason: &str) -> Answer {
    let reason = serde_json::Value::from(reason);
    let cause = format!("{{\"type\":\"{kind}\",\"reason\":{reason}}}");
    let body = format!("{{\"error\":{{\"root_cause\":[{cause}],\"type\":\"{kind}\",\"reason\":{reason}}},\"status\":{}}}", status.as_u16());
    answered(status, body)
}

pub fn unauthorised() -> Answer {
    failed(StatusCode::UNAUTHORIZED, "security_exception", "missing or wrong credentials: send a token of the token file")
        .with(WWW_AUTHENTICATE, "Basic realm=\"security\", charset=\"UTF-8\"")
}

pub fn refused(refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::Busy => failed(StatusCode::TOO_MANY_REQUESTS, "es_rejected_execution_exception", "everything is full, come again"),
        Refusal::Wrong(status, why) => failed(*status, "illegal_argument_exception", why),
        Refusal::Broken(why) => failed(StatusCode::REQUEST_TIMEOUT, "timeout_exception", why),
    }
}

/// The version in `Elastic-winlogbeat/8.15.3 (windows; ...)`, when it is newer.
fn version(agent: &str) -> (u32, u32, u32) {
    let own = || {
        let (name, rest) = agent.split_once('/')?;
        if !name.to_ascii_lowercase().ends_with("beat") && !name.starts_with("Elastic") {
            return None;
        }
        let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let mut numbers = number.split('.').map(|part| part.parse::<u32>().ok());
        Some((numbers.next()??, numbers.next()??, numbers.next()??))
    };
    own().map_or(VERSION, |own| own.max(VERSION))
}

fn info(asked: &Asked) -> String {
    let (major, minor, patch) = version(asked.agent());
    format!(
        "{{\"name\":\"logonscope\",\"cluster_name\":\"logonscope\",\"cluster_uuid\":\"bG9nb25zY29wZQ\",\"version\":{{\
         \"number\":\"{major}.{minor}.{patch}\",\"build_flavor\":\"default\",\"build_type\":\"tar\",\"build_hash\":\"0\",\
         \"build_date\":\"2026-01-01T00:00:00Z\",\"build_snapshot\":false,\"lucene_version\":\"9.12.0\",\
         \"minimum_wire_compatibility_version\":\"7.17.0\",\"minimum_index_compatibility_version\":\"7.0.0\"}},\
         \"tagline\":\"You Know, for Search\"}}"
    )
}

const LICENSE: &str = "{\"license\":{\"status\":\"active\",\"uid\":\"6c6f676f-6e73-636f-7065-000000000000\",\"type\":\"basic\",\
     \"issue_date\":\"2026-01-01T00:00:00.000Z\",\"issue_date_in_millis\":1767225600000,\"max_nodes\":1000,\
     \"issued_to\":\"logonscope\",\"issuer\":\"elasticsearch\",\"start_date_in_millis\":-1}}";

const XPACK: &str = "{\"build\":{\"hash\":\"0\",\"date\":\"2026-01-01T00:00:00Z\"},\"license\":{\"uid\":\"6c6f676f-6e73-636f-7065-000000000000\",\
     \"type\":\"basic\",\"mode\":\"basic\",\"status\":\"active\"},\"features\":{\"ilm\":{\"available\":true,\"enabled\":true},\
     \"security\":{\"available\":true,\"enabled\":false},\"data_streams\":{\"available\":true,\"enabled\":true}},\
     \"tagline\":\"You know, for X\"}";

const HEALTH: &str = "{\"cluster_name\":\"logonscope\",\"status\":\"green\",\"timed_out\":false,\"number_of_nodes\":1,\
     \"number_of_data_nodes\":1,\"active_primary_shards\":0,\"active_shards\":0,\"relocating_shards\":0,\"initializing_shards\":0,\
     \"unassigned_shards\":0}";

/// What is asked for by name; it is said to be there.
const NAMED: [&str; 8] = ["_ilm", "_index_template", "_component_template", "_template", "_ingest", "_alias", "_data_stream", "_security"];

pub async fn answer(service: &Service, asked: &Asked, body: Incoming) -> Result<Answer, Refusal> {
    let parts: Vec<&str> = asked.path.split('/').filter(|part| !part.is_empty()).collect();
    let reads = asked.method == Method::GET || asked.method == Method::HEAD;
    if !reads {
        if parts.contains(&"_bulk") {
            return bulk(service, asked, body).await;
        }
        if parts.iter().any(|part| is_write(part)) {
            return document(service, asked, body).await;
        }
        // A template may be long; it is read so that the connection can go on, and is not kept.
        body::take(&service.hub, asked, body).await?;
    }
    let said = match (parts.as_slice(), reads) {
        ([], true) => info(asked),
        (["_license"], true) => LICENSE.to_owned(),
        (["_xpack", ..], true) => XPACK.to_owned(),
        (["_cluster", "health", ..], true) => HEALTH.to_owned(),
        (["_cluster", ..] | ["_nodes", ..] | ["_stats", ..], true) => {
            "{\"cluster_name\":\"logonscope\",\"persistent\":{},\"transient\":{},\"nodes\":{}}".to_owned()
        }
        (["_cat", ..], true) => "[]".to_owned(),
        (["_index_template", name], true) => format!("{{\"index_templates\":[{{\"name\":{},\"index_template\":{{}}}}]}}", quoted(name)),
        (["_data_stream", name], true) => format!("{{\"data_streams\":[{{\"name\":{}}}]}}", quoted(name)),
        ([first, .., name], true) if NAMED.contains(first) => format!("{{{}:{{}}}}", quoted(name)),
        ([first], true) if NAMED.contains(first) => "{}".to_owned(),
        ([first, ..], true) if first.starts_with('_') => {
            return Ok(failed(StatusCode::NOT_FOUND, "resource_not_found_exception", "nothing is kept here that could be asked for"));
        }
        // An index, perhaps with its alias or mapping.
        (_, true) => "{}".to_owned(),
        (_, false) => "{\"acknowledged\":true,\"shards_acknowledged\":true}".to_owned(),
    };
    Ok(answered(StatusCode::OK, said))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The line before a document.
#[derive(Deserialize)]
struct Action<'a> {
    #[serde(borrow)]
    index: Option<Target<'a>>,
    #[serde(borrow)]
    create: Option<Target<'a>>,
    update: Option<IgnoredAny>,
    delete: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Target<'a> {
    #[serde(borrow, rename = "_index")]
    index: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "_id")]
    id: Option<Cow<'a, str>>,
}

/// What is said of one document.
struct Item {
    action: &'static str,
    index: Option<String>,
    id: Option<String>,
    /// Status, type and reason of what is wrong with it.
    error: Option<(u16, &'static str, String)>,
}

/// Whether a line is one JSON object in UTF-8.
fn check(line: &[u8]) -> Result<(), String> {
    if line.trim_ascii_start().first() != Some(&b'{') {
        return Err("it is no JSON object".to_owned());
    }
    simdutf8::basic::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
    serde_json::from_slice::<IgnoredAny>(line).map(|_| ()).map_err(|error| error.to_string())
}

/// Takes a bulk body apart: what to answer for each document; the documents go to `parts`, broken ones too, so that they
/// are counted with their place.
fn items(bytes: &[u8], from: SocketAddr, parts: &mut Parts) -> Result<Vec<Item>, String> {
    let mut lines = bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    let mut items = Vec::new();
    while let Some((number, line)) = lines.next() {
        let malformed = |why: &str| format!("Malformed action/metadata line [{}]: {why}", number + 1);
        let action: Action<'_> = serde_json::from_slice(line).map_err(|error| malformed(&error.to_string()))?;
        let (name, target) = match action {
            Action { create: Some(target), .. } => ("create", Some(target)),
            Action { index: Some(target), .. } => ("index", Some(target)),
            Action { update: Some(_), .. } => ("update", None),
            Action { delete: Some(_), .. } => ("delete", None),
            _ => return Err(malformed("expected index, create, update or delete")),
        };
        let unsupported = || Some((400, "illegal_argument_exception", format!("{name} is not supported: events do not change")));
        let error = match name {
            "delete" => unsupported(),
            _ => {
                let (_, document) = lines.next().ok_or_else(|| malformed("no document follows"))?;
                if target.is_none() {
                    unsupported()
                } else {
                    parts.message(document, from);
                    check(document).err().map(|why| (400, "document_parsing_exception", format!("failed to parse: {why}")))
                }
            }
        };
        let (index, id) = target.map_or((None, None), |target| (target.index, target.id));
        items.push(Item { action: name, index: index.map(Cow::into_owned), id: id.map(Cow::into_owned), error });
    }
    Ok(items)
}

/// The answer to a bulk request, `errors` before `items`: Fluent Bit looks for that in answers longer than its buffer.
fn report(items: &[Item], filter: Option<&str>) -> String {
    let errors = items.iter().any(|item| item.error.is_some());
    let mut body = format!("{{\"took\":1,\"errors\":{errors}");
    // What `filter_path` leaves out is only left out where shippers ask for it: names, and items without an error.
    let (named, all) = filter.map_or((true, true), |filter| {
        let wants = |part: &str| filter.contains(part);
        (wants("_index") || filter.ends_with("items"), wants("status") || wants("items.*.*") || filter.ends_with("items"))
    });
    body.push_str(",\"items\":[");
    let mut comma = "";
    for (number, item) in items.iter().enumerate().filter(|(_, item)| all || item.error.is_some()) {
        let _ = write!(body, "{comma}{{\"{}\":{{", item.action); // a String takes every write
        comma = ",";
        if named {
            let index = quoted(item.index.as_deref().unwrap_or("logonscope"));
            let id = item.id.as_deref().map_or_else(|| format!("\"{number}\""), quoted);
            let _ = write!(body, "\"_index\":{index},\"_id\":{id},\"_version\":1,");
        }
        let _ = match &item.error {
            Some((status, kind, reason)) => {
                write!(body, "\"status\":{status},\"error\":{{\"type\":\"{kind}\",\"reason\":{}}}", quoted(reason))
            }
            None if named => write!(
                body,
                "\"result\":\"created\",\"_shards\":{{\"total\":1,\"successful\":1,\"failed\":0}},\"_seq_no\":{number},\"_primary_term\":1,\"status\":201"
            ),
            None => write!(body, "\"status\":201"),
        };
        body.push_str("}}");
    }
    body.push_str("]}");
    body
}

async fn bulk(service: &Service, asked: &Asked, body: Incoming) -> Result<Answer, Refusal> {
    let (bytes, room) = body::take(&service.hub, asked, body).await?;
    let mut parts = Parts::default();
    let items = items(&bytes, asked.from, &mut parts).map_err(|why| Refusal::Wrong(StatusCode::BAD_REQUEST, why))?;
    if items.is_empty() {
        return Err(Refusal::Wrong(StatusCode::BAD_REQUEST, "request body is required".to_owned()));
    }
    drop(bytes);
    service.deliver(parts.take().collect(), room).await?;
    Ok(answered(StatusCode::OK, report(&items, asked.parameter("filter_path"))))
}

/// One document, `POST /INDEX/_doc`.
async fn document(service: &Service, asked: &Asked, body: Incoming) -> Result<Answer, Refusal> {
    let (bytes, room) = body::take(&service.hub, asked, body).await?;
    check(&bytes).map_err(|why| Refusal::Wrong(StatusCode::BAD_REQUEST, format!("failed to parse: {why}")))?;
    let mut parts = Parts::default();
    parts.message(&bytes, asked.from);
    service.deliver(parts.take().collect(), room).await?;
    let index = quoted(asked.path.split('/').next().unwrap_or_default());
    let body = format!(
        "{{\"_index\":{index},\"_id\":\"1\",\"_version\":1,\"result\":\"created\",\"_shards\":{{\"total\":1,\"successful\":1,\"failed\":0}},\"_seq_no\":0,\"_primary_term\":1}}"
    );
    Ok(answered(StatusCode::CREATED, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_taken_and_a_broken_one_is_refused_by_itself() {
        let body = "{\"create\":{\"_index\":\"winlogbeat-8\"}}\n{\"a\":1}\n{ \"index\" : { } }\r\n{\"a\":\r\n\n{\"delete\":{\"_id\":\"1\"}}\n\
                    {\"index\":{\"_id\":\"x\\\"y\",\"_type\":\"_doc\"}}\n{\"a\":3}";
        let mut parts = Parts::default();
        let items = items(body.as_bytes(), "127.0.0.1:1".parse().unwrap(), &mut parts).unwrap();
        assert_eq!(parts.take().next().unwrap().bytes, b"{\"a\":1}\n{\"a\":\n{\"a\":3}\n");
        let said: serde_json::Value = serde_json::from_str(&report(&items, None)).unwrap();
        assert_eq!(said["errors"], true);
        assert_eq!(said["items"][0]["create"]["status"], 201);
        assert_eq!(said["items"][0]["create"]["_index"], "winlogbeat-8");
        assert_eq!(said["items"][1]["index"]["error"]["type"], "document_parsing_exception");
        assert_eq!(said["items"][2]["delete"]["status"], 400);
        assert_eq!(said["items"][3]["index"]["_id"], "x\"y");
        let brief: serde_json::Value = serde_json::from_str(&report(&items, Some("errors,items.*.error,items.*.status"))).unwrap();
        assert_eq!(brief["items"][0]["create"], serde_json::json!({"status": 201}));
        let errors: serde_json::Value = serde_json::from_str(&report(&items, Some("errors,items.*.error"))).unwrap();
        assert_eq!(errors["items"].as_array().unwrap().len(), 2);
        for body in ["{\"a\":1}\n{}", "{\"create\":{}}\n", "nonsense\n{}"] {
            assert!(super::items(body.as_bytes(), "127.0.0.1:1".parse().unwrap(), &mut parts).is_err(), "{body}");
        }
    }

    #[test]
    fn a_newer_shipper_meets_a_server_of_its_own_version() {
        for (agent, expected) in [
            ("Elastic-winlogbeat/7.17.9 (windows; amd64)", VERSION),
            ("Elastic-Winlogbeat/9.2.1 (windows; amd64; abc; 2026)", (9, 2, 1)),
            ("Fluent-Bit", VERSION),
            ("curl/99.0.0", VERSION),
        ] {
            assert_eq!(version(agent), expected, "{agent}");
        }
    }
}
