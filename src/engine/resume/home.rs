//! The files that may still hold what the journal keeps of a stream: the one under its name, and those it may have been
//! renamed or copied to. The bytes decide, not the name.

use super::path_of;
use crate::engine::load::Opened;
use crate::source::identity::{Identity, identity};
use crate::source::journal::{FoundStream, OriginKind, Place};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes compared at a time.
const STEP: usize = 64 << 10;

pub(super) struct Home {
    pub path: PathBuf,
    pub id: Identity,
    file: File,
}

impl Home {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let id = identity(&file.metadata()?);
        Ok(Self { path: path.to_path_buf(), id, file })
    }
    fn read(&mut self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(length);
        self.file.seek(SeekFrom::Start(at))?;
        (&self.file).take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
    /// Whether the bytes of a piece stand at `at`.
    pub fn holds(&mut self, at: u64, place: &Place) -> bool {
        self.read(at, place.length()).is_ok_and(|bytes| bytes.len() == place.length() && crc32fast::hash(&bytes) == place.sum)
    }
    /// How many of `bytes` stand at `at`.
    pub fn common(&mut self, at: u64, bytes: &[u8]) -> usize {
        let mut same = 0;
        for step in bytes.chunks(STEP) {
            let Ok(there) = self.read(at + same as u64, step.len()) else { break };
            let equal = step.iter().zip(&there).take_while(|(a, b)| a == b).count();
            same += equal;
            if equal < step.len() {
                break;
            }
        }
        same
    }
}

fn is_kin(path: &Path, other: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let name = other.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !stem.is_empty() && name.contains(stem)
}

/// Files to be looked at for the pieces of a stream: the one under its name where it is an input, inputs of its folder
/// that may be its archives, and the file it was, whatever it is called now.
pub(super) fn homes(stream: &FoundStream, inputs: &[Opened]) -> Vec<Home> {
    if stream.origin.kind == OriginKind::Bytes {
        return Vec::new();
    }
    let path = path_of(stream);
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_input = |path: &Path| inputs.iter().any(|input| input.path == path);
    let mut homes = Vec::new();
    if is_input(&path) {
        homes.extend(Home::open(&path));
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let other = folder.join(entry.file_name());
        let other =
            if path.parent().is_some_and(|parent| parent.as_os_str().is_empty()) { PathBuf::from(entry.file_name()) } else { other };
        if other == path || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let is_it = || entry.metadata().is_ok_and(|metadata| Some(identity(&metadata)) == stream.origin.file);
        if is_input(&other) && is_kin(&path, &other) || is_it() {
            homes.extend(Home::open(&other));
        }
    }
    homes
}
