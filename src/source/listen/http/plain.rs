//! Plain POST to any path, as the `http` outputs of Fluent Bit and Vector send: the body is a JSON array, or records in
//! lines, or event XML, and is handed on as it came.

use super::super::parts::Part;
use super::{Answer, Asked, Refusal, Service, body};
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;

pub async fn answer(service: &Service, asked: &Asked, body: Incoming) -> Result<Answer, Refusal> {
    let kind = asked.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.contains("msgpack") {
        return Err(Refusal::Wrong(StatusCode::UNSUPPORTED_MEDIA_TYPE, "msgpack is not read: set the output to json_lines".to_owned()));
    }
    let (bytes, room) = body::take(&service.hub, asked, body).await?;
    if !bytes.trim_ascii().is_empty() {
        service.deliver(vec![Part::whole(bytes, asked.from)], room).await?;
    }
    Ok(Answer::json(StatusCode::OK, "{\"ok\":true}"))
}
