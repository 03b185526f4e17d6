//! Credentials used in the wrong way: hashes, tickets, relays, and paths made of them.

pub mod asrep_roast_hint;
pub mod cleartext_network_logon;
pub mod explicit_creds_fanout;
pub mod golden_ticket_hint;
pub mod kerberoast_fanout;
pub mod lateral_fanout;
pub mod lateral_movement_chain;
pub mod machine_account_wrong_ip;
mod names;
pub mod newcreds_rare_process;
pub mod ntlm_downgrade;
pub mod ntlm_where_kerberos_usual;
pub mod overpass_newcreds;
pub mod pass_the_hash_target;
pub mod pkinit_new_certificate;
pub mod relay_name_mismatch;
pub mod silver_ticket_hint;

use crate::detect::{Entry, entry};

/// Most trusted first.
pub const ALL: &[Entry] = &[
    entry::<lateral_movement_chain::Rule>(),
    entry::<machine_account_wrong_ip::Rule>(),
    entry::<lateral_fanout::Rule>(),
    entry::<pass_the_hash_target::Rule>(),
    entry::<newcreds_rare_process::Rule>(),
    entry::<kerberoast_fanout::Rule>(),
    entry::<asrep_roast_hint::Rule>(),
    entry::<overpass_newcreds::Rule>(),
    entry::<relay_name_mismatch::Rule>(),
    entry::<explicit_creds_fanout::Rule>(),
    entry::<golden_ticket_hint::Rule>(),
    entry::<silver_ticket_hint::Rule>(),
    entry::<pkinit_new_certificate::Rule>(),
    entry::<ntlm_downgrade::Rule>(),
    entry::<cleartext_network_logon::Rule>(),
    entry::<ntlm_where_kerberos_usual::Rule>(),
];
