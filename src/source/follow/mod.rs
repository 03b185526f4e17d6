//! Files that are being written. Each look (`poll`) gives what is new since the one before; nothing is given twice.
//!
//! No threads, no waiting, no clock: the caller decides when to look. A file that is renamed away is read to its end
//! before the one that took its name is begun.

mod evtx;
mod text;

pub use evtx::{EvtxPiece, FollowEvtx};
pub use text::{FollowText, TextPiece};

use super::identity::{Identity, identity};
use std::fs::File;
use std::io;
use std::path::Path;

fn open(path: &Path) -> io::Result<(File, Identity)> {
    let file = File::open(path)?;
    let id = identity(&file.metadata()?);
    Ok((file, id))
}

/// Whether another file stands under the name now. A name that is gone may come back: that is no other file yet.
fn is_replaced(path: &Path, id: Identity) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| identity(&metadata) != id)
}
