//! HTTP for shippers: Elasticsearch `_bulk`, Splunk HEC and plain POST on one address.
//!
//! A request is answered with success only when its events are safe. Without room it is told to come again, in the words
//! of its protocol, before its body is read further. Tokens are asked for first, whatever the path.

mod body;
mod elastic;
mod hec;
mod plain;

use super::limits;
use super::parts::Part;
use super::room::{Hub, Room};
use super::token::Shown;
use super::{Loss, Tokens};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// An answer.
struct Answer {
    status: StatusCode,
    body: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    fn json(status: StatusCode, body: impl Into<String>) -> Self {
        Self { status, body: body.into(), headers: Vec::new() }
    }
    fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }
    fn response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(self.body)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response
    }
}

/// What a request needs besides its body.
struct Asked {
    method: Method,
    /// Without the slashes at both ends.
    path: String,
    query: String,
    headers: HeaderMap,
    from: SocketAddr,
}

impl Asked {
    fn agent(&self) -> &str {
        self.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
    }
    /// The value of a query parameter, as it stands.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, value)| value)
    }
}

/// Why a body was not taken.
#[derive(Debug)]
enum Refusal {
    /// No room now; the same request may come again.
    Busy,
    /// The request cannot be taken as it is.
    Wrong(StatusCode, String),
    /// The sender went away or was too slow.
    Broken(String),
}

/// The protocols that are told apart by path.
#[derive(Clone, Copy)]
enum Dialect {
    Elastic,
    Hec,
    Plain,
}

impl Dialect {
    fn of(method: &Method, path: &str) -> Self {
        let first = path.split('/').next().unwrap_or_default();
        if path.starts_with("services/collector") {
            Self::Hec
        } else if first.starts_with('_') || path.split('/').any(elastic::is_write) || method == Method::GET || method == Method::HEAD {
            Self::Elastic
        } else if method == Method::POST {
            Self::Plain
        } else {
            // An index that is made, as winlogbeat 7 does.
            Self::Elastic
        }
    }
    fn unauthorised(self, shown: Shown) -> Answer {
        match self {
            Self::Hec => hec::unauthorised(shown),
            Self::Elastic | Self::Plain => elastic::unauthorised(),
        }
    }
    fn refused(self, refusal: &Refusal) -> Answer {
        match self {
            Self::Hec => hec::refused(refusal),
            Self::Elastic | Self::Plain => elastic::refused(refusal),
        }
    }
}

/// What all requests of one listener share.
struct Service {
    hub: Hub,
    tokens: Arc<Tokens>,
    /// Number of the next acknowledgement of HEC.
    acks: AtomicU64,
}

/// Serves one connection to its end.
pub async fn serve<S>(stream: S, from: SocketAddr, tokens: Arc<Tokens>, hub: &Hub)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = Arc::new(Service { hub: hub.clone(), tokens, acks: AtomicU64::new(0) });
    let answer = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.answer(request, from).await.response()) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(hub.patience.header)
        .max_buf_size(limits::HEADER)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
    if let Err(error) = served
        && !(error.is_closed() || error.is_incomplete_message())
    {
        hub.counts.lost(Loss::Refused, 1, format!("{} speaks no HTTP that can be used: {error}", from.ip()));
    }
}

impl Service {
    async fn answer(&self, request: Request<Incoming>, from: SocketAddr) -> Answer {
        let (head, body) = request.into_parts();
        let path = head.uri.path().trim_matches('/').to_owned();
        let query = head.uri.query().unwrap_or_default().to_owned();
        let asked = Asked { method: head.method, path, query, headers: head.headers, from };
        let dialect = Dialect::of(&asked.method, &asked.path);
        let is_health = matches!(dialect, Dialect::Hec) && hec::is_health(&asked.path);
        let shown = self.tokens.judge(asked.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes));
        if shown != Shown::Valid && !is_health {
            self.hub.counts.lost(Loss::Refused, 1, format!("{} sent no valid token", from.ip()));
            return dialect.unauthorised(shown);
        }
        let done = match dialect {
            Dialect::Elastic => elastic::answer(self, &asked, body).await,
            Dialect::Hec => hec::answer(self, &asked, body).await,
            Dialect::Plain => plain::answer(self, &asked, body).await,
        };
        done.unwrap_or_else(|refusal| {
            let reason = match &refusal {
                Refusal::Busy => "requests came while everything was full; they were told to come again".to_owned(),
                Refusal::Wrong(_, why) => format!("a request of {} was refused: {why}", from.ip()),
                Refusal::Broken(why) => format!("a request of {} broke off: {why}", from.ip()),
            };
            self.hub.counts.lost(Loss::Refused, 1, reason);
            dialect.refused(&refusal)
        })
    }
    /// Hands records on and waits until they are safe.
    async fn deliver(&self, parts: Vec<Part>, room: Room) -> Result<(), Refusal> {
        // The room of the request is that of all its bytes; each further part only needs its place.
        let mut rooms = vec![room];
        while rooms.len() < parts.len() {
            rooms.push(self.hub.room_now(0).ok_or(Refusal::Busy)?);
        }
        let mut waiting = Vec::new();
        for (part, room) in parts.into_iter().zip(rooms) {
            self.hub.count(&part);
            let (ack, safe) = oneshot::channel();
            self.hub.hand_on(part, room, Some(ack)).map_err(|_| Refusal::Busy)?;
            waiting.push(safe);
        }
        let all_safe = async {
            for safe in waiting {
                safe.await.map_err(|_| Refusal::Busy)?;
            }
            Ok(())
        };
        // Later it may become safe after all; then what comes again is a repeat, which is better than a gap.
        timeout(self.hub.patience.safe, all_safe).await.unwrap_or(Err(Refusal::Busy))
    }
}
