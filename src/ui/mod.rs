//! The screen. Terminal crates are named in this folder only.
//!
//! One `App`, one `Msg`, one `update` that returns `Effect`s; drawing changes nothing. Views are small: state, update,
//! draw. They never see a key, only `Action`s that the keymap found for their context, and never the engine, only a
//! `Snapshot` and what a filter left of it.

pub mod action;
pub mod app;
pub mod clipboard;
mod columns;
pub mod copy;
pub mod effect;
pub mod field;
pub mod filter;
pub mod find;
pub mod frame;
mod frame_columns;
mod frame_filter;
mod frame_hints;
pub mod frame_meters;
mod frame_palette;
mod frame_perf;
mod frame_popup;
mod frame_replay;
pub mod glyph;
pub mod ground;
pub mod grouper;
pub mod input;
pub mod keymap;
pub mod layout;
pub mod link;
pub mod look;
pub mod marks;
pub mod mouse;
pub mod nav;
mod paint;
pub mod palette;
pub mod perf;
mod pivot;
pub mod plain;
mod pointer;
pub mod popup;
mod popup_keys;
pub mod preview;
pub mod privacy;
mod prompt;
pub mod replay;
pub mod restore;
pub mod run;
mod select;
pub mod signals;
mod switch;
pub mod terminal;
pub mod theme;
pub mod triage;
pub mod update;
pub mod view;
pub mod widget;
pub mod write;
