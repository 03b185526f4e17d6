//! ATT&CK: which tactic a technique serves. The one table of it.
//!
//! A technique may serve several tactics; here it has the one that fits what a logon shows of it.

/// What an attacker wants with a step, in the order of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tactic {
    Reconnaissance,
    InitialAccess,
    Execution,
    Persistence,
    PrivilegeEscalation,
    DefenseEvasion,
    CredentialAccess,
    Discovery,
    LateralMovement,
    CommandAndControl,
    Impact,
}

impl Tactic {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reconnaissance => "reconnaissance",
            Self::InitialAccess => "initial access",
            Self::Execution => "execution",
            Self::Persistence => "persistence",
            Self::PrivilegeEscalation => "privilege escalation",
            Self::DefenseEvasion => "defense evasion",
            Self::CredentialAccess => "credential access",
            Self::Discovery => "discovery",
            Self::LateralMovement => "lateral movement",
            Self::CommandAndControl => "command and control",
            Self::Impact => "impact",
        }
    }
}

/// Techniques that logons show; a sub-technique has the tactic of its technique.
const TECHNIQUES: &[(&str, Tactic)] = &[
    ("T1003", Tactic::CredentialAccess),
    ("T1018", Tactic::Discovery),
    ("T1021", Tactic::LateralMovement),
    ("T1040", Tactic::CredentialAccess),
    ("T1047", Tactic::Execution),
    ("T1053", Tactic::Execution),
    ("T1070", Tactic::DefenseEvasion),
    ("T1078", Tactic::InitialAccess),
    ("T1087", Tactic::Discovery),
    ("T1090", Tactic::CommandAndControl),
    ("T1098", Tactic::Persistence),
    ("T1110", Tactic::CredentialAccess),
    ("T1133", Tactic::InitialAccess),
    ("T1134", Tactic::PrivilegeEscalation),
    ("T1136", Tactic::Persistence),
    ("T1187", Tactic::CredentialAccess),
    ("T1199", Tactic::InitialAccess),
    ("T1207", Tactic::DefenseEvasion),
    ("T1484", Tactic::PrivilegeEscalation),
    ("T1528", Tactic::CredentialAccess),
    ("T1531", Tactic::Impact),
    ("T1539", Tactic::CredentialAccess),
    ("T1548", Tactic::PrivilegeEscalation),
    ("T1550", Tactic::LateralMovement),
    ("T1552", Tactic::CredentialAccess),
    ("T1555", Tactic::CredentialAccess),
    ("T1556", Tactic::CredentialAccess),
    ("T1557", Tactic::CredentialAccess),
    ("T1558", Tactic::CredentialAccess),
    ("T1562", Tactic::DefenseEvasion),
    ("T1563", Tactic::LateralMovement),
    ("T1564", Tactic::DefenseEvasion),
    ("T1566", Tactic::InitialAccess),
    ("T1570", Tactic::LateralMovement),
    ("T1572", Tactic::CommandAndControl),
    ("T1589", Tactic::Reconnaissance),
    ("T1606", Tactic::CredentialAccess),
    ("T1621", Tactic::CredentialAccess),
    ("T1649", Tactic::CredentialAccess),
];

/// The tactic of a technique such as `T1110.003`; nothing for one that is not in the table.
#[must_use]
pub fn tactic(technique: &str) -> Option<Tactic> {
    let parent = technique.split('.').next().unwrap_or(technique);
    let place = TECHNIQUES.binary_search_by(|(known, _)| (*known).cmp(parent)).ok()?;
    TECHNIQUES.get(place).map(|(_, tactic)| *tactic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_technique_has_the_tactic_of_its_technique() {
        assert!(TECHNIQUES.is_sorted_by(|one, other| one.0 < other.0));
        assert_eq!(tactic("T1110.003"), Some(Tactic::CredentialAccess));
        assert_eq!(tactic("T1021"), Some(Tactic::LateralMovement));
        assert_eq!(tactic("T9999"), None);
    }
}
