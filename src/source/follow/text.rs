//! A text file that something appends to, rotates or cuts short.

use super::super::identity::Identity;
use super::{is_replaced, open};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

/// Most bytes taken in one look; the rest comes with the next.
const AT_ONCE: u64 = 4 << 20;
/// The last bytes given are kept, to notice that the file was cut short and has grown past the old place since.
const REMEMBERED: usize = 64;

/// New text.
pub struct TextPiece {
    pub offset: u64,
    /// Line at `offset`, from 1; only meant when the file was begun anew.
    pub line: u32,
    pub bytes: Vec<u8>,
}

/// A text file that grows.
#[derive(Debug)]
pub struct FollowText {
    path: PathBuf,
    file: Option<(File, Identity)>,
    offset: u64,
    line: u32,
    before: Vec<u8>,
}

impl FollowText {
    /// Watches from `offset`, where line `line` begins.
    #[must_use]
    pub fn after(path: PathBuf, offset: u64, line: u32) -> Self {
        let mut follow = Self { file: open(&path).ok(), path, offset, line, before: Vec::new() };
        if let Some((mut file, id)) = follow.file.take() {
            let start = offset.saturating_sub(REMEMBERED as u64);
            let length = usize::try_from(offset - start).unwrap_or(0);
            follow.before = read_at(&mut file, start, length as u64).unwrap_or_default();
            follow.file = Some((file, id));
        }
        follow
    }

    /// New text since the last look.
    ///
    /// # Errors
    /// The file cannot be read now; the next look tries again.
    pub fn poll(&mut self) -> io::Result<Vec<TextPiece>> {
        let mut pieces = Vec::new();
        if let Some((mut file, id)) = self.file.take() {
            if !is_replaced(&self.path, id) {
                let looked = self.look(&mut file, &mut pieces);
                self.file = Some((file, id));
                return looked.map(|_| pieces);
            }
            while self.look(&mut file, &mut pieces)? {}
            self.start_over();
        }
        let (mut file, id) = open(&self.path)?;
        let looked = self.look(&mut file, &mut pieces);
        self.file = Some((file, id));
        looked.map(|_| pieces)
    }

    fn start_over(&mut self) {
        (self.offset, self.line) = (0, 1);
        self.before.clear();
    }

    /// Whether there was anything new.
    fn look(&mut self, file: &mut File, pieces: &mut Vec<TextPiece>) -> io::Result<bool> {
        let length = file.metadata()?.len();
        if length < self.offset || (length > self.offset && self.is_rewritten(file)?) {
            // Cut short in place (copytruncate): what is there now is new.
            self.start_over();
        }
        if length <= self.offset {
            return Ok(false);
        }
        let bytes = read_at(file, self.offset, AT_ONCE)?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let lines = memchr::memchr_iter(b'\n', &bytes).count();
        let (offset, line) = (self.offset, self.line);
        self.offset += bytes.len() as u64;
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.before.extend_from_slice(bytes.get(bytes.len().saturating_sub(REMEMBERED)..).unwrap_or_default());
        self.before.drain(..self.before.len().saturating_sub(REMEMBERED));
        pieces.push(TextPiece { offset, line, bytes });
        Ok(true)
    }

    fn is_rewritten(&self, file: &mut File) -> io::Result<bool> {
        let length = self.before.len() as u64;
        Ok(read_at(file, self.offset.saturating_sub(length), length)? != self.before)
    }
}

fn read_at(file: &mut File, offset: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
