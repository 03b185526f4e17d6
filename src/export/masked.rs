//! What is written line by line behind the mask: pages and documents that are put together from words.

use crate::base::intern::Names;
use std::io::{self, Write};

/// Hands lines on with everything hidden that the mask knows.
pub struct Masked<'a> {
    names: &'a Names,
    out: &'a mut dyn Write,
    line: Vec<u8>,
}

/// Calls `write` with `out` behind the mask, or with `out` itself where there is none.
///
/// # Errors
/// As `write`.
pub fn behind(names: &Names, out: &mut dyn Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if names.mask().is_none() {
        return write(out);
    }
    let mut masked = Masked { names, out, line: Vec::new() };
    write(&mut masked)?;
    masked.hand_on()
}

impl Masked<'_> {
    fn hand_on(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let words = String::from_utf8_lossy(&line);
        match self.names.mask() {
            Some(mask) => self.out.write_all(mask.told_cut(&words).as_bytes()),
            None => self.out.write_all(&line),
        }
    }
}

impl Write for Masked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.hand_on()?;
            }
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
