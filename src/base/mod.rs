//! Floor 0: small tools without opinions about logons.
//!
//! Time, interned and unique texts, text cleaning, network addresses, packed numbers and the containers that make snapshots
//! cheap.
//! Nothing here may know an event id.

pub mod by_id;
pub mod dictionary;
pub mod evtx_chunk;
pub mod intern;
pub mod mask;
pub mod memo;
pub mod net;
pub mod packed;
pub mod pattern;
pub mod places;
pub mod segments;
pub mod setting;
pub mod shelf;
pub mod table;
pub mod terse;
pub mod text;
pub mod time;
pub mod unique;
