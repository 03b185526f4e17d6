//! One file under watch, whatever it is called by now and whether it is open or not.
//!
//! An open file can be read to its end when it was renamed, and even when it was deleted; one that was let go is looked
//! for by its identity among its neighbours. Nothing is read here.

use super::super::identity::{Identity, identity};
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Held {
    path: PathBuf,
    id: Identity,
    file: Option<File>,
}

impl Held {
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let id = identity(&file.metadata()?);
        Ok(Self { path: path.to_path_buf(), id, file: Some(file) })
    }
    pub const fn identity(&self) -> Identity {
        self.id
    }
    pub fn is(&self, metadata: &Metadata) -> bool {
        self.id == identity(metadata)
    }
    pub fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
    }
    /// Whether the open file has no name any more, as far as the system tells.
    #[cfg(unix)]
    pub fn is_deleted(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        self.file.as_ref().and_then(|file| file.metadata().ok()).is_some_and(|metadata| metadata.nlink() == 0)
    }
    #[cfg(not(unix))]
    pub const fn is_deleted(&self) -> bool {
        false
    }
    pub const fn is_open(&self) -> bool {
        self.file.is_some()
    }
    pub fn let_go(&mut self) {
        self.file = None;
    }
    pub fn moved_to(&mut self, path: &Path) {
        self.path = path.to_path_buf();
    }
    /// The file, opened when it is not.
    ///
    /// # Errors
    /// `NotFound` when neither the name nor a neighbour is this file any more, or what opening it said.
    pub fn file(&mut self) -> io::Result<&mut File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => self.find()?,
        };
        Ok(self.file.insert(file))
    }
    fn find(&mut self) -> io::Result<File> {
        match Self::open(&self.path) {
            Ok(Self { id, file: Some(file), .. }) if id == self.id => return Ok(file),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let renamed = siblings(&self.path).find(|path| std::fs::metadata(path).is_ok_and(|metadata| self.is(&metadata)));
        self.path = renamed.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the file is gone"))?;
        File::open(&self.path)
    }
}

/// The files of the folder of `path`, without `path`.
pub(super) fn siblings(path: &Path) -> impl Iterator<Item = PathBuf> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let name = path.file_name().map(std::ffi::OsStr::to_os_string);
    entries
        .filter(move |entry| Some(entry.file_name()) != name && entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
}
