//! Takes in the body of a request: chunked or not, gzip or not, never more than there is room for.

use super::super::limits;
use super::super::room::{Hub, Room};
use super::{Asked, Refusal};
use flate2::write::MultiGzDecoder;
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use hyper::header::CONTENT_ENCODING;
use std::io::{self, Write};
use tokio::time::timeout;

/// Takes bytes up to a limit that may move.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Unpacker {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

impl Unpacker {
    fn of(asked: &Asked) -> Result<Self, Refusal> {
        match asked.headers.get(CONTENT_ENCODING).map(|value| value.as_bytes().trim_ascii().to_ascii_lowercase()).as_deref() {
            None | Some(b"" | b"identity") => Ok(Self::Plain(Bounded::default())),
            Some(b"gzip" | b"x-gzip") => Ok(Self::Gzip(Box::new(MultiGzDecoder::new(Bounded::default())))),
            Some(_) => Err(Refusal::Wrong(StatusCode::UNSUPPORTED_MEDIA_TYPE, "only gzip and unpacked bodies are taken".to_owned())),
        }
    }
    fn bytes(&self) -> &Vec<u8> {
        match self {
            Self::Plain(bounded) => &bounded.bytes,
            Self::Gzip(decoder) => &decoder.get_ref().bytes,
        }
    }
    /// `came` counts the packed bytes so far, these included.
    fn take(&mut self, bytes: &[u8], came: usize) -> Result<(), Refusal> {
        let done = match self {
            Self::Plain(bounded) => {
                bounded.most = limits::BODY;
                bounded.write_all(bytes)
            }
            Self::Gzip(decoder) => {
                decoder.get_mut().most = limits::BODY.min(came.saturating_mul(limits::RATIO).max(limits::RATIO_FROM));
                decoder.write_all(bytes)
            }
        };
        done.map_err(|error| self.refusal(&error))
    }
    fn refusal(&self, error: &io::Error) -> Refusal {
        match error.kind() {
            io::ErrorKind::FileTooLarge if self.bytes().len() < limits::BODY / 2 => Refusal::Wrong(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("its body becomes more than {} times as long when unpacked", limits::RATIO),
            ),
            io::ErrorKind::FileTooLarge => too_large(),
            _ => Refusal::Wrong(StatusCode::BAD_REQUEST, format!("its body is no gzip: {error}")),
        }
    }
    fn finish(self) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Plain(bounded) => Ok(bounded.bytes),
            Self::Gzip(decoder) => decoder
                .finish()
                .map(|bounded| bounded.bytes)
                .map_err(|error| Refusal::Wrong(StatusCode::BAD_REQUEST, format!("its body is no whole gzip: {error}"))),
        }
    }
}

fn too_large() -> Refusal {
    Refusal::Wrong(StatusCode::PAYLOAD_TOO_LARGE, format!("its body is longer than {} bytes", limits::BODY))
}

/// The body, unpacked, and the room it has.
pub async fn take(hub: &Hub, asked: &Asked, mut body: Incoming) -> Result<(Vec<u8>, Room), Refusal> {
    let told = body.size_hint().lower();
    if told > limits::BODY as u64 {
        return Err(too_large());
    }
    let mut room = hub.room_now(usize::try_from(told).unwrap_or(limits::BODY)).ok_or(Refusal::Busy)?;
    let mut unpacker = Unpacker::of(asked)?;
    let read = async {
        let mut came = 0;
        loop {
            let frame = match timeout(hub.patience.body_pause, body.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => return Err(Refusal::Broken(format!("its body did not come whole ({error})"))),
                Ok(None) => return Ok(()),
                Err(_) => return Err(Refusal::Broken(format!("nothing of its body came for {} s", hub.patience.body_pause.as_secs()))),
            };
            let Ok(data) = frame.into_data() else { continue };
            came += data.len();
            if came > limits::BODY {
                return Err(too_large());
            }
            unpacker.take(&data, came)?;
            if !hub.widen(&mut room, unpacker.bytes().len()) {
                return Err(Refusal::Busy);
            }
        }
    };
    timeout(hub.patience.body, read)
        .await
        .unwrap_or_else(|_| Err(Refusal::Broken(format!("its body took more than {} s", hub.patience.body.as_secs()))))?;
    Ok((unpacker.finish()?, room))
}
