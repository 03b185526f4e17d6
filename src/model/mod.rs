//! Floor 1: the nouns. What a logon, a session, an account, a host, a source and an anomaly are.
//!
//! No reading, no judging, no drawing. Names are those of the records: Windows field names, Entra property names, then
//! OCSF and ECS.

pub mod account;
pub mod alias;
pub mod anomaly;
pub mod attack;
pub mod attempt;
pub mod audited;
pub mod chain;
pub mod client;
pub mod cloud_app;
pub mod coverage;
pub mod credential;
pub mod event;
pub mod event_id;
pub mod fields;
pub mod host;
pub mod ids;
pub mod incident;
pub mod input;
pub mod involved;
pub mod lane;
pub mod lineage;
pub mod log;
pub mod logon_type;
pub mod masking;
pub mod network;
mod one_account;
pub mod place;
pub mod quality;
pub mod raw;
pub mod remark;
pub mod risk;
pub mod rows;
pub mod runs;
pub mod session;
pub mod shape;
pub mod sightings;
pub mod sign_in;
pub mod sign_in_log;
pub mod source;
pub mod status;
pub mod value;
pub mod visible;
pub mod visit;
pub mod world;
