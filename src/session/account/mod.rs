//! One account behind many spellings: `OFFSEC\x`, `offsec\x`, `OFFSEC.LAN\x`, `x@OFFSEC.LAN`, and records without a
//! domain; with Entra's object id and user principal name behind it too.
//!
//! A SID or object id decides where a record has one (4624, 4634, 4768, sign-ins). Names are compared in lower case and by
//! domain (`domain`); what the settings say goes before both (`rules`). Two accounts with different SIDs are never one
//! unless the settings say so. When a later record proves that two rows are one account, they are merged (`merge`). Each
//! name an account was joined from is kept with its evidence (`model::alias`).
//!
//! A spelling that was met before costs one look-up; all the rest is done once for each spelling.

mod domain;
mod merge;
mod rules;
mod written;

use super::class::Classes;
use super::entity::HostNames;
use super::settings::Settings;
use crate::base::intern::{Interner, Symbol};
use crate::base::time::Timestamp;
use crate::model::account::Account;
use crate::model::alias::{Alias, Evidence};
use crate::model::event::{AuthEvent, EventKind, Identity, Outcome, SignInCategory};
use crate::model::ids::AccountId;
use crate::model::world::{Tables, World};
use domain::{Domains, Place};
use rules::{Member, Same};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use written::Written;

/// What decides which account a record means, as two words, which are quickly hashed and compared: user and domain, SID and
/// host. Symbols stay below 2^31 by far: the uppermost bits say what else counts.
type Spelling = (u64, u64);

fn spelling(identity: Identity, host: Symbol, is_check: bool, is_of_domain: bool) -> Spelling {
    let word = |upper: Symbol, lower: Symbol| (upper.index() as u64) << 32 | lower.index() as u64;
    (word(identity.user, identity.domain) | u64::from(is_check) << 63, word(identity.sid, host) | u64::from(is_of_domain) << 63)
}

#[derive(Debug, Default)]
pub(super) struct Accounts {
    settings: Option<Arc<Settings>>,
    ready: bool,
    /// Spellings as they came; host or domain of the host count only where the rest is left to them.
    spellings: FxHashMap<Spelling, AccountId>,
    /// By SID or object id.
    by_id: FxHashMap<Symbol, AccountId>,
    /// By folded domain (its DNS name where that is known), then folded user.
    names: FxHashMap<Symbol, FxHashMap<Symbol, AccountId>>,
    /// Entra accounts by folded user principal name, or name of the application.
    principals: FxHashMap<Symbol, AccountId>,
    domains: Domains,
    same: Same,
    pub classes: Classes,
    /// What was merged since the last look: the row that goes, the row that stays.
    pub merged: Vec<(AccountId, AccountId)>,
}

/// What a record asks for.
struct Asked {
    written: Written,
    place: Place,
    principal: Symbol,
    /// As it is shown.
    name: Identity,
    at: Timestamp,
}

impl Accounts {
    pub fn new(settings: Arc<Settings>) -> Self {
        Self { settings: Some(settings), ..Self::default() }
    }
    /// The account of `event.account`, made when it was never seen.
    pub fn find(&mut self, event: &AuthEvent, host: HostNames, is_controller: bool, world: &mut World) -> AccountId {
        let identity = event.account;
        let is_entra = event.kind == EventKind::SignIn;
        let needs_host = !is_entra && (identity.domain.is_none() || world.names.raw(identity.domain) == ".");
        let counts = match (is_entra, needs_host, identity.sid.is_none()) {
            (false, true, _) => host.short,
            (false, false, true) => host.suffix,
            _ => Symbol::NONE,
        };
        let is_check = needs_host && event.kind == EventKind::CredentialValidation;
        let spelling = spelling(identity, counts, is_check, is_entra || is_controller && needs_host);
        match self.spellings.get(&spelling).filter(|_| event.kind != EventKind::AccountRenamed) {
            Some(known) => world.tables.account_id(*known),
            None => self.meet(event, host, is_controller, spelling, world),
        }
    }

    /// The account of a spelling that was not met so far.
    #[cold]
    #[inline(never)]
    fn meet(&mut self, event: &AuthEvent, host: HostNames, is_controller: bool, spelling: Spelling, world: &mut World) -> AccountId {
        let is_entra = event.kind == EventKind::SignIn;
        self.prepare(&mut world.names);
        let asked = if is_entra { self.entra(event, world) } else { self.windows(event, host, is_controller, world) };
        let account = self.settle(&asked, world);
        if event.kind == EventKind::AccountRenamed {
            self.rename(event, &asked, account, world);
        }
        self.spellings.insert(spelling, account);
        account
    }

    /// The texts of the settings become symbols of the world they are used in.
    fn prepare(&mut self, names: &mut Interner) {
        if !std::mem::replace(&mut self.ready, true) {
            let settings = self.settings.clone().unwrap_or_default();
            self.domains = Domains::new(&settings, names);
            self.same = Same::new(&settings, names);
            self.classes = Classes::new(&settings);
        }
    }

    fn entra(&self, event: &AuthEvent, world: &mut World) -> Asked {
        let category = event.entra.as_deref().map(|sign_in| sign_in.category);
        let is_workload = matches!(category, Some(SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity));
        let mut written = Written::entra(event.account, is_workload, &mut world.names);
        if self.settings.as_deref().is_some_and(|settings| !settings.join_by_upn) {
            (written.user, written.domain) = (Symbol::NONE, Symbol::NONE);
        }
        Asked {
            written,
            place: self.domains.place(written.domain, Symbol::NONE, &world.names),
            principal: world.names.fold(event.account.user),
            name: event.account,
            at: event.at,
        }
    }

    fn windows(&mut self, event: &AuthEvent, host: HostNames, is_controller: bool, world: &mut World) -> Asked {
        let written = Written::windows(event.account, &mut world.names);
        // Anybody can type a domain; one that has accounts, or gives tickets, exists.
        if written.id.is_some() || event.outcome == Outcome::Success {
            self.met_domain(written.domain, event.at, world);
        }
        self.met_domain(host.suffix, event.at, world);
        let is_check = event.kind == EventKind::CredentialValidation;
        let own = |user: Symbol| self.names.get(&host.short).is_some_and(|users| users.contains_key(&user));
        let place = match world.names.raw(written.domain) {
            "" | "." if is_controller => (self.domains.place(host.suffix, host.suffix, &world.names).0, Some(Evidence::Controller)),
            "." => (host.short, Some(Evidence::Host)),
            // A host checks NTLM without a domain against its own accounts.
            "" if is_check || own(written.user) => (host.short, Some(Evidence::Host)),
            _ => self.domains.place(written.domain, host.suffix, &world.names),
        };
        let mut name = written::parts(event.account, &mut world.names);
        if name.domain.is_none() || world.names.raw(name.domain) == "." {
            name.domain = place.0;
        }
        Asked { written, place, principal: Symbol::NONE, name, at: event.at }
    }

    /// A domain exists by this DNS name. Its NetBIOS name may lead to it.
    fn met_domain(&mut self, domain: Symbol, at: Timestamp, world: &mut World) {
        if let Some(label) = self.domains.note(domain, &mut world.names) {
            self.rehouse(label, domain, Evidence::FirstLabel, at, world);
        }
    }

    /// The account that a record asks for; all that was met under its id, its names and the rules is one from now on.
    fn settle(&mut self, asked: &Asked, world: &mut World) -> AccountId {
        let Asked { written, place: (domain, by), principal, .. } = *asked;
        let id = written.id.or(written.built_in);
        let group = self.same.group(&[Member::Id(id), Member::Name(written.domain, written.user), Member::Name(domain, written.user)]);
        let proof = if written.is_object { Evidence::ObjectId } else { Evidence::Sid };
        let named = self.names.get(&domain).and_then(|users| users.get(&written.user)).filter(|_| written.user.is_some());
        let by_name = by.or(written.is_upn.then_some(Evidence::Upn)).unwrap_or(Evidence::Sid);
        let candidates = [
            (self.by_id.get(&id).filter(|_| id.is_some()).copied(), proof, true),
            (self.same.met(group), Evidence::Rule, true),
            (self.principals.get(&principal).filter(|_| principal.is_some()).copied(), Evidence::Upn, false),
            (named.copied(), by_name, false),
        ];
        let holder = candidates.last().and_then(|(named, _, _)| *named);
        let mut found: Option<(AccountId, Evidence)> = None;
        for (candidate, by, is_certain) in candidates {
            let Some(candidate) = candidate.map(|candidate| world.tables.account_id(candidate)) else { continue };
            match found {
                None if is_certain || fits(candidate, &written, world) => found = Some((candidate, by)),
                Some((account, how)) if account != candidate && (is_certain || may_be_one(account, candidate, world)) => {
                    found = Some((self.merge(account, candidate, by, asked.at, world), how));
                }
                _ => {}
            }
        }
        let account = match found {
            Some((account, how)) => {
                self.take(account, how, asked, world);
                account
            }
            None => {
                // From now on the name means the newer account, also where it was remembered for the older one.
                if holder.is_some() {
                    self.spellings.clear();
                    self.names.entry(domain).or_default().remove(&written.user);
                }
                self.add(asked, world)
            }
        };
        self.same.meet(group, account);
        if id.is_some() {
            self.by_id.insert(id, account);
        }
        if written.user.is_some() && (written.built_in.is_none() || found.is_none()) {
            self.names.entry(domain).or_default().entry(written.user).or_insert(account);
        }
        if principal.is_some() {
            self.principals.entry(principal).or_insert(account);
        }
        account
    }

    fn add(&self, asked: &Asked, world: &mut World) -> AccountId {
        let Identity { user, domain, sid } = asked.name;
        let object_id = if asked.written.is_object { asked.written.id } else { Symbol::NONE };
        let account = AccountId::new(world.tables.accounts.push(Account { user, domain, sid, object_id, ..Account::default() }));
        self.classes.classify(account, world);
        account
    }

    /// The account has this name and id too.
    fn take(&mut self, account: AccountId, how: Evidence, asked: &Asked, world: &mut World) {
        let Asked { written, name, at, .. } = *asked;
        let Some(row) = world.tables.account(account) else { return };
        let known = (world.names.fold(row.user), world.names.fold(row.domain));
        let has_sid = written::is_sid(world.names.raw(row.sid));
        let is_sid = written::is_sid(world.names.raw(name.sid));
        let new_sid = if row.sid.is_none() || is_sid && !has_sid { name.sid } else { Symbol::NONE };
        let new_object = if written.is_object && row.object_id.is_none() { written.id } else { Symbol::NONE };
        let is_first_name = row.user.is_none() && name.user.is_some();
        if new_sid.is_some() || new_object.is_some() || is_first_name {
            if let Some(row) = world.tables.account_mut(account) {
                row.sid = new_sid.or(row.sid);
                row.object_id = row.object_id.or(new_object);
                if is_first_name {
                    (row.user, row.domain) = (name.user, name.domain);
                }
            }
            self.classes.classify(account, world);
        }
        // What every host calls its own is no other name.
        if written.built_in.is_some() || name.user.is_none() {
            return;
        }
        let by = if written.is_upn && how == Evidence::Sid && !is_sid { Evidence::Upn } else { how };
        let alias = Alias { name: written::as_written(name, written.is_upn, &mut world.names), since: at, by };
        if also_known_as(account, alias, world) {
            self.classes.classify(account, world);
        }
        if written.id.is_some() && !written.is_object && known.0 == written.user {
            self.learn(known.1, written.domain, at, world);
        }
    }

    /// One SID and user under a DNS name and a NetBIOS name: the two are one domain.
    fn learn(&mut self, known: Symbol, said: Symbol, at: Timestamp, world: &mut World) {
        if let Some((net_bios, dns)) = self.domains.learn(known, said, &world.names) {
            self.rehouse(net_bios, dns, Evidence::LearnedDomain, at, world);
        }
    }

    /// The host turned out to be a domain controller: what seemed to be its own accounts are those of its domain.
    #[cold]
    #[inline(never)]
    pub fn is_controller(&mut self, host: HostNames, at: Timestamp, world: &mut World) {
        self.prepare(&mut world.names);
        let (domain, _) = self.domains.place(host.suffix, host.suffix, &world.names);
        if domain.is_none() {
            return;
        }
        let users = self.rehouse(host.short, domain, Evidence::Controller, at, world);
        for account in users {
            let is_own = world.tables.account(account).is_some_and(|row| world.names.fold(row.domain) == host.short);
            if is_own && let Some(row) = world.tables.account_mut(account) {
                row.domain = domain;
            }
        }
        self.spellings.clear();
    }

    /// The users of one name of a domain are those of another: gives their accounts.
    fn rehouse(&mut self, from: Symbol, to: Symbol, by: Evidence, at: Timestamp, world: &mut World) -> Vec<AccountId> {
        if from == to {
            return Vec::new();
        }
        let mut users: Vec<(Symbol, AccountId)> = self.names.remove(&from).unwrap_or_default().into_iter().collect();
        users.sort_unstable_by_key(|(user, account)| (*account, user.index()));
        let mut moved = Vec::new();
        for (user, account) in users {
            let mut account = world.tables.account_id(account);
            let there = self.names.get(&to).and_then(|users| users.get(&user)).map(|there| world.tables.account_id(*there));
            match there {
                Some(there) if there == account => {}
                Some(there) if may_be_one(there, account, world) => account = self.merge(there, account, by, at, world),
                // Another account of that name is in the domain.
                Some(_) => continue,
                None => {
                    self.names.entry(to).or_default().insert(user, account);
                }
            }
            moved.push(account);
        }
        moved
    }

    /// 4781: the account of the new name is that of the old one.
    fn rename(&mut self, event: &AuthEvent, asked: &Asked, account: AccountId, world: &mut World) {
        let (old, domain) = (world.names.fold(event.target), asked.place.0);
        if old.is_none() || old == asked.written.user {
            return;
        }
        let before = self.names.get(&domain).and_then(|users| users.get(&old)).map(|before| world.tables.account_id(*before));
        let mut account = account;
        if let Some(before) = before.filter(|before| *before != account && may_be_one(account, *before, world)) {
            account = self.merge(account, before, Evidence::Rename, event.at, world);
        }
        let users = self.names.entry(domain).or_default();
        users.insert(asked.written.user, account);
        users.entry(old).or_insert(account);
        self.spellings.clear();
        let name = asked.name;
        if let Some(row) = world.tables.account_mut(account) {
            (row.user, row.domain) = (name.user, name.domain);
        }
        let old_name = Identity { user: event.target, ..name };
        also_known_as(account, Alias { name: old_name, since: event.at, by: Evidence::Rename }, world);
        self.classes.classify(account, world);
    }

    /// Records of one desktop name its account by the SID only and by the name only: they are one, unless their SIDs differ.
    pub fn of_one_desktop(&mut self, one: AccountId, other: AccountId, at: Timestamp, world: &mut World) {
        let is_known_by = |id: AccountId, what: fn(&Account) -> Symbol| world.tables.account(id).is_some_and(|row| what(row).is_some());
        let is_nameless = |id| is_known_by(id, |row| row.sid) && !is_known_by(id, |row| row.user);
        if (is_nameless(one) != is_nameless(other)) && may_be_one(one, other, world) {
            self.merge(world.tables.account_id(one), world.tables.account_id(other), Evidence::Desktop, at, world);
        }
    }

    fn merge(&mut self, one: AccountId, other: AccountId, by: Evidence, at: Timestamp, world: &mut World) -> AccountId {
        let Some((stays, goes)) = merge::merge(one, other, by, at, world) else { return one };
        self.merged.push((goes, stays));
        self.classes.classify(stays, world);
        stays
    }
}

/// The SID of an account of Windows: neither an object id nor the SID made of one.
fn windows_sid(row: &Account, names: &Interner) -> Symbol {
    let text = names.raw(row.sid);
    if written::is_sid(text) && !text.starts_with("S-1-12-1-") { names.fold(row.sid) } else { Symbol::NONE }
}

const fn differ(one: Symbol, other: Symbol) -> bool {
    one.is_some() && other.is_some() && one.index() != other.index()
}

/// Nothing that is known of the account speaks against its having what was written.
fn fits(account: AccountId, written: &Written, world: &World) -> bool {
    let Some(row) = world.tables.account(account) else { return false };
    let known = if written.is_object { row.object_id } else { windows_sid(row, &world.names) };
    !differ(known, written.id.or(written.built_in))
}

/// No two SIDs and no two object ids speak against it.
fn may_be_one(one: AccountId, other: AccountId, world: &World) -> bool {
    let (Some(one), Some(other)) = (world.tables.account(one), world.tables.account(other)) else { return false };
    !differ(windows_sid(one, &world.names), windows_sid(other, &world.names)) && !differ(one.object_id, other.object_id)
}

/// Keeps another name, if it is one; says whether.
fn also_known_as(account: AccountId, alias: Alias, world: &mut World) -> bool {
    let World { names, tables } = world;
    let tables: &mut Tables = tables;
    let Some(row) = tables.account(account) else { return false };
    let own = row.identity();
    let mut joined = row.joined.as_deref().cloned().unwrap_or_default();
    let before = (joined.aliases.clone(), joined.more);
    merge::add_alias(own, &mut joined, alias, names);
    let fold = |name: Identity| (names.fold(name.user), names.fold(name.domain));
    joined.aliases.retain(|alias| fold(alias.name) != fold(own));
    let changes = joined.aliases != before.0 || joined.more != before.1;
    if changes && let Some(row) = tables.account_mut(account) {
        row.joined = Some(Arc::new(joined));
    }
    changes
}
