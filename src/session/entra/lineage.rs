//! Every sign-in of a user finds its lineage: that of its `sessionId`, or of what it most likely descends from.

use super::Place;
use super::holder::{Held, User};
use crate::base::intern::Interner;
use crate::model::event::{AuthEvent, Outcome, SignIn, SignInCategory, Tri};
use crate::model::ids::{AccountId, LineageId, SessionId};
use crate::model::lineage::{Branch, Lineage, MOST_BRANCHES, Point, Root, RootKind, SKEW, Tie};
use crate::model::world::World;
use rustc_hash::FxHashMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Lineages {
    users: FxHashMap<AccountId, User>,
}

/// A sign-in on its way into a lineage.
#[derive(Clone, Copy)]
struct Step<'a> {
    event: &'a AuthEvent,
    sign_in: &'a SignIn,
    place: Place,
    session: SessionId,
    point: Point,
    is_silent: bool,
}

impl Step<'_> {
    fn has_passed(&self) -> bool {
        matches!(self.event.outcome, Outcome::Success | Outcome::None)
    }
    /// The root it is, if it is interactive.
    fn root(&self, kind: RootKind, tie: Tie) -> Root {
        let app = Branch::app_of(self.sign_in);
        Root { kind, tie, at: self.event.at, event: self.place.event, session: self.session, app, point: self.point }
    }
}

impl Lineages {
    pub fn take(&mut self, event: &AuthEvent, sign_in: &SignIn, place: Place, session: SessionId, world: &mut World) {
        let is_silent = match sign_in.category {
            SignInCategory::NonInteractive => true,
            SignInCategory::Interactive | SignInCategory::Adfs => false,
            SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity => return,
        };
        let point = Point::of(place.source, sign_in, sign_in.client);
        let step = Step { event, sign_in, place, session, point, is_silent };
        let known = world.tables.session(session).map_or(LineageId::NONE, |row| row.lineage());
        let lineage = match known.some() {
            Some(known) => known,
            None => self.begin(step, world),
        };
        if step.has_passed() {
            self.find_root(step, lineage, world);
        }
        if let Some(row) = world.tables.lineages.get_mut(lineage.index()) {
            count(Arc::make_mut(row), step);
        }
    }
    pub fn merge(&mut self, goes: AccountId, stays: AccountId) {
        if let Some(user) = self.users.remove(&goes) {
            self.users.entry(stays).or_default().absorb(user);
        }
    }
    /// The lineage of a session that has none yet.
    fn begin(&mut self, step: Step<'_>, world: &mut World) -> LineageId {
        let sign_in = step.sign_in;
        let user = self.users.entry(step.place.account).or_default();
        let lineage = if sign_in.session_id.is_some() {
            open(step, world)
        } else if step.is_silent {
            match user.parent(sign_in, step.point, step.event.at, |_| true) {
                Some(held) if held.lineage.is_some() => held.lineage,
                Some(held) => {
                    let lineage = open(step, world);
                    set_root(lineage, held.root.by_holder(step.point), world);
                    user.bind(held, lineage);
                    lineage
                }
                None => user.rootless(sign_in, step.point).some().unwrap_or_else(|| {
                    let lineage = open(step, world);
                    user.set_rootless(sign_in, step.point, step.event.at, lineage);
                    lineage
                }),
            }
        } else {
            // Its children may have come before it.
            let waiting = user.rootless(sign_in, step.point);
            waiting.some().filter(|waiting| reaches(*waiting, step, world)).unwrap_or_else(|| open(step, world))
        };
        if let Some(row) = world.tables.sessions.get_mut(step.session.index()) {
            row.rare_mut().lineage = lineage;
        }
        lineage
    }
    /// What the sign-in says of the root of its lineage.
    fn find_root(&mut self, step: Step<'_>, lineage: LineageId, world: &mut World) {
        let sign_in = step.sign_in;
        let root = world.tables.lineage(lineage).and_then(|row| row.root);
        if step.is_silent {
            if root.is_none()
                && let Some(found) = self.silent_root(step, world)
            {
                set_root(lineage, found, world);
            }
            return;
        }
        let kind = kind_of(sign_in, &world.names);
        let is_sessionless = sign_in.session_id.is_none();
        let own = step.root(kind, Tie::SameSession);
        let own = if is_sessionless { own.by_holder(step.point) } else { own };
        if root.is_none_or(|root| (!is_sessionless && root.tie != Tie::SameSession) || own.at < root.at) {
            set_root(lineage, own, world);
        }
        let user = self.users.entry(step.place.account).or_default();
        let waiting = user.rootless(sign_in, step.point);
        if waiting.is_some() && reaches(waiting, step, world) {
            if waiting != lineage && world.tables.lineage(waiting).is_some_and(|row| row.root.is_none()) {
                set_root(waiting, own.by_holder(step.point), world);
            }
            user.set_rootless(sign_in, step.point, step.event.at, LineageId::NONE);
        }
        let joined = match (is_sessionless, waiting.some()) {
            (true, _) => lineage,
            (false, Some(waiting)) => waiting,
            (false, None) => LineageId::NONE,
        };
        user.hold(sign_in, Held { root: own, is_sessionless, lineage: joined });
    }
    /// The root of a lineage that has shown no interactive sign-in so far.
    fn silent_root(&self, step: Step<'_>, world: &World) -> Option<Root> {
        let (sign_in, user) = (step.sign_in, self.users.get(&step.place.account)?);
        let is_sessionless = |held: &Held| held.is_sessionless;
        let is_windows = |held: &Held| held.root.kind == RootKind::WindowsSignIn;
        let presents_prt = sign_in.is_managed == Tri::Yes
            && sign_in.device_id.is_some()
            && world.raw(sign_in.incoming_token).contains("primaryrefreshtoken");
        if presents_prt {
            let windows = user.parent(sign_in, step.point, step.event.at, is_windows);
            return Some(windows.map_or_else(
                || step.root(RootKind::PrimaryRefreshToken, Tie::ManagedDevice),
                |held| Root { tie: Tie::ManagedDevice, ..held.root },
            ));
        }
        let held = user.parent(sign_in, step.point, step.event.at, is_sessionless)?;
        Some(held.root.by_holder(step.point))
    }
}

/// A lineage without a root was in use when the interactive sign-in came, or after.
fn reaches(lineage: LineageId, step: Step<'_>, world: &World) -> bool {
    world.tables.lineage(lineage).is_some_and(|row| row.root.is_none() && row.last + SKEW >= step.event.at)
}

fn kind_of(sign_in: &SignIn, names: &Interner) -> RootKind {
    match (names.raw(sign_in.protocol), names.raw(sign_in.original_transfer)) {
        ("devicecode", _) | (_, "devicecodeflow") => RootKind::DeviceCode,
        ("authenticationtransfer", _) | (_, "authenticationtransfer") => RootKind::Transfer,
        _ if names.raw(sign_in.app).eq_ignore_ascii_case("Windows Sign In") => RootKind::WindowsSignIn,
        _ => RootKind::Interactive,
    }
}

fn open(step: Step<'_>, world: &mut World) -> LineageId {
    let lineage = Lineage {
        account: step.place.account,
        tenant: step.sign_in.tenant,
        first: step.event.at,
        last: step.event.at,
        ..Lineage::default()
    };
    LineageId::new(world.tables.lineages.push(Arc::new(lineage)))
}

fn set_root(lineage: LineageId, root: Root, world: &mut World) {
    if let Some(row) = world.tables.lineages.get_mut(lineage.index()) {
        Arc::make_mut(row).root = Some(root);
    }
}

fn count(lineage: &mut Lineage, step: Step<'_>) {
    let app = Branch::app_of(step.sign_in);
    let place = lineage.branches.iter().position(|branch| branch.app == app && branch.point == step.point);
    if step.place.is_told_before {
        // Counted by its row in another category; that it was interactive may be news.
        let is_news = !step.is_silent && step.has_passed();
        if let Some(branch) = place.and_then(|place| lineage.branches.get_mut(place)).filter(|branch| is_news && branch.silent > 0) {
            (branch.silent, branch.interactive) = (branch.silent - 1, branch.interactive.saturating_add(1));
        }
        return;
    }
    if step.has_passed() {
        lineage.first = lineage.first.min(step.event.at);
        lineage.last = lineage.last.max(step.event.at);
    }
    let fresh = || Branch { app, point: step.point, ..Branch::default() };
    let branch = match place {
        Some(place) => lineage.branches.get_mut(place),
        None if lineage.branches.len() < MOST_BRANCHES => {
            lineage.branches.push(fresh());
            lineage.branches.last_mut()
        }
        None => Some(&mut **lineage.rest.get_or_insert_with(|| Box::new(fresh()))),
    };
    if let Some(branch) = branch {
        branch.count(step.event.at, step.place.event, step.event.outcome, step.sign_in, step.is_silent);
    }
}
