//! Keeps what cannot wait when nobody can take it: first in memory, then in a file without a name, in order.
//!
//! Both are bounded. What does not fit any more is given back with a reason, for whoever counts it; what was taken in is
//! given again in the order in which it came. The file goes with the program: it bridges a busy minute, not a restart.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes in memory.
    pub memory: usize,
    /// Bytes in the file.
    pub file: u64,
}

/// A queue of entries.
pub struct Spool {
    bounds: Bounds,
    memory: VecDeque<Vec<u8>>,
    in_memory: usize,
    open: Box<dyn Fn() -> io::Result<File> + Send>,
    file: Option<File>,
    /// Entries of the file stand between these.
    head: u64,
    tail: u64,
}

impl Spool {
    /// A spool whose file stands where temporary files do, once it is needed.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self::with_file(bounds, tempfile::tempfile)
    }
    /// A spool whose file comes from `open`, once it is needed.
    #[must_use]
    pub fn with_file(bounds: Bounds, open: impl Fn() -> io::Result<File> + Send + 'static) -> Self {
        Self { bounds, memory: VecDeque::new(), in_memory: 0, open: Box::new(open), file: None, head: 0, tail: 0 }
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.memory.is_empty() && self.head == self.tail
    }
    /// Bytes that wait.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.in_memory as u64 + (self.tail - self.head)
    }
    /// Takes an entry in, behind all others.
    ///
    /// # Errors
    /// There is no room for it, or the file cannot be written: why, for people. The entry is not kept.
    pub fn push(&mut self, entry: Vec<u8>) -> Result<(), String> {
        if self.head == self.tail && self.in_memory + entry.len() <= self.bounds.memory {
            self.in_memory += entry.len();
            self.memory.push_back(entry);
            return Ok(());
        }
        let length = u32::try_from(entry.len()).map_err(|_| "it is too long for the spool file".to_owned())?;
        let size = u64::from(length) + 4;
        if self.tail - self.head + size > self.bounds.file || self.tail + size > self.bounds.file.saturating_mul(2) {
            return Err(format!("the spool file holds {} bytes and takes no more", self.tail - self.head));
        }
        self.write(length, &entry).map_err(|error| format!("the spool file cannot be written: {error}"))?;
        self.tail += size;
        Ok(())
    }
    fn write(&mut self, length: u32, entry: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert((self.open)()?),
        };
        // Behind the last whole entry: what a write that failed left is written over.
        file.seek(SeekFrom::Start(self.tail))?;
        file.write_all(&length.to_le_bytes())?;
        file.write_all(entry)
    }
    /// Gives the oldest entry.
    ///
    /// # Errors
    /// The file cannot be read; what it holds is lost, and its bytes are said.
    pub fn pop(&mut self) -> Result<Option<Vec<u8>>, String> {
        if let Some(entry) = self.memory.pop_front() {
            self.in_memory -= entry.len();
            return Ok(Some(entry));
        }
        if self.head == self.tail {
            return Ok(None);
        }
        let read = self.read();
        match read {
            Ok(entry) => {
                self.head += entry.len() as u64 + 4;
                if self.head == self.tail {
                    self.clear();
                }
                Ok(Some(entry))
            }
            Err(error) => {
                let lost = self.tail - self.head;
                self.clear();
                Err(format!("the spool file cannot be read ({error}); the {lost} bytes it held are lost"))
            }
        }
    }
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let file = self.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        file.seek(SeekFrom::Start(self.head))?;
        let mut length = [0; 4];
        file.read_exact(&mut length)?;
        let mut entry = vec![0; usize::try_from(u32::from_le_bytes(length)).unwrap_or_default()];
        file.read_exact(&mut entry)?;
        Ok(entry)
    }
    /// Nothing waits in the file any more: its space is given back.
    fn clear(&mut self) {
        (self.head, self.tail) = (0, 0);
        // A file that cannot be cut is written over from its beginning.
        let _ = self.file.as_ref().map(|file| file.set_len(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u32) -> Vec<u8> {
        number.to_le_bytes().repeat(25)
    }

    #[test]
    fn entries_come_back_in_order_through_memory_and_file() {
        let mut spool = Spool::new(Bounds { memory: 1_000, file: 100_000 });
        let (mut next_in, mut next_out) = (0, 0);
        for round in 0..200 {
            for _ in 0..(round * 7) % 23 {
                spool.push(entry(next_in)).unwrap();
                next_in += 1;
            }
            for _ in 0..(round * 5) % 29 {
                match spool.pop().unwrap() {
                    Some(found) => assert_eq!(found, entry(next_out)),
                    None => break,
                }
                next_out += 1;
            }
        }
        while let Some(found) = spool.pop().unwrap() {
            assert_eq!(found, entry(next_out));
            next_out += 1;
        }
        assert!(next_in > 1_000 && next_in == next_out && spool.is_empty(), "{next_in} {next_out}");
    }

    #[test]
    fn a_full_spool_and_a_full_disk_say_so_and_keep_what_they_have() {
        let mut spool = Spool::new(Bounds { memory: 100, file: 250 });
        spool.push(entry(1)).unwrap();
        spool.push(entry(2)).unwrap();
        spool.push(entry(3)).unwrap();
        assert!(spool.push(entry(4)).unwrap_err().contains("takes no more"));
        assert_eq!([1, 2, 3].map(|_| spool.pop().unwrap().unwrap()), [entry(1), entry(2), entry(3)]);
        spool.push(entry(5)).unwrap();
        assert_eq!(spool.pop().unwrap(), Some(entry(5)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_said() {
        let full = || std::fs::OpenOptions::new().read(true).write(true).open("/dev/full");
        let mut spool = Spool::with_file(Bounds { memory: 100, file: 1_000 }, full);
        spool.push(entry(1)).unwrap();
        assert!(spool.push(entry(2)).unwrap_err().contains("No space left"));
        assert_eq!((spool.pop().unwrap(), spool.pop().unwrap()), (Some(entry(1)), None));
    }
}
