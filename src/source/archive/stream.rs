//! Compressed streams as readers: gzip with any number of members, Zstandard with any number of frames.
//!
//! What follows the last member and belongs to nothing is an error after the last good byte, so that it is said and
//! what came before is kept.

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, Read};

fn damage(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// Bytes behind the last member: nothing, padding with zeros, or something that is said.
fn rest(reader: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes.iter().any(|byte| *byte != 0) {
            return Err(damage("bytes that are not compressed follow behind its end"));
        }
        let length = bytes.len();
        reader.consume(length);
    }
}

/// Whether the reader goes on with `sign`; false at its end.
fn goes_on(reader: &mut dyn BufRead, sign: u8) -> io::Result<bool> {
    Ok(reader.fill_buf()?.first() == Some(&sign))
}

/// A gzip file unpacked.
pub struct Gzip<R> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Gzip<R> {
    pub fn new(reader: R) -> Self {
        Self { member: Some(GzDecoder::new(reader)) }
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let length = member.read(into)?;
            if length > 0 || into.is_empty() {
                return Ok(length);
            }
            let Some(mut reader) = self.member.take().map(GzDecoder::into_inner) else { break };
            if goes_on(&mut reader, 0x1f)? {
                self.member = Some(GzDecoder::new(reader));
            } else {
                rest(&mut reader)?;
            }
        }
        Ok(0)
    }
}

/// A Zstandard file unpacked.
pub struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
    /// What ended the frame, to be told when everything before it was given.
    failed: Option<io::Error>,
}

/// An empty last block and a checksum. The decoder keeps back what later blocks may refer to; given this instead of the
/// rest of a broken frame it hands over everything it has.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// What went wrong in words: the errors of the decoder quote the error of the reader, which is the one to hand on.
fn frame_error(error: FrameDecoderError) -> io::Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            let kind = inner.kind();
            let text = super::keep::Refused::of(inner).map(str::to_owned);
            return match text {
                Some(text) => super::keep::Refused::error(text),
                None => io::Error::new(kind, inner.to_string()),
            };
        }
        cause = inner.source();
    }
    damage(&error.to_string())
}

impl<R: BufRead> Zstd<R> {
    pub fn new(source: R) -> Self {
        Self { source, decoder: FrameDecoder::new(), in_frame: false, failed: None }
    }
    /// Begins the next frame; false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            let first = self.source.fill_buf()?.first().copied();
            if !matches!(first, Some(0x28 | 0x50..=0x5f)) {
                rest(&mut self.source)?;
                return Ok(false);
            }
            match self.decoder.init(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut (&mut self.source).take(u64::from(length)), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(frame_error(error)),
            }
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame && !self.begin()? {
                return Ok(0);
            }
            self.in_frame = true;
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                if let Err(error) = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1)) {
                    self.failed = Some(frame_error(error));
                    if self.decoder.decode_blocks(&mut LAST_BLOCK.as_slice(), BlockDecodingStrategy::UptoBlocks(1)).is_err() {
                        break;
                    }
                }
            }
            let length = self.decoder.read(into)?;
            if length > 0 {
                return Ok(length);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            self.in_frame = false;
            let said = self.decoder.get_checksum_from_data();
            if said.is_some() && said != self.decoder.get_calculated_checksum() {
                return Err(damage("its checksum does not fit"));
            }
        }
    }
}

/// A member of a zip file, compared with the size and the checksum its archive states.
pub struct Checked<R> {
    pub inner: R,
    pub crc: flate2::Crc,
    /// What the archive states.
    pub expected: Option<(u64, u32)>,
    /// The archive ends inside the member.
    pub is_cut: bool,
    pub length: u64,
}

/// Whether a member is what its archive states.
///
/// # Errors
/// It is not; the text says so.
pub fn check(length: u64, crc: u32, expected: Option<(u64, u32)>) -> io::Result<()> {
    match expected {
        Some((size, _)) if size != length => Err(damage(&format!("it has {length} bytes where the archive states {size}"))),
        Some((_, sum)) if sum != crc => Err(damage("its checksum does not fit")),
        _ => Ok(()),
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(into)?;
        if length == 0 && !into.is_empty() {
            if self.is_cut {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            check(self.length, self.crc.sum(), self.expected)?;
        }
        self.crc.update(into.get(..length).unwrap_or_default());
        self.length += length as u64;
        Ok(length)
    }
}
