//! One account behind many spellings: `OFFSEC\x`, `offsec\x`, `OFFSEC.LAN\x`, `x@OFFSEC.LAN`, and records without a
//! domain.
//!
//! A SID decides where a record has one (4624, 4634, 4768, ...). Names are compared in lower case; the DNS name of a
//! domain and its NetBIOS name meet when one SID is seen under both, or when the one is the first label of the other.
//! Once a spelling was given an account it keeps it, so later knowledge never splits what is on screen.

use super::class;
use super::entity::HostNames;
use crate::base::intern::{Interner, Symbol};
use crate::model::account::Account;
use crate::model::event::{AuthEvent, EventKind, Identity};
use crate::model::ids::AccountId;
use crate::model::world::World;
use rustc_hash::FxHashMap;

/// What decides which account a record means, as two words, which are quickly hashed and compared: user and domain, SID and
/// host. Symbols stay below 2^31 by far: the uppermost bit says that the account is one of Entra or of a domain.
type Spelling = (u64, u64);

fn spelling(identity: Identity, host: Symbol, is_of_domain: bool) -> Spelling {
    let word = |upper: Symbol, lower: Symbol| (upper.index() as u64) << 32 | lower.index() as u64;
    (word(identity.user, identity.domain), word(identity.sid, host) | u64::from(is_of_domain) << 63)
}

#[derive(Debug, Default)]
pub(super) struct Accounts {
    /// Spellings as they came; the host counts only where the domain is left to it.
    spellings: FxHashMap<Spelling, AccountId>,
    by_sid: FxHashMap<Symbol, AccountId>,
    /// Folded domain and user.
    by_name: FxHashMap<(Symbol, Symbol), AccountId>,
    /// Entra accounts without an object id, by user principal name.
    by_principal: FxHashMap<Symbol, AccountId>,
    /// Folded DNS name of a domain to its folded NetBIOS name.
    domains: FxHashMap<Symbol, Symbol>,
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

impl Accounts {
    /// The account of `event.account`, made when it was never seen.
    pub fn find(&mut self, event: &AuthEvent, host: HostNames, is_controller: bool, world: &mut World) -> AccountId {
        let identity = event.account;
        let names = &world.names;
        let is_entra = event.kind == EventKind::SignIn;
        let needs_host = !is_entra && (identity.domain.is_none() || names.raw(identity.domain) == ".");
        let host_counts = if needs_host { host.short } else { Symbol::NONE };
        let spelling = spelling(identity, host_counts, is_entra || is_controller && needs_host);
        if let Some(known) = self.spellings.get(&spelling) {
            return *known;
        }
        let account = if is_entra { self.entra(event, world) } else { self.windows(identity, host, is_controller, world) };
        self.spellings.insert(spelling, account);
        account
    }

    fn entra(&mut self, event: &AuthEvent, world: &mut World) -> AccountId {
        let identity = event.account;
        let (sid, user) = (world.names.fold(identity.sid), world.names.fold(identity.user));
        let known = self.by_sid.get(&sid).filter(|_| sid.is_some()).or_else(|| self.by_principal.get(&user).filter(|_| user.is_some()));
        if let Some(known) = known.copied() {
            return known;
        }
        let account = add(identity, world);
        if sid.is_some() {
            self.by_sid.insert(sid, account);
        }
        if user.is_some() {
            self.by_principal.insert(user, account);
        }
        account
    }

    fn windows(&mut self, identity: Identity, host: HostNames, is_controller: bool, world: &mut World) -> AccountId {
        let identity = without_system_sid(identity, &world.names);
        let sid = sid_key(identity.sid, &mut world.names);
        let (user, domain) = plain_name(identity, &mut world.names);
        let folded_user = world.names.fold(user);
        let said = world.names.fold(domain);
        let folded_domain = self.domain(said, host, is_controller, folded_user, &mut world.names);
        if let Some(known) = self.by_sid.get(&sid).copied().filter(|_| sid.is_some()) {
            self.learn(known, said, folded_user, world);
            return known;
        }
        let name = (folded_domain, folded_user);
        if let Some(known) = self.by_name.get(&name).copied().filter(|_| user.is_some()) {
            let known_sid = world.tables.account(known).map_or(Symbol::NONE, |row| row.sid);
            if sid.is_none() || known_sid.is_none() {
                self.add_sid(known, identity, sid, world);
                return known;
            }
        }
        let domain = if domain.is_none() && folded_domain.is_some() { folded_domain } else { domain };
        let account = add(Identity { user, domain, sid: identity.sid }, world);
        if sid.is_some() {
            self.by_sid.insert(sid, account);
        }
        if user.is_some() {
            self.by_name.entry(name).or_insert(account);
        }
        account
    }

    /// The folded domain a name belongs to; the host helps where the record leaves it out.
    fn domain(&self, said: Symbol, host: HostNames, is_controller: bool, user: Symbol, names: &mut Interner) -> Symbol {
        match names.raw(said) {
            "." => host.short,
            // A domain controller has no accounts of its own but those of its domain.
            "" if is_controller => self.net_bios(host.suffix, names),
            "" if self.by_name.contains_key(&(host.short, user)) => host.short,
            _ => self.net_bios(said, names),
        }
    }
    fn net_bios(&self, domain: Symbol, names: &mut Interner) -> Symbol {
        if let Some(known) = self.domains.get(&domain) {
            return *known;
        }
        match names.raw(domain).split_once('.') {
            Some((first, _)) if !first.is_empty() => {
                let first = first.to_owned();
                names.intern(&first)
            }
            _ => domain,
        }
    }
    /// One SID and user under a DNS name and a NetBIOS name: the two are one domain.
    fn learn(&mut self, account: AccountId, said: Symbol, user: Symbol, world: &World) {
        let Some(row) = world.tables.account(account) else { return };
        let names = &world.names;
        let known = names.fold(row.domain);
        if names.fold(row.user) != user || said.is_none() || known.is_none() || known == said {
            return;
        }
        let (dns, net_bios) = match (names.raw(known).contains('.'), names.raw(said).contains('.')) {
            (true, false) => (known, said),
            (false, true) => (said, known),
            _ => return,
        };
        self.domains.insert(dns, net_bios);
        self.by_name.entry((net_bios, user)).or_insert(account);
    }
    fn add_sid(&mut self, account: AccountId, identity: Identity, sid: Symbol, world: &mut World) {
        if sid.is_none() {
            return;
        }
        self.by_sid.insert(sid, account);
        if let Some(row) = world.tables.accounts.get_mut(account.index()) {
            row.sid = identity.sid;
        }
        class::classify(account, world);
    }
}

fn sid_key(sid: Symbol, names: &mut Interner) -> Symbol {
    match object_id(names.raw(sid)) {
        Some(object) => names.intern(&object),
        None => names.fold(sid),
    }
}

/// A computer's own logons carry the SID of SYSTEM and the name of its computer account, `DC01$`: the name tells more.
fn without_system_sid(identity: Identity, names: &Interner) -> Identity {
    let is_computer = names.raw(identity.sid) == "S-1-5-18" && names.raw(identity.user).ends_with('$');
    Identity { sid: if is_computer { Symbol::NONE } else { identity.sid }, ..identity }
}

/// User and domain apart, as `user@REALM` of 4769 has both in one.
fn plain_name(identity: Identity, names: &mut Interner) -> (Symbol, Symbol) {
    let user = names.raw(identity.user);
    match user.rsplit_once('@') {
        Some((name, realm)) if !name.is_empty() && !realm.is_empty() => {
            let (name, realm) = (name.to_owned(), realm.to_owned());
            let domain = if identity.domain.is_none() { names.intern(&realm) } else { identity.domain };
            (names.intern(&name), domain)
        }
        _ => (identity.user, identity.domain),
    }
}

fn add(identity: Identity, world: &mut World) -> AccountId {
    let account = AccountId::new(world.tables.accounts.push(Account {
        user: identity.user,
        domain: identity.domain,
        sid: identity.sid,
        ..Account::default()
    }));
    class::classify(account, world);
    account
}

#[cfg(test)]
mod tests {
    use super::object_id;

    #[test]
    fn an_entra_sid_is_its_object_id() {
        assert_eq!(
            object_id("S-1-12-1-1943430372-1249052806-2496021943-3034400218").as_deref(),
            Some("73d664e4-0886-4a73-b745-c694da45ddb4")
        );
        assert_eq!(object_id("S-1-5-21-1-2-3-500"), None);
    }
}
