//! Listening for HTTP shippers: what winlogbeat, Fluent Bit and Splunk senders ask is answered as they need it, and a
//! success is only said of events that are safe.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/listening.rs"]
mod listening;

use listening::{DEADLINE, Station, ask, connect, entra, gzip, is_closed, listeners, request, response, windows};
use logonscope::source::listen::Secrets;
use logonscope::source::listen::limits::{self, Patience};
use serde_json::json;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

const NDJSON: &str = "Content-Type: application/x-ndjson";

fn bulk(action: &str, lines: &[&str]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{{\"{action}\":{{\"_index\":\"winlogbeat-8.15.3\"}}}}\n{line}\n").into_bytes()).collect()
}

/// What winlogbeat asks before it sends, in its order; each has to be answered with 200.
const BEAT_7: &[&str] = &[
    "GET /",
    "GET /_license?human=false",
    "GET /_xpack",
    "GET /_ilm/policy/winlogbeat",
    "HEAD /_template/winlogbeat-7.17.9",
    "HEAD /_index_template/winlogbeat-7.17.9",
    "GET /_alias/winlogbeat-7.17.9",
    "GET /_ingest/pipeline/winlogbeat-7.17.9-security",
];
const BEAT_8: &[&str] = &[
    "GET /",
    "GET /_license?human=false",
    "GET /_ilm/policy/winlogbeat",
    "HEAD /_index_template/winlogbeat-8.15.3",
    "GET /_index_template/winlogbeat-8.15.3",
    "GET /_data_stream/winlogbeat-8.15.3",
    "GET /_ingest/pipeline/winlogbeat-8.15.3-security",
    "GET /_cat/templates/winlogbeat-8.15.3",
    "GET /_cluster/health",
];

#[test]
fn winlogbeat_finds_what_it_asks_for_and_ships_packed_bulks() {
    let lines = windows();
    let mut station = Station::new(&["http"]);
    for (agent, version, asks) in
        [("Elastic-winlogbeat/7.17.9 (windows; amd64)", 8, BEAT_7), ("Elastic-Winlogbeat/9.1.0 (windows; amd64; 1; 2026)", 9, BEAT_8)]
    {
        let mut stream = connect(station.at[0]);
        let headers = [&format!("User-Agent: {agent}"), "Accept: application/json"];
        for line in asks {
            let said = ask(&mut stream, line, &headers, b"");
            assert_eq!(said.status, 200, "{line}: {said:?}");
            assert!(said.head.contains("x-elastic-product: elasticsearch"), "{line}: {}", said.head);
        }
        let info = ask(&mut stream, "GET /", &headers, b"").json();
        let major: u32 = info["version"]["number"].as_str().unwrap().split('.').next().unwrap().parse().unwrap();
        assert!(major >= version && info["cluster_uuid"].is_string(), "{info}");
        assert_eq!(ask(&mut stream, "GET /_license", &headers, b"").json()["license"]["status"], "active");
        assert_eq!(ask(&mut stream, "GET /_xpack", &headers, b"").json()["features"]["ilm"]["enabled"], true);
        let made = ask(&mut stream, "PUT /_index_template/winlogbeat-8.15.3", &headers, b"{\"index_patterns\":[\"winlogbeat-*\"]}");
        assert_eq!((made.status, made.json()["acknowledged"].clone()), (200, json!(true)));
        let made = ask(&mut stream, "PUT /%3Cwinlogbeat-7.17.9-%7Bnow%2Fd%7D-000001%3E", &headers, b"{\"aliases\":{}}");
        assert_eq!(made.status, 200);
    }
    let mut stream = connect(station.at[0]);
    for (number, portion) in lines.chunks(50).enumerate() {
        let headers = [NDJSON, "Content-Encoding: gzip", "User-Agent: Elastic-winlogbeat/8.15.3"];
        let action = if number % 2 == 0 { "create" } else { "index" };
        let said = ask(
            &mut stream,
            "POST /_bulk?filter_path=errors%2Citems.%2A.error%2Citems.%2A.status",
            &headers,
            &gzip(&bulk(action, portion)),
        );
        let answer = said.json();
        assert_eq!((said.status, &answer["errors"], answer["items"].as_array().unwrap().len()), (200, &json!(false), portion.len()));
        assert!(answer["items"].as_array().unwrap().iter().all(|item| item[action]["status"] == 201), "{answer}");
    }
    let now = station.wait("all records", |now| now.inputs[0].records == lines.len() as u64);
    assert_eq!((now.inputs[0].unreadable, now.inputs[0].unknown), (0, 0));
    let first = now.tables.events.get(0).unwrap().event.clone();
    assert!(station.handle.raw.raw(first.provenance).unwrap().json.contains(&first.record.to_string()));
}

#[test]
fn fluent_bit_is_answered_in_the_form_it_looks_for() {
    let lines = windows();
    let mut station = Station::new(&["http"]);
    let mut stream = connect(station.at[0]);
    let headers = ["Content-Type: application/x-ndjson", "User-Agent: Fluent-Bit"];
    let body: String =
        lines[..30].iter().map(|line| format!("{{\"create\":{{\"_index\":\"fluent-bit\",\"_type\":\"_doc\"}}}}\n{line}\n")).collect();
    let said = ask(&mut stream, "POST /_bulk/?filter_path=errors,items.*.error", &headers, body.as_bytes());
    assert_eq!(said.status, 200);
    // It looks for this text when the answer is longer than its buffer.
    assert!(said.body.contains("\"errors\":false,\"items\":["), "{}", said.body);
    let said = ask(&mut stream, "POST /fluent/_bulk", &headers, body.as_bytes());
    assert!(said.body.contains("\"errors\":false,\"items\":[") && said.json()["items"][0]["create"]["_index"] == "fluent-bit");
    // Its `http` output: an array, or lines.
    let array = format!("[{}]", lines[30..40].join(","));
    assert_eq!(ask(&mut stream, "POST /", &["Content-Type: application/json"], array.as_bytes()).status, 200);
    assert_eq!(ask(&mut stream, "POST /ingest/me", &["Content-Type: application/json"], lines[40..50].join("\n").as_bytes()).status, 200);
    assert_eq!(ask(&mut stream, "POST /", &["Content-Type: application/msgpack"], b"\x90").status, 415);
    let now = station.wait("all records", |now| now.inputs[0].records == 80);
    assert_eq!(now.tables.events.len(), 50, "what came twice is one");
}

#[test]
fn a_broken_document_is_refused_by_itself_and_counted() {
    let lines = windows();
    let mut station = Station::new(&["http"]);
    let mut stream = connect(station.at[0]);
    let said = ask(&mut stream, "POST /_bulk", &[NDJSON], &bulk("create", &[lines[0], "{\"EventID\": 4624, \"Chan", lines[1]])).json();
    assert_eq!(said["errors"], true);
    let statuses: Vec<u64> = said["items"].as_array().unwrap().iter().map(|item| item["create"]["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 400, 201]);
    let now = station.wait("counted", |now| now.inputs[0].unreadable == 1 && now.inputs[0].records == 2);
    assert!(now.inputs[0].places.all()[0].at.reason.contains("sent by 127.0.0.1"));
    for (body, says) in [(&b"{\"a\":1}\n{}\n"[..], "Malformed action"), (b"", "required"), (b"{\"create\":{}}\n", "no document")] {
        let said = ask(&mut stream, "POST /_bulk", &[NDJSON], body);
        assert!(said.status == 400 && said.body.contains(says), "{said:?}");
    }
    let one = ask(&mut stream, "POST /winlogbeat/_doc", &["Content-Type: application/json"], lines[2].as_bytes());
    assert_eq!((one.status, one.json()["result"].clone()), (201, json!("created")));
}

#[test]
fn a_success_is_said_only_when_the_events_are_safe() {
    let listener = listeners(&["http"], &Secrets::default(), Patience::default()).remove(0);
    for (line, body, success) in [
        ("POST /_bulk", bulk("create", &windows()[..2]), "\"errors\":false"),
        ("POST /services/collector/event", format!("{{\"event\":{}}}", windows()[0]).into_bytes(), "\"code\":0"),
        ("POST /", windows()[0].as_bytes().to_vec(), "ok"),
    ] {
        let mut stream = connect(listener.address().at);
        stream.write_all(&request(line, &[], &body)).unwrap();
        let piece = listener.received().recv_timeout(DEADLINE).unwrap();
        stream.set_nonblocking(true).unwrap();
        let early = stream.peek(&mut [0]);
        assert!(matches!(&early, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock), "{line}: {early:?}");
        stream.set_nonblocking(false).unwrap();
        assert!(piece.safe().ends_with(b"\n") || line == "POST /");
        let said = response(&mut stream);
        assert!(said.status == 200 && said.body.contains(success), "{said:?}");
        // What is dropped without being safe is not said to be.
        stream.write_all(&request(line, &[], &body)).unwrap();
        drop(listener.received().recv_timeout(DEADLINE).unwrap());
        let said = response(&mut stream);
        assert!(matches!(said.status, 429 | 503), "{said:?}");
    }
}

#[test]
fn when_everything_is_full_senders_are_told_to_come_again_and_then_taken() {
    let listener = listeners(&["http"], &Secrets::default(), Patience::default()).remove(0);
    let at = listener.address().at;
    // Two bodies of the greatest length take all the room.
    let mut body = vec![b' '; limits::BODY];
    body[..3].copy_from_slice(b"{}\n");
    let mut first: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = connect(at);
            stream.write_all(&request("POST /", &[], &body)).unwrap();
            stream
        })
        .collect();
    let held: Vec<_> = (0..2).map(|_| listener.received().recv_timeout(DEADLINE).unwrap()).collect();
    let mut stream = connect(at);
    let said = ask(&mut stream, "POST /_bulk", &[NDJSON], &bulk("create", &windows()[..1]));
    assert_eq!((said.status, said.json()["error"]["type"].clone()), (429, json!("es_rejected_execution_exception")));
    let mut stream = connect(at);
    let said = ask(&mut stream, "POST /services/collector/event", &[], b"{\"event\":{}}");
    assert_eq!((said.status, said.json()), (503, json!({"text": "Server is busy", "code": 9})));
    held.into_iter().for_each(|piece| drop(piece.safe()));
    for stream in &mut first {
        assert_eq!(response(stream).status, 200);
    }
    let mut stream = connect(at);
    stream.write_all(&request("POST /_bulk", &[NDJSON], &bulk("create", &windows()[..1]))).unwrap();
    drop(listener.received().recv_timeout(DEADLINE).unwrap().safe());
    assert_eq!(response(&mut stream).status, 200);
}

fn tokens() -> (tempfile::NamedTempFile, Secrets) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"# shippers\n11111111-2222-3333-4444-555555555555\nother\n").unwrap();
    let secrets = Secrets { tokens: Some(file.path().to_path_buf()), ..Secrets::default() };
    (file, secrets)
}

#[test]
fn a_splunk_sender_gets_the_codes_of_the_collector() {
    let (_file, secrets) = tokens();
    let mut station = Station::with(&["http"], &secrets, Patience::default());
    let mut stream = connect(station.at[0]);
    let token = "Authorization: Splunk 11111111-2222-3333-4444-555555555555";
    let (windows, entra) = (windows(), entra());
    let event = format!("{{\"time\":1,\"host\":\"dc01\",\"sourcetype\":\"x\",\"event\":{}}}", windows[0]);
    let text = json!({"event": windows[1]}).to_string();
    for (line, headers, body, status, code) in [
        ("GET /services/collector/health", &[][..], "", 200, 17),
        ("POST /services/collector/event", &[], event.as_str(), 401, 2),
        ("POST /services/collector/event", &["Authorization: 11111111-2222-3333-4444-555555555555"], &event, 401, 3),
        ("POST /services/collector/event", &["Authorization: Splunk wrong"], &event, 403, 4),
        ("POST /services/collector/event", &[token], "", 400, 5),
        ("POST /services/collector/event", &[token], "{\"event\":", 400, 6),
        ("POST /services/collector/event", &[token], "{\"host\":\"x\"}", 400, 12),
        ("POST /services/collector/event", &[token], "{\"event\":\"\"}", 400, 13),
        ("POST /services/collector/ack", &[token], "{\"acks\":[0]}", 400, 10),
        ("POST /services/collector/raw", &[token], " ", 400, 5),
        ("POST /services/collector/event", &[token], &event, 200, 0),
        ("POST /services/collector", &[token], &text, 200, 0),
        (
            "POST /services/collector/event/1.0",
            &["Authorization: Basic eDoxMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTU="],
            &event,
            200,
            0,
        ),
        ("POST /services/collector/raw?channel=1", &[token], &windows[2..10].join("\n"), 200, 0),
    ] {
        let said = ask(&mut stream, line, headers, body.as_bytes());
        assert_eq!((said.status, said.json()["code"].clone()), (status, json!(code)), "{line} {headers:?} {body}: {}", said.body);
        assert_eq!(line.contains("channel"), said.body.contains("ackId"), "{}", said.body);
    }
    let batch: String = entra[..20].iter().map(|line| format!("{{\"event\":{line}}}")).collect();
    let said = ask(
        &mut stream,
        "POST /services/collector/event",
        &[token, "Content-Encoding: gzip", "X-Splunk-Request-Channel: a"],
        &gzip(batch.as_bytes()),
    );
    assert_eq!(said.json(), json!({"text": "Success", "code": 0, "ackId": 1}));
    let said = ask(&mut stream, "POST /services/collector/ack?channel=1", &[token], b"{\"acks\":[0,1,7]}");
    assert_eq!(said.json(), json!({"acks": {"0": true, "1": true, "7": false}}));
    let now = station.wait("all records", |now| now.inputs[0].records == 31);
    assert_eq!((now.tables.events.len(), now.inputs[0].unreadable), (30, 0), "the first event came twice");
}

#[test]
fn without_a_valid_token_nothing_is_told_or_taken() {
    let (_file, secrets) = tokens();
    let mut station = Station::with(&["http"], &secrets, Patience::default());
    let mut stream = connect(station.at[0]);
    for line in ["GET /", "POST /_bulk", "POST /", "GET /_license"] {
        let said = ask(&mut stream, line, &["Authorization: Basic d3Jvbmc6d3Jvbmc="], b"");
        assert_eq!(said.status, 401, "{line}");
        assert!(said.head.contains("www-authenticate: basic"), "{}", said.head);
    }
    // `elastic:other`, as winlogbeat sends username and password.
    let said = ask(&mut stream, "POST /_bulk", &[NDJSON, "Authorization: Basic ZWxhc3RpYzpvdGhlcg=="], &bulk("create", &windows()[..3]));
    assert_eq!(said.status, 200);
    station.events(3);
    station.wait("refusals counted", |now| now.inputs[0].senders.as_ref().is_some_and(|words| words.contains("4 refused")));
}

#[test]
fn chunked_bodies_and_a_wait_for_continue_are_understood() {
    let mut station = Station::new(&["http"]);
    let mut stream = connect(station.at[0]);
    let body = bulk("index", &windows()[..20]);
    let mut sent = b"POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for piece in body.chunks(777) {
        sent.extend(format!("{:x}\r\n", piece.len()).as_bytes());
        sent.extend(piece);
        sent.extend(b"\r\n");
    }
    sent.extend(b"0\r\n\r\n");
    stream.write_all(&sent).unwrap();
    assert_eq!(response(&mut stream).json()["items"].as_array().unwrap().len(), 20);
    let body = bulk("index", &windows()[20..30]);
    let head = format!("POST /_bulk HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(response(&mut stream).status, 100);
    stream.write_all(&body).unwrap();
    assert_eq!(response(&mut stream).status, 200);
    station.events(30);
}

#[test]
fn hostile_requests_cost_themselves_only() {
    let patience = Patience {
        header: Duration::from_millis(100),
        body_pause: Duration::from_millis(100),
        body: Duration::from_millis(300),
        ..Patience::default()
    };
    let mut station = Station::with(&["http"], &Secrets::default(), patience);
    let at = station.at[0];
    let lines = windows();
    let good = |number: usize| {
        let said = ask(&mut connect(at), "POST /_bulk", &[NDJSON], &bulk("create", &lines[number..=number]));
        assert_eq!(said.status, 200);
    };
    good(0);
    // Headers that never end, and a connection on which nothing is asked.
    let mut loris = connect(at);
    loris.write_all(b"POST /_bulk HTTP/1.1\r\nHost: x\r\nX-A: ").unwrap();
    let idle = connect(at);
    assert!(is_closed(loris) && is_closed(idle));
    // A body that is shorter than was said: with the connection held, and with it closed.
    let mut lying = connect(at);
    lying.write_all(b"POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"create\":{}}\n").unwrap();
    assert_eq!(response(&mut lying).status, 408);
    let mut lying = connect(at);
    lying.write_all(b"POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"create\":{}}\n").unwrap();
    drop(lying);
    // A body that comes byte by byte.
    let mut drip = connect(at);
    drip.write_all(b"POST /services/collector HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n").unwrap();
    assert_eq!(response(&mut drip).status, 413, "too long is said before it is read");
    let mut drip = connect(at);
    drip.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n").unwrap();
    let slow = drip.try_clone().unwrap();
    let sender = std::thread::spawn(move || {
        let mut slow = slow;
        while slow.write_all(b" ").is_ok() {
            std::thread::yield_now();
        }
    });
    assert_eq!(response(&mut drip).status, 408);
    let _ = drip.shutdown(std::net::Shutdown::Both);
    sender.join().unwrap();
    // Bombs, and what is no gzip.
    let bomb = gzip(&vec![b' '; limits::BODY / 2]);
    assert!(bomb.len() * limits::RATIO < limits::BODY / 2, "{}", bomb.len());
    for (body, status) in [(bomb, 413), (b"no gzip".to_vec(), 400), (gzip(b"{\"a\":1}")[..12].to_vec(), 400)] {
        let said = ask(&mut connect(at), "POST /", &["Content-Encoding: gzip"], &body);
        assert_eq!(said.status, status, "{said:?}");
    }
    assert_eq!(ask(&mut connect(at), "POST /", &["Content-Encoding: br"], b"x").status, 415);
    // Not HTTP at all.
    let mut noise = connect(at);
    noise.write_all(b"\x16\x03\x01\0\0\r\n\r\n").unwrap();
    assert!(is_closed(noise));
    good(1);
    let now = station.events(2);
    assert_eq!(now.inputs[0].records, 2);
}
