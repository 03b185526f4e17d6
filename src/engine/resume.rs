//! `--resume DIR`: what an earlier run took in is there again, each record once.
//!
//! Files are read as always. Of what the journal keeps, a piece that still stands in its file is passed over: the file
//! has it. A file that was renamed in its folder is found there and becomes an input. What no file holds any more (it was
//! written over, emptied, deleted, or came from a listener or standard input) is put together in files of the folder
//! `kept` and read from there, so it takes its place in the order of time and can be shown again like any record. These
//! files are made anew by each start; the journal alone is what counts.

mod home;
mod keep;

pub use keep::Keeping;

use super::load::{Content, Opened};
use crate::base::evtx_chunk::{CHUNK, CHUNK_HEADER, FILE_HEADER, FILE_SIGNATURE, u64_at};
use crate::decode::{Sniffed, sniff};
use crate::model::input::Format;
use crate::source::file::Mapped;
use crate::source::journal::{Found, FoundStream, Journal, OriginKind, Place};
use home::Home;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where what no file holds any more is put together.
const KEPT: &str = "kept";

/// Adds what earlier runs took in to the inputs. Gives what keeps the journal from now on, and sentences for people.
///
/// # Errors
/// The folder cannot be written: the text says what to do.
pub fn resume(journal: Journal, found: &Found, inputs: &mut Vec<Opened>) -> Result<(Keeping, Vec<String>), String> {
    let journal = Arc::new(journal);
    let folder = journal.folder().join(KEPT);
    let name = |error: io::Error| format!("--resume: {} cannot be written: {error}; give a folder that can be written", folder.display());
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(name(error)),
        _ => {}
    }
    std::fs::create_dir_all(&folder).map_err(name)?;
    let mut said = found.said.clone();
    let mut keep = Keeping::new(Arc::clone(&journal));
    for (number, (id, stream)) in found.streams.iter().enumerate() {
        let mut homes = home::homes(stream, inputs);
        for home in &homes {
            if !inputs.iter().any(|input| input.path == home.path) {
                inputs.push(Opened::file(home.path.clone()));
            }
        }
        let path = folder.join(format!("{number:06}-{}", shown(&stream.origin.name)));
        let put = match stream.origin.kind {
            OriginKind::Log => put_log(stream, &mut homes, &path),
            OriginKind::Text | OriginKind::Bytes => put_text(stream, &mut homes, &path),
        };
        match put {
            Ok(None) => {}
            Ok(Some(format)) => inputs.push(match Mapped::open(&path) {
                Ok(file) => Opened { path, content: Ok((Content::File(file), format)), problem: None },
                Err(error) => Opened::unreadable(path, &error),
            }),
            Err(error) => said.push(format!("{}: what was kept of it cannot be read: {error}", stream.origin.name)),
        }
        if let Err(error) = keep.known(*id, stream, &mut homes) {
            said.push(format!("{}: what was kept of it cannot be read: {error}", stream.origin.name));
        }
    }
    Ok((keep, said))
}

/// A name that is a file name everywhere, and no log to those who look through folders.
fn shown(name: &str) -> String {
    let name = Path::new(name).file_name().map_or_else(|| name.into(), |name| name.to_string_lossy());
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' }).take(80).collect();
    if plain == "-" { "stdin.kept".to_owned() } else { format!("{plain}.kept") }
}

/// The bytes in front of the first one of a stream that a reader of the text needs: a byte order mark, a header line.
fn opening(head: &[u8], first: u64) -> &[u8] {
    if first == 0 {
        return &[];
    }
    match sniff(head) {
        Sniffed::Csv => memchr::memchr(b'\n', head).and_then(|end| head.get(..=end)).unwrap_or_default(),
        Sniffed::Utf16Text => head.get(..2).unwrap_or_default(),
        _ => &[],
    }
}

/// Writes the pieces no file holds. `None` when there are none.
fn put_text(stream: &FoundStream, homes: &mut [Home], path: &Path) -> io::Result<Option<Format>> {
    let mut out: Option<BufWriter<File>> = None;
    let mut end = None;
    // The unfinished line at the end of the pieces that are held, and where it began.
    let mut line: (u64, Vec<u8>) = (0, Vec::new());
    for place in stream.pieces.iter().filter(|place| place.length() > 0) {
        let start = place.offset;
        let behind = start + place.length() as u64;
        if homes.iter_mut().any(|home| home.holds(start, place)) {
            let (_, bytes) = place.read()?;
            let rest = memchr::memrchr(b'\n', &bytes).map_or(0, |last| last + 1);
            if rest > 0 || line.0 + line.1.len() as u64 != start {
                line = (start + rest as u64, Vec::new());
            }
            line.1.extend_from_slice(bytes.get(rest..).unwrap_or_default());
            end = None;
            continue;
        }
        let (_, mut bytes) = place.read()?;
        let mut from = start;
        if end != Some(start) {
            // A file that was cut in the middle of this piece holds the lines in front of the cut.
            let held = homes.iter_mut().map(|home| home.common(start, &bytes)).max().unwrap_or(0);
            let whole = memchr::memrchr(b'\n', bytes.get(..held).unwrap_or_default()).map_or(0, |last| last + 1);
            bytes.drain(..whole);
            from += whole as u64;
        }
        let is_first = out.is_none();
        let file = match &mut out {
            Some(file) => file,
            None => out.insert(BufWriter::new(File::create(path)?)),
        };
        if is_first {
            file.write_all(opening(&stream.origin.head, from))?;
        } else if end != Some(start) {
            file.write_all(b"\n")?;
        }
        if from == start && line.0 + line.1.len() as u64 == start {
            file.write_all(&line.1)?;
        }
        line.1.clear();
        file.write_all(&bytes)?;
        end = Some(behind);
    }
    let Some(mut file) = out else { return Ok(None) };
    file.flush()?;
    Ok(Some(Format::Text))
}

/// A chunk of a log as the journal has it.
struct Kept<'a> {
    offset: u64,
    /// Number of its first record, and when that was written.
    who: (u64, u64),
    places: Vec<&'a Place>,
}

impl Kept<'_> {
    /// How far its records reach in the chunk.
    fn length(&self) -> usize {
        self.places.last().map_or(0, |place| place.from as usize + place.length())
    }
    fn image(&self) -> io::Result<Vec<u8>> {
        let mut image = Vec::new();
        for place in &self.places {
            let (head, bytes) = place.read()?;
            image.resize(image.len().min(place.from as usize), 0);
            image.extend_from_slice(&bytes);
            if let Some(start) = image.get_mut(..head.len()) {
                start.copy_from_slice(&head);
            }
        }
        Ok(image)
    }
}

/// The chunks a log's pieces make up, oldest first. A chunk begins anew in each segment, with everything that came before.
fn chunks(stream: &FoundStream) -> io::Result<Vec<Kept<'_>>> {
    let mut all: Vec<Kept<'_>> = Vec::new();
    for place in &stream.pieces {
        if place.is_rest() {
            if let Some(chunk) = all.iter_mut().rev().find(|chunk| chunk.offset == place.offset) {
                chunk.places.push(place);
            }
            continue;
        }
        let (_, bytes) = place.read()?;
        let who = (u64_at(&bytes, 24).unwrap_or(0), u64_at(&bytes, CHUNK_HEADER + 16).unwrap_or(0));
        match all.iter_mut().rev().find(|chunk| (chunk.offset, chunk.who) == (place.offset, who)) {
            Some(chunk) => chunk.places = vec![place],
            None => all.push(Kept { offset: place.offset, who, places: vec![place] }),
        }
    }
    Ok(all)
}

/// Writes a log of the chunks that no file holds. `None` when there are none.
fn put_log(stream: &FoundStream, homes: &mut [Home], path: &Path) -> io::Result<Option<Format>> {
    let mut out: Option<BufWriter<File>> = None;
    for chunk in chunks(stream)? {
        let mut image = chunk.image()?;
        let records = image.get(CHUNK_HEADER..).unwrap_or_default();
        if homes.iter_mut().any(|home| home.common(chunk.offset + CHUNK_HEADER as u64, records) == records.len()) {
            continue;
        }
        let file = match &mut out {
            Some(file) => file,
            None => {
                let file = out.insert(BufWriter::new(File::create(path)?));
                let mut header = vec![0; FILE_HEADER];
                header.splice(..FILE_SIGNATURE.len(), FILE_SIGNATURE.iter().copied());
                file.write_all(&header)?;
                file
            }
        };
        image.resize(CHUNK, 0);
        file.write_all(&image)?;
    }
    let Some(mut file) = out else { return Ok(None) };
    file.flush()?;
    Ok(Some(Format::Evtx))
}

/// The path an origin names.
fn path_of(stream: &FoundStream) -> PathBuf {
    PathBuf::from(&stream.origin.name)
}
