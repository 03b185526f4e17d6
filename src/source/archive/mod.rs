//! Containers: gzip, Zstandard, zip and tar, each in each other, become the logs in them.
//!
//! A container is recognised by its first bytes. It is unpacked once into bytes that the rest of the program reads like
//! those of a file; members of a tar and stored members of a zip are read where they stand. Members are known by name or
//! first bytes as files in folders are. Nothing is written under a member's name. Whatever stops a member or a container
//! is a sentence beside what could be read before; it never stops the others.

mod keep;
mod kind;
mod name;
mod stream;
mod tar;
mod zip;

pub use keep::{LIMIT, Unpacked, Unpacking};
pub use kind::{Kind, LOOKED_AT, Look, by_name, endings, is_or_becomes_container, kind, looks_complete};

use super::file::Part;
use keep::{Fed, Keeper, Metered, Refused};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stream::{Checked, Gzip, Zstd};

/// Containers in containers are opened up to this depth; a `.tar.gz` counts two.
pub const DEPTH: u32 = 8;
/// Most logs taken from one container.
pub const MEMBERS: u64 = 50_000;
/// Bytes unpacked ahead of who reads them.
const AHEAD: usize = 64 << 10;

/// One log of a container, or why there is none.
pub struct Member {
    /// The container and the name in it; for a single compressed file its own path.
    pub path: PathBuf,
    /// What could be read of it.
    pub part: Part,
    /// What could not, why, and what to do.
    pub problem: Option<String>,
}

/// Unpacks containers; all of one run share limits and the temporary file.
pub struct Unpacker {
    keeper: Keeper,
}

/// The rest of the container is given up; that was said.
struct Halt;

struct Walk<'a> {
    keeper: &'a mut Keeper,
    found: &'a mut dyn FnMut(Member),
    given: name::Given,
    /// Logs found, problems said, members left alone because nothing says that they are logs.
    taken: u64,
    said: u64,
    left: u64,
}

impl Unpacker {
    #[must_use]
    pub fn new(unpacking: Unpacking) -> Self {
        Self { keeper: Keeper::new(unpacking) }
    }
    /// Tells how much was unpacked, also while that goes on.
    #[must_use]
    pub fn unpacked(&self) -> Unpacked {
        Unpacked::of(&self.keeper.budget)
    }
    /// Gives the logs in a container to `found`; says how many members were left alone.
    pub fn unpack(&mut self, path: &Path, container: &Part, found: &mut dyn FnMut(Member)) -> u64 {
        self.keeper.begin();
        self.walk(path, found, |walk| walk.part(path, container, Look::Take, 0))
    }
    /// As `unpack`, from a stream, which need not be a container.
    pub fn stream(&mut self, path: &Path, reader: &mut dyn BufRead, found: &mut dyn FnMut(Member)) -> u64 {
        self.keeper.begin();
        self.walk(path, found, |walk| walk.stream(path, reader, Look::Take, 0))
    }
    fn walk(&mut self, path: &Path, found: &mut dyn FnMut(Member), run: impl FnOnce(&mut Walk<'_>) -> Result<(), Halt>) -> u64 {
        let mut walk = Walk { keeper: &mut self.keeper, found, given: name::Given::default(), taken: 0, said: 0, left: 0 };
        // Unpackers are not ours; what one of them does not survive ends its container.
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&mut walk)));
        if ran.is_err() {
            walk.say(path, "cannot be unpacked, which is a defect of logonscope: please report it");
        } else if walk.taken == 0 && walk.said == 0 {
            let left = walk.left;
            walk.say(path, &format!("holds no logs ({left} other members): logs in it are known by names as .evtx, .json, .csv or .xml"));
        }
        walk.left
    }
}

fn empty() -> Part {
    Part::of(super::file::Mapped::Read(Vec::new()))
}

fn words(error: &io::Error) -> String {
    match Refused::of(error) {
        Some(text) => text.to_owned(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => "is cut: its end is missing".to_owned(),
        None => format!("is damaged: {error}"),
    }
}

/// Gives the error that came while the first bytes were read once these are read again.
struct Fails(Option<io::Error>);

impl Read for Fails {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
impl BufRead for Fails {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.take().map_or(Ok(&[]), Err)
    }
    fn consume(&mut self, _: usize) {}
}

/// The first bytes, and a reader that begins with them.
fn peek(reader: &mut dyn BufRead) -> (Vec<u8>, impl BufRead) {
    let mut head = Vec::with_capacity(LOOKED_AT);
    let failed = (&mut *reader).take(LOOKED_AT as u64).read_to_end(&mut head).err();
    (head.clone(), Cursor::new(head).chain(Fails(failed)).chain(reader))
}

impl Walk<'_> {
    fn give(&mut self, place: &Path, part: Part, problem: Option<&io::Error>) -> Result<(), Halt> {
        let path = self.given.unique(place);
        let is_halt = problem.is_some_and(|error| Refused::of(error).is_some());
        let rest = if part.bytes().is_empty() { "nothing of it could be read" } else { "what came before is read" };
        let problem = problem.map(|error| format!("{} {} ({rest})", path.display(), words(error)));
        self.said += u64::from(problem.is_some());
        self.taken += 1;
        (self.found)(Member { path, part, problem });
        if is_halt {
            return Err(Halt);
        }
        if self.taken >= MEMBERS {
            return Err(self.halt(place, &format!("holds more than {MEMBERS} logs, the rest is not read: unpack it and open parts of it")));
        }
        Ok(())
    }
    fn say(&mut self, place: &Path, text: &str) {
        self.said += 1;
        let path = self.given.unique(place);
        let problem = Some(format!("{} {text}", path.display()));
        (self.found)(Member { path, part: empty(), problem });
    }
    fn halt(&mut self, place: &Path, text: &str) -> Halt {
        self.say(place, text);
        Halt
    }
    fn is_too_deep(&mut self, place: &Path, depth: u32) -> bool {
        if depth >= DEPTH {
            self.say(place, &format!("lies more than {DEPTH} containers deep: unpack it first, then open what is inside"));
        }
        depth >= DEPTH
    }
    fn foreign(&mut self, place: &Path, what: &str) {
        self.say(place, &format!("is a {what}: unpack it first, then open what is inside"));
    }

    /// Bytes that can be read anywhere.
    fn part(&mut self, place: &Path, part: &Part, look: Look, depth: u32) -> Result<(), Halt> {
        let bytes = part.bytes();
        if !look.takes(bytes) {
            self.left += 1;
            return Ok(());
        }
        match kind(bytes) {
            None => self.give(place, part.clone(), None),
            Some(Kind::Foreign(what)) => {
                self.foreign(place, what);
                Ok(())
            }
            Some(_) if self.is_too_deep(place, depth) => Ok(()),
            Some(Kind::Zip) => self.zip(place, part, depth + 1),
            Some(Kind::Tar) => self.tar_of_part(place, part, depth + 1),
            Some(kind @ (Kind::Gzip | Kind::Zstd)) => self.packed(place, kind, &mut { bytes }, depth + 1),
        }
    }

    /// Bytes that come once, in their order.
    fn stream(&mut self, place: &Path, reader: &mut dyn BufRead, look: Look, depth: u32) -> Result<(), Halt> {
        if look == Look::Leave {
            self.left += 1;
            return Ok(());
        }
        let (head, mut reader) = peek(reader);
        if !look.takes(&head) {
            self.left += 1;
            return Ok(());
        }
        match kind(&head) {
            Some(Kind::Foreign(what)) => {
                self.foreign(place, what);
                Ok(())
            }
            Some(_) if self.is_too_deep(place, depth) => Ok(()),
            Some(kind @ (Kind::Gzip | Kind::Zstd)) => self.packed(place, kind, &mut reader, depth + 1),
            Some(Kind::Tar) => self.tar_of_stream(place, &mut reader, depth + 1),
            Some(Kind::Zip) => {
                let (part, error) = self.keeper.keep(&mut reader);
                if let Some(error) = &error {
                    self.say(place, &words(error));
                }
                self.zip(place, &part, depth + 1)
            }
            None => {
                let (part, error) = self.keeper.keep(&mut reader);
                self.give(place, part, error.as_ref())
            }
        }
    }

    fn packed(&mut self, place: &Path, kind: Kind, reader: &mut dyn BufRead, depth: u32) -> Result<(), Halt> {
        let reader = Fed { inner: reader, budget: Arc::clone(&self.keeper.budget) };
        let inner: Box<dyn Read + '_> = match kind {
            Kind::Zstd => Box::new(Zstd::new(reader)),
            _ => Box::new(Gzip::new(reader)),
        };
        let metered = Metered { inner, budget: Arc::clone(&self.keeper.budget) };
        self.stream(place, &mut BufReader::with_capacity(AHEAD, metered), Look::Take, depth)
    }

    fn tar_of_part(&mut self, place: &Path, part: &Part, depth: u32) -> Result<(), Halt> {
        let bytes = part.bytes();
        let mut tar = tar::Tar::new(bytes);
        loop {
            match tar.next() {
                Ok(None) => break,
                Ok(Some(header)) => {
                    let Some((name, look)) = self.tar_member(place, &header) else { continue };
                    let start = bytes.len() - tar.reader.len();
                    let length = usize::try_from(header.size).unwrap_or(usize::MAX);
                    let member = part.part(start..start.saturating_add(length));
                    if (member.bytes().len() as u64) < header.size && look.takes(member.bytes()) && kind(member.bytes()).is_none() {
                        self.give(&name, member, Some(&io::ErrorKind::UnexpectedEof.into()))?;
                        return Ok(());
                    }
                    self.part(&name, &member, look, depth)?;
                }
                Err(error) => {
                    self.say(place, &words(&error));
                    break;
                }
            }
        }
        self.tar_damage(place, tar.damaged);
        Ok(())
    }

    fn tar_of_stream(&mut self, place: &Path, reader: &mut dyn BufRead, depth: u32) -> Result<(), Halt> {
        let mut tar = tar::Tar::new(reader);
        let mut said = self.said;
        loop {
            match tar.next() {
                Ok(None) => break,
                Ok(Some(header)) => {
                    let Some((name, look)) = self.tar_member(place, &header) else { continue };
                    said = self.said;
                    self.stream(&name, &mut BufReader::with_capacity(AHEAD, tar.data()), look, depth)?;
                }
                Err(error) => {
                    // The member that was cut said it already.
                    if self.said == said {
                        self.say(place, &words(&error));
                    }
                    return if Refused::of(&error).is_some() { Err(Halt) } else { Ok(()) };
                }
            }
        }
        self.tar_damage(place, tar.damaged);
        Ok(())
    }

    fn tar_damage(&mut self, place: &Path, damaged: u64) {
        if damaged > 0 {
            self.say(place, &format!("is damaged in {damaged} places, where members may be missing; the others are read"));
        }
    }

    /// How the member is called and what is done with it; `None` when it is left alone.
    fn tar_member(&mut self, place: &Path, header: &tar::Header) -> Option<(PathBuf, Look)> {
        let name = name::text(&header.name);
        let (shown, look) = (place.join(name::inner(&name)), by_name(&name));
        match header.what {
            tar::What::File if look != Look::Leave => return Some((shown, look)),
            tar::What::Sparse if look == Look::Take => self.say(&shown, "is a file with holes (sparse): unpack the archive with tar first"),
            tar::What::File | tar::What::Sparse => self.left += 1,
            tar::What::Other => {}
        }
        None
    }

    fn zip(&mut self, place: &Path, part: &Part, depth: u32) -> Result<(), Halt> {
        let bytes = part.bytes();
        let directory = zip::directory(bytes);
        for entry in &directory.entries {
            let name = name::text(entry.name);
            let look = by_name(&name);
            if entry.is_other {
                continue;
            }
            if look == Look::Leave {
                self.left += 1;
                continue;
            }
            self.zip_member(&place.join(name::inner(&name)), entry, look, part, depth)?;
        }
        if let Some(problem) = directory.problem {
            self.say(place, &format!("{problem}; {} members were found and read", directory.entries.len()));
        }
        Ok(())
    }

    fn zip_member(&mut self, place: &Path, entry: &zip::Entry<'_>, look: Look, part: &Part, depth: u32) -> Result<(), Halt> {
        if entry.is_encrypted {
            // Without its first bytes a member of any name may be a log.
            if look == Look::Take {
                self.say(place, "is encrypted: unpack the archive with its password first, then open what is inside");
            } else {
                self.left += 1;
            }
            return Ok(());
        }
        let packed = part.part(entry.start..entry.end);
        let data = packed.bytes();
        let reader = Fed { inner: &mut { data }, budget: Arc::clone(&self.keeper.budget) };
        let inner: Box<dyn Read + '_> = match entry.method {
            0 if entry.expected.is_some() && !entry.is_cut => {
                let mut crc = flate2::Crc::new();
                crc.update(data);
                return match stream::check(data.len() as u64, crc.sum(), entry.expected) {
                    Ok(()) => self.part(place, &packed, look, depth),
                    Err(error) if look.takes(data) && kind(data).is_none() => self.give_damaged(place, packed.clone(), &error),
                    Err(error) => {
                        self.say(place, &words(&error));
                        self.part(place, &packed, look, depth)
                    }
                };
            }
            0 => Box::new(reader),
            8 => Box::new(flate2::bufread::DeflateDecoder::new(reader)),
            9 => Box::new(deflate64::Deflate64Decoder::with_buffer(reader)),
            93 => Box::new(Zstd::new(reader)),
            method => {
                if look == Look::Take {
                    let method = zip::method_name(method);
                    self.say(place, &format!("is packed with {method}, which is not read: unpack it first, then open what is inside"));
                } else {
                    self.left += 1;
                }
                return Ok(());
            }
        };
        let inner = Checked { inner, crc: flate2::Crc::new(), expected: entry.expected, is_cut: entry.is_cut, length: 0 };
        let metered = Metered { inner, budget: Arc::clone(&self.keeper.budget) };
        self.stream(place, &mut BufReader::with_capacity(AHEAD, metered), look, depth)
    }

    /// All bytes are there but they are not what the archive states.
    fn give_damaged(&mut self, place: &Path, part: Part, error: &io::Error) -> Result<(), Halt> {
        let problem = format!("{} {} (it is read as it is)", place.display(), words(error));
        let path = self.given.unique(place);
        self.said += 1;
        self.taken += 1;
        (self.found)(Member { path, part, problem: Some(problem) });
        Ok(())
    }
}
