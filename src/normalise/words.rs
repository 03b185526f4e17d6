//! Records that say what happened in a word instead of an event id: Defender, the unified audit log, the LANL sets.
//!
//! A word becomes the Windows event that means the same, so that one set of rules reads all shapes; what a word does not
//! say (a logon id, a status) stays absent.

use crate::model::fields::{Field, Fields};

/// What a record's word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The event id of Security that means the same.
    Windows(u32),
    /// A sign-in to Entra, and whether it succeeded.
    SignIn(bool),
    /// No logon of any kind.
    Nothing,
}

/// The meaning of the record's word; `None` when it has none (it has an event id, or is a sign-in by its shape).
#[must_use]
pub fn read(fields: &Fields<'_>) -> Option<Said> {
    let word = fields.text(Field::Action);
    if word.is_empty() {
        return None;
    }
    let failed = fields.text(Field::ResultType).eq_ignore_ascii_case("Fail");
    // Defender for Identity also reports sign-ins to the cloud; those of the directory name it.
    let application = fields.text(Field::AppDisplayName);
    let is_cloud = !application.is_empty() && !application.eq_ignore_ascii_case("Active Directory");
    Some(match word.to_ascii_lowercase().as_str() {
        "logonsuccess" if is_cloud => Said::SignIn(true),
        "logonfailed" if is_cloud => Said::SignIn(false),
        "logonsuccess" => Said::Windows(4624),
        "logonfailed" => Said::Windows(4625),
        "userloggedin" => Said::SignIn(true),
        "userloginfailed" => Said::SignIn(false),
        "logon" => Said::Windows(if failed { 4625 } else { 4624 }),
        "logoff" => Said::Windows(4634),
        "tgt" => Said::Windows(if failed { 4771 } else { 4768 }),
        "tgs" if !failed => Said::Windows(4769),
        "screenlock" => Said::Windows(4800),
        "screenunlock" => Said::Windows(4801),
        _ => Said::Nothing,
    })
}

/// NTSTATUS of a failed logon that says its reason in a word (`FailureReason` of Defender); `None` for other words.
#[must_use]
pub fn failure(word: &str) -> Option<u32> {
    Some(match word.to_ascii_lowercase().as_str() {
        "invalidusernameorpassword" => 0xc000_006d,
        "unknownuser" => 0xc000_0064,
        "wrongpassword" | "invalidpassword" => 0xc000_006a,
        "accountdisabled" => 0xc000_0072,
        "accountlocked" | "accountlockedout" => 0xc000_0234,
        "accountexpired" => 0xc000_0193,
        "passwordexpired" => 0xc000_0071,
        "passwordmustchange" => 0xc000_0224,
        "invalidlogonhours" => 0xc000_006f,
        "invalidworkstation" => 0xc000_0070,
        "logontypenotgranted" => 0xc000_015b,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::Value;

    #[test]
    fn words_mean_what_windows_says_with_ids() {
        let said = |pairs: &[(Field, &'static str)]| {
            let mut fields = Fields::default();
            pairs.iter().for_each(|(field, text)| fields.set(*field, Value::Text(text)));
            read(&fields)
        };
        assert_eq!(said(&[]), None);
        assert_eq!(said(&[(Field::Action, "LogonSuccess")]), Some(Said::Windows(4624)));
        assert_eq!(said(&[(Field::Action, "LogonFailed"), (Field::AppDisplayName, "Active Directory")]), Some(Said::Windows(4625)));
        assert_eq!(said(&[(Field::Action, "LogonFailed"), (Field::AppDisplayName, "Microsoft 365")]), Some(Said::SignIn(false)));
        assert_eq!(said(&[(Field::Action, "LogOn"), (Field::ResultType, "Fail")]), Some(Said::Windows(4625)));
        assert_eq!(said(&[(Field::Action, "FileAccessed")]), Some(Said::Nothing));
    }
}
