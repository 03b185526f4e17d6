//! Whether pieces of one input fit together: each must begin where and how the one in front of it ended.

use super::work::Done;
use crate::decode::cut::{Exit, Part};

/// The piece of an input that was taken over last.
pub struct Seam {
    piece: usize,
    part: Part,
    exit: Option<Exit>,
}

/// What is to be done with a piece.
pub enum Fit {
    /// It fits.
    Yes,
    /// It must be read again so.
    Again(Part),
    /// The input has to be read as one.
    No,
}

/// Compares a piece with the one taken over last, and remembers it if it fits.
pub fn fit(last: &mut Option<Seam>, done: &Done) -> Fit {
    // What is read by itself fits. A defect of a decoder costs its piece alone.
    let Some(part) = &done.task.part else { return Fit::Yes };
    if done.exit.is_some_and(|exit| exit.entry.is_none()) {
        return Fit::No;
    }
    if let Some(last) = last {
        let leads = |exit: &Option<Exit>, to: &Part| exit.is_none_or(|exit| exit.leads_to(to));
        if last.piece < done.task.piece {
            if !leads(&last.exit, part) {
                return last.exit.and_then(|exit| exit.corrected(part)).map_or(Fit::No, Fit::Again);
            }
        } else if !leads(&done.exit, &last.part) {
            // What lies behind was taken over before.
            return Fit::No;
        }
    }
    *last = Some(Seam { piece: done.task.piece, part: part.clone(), exit: done.exit });
    Fit::Yes
}
