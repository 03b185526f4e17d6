//! Tar: members one after the other, each behind a block that says what it is.
//!
//! Reads what GNU, BSD, POSIX (pax) and old tars write. A member's data is not copied here: the caller reads it where it
//! stands. A block that is no header is searched over, as tar itself does, and said once.

use std::io::{self, BufRead, Read};

const BLOCK: usize = 512;
/// Longest name, and longest block of extended attributes, that is read.
const LONGEST_NAME: u64 = 64 << 10;
const LONGEST_ATTRIBUTES: u64 = 1 << 20;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    File,
    /// A file with holes, which is not read.
    Sparse,
    /// A folder, a link, a device: nothing to read.
    Other,
}

/// One member.
#[derive(Debug)]
pub struct Header {
    pub name: Vec<u8>,
    pub size: u64,
    pub what: What,
}

fn octal(field: &[u8]) -> Option<u64> {
    // Large numbers are written in base 256, with the highest bit set.
    if let [first @ 0x80..=0xff, rest @ ..] = field {
        return rest.iter().try_fold(u64::from(first & 0x3f), |sum, byte| sum.checked_mul(256)?.checked_add(u64::from(*byte)));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

/// Whether a block is a header: its checksum, the sum of its bytes, fits.
#[must_use]
pub fn is_header(block: &[u8; BLOCK]) -> bool {
    let field = block.get(148..156).unwrap_or_default();
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    let own: u64 = field.iter().map(|byte| u64::from(*byte)).sum();
    // Some writers leave out the name of a block that describes the next member.
    let is_named = block.first().is_some_and(|byte| *byte != 0) || matches!(block.get(156), Some(b'x' | b'g' | b'L' | b'K'));
    is_named && field.iter().any(u8::is_ascii_digit) && octal(field) == Some(sum - own + 8 * u64::from(b' '))
}

fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// What blocks before a header say about the member behind it.
#[derive(Default)]
struct Ahead {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
}

impl Ahead {
    /// `length key=value\n`, repeated.
    fn attributes(&mut self, mut bytes: &[u8]) {
        while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
            let length = std::str::from_utf8(bytes.get(..space).unwrap_or_default()).ok().and_then(|text| text.parse::<usize>().ok());
            let Some(record) = length.and_then(|length| bytes.get(space + 1..length)) else { return };
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let mut parts = record.splitn(2, |byte| *byte == b'=');
            match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
                (b"path", value) => self.name = Some(value.to_vec()),
                (b"size", value) => self.size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()),
                (key, value) if key.starts_with(b"GNU.sparse.") => {
                    self.is_sparse = true;
                    if key == b"GNU.sparse.name" {
                        self.name = Some(value.to_vec());
                    }
                }
                _ => {}
            }
            bytes = length.and_then(|length| bytes.get(length..)).unwrap_or_default();
        }
    }
}

/// Reads a tar from its beginning to its end.
pub struct Tar<R> {
    pub reader: R,
    /// Data of the member that was not read, and the padding behind it.
    left: u64,
    padding: u64,
    /// Stretches that were no header.
    pub damaged: u64,
}

impl<R: BufRead> Tar<R> {
    pub const fn new(reader: R) -> Self {
        Self { reader, left: 0, padding: 0, damaged: 0 }
    }

    /// The next member. What was not read of the one before is skipped.
    ///
    /// # Errors
    /// The tar ends inside a member, or its reader fails.
    pub fn next(&mut self) -> io::Result<Option<Header>> {
        let mut ahead = Ahead::default();
        let mut is_lost = false;
        loop {
            self.skip()?;
            let Some(block) = self.block()? else { return Ok(None) };
            if block.iter().all(|byte| *byte == 0) {
                continue;
            }
            if !is_header(&block) {
                self.damaged += u64::from(!is_lost);
                is_lost = true;
                continue;
            }
            is_lost = false;
            let field = |from: usize, to: usize| block.get(from..to).unwrap_or_default();
            let Some(stated) = octal(field(124, 136)) else {
                self.damaged += 1;
                continue;
            };
            let kind = field(156, 157).first().copied().unwrap_or(0);
            let size = if matches!(kind, b'L' | b'K' | b'x' | b'g' | b'X') { stated } else { ahead.size.unwrap_or(stated) };
            self.left = size;
            self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
            match kind {
                b'L' => ahead.name = Some(text(&self.all(LONGEST_NAME)?).to_vec()),
                b'x' | b'X' => ahead.attributes(&self.all(LONGEST_ATTRIBUTES)?),
                b'K' | b'g' => {}
                _ => {
                    let name = ahead.name.take().unwrap_or_else(|| {
                        let (prefix, name) = (text(field(345, 500)), text(field(0, 100)));
                        let is_ustar = field(257, 263) == b"ustar\0" && !prefix.is_empty();
                        if is_ustar { [prefix, b"/", name].concat() } else { name.to_vec() }
                    });
                    let what = match kind {
                        b'S' => What::Sparse,
                        b'0' | 0 | b'7' if name.ends_with(b"/") => What::Other,
                        b'0' | 0 | b'7' if ahead.is_sparse => What::Sparse,
                        b'0' | 0 | b'7' => What::File,
                        _ => What::Other,
                    };
                    // Links and folders may state a size they have no data for.
                    if matches!(kind, b'1'..=b'6') {
                        (self.left, self.padding) = (0, 0);
                    }
                    return Ok(Some(Header { name, size: self.left, what }));
                }
            }
        }
    }

    /// The data of the member that `next` gave.
    pub fn data(&mut self) -> Data<'_, R> {
        Data(self)
    }

    /// Data of a block that describes the next member; what is longer than `most` is left out.
    fn all(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.data().take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn skip(&mut self) -> io::Result<()> {
        self.left += std::mem::take(&mut self.padding);
        while self.left > 0 {
            let available = self.reader.fill_buf()?.len();
            if available == 0 {
                // Some writers leave the padding behind the last member out.
                let is_padding = self.left < BLOCK as u64;
                self.left = 0;
                return if is_padding { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
            let step = usize::try_from(self.left).unwrap_or(usize::MAX).min(available);
            self.reader.consume(step);
            self.left -= step as u64;
        }
        Ok(())
    }

    /// The next block; `None` at the end.
    fn block(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let mut length = 0;
        while let Some(rest) = block.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match self.reader.read(rest) {
                Ok(0) if length == 0 => return Ok(None),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(block))
    }
}

/// A member's data where it stands in the tar.
pub struct Data<'a, R>(&'a mut Tar<R>);

impl<R: BufRead> Read for Data<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.0.left).unwrap_or(usize::MAX).min(into.len());
        if most == 0 {
            return Ok(0);
        }
        let length = self.0.reader.read(into.get_mut(..most).unwrap_or_default())?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.left -= length as u64;
        Ok(length)
    }
}
