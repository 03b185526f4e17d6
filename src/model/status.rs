//! Result codes and what they mean: NTSTATUS of 4625 and 4776, Kerberos of 4768/4769/4771, Entra `errorCode`.
//!
//! The meanings and classes are data: `assets/tables/{ntstatus,kerberos,entra}.csv`.

use crate::base::table;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Which list a code belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StatusFamily {
    #[default]
    None,
    NtStatus,
    Kerberos,
    Entra,
}

/// A result code with the list it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Status {
    pub family: StatusFamily,
    pub code: u32,
}

/// What a code means for judging an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StatusClass {
    Success,
    /// Wrong password or other wrong secret.
    Guess,
    /// No such account.
    UnknownAccount,
    Disabled,
    LockedOut,
    /// Refused by a rule although the credentials may have been right.
    Policy,
    /// The first factor was right: expired password, second factor missing, refused afterwards.
    PasswordRight,
    /// A step that asks the user for something.
    Interrupt,
    /// Second factor denied, timed out or failed.
    MfaDenied,
    /// Expired, revoked or broken token or grant.
    Token,
    /// Secret or certificate of a workload is wrong.
    WorkloadCredential,
    /// Trouble of the machinery, not of the account.
    Infrastructure,
    #[default]
    Other,
}

impl StatusClass {
    fn parse(word: &str) -> Self {
        match word {
            "success" => Self::Success,
            "guess" => Self::Guess,
            "unknown-account" => Self::UnknownAccount,
            "disabled" => Self::Disabled,
            "locked-out" => Self::LockedOut,
            "policy" => Self::Policy,
            "password-right" => Self::PasswordRight,
            "interrupt" => Self::Interrupt,
            "mfa-denied" => Self::MfaDenied,
            "token" => Self::Token,
            "workload-credential" => Self::WorkloadCredential,
            "infrastructure" => Self::Infrastructure,
            _ => Self::Other,
        }
    }
}

struct Meaning {
    class: StatusClass,
    text: &'static str,
}

type Table = FxHashMap<u32, Meaning>;

fn load(csv: &'static str) -> Table {
    table::rows(csv)
        .filter_map(|row| {
            let [code, class, text] = row.as_slice() else { return None };
            let code = u32::try_from(table::number(code)?).ok()?;
            Some((code, Meaning { class: StatusClass::parse(class), text }))
        })
        .collect()
}

static NTSTATUS: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/tables/ntstatus.csv")));
static KERBEROS: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/tables/kerberos.csv")));
static ENTRA: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/tables/entra.csv")));

impl Status {
    #[must_use]
    pub const fn nt(code: u32) -> Self {
        Self { family: StatusFamily::NtStatus, code }
    }
    #[must_use]
    pub const fn kerberos(code: u32) -> Self {
        Self { family: StatusFamily::Kerberos, code }
    }
    #[must_use]
    pub const fn entra(code: u32) -> Self {
        Self { family: StatusFamily::Entra, code }
    }
    fn meaning(self) -> Option<&'static Meaning> {
        match self.family {
            StatusFamily::None => None,
            StatusFamily::NtStatus => NTSTATUS.get(&self.code),
            StatusFamily::Kerberos => KERBEROS.get(&self.code),
            StatusFamily::Entra => ENTRA.get(&self.code),
        }
    }
    #[must_use]
    pub fn class(self) -> StatusClass {
        match self.meaning() {
            Some(meaning) => meaning.class,
            None if self.code == 0 && self.family != StatusFamily::None => StatusClass::Success,
            None => StatusClass::Other,
        }
    }
    /// The meaning in a few words; empty for codes that the tables do not hold.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.meaning().map_or("", |meaning| meaning.text)
    }
    /// From what `code_text` wrote; none of what it never writes.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix("0x") {
            Some(digits) => match (u32::from_str_radix(digits, 16), digits.len()) {
                (Ok(code), 8) => Self::nt(code),
                (Ok(code), _) => Self::kerberos(code),
                _ => Self::default(),
            },
            None => text.parse().map_or_else(|_| Self::default(), Self::entra),
        }
    }
    /// The code as its family writes it: `0xC000006A`, `0x18`, `50126`; empty without one.
    #[must_use]
    pub fn code_text(self) -> String {
        match self.family {
            StatusFamily::None => String::new(),
            StatusFamily::NtStatus => format!("0x{:08X}", self.code),
            StatusFamily::Kerberos => format!("{:#x}", self.code),
            StatusFamily::Entra => self.code.to_string(),
        }
    }
    #[must_use]
    pub const fn is_some(self) -> bool {
        !matches!(self.family, StatusFamily::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_class_and_text_in_their_own_family() {
        assert_eq!(Status::nt(0xC000_006A).class(), StatusClass::Guess);
        assert_eq!(Status::nt(0xC000_0064).class(), StatusClass::UnknownAccount);
        assert_eq!(Status::kerberos(0x18).class(), StatusClass::Guess);
        assert_eq!(Status::entra(50126).class(), StatusClass::Guess);
        assert_eq!(Status::entra(50140).class(), StatusClass::Interrupt);
        assert_eq!(Status::entra(500_121).class(), StatusClass::MfaDenied);
        assert_eq!(Status::nt(0).class(), StatusClass::Success);
        assert_eq!(Status::default().class(), StatusClass::Other);
        assert_eq!(Status::nt(0xC000_006A).text(), "wrong password");
        assert_eq!(Status::kerberos(0x18).code_text(), "0x18");
    }
}
