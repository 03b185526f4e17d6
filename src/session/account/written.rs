//! An account as one record writes it, taken apart: id, user, domain.

use crate::base::intern::{Interner, Symbol};
use crate::model::event::Identity;

/// What a record says of an account, ready to be looked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// Folded SID; the object id where the SID is one of Entra. Only ids of one account: not those that every host has.
    pub id: Symbol,
    /// `id` is an Entra object id.
    pub is_object: bool,
    /// The id of a built-in account (SYSTEM, ANONYMOUS LOGON, service SIDs), which is the same on every host.
    pub built_in: Symbol,
    pub user: Symbol,
    /// Folded domain as written; empty where it was left out.
    pub domain: Symbol,
    /// User and domain stood in one, `user@domain`.
    pub is_upn: bool,
}

/// `S-1-12-1-a-b-c-d` of an Entra account as the object id that sign-ins carry: the four parts are the GUID's words.
fn object_id(sid: &str) -> Option<String> {
    let mut parts = sid.strip_prefix("S-1-12-1-")?.split('-').map(|part| part.parse::<u32>().ok());
    let (a, b, c, d) = (parts.next()??, parts.next()??, parts.next()??, parts.next()??);
    let ([b0, b1, b2, b3], [c0, c1, c2, c3]) = (b.to_le_bytes(), c.to_le_bytes());
    let [d0, d1, d2, d3] = d.to_le_bytes();
    let (x, y) = (u16::from_le_bytes([b0, b1]), u16::from_le_bytes([b2, b3]));
    Some(format!("{a:08x}-{x:04x}-{y:04x}-{c0:02x}{c1:02x}-{c2:02x}{c3:02x}{d0:02x}{d1:02x}{d2:02x}{d3:02x}"))
}

/// A SID, or an object id, as it is looked up, and whether it is one of Entra.
pub(super) fn id_key(id: Symbol, names: &mut Interner) -> (Symbol, bool) {
    match object_id(names.raw(id)) {
        Some(object) => (names.intern(&object), true),
        None => (names.fold(id), id.is_some() && !is_sid(names.raw(id))),
    }
}

pub(super) fn is_sid(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("S-1-"))
}

/// SIDs that name one account: those of domains, hosts and Entra.
fn is_of_one(sid: &str) -> bool {
    ["S-1-5-21-", "S-1-12-1-", "S-1-11-"].iter().any(|start| sid.starts_with(start))
}

/// `user@domain` apart; nothing for the names of guests, which hold the address of another tenant.
pub(super) fn parts_of_upn(name: &str) -> Option<(&str, &str)> {
    let (user, domain) = name.rsplit_once('@')?;
    (!user.is_empty() && domain.contains('.') && !user.to_ascii_lowercase().ends_with("#ext#")).then_some((user, domain))
}

impl Written {
    pub fn windows(identity: Identity, names: &mut Interner) -> Self {
        let identity = without_system_sid(identity, names);
        let (id, is_object) = id_key(identity.sid, names);
        let is_own = is_object || is_of_one(names.raw(identity.sid));
        let (user, domain, is_upn) = plain_name(identity, names);
        let none = Symbol::NONE;
        let (own, built_in) = if is_own { (id, none) } else { (none, id) };
        Self { id: own, is_object, built_in, user: names.fold(user), domain: names.fold(domain), is_upn }
    }
    /// An Entra user. Workloads have a display name instead of one in a domain.
    pub fn entra(identity: Identity, is_workload: bool, names: &mut Interner) -> Self {
        let (id, is_object) = id_key(identity.sid, names);
        let whole = Self { id, is_object, built_in: Symbol::NONE, user: Symbol::NONE, domain: Symbol::NONE, is_upn: true };
        let name = names.raw(identity.user).to_lowercase();
        match parts_of_upn(&name) {
            Some((user, domain)) if !is_workload => Self { user: names.intern(user), domain: names.intern(domain), ..whole },
            _ => whole,
        }
    }
}

/// A computer's own logons carry the SID of SYSTEM or NETWORK SERVICE and the name of its computer account, `DC01$`: the
/// name tells more.
fn without_system_sid(identity: Identity, names: &Interner) -> Identity {
    let is_computer = matches!(names.raw(identity.sid), "S-1-5-18" | "S-1-5-19" | "S-1-5-20") && names.raw(identity.user).ends_with('$');
    Identity { sid: if is_computer { Symbol::NONE } else { identity.sid }, ..identity }
}

/// The name as it is shown: user and domain apart.
pub(super) fn parts(identity: Identity, names: &mut Interner) -> Identity {
    let (user, domain, _) = plain_name(identity, names);
    Identity { user, domain, ..without_system_sid(identity, names) }
}

/// A name that was written as `user@domain` is kept so.
pub(super) fn as_written(name: Identity, is_upn: bool, names: &mut Interner) -> Identity {
    if !is_upn || names.raw(name.user).contains('@') || name.domain.is_none() {
        return name;
    }
    let upn = format!("{}@{}", names.raw(name.user), names.raw(name.domain));
    Identity { user: names.intern(&upn), domain: Symbol::NONE, ..name }
}

/// User and domain apart, as `user@REALM` of 4769 has both in one.
fn plain_name(identity: Identity, names: &mut Interner) -> (Symbol, Symbol, bool) {
    match names.raw(identity.user).rsplit_once('@') {
        Some((name, realm)) if !name.is_empty() && !realm.is_empty() => {
            let (name, realm) = (name.to_owned(), realm.to_owned());
            // Entra-joined computers write AzureAD before the whole name.
            let keeps = identity.domain.is_some() && !names.raw(identity.domain).eq_ignore_ascii_case("AzureAD");
            let domain = if keeps { identity.domain } else { names.intern(&realm) };
            (names.intern(&name), domain, true)
        }
        _ => (identity.user, identity.domain, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entra_sid_is_its_object_id() {
        assert_eq!(
            object_id("S-1-12-1-1943430372-1249052806-2496021943-3034400218").as_deref(),
            Some("73d664e4-0886-4a73-b745-c694da45ddb4")
        );
        assert_eq!(object_id("S-1-5-21-1-2-3-500"), None);
    }

    #[test]
    fn names_of_guests_belong_to_no_domain() {
        assert_eq!(parts_of_upn("x@corp.example"), Some(("x", "corp.example")));
        for name in ["jo_partner.com#EXT#@corp.onmicrosoft.com", "x", "@corp.example", "x@corp"] {
            assert_eq!(parts_of_upn(name), None, "{name}");
        }
    }
}
