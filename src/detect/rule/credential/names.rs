//! Names that nobody gives: what tools make up where Windows asks for a user or a workstation.

/// NetBIOS names are no longer (Microsoft, "Naming conventions in Active Directory").
const LONGEST_NETBIOS: usize = 15;

/// A workstation name out of a random generator: letters of both cases and digits that change places all the time, and longer than a
/// computer's name may be. Shorter ones may be serial numbers, which people do give.
#[must_use]
pub fn is_made_up_workstation(name: &str) -> bool {
    let has = |test: fn(&u8) -> bool| name.as_bytes().iter().any(test);
    let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit) && changes(name, u8::is_ascii_uppercase) >= 4;
    name.len() > LONGEST_NETBIOS && is_plain(name) && mixed
}

/// A user name out of one, such as the eight capitals and digits of Rubeus, or one too short to be somebody's.
#[must_use]
pub fn is_made_up_user(name: &str) -> bool {
    let has = |test: fn(&u8) -> bool| name.as_bytes().iter().any(test);
    let capitals = name.len() == 8 && !has(u8::is_ascii_lowercase) && changes(name, u8::is_ascii_digit) >= 3;
    name.chars().count() == 1 || (is_plain(name) && capitals)
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// How often two neighbours differ in kind.
fn changes(name: &str, kind: fn(&u8) -> bool) -> usize {
    let bytes = name.as_bytes();
    bytes.iter().zip(bytes.iter().skip(1)).filter(|(one, other)| kind(one) != kind(other)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workstations_of_generators_are_told_from_those_of_people() {
        for name in ["6hgtmVlrrFuWtO65", "0Konuy9q8HtkWeKS", "gC4ymsKbxVGScMgY"] {
            assert!(is_made_up_workstation(name), "{name}");
        }
        for name in ["DESKTOP-1A2B3C4", "FS01", "SRV2016DC", "PF3A2B1C", "exchange2019backend", "AdministratorOfFinance", ""] {
            assert!(!is_made_up_workstation(name), "{name}");
        }
    }

    #[test]
    fn users_of_generators_are_told_from_those_of_people() {
        assert!(["ZIH6WC80", "x"].into_iter().all(is_made_up_user));
        assert!(!["adm-bob", "bo", "", "ADMIN001", "svc_sql2", "Administrator"].into_iter().any(is_made_up_user));
    }
}
