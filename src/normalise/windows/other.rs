//! Records that are counted and shown but open, close or judge nothing: who and from where, as far as it is obvious.

use super::values::Values;
use crate::model::event::AuthEvent;
use crate::model::fields::Field;

pub(super) fn other(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.subject = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
    event.account = values.target_user();
    if event.account.sid.is_none() {
        event.account.sid = values.sid(Field::TargetSid);
    }
    event.logon_id = values.logon_id(Field::TargetLogonId);
    event.logon_type = values.logon_type();
    event.ts_session = values.code(Field::SessionID).or_else(|| values.code(Field::Session));
    event.process = values.text(Field::ProcessName);
    // 4825 names the account as 4778 does. Elsewhere a field of this name is a shipper's: who wrote the record.
    if event.account.is_none() && event.event_id == 4825 {
        event.account = values.identity(Field::AccountName, Field::AccountDomain, Field::TargetUserSid);
        event.logon_id = if event.logon_id.0 == 0 { values.logon_id(Field::LogonID) } else { event.logon_id };
    }
    // LocalSessionManager and the gateway have it in one text.
    for field in [Field::User, Field::Username] {
        if event.account.is_none() {
            event.account = values.joined_identity(field);
        }
    }
    if event.account.is_none() {
        event.account = event.subject;
    }
    // RdpCoreTS 131 has `ClientIP` with a port, 140 `IPString`.
    for field in [Field::IpAddress, Field::ClientAddress, Field::Address, Field::ClientIP, Field::IPString] {
        if event.address.is_none() && event.address_text.is_none() {
            values.source(event, field);
        }
    }
    event.target = values.text(Field::Resource).or(values.text(Field::TargetServerName)).or(values.text(Field::ServiceName));
    event.raw_status = values.code(Field::Status).unwrap_or(0);
}
