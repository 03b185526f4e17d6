//! The detections, one file each, in folders by what they are about. A folder's `ALL` lists its own.

pub mod credential;
pub mod desktop;
pub mod entra;
pub mod guess;
pub mod habit;
mod read;
pub mod token;
pub mod workload;

use crate::detect::Entry;

/// All of them, by folder.
pub const GROUPS: &[&[Entry]] = &[guess::ALL, desktop::ALL, habit::ALL, credential::ALL, workload::ALL, entra::ALL, token::ALL];
