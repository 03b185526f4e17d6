//! Who may hold a token: for rows without a `sessionId`, the interactive sign-ins of the same user on the same device, or
//! from the same address by the same client.
//!
//! A user's devices and places are bounded; the one that was used longest ago makes room. Of each, the earliest and the
//! latest interactive sign-in are remembered: rows mostly come in order, and the earliest serves those that come late.

use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::model::event::SignIn;
use crate::model::ids::{LineageId, SourceId};
use crate::model::lineage::{Point, Root, SKEW, TOKEN_LIFE};

/// Devices and places remembered for one user.
const MOST: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Device(Symbol),
    /// Address, client and operating system.
    Place(SourceId, Symbol, Symbol),
}

/// An interactive sign-in that tokens may descend from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub root: Root,
    /// It stated no `sessionId` itself, so it may be the parent of rows that do.
    pub is_sessionless: bool,
    /// The lineage that rows without a `sessionId` join; `NONE` until there is one.
    pub lineage: LineageId,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    holder: Holder,
    earliest: Option<Held>,
    latest: Option<Held>,
    /// Rows without a `sessionId` and without a parent so far.
    rootless: LineageId,
    used: Timestamp,
}

/// What is known of one user.
#[derive(Debug, Default)]
pub(super) struct User {
    known: Vec<Known>,
}

/// The holders a sign-in speaks of, the better one first.
pub(super) fn holders(sign_in: &SignIn, point: Point) -> impl Iterator<Item = Holder> + use<> {
    let device = sign_in.device_id.is_some().then_some(Holder::Device(sign_in.device_id));
    // An address alone is that of a whole office.
    let source = point.source.some().filter(|_| point.client.is_some());
    let place = source.map(|source| Holder::Place(source, point.client, sign_in.operating_system));
    device.into_iter().chain(place)
}

impl User {
    /// What is known of the same user under another name.
    pub fn absorb(&mut self, other: Self) {
        for known in other.known {
            let Some(own) = self.known.iter_mut().find(|own| own.holder == known.holder) else {
                if self.known.len() < MOST {
                    self.known.push(known);
                }
                continue;
            };
            own.earliest = own.earliest.into_iter().chain(known.earliest).min_by_key(|held| held.root.at);
            own.latest = own.latest.into_iter().chain(known.latest).max_by_key(|held| held.root.at);
            own.rootless = own.rootless.some().unwrap_or(known.rootless);
            own.used = own.used.max(known.used);
        }
    }
    fn at(&mut self, holder: Holder, at: Timestamp) -> Option<&mut Known> {
        let place = self.known.iter().position(|known| known.holder == holder).unwrap_or_else(|| {
            let fresh = Known { holder, earliest: None, latest: None, rootless: LineageId::NONE, used: at };
            let oldest = || self.known.iter().enumerate().min_by_key(|(_, known)| known.used).map(|(place, _)| place);
            let oldest = if self.known.len() >= MOST { oldest() } else { None };
            match oldest.and_then(|place| Some((place, self.known.get_mut(place)?))) {
                Some((place, oldest)) => {
                    *oldest = fresh;
                    place
                }
                None => {
                    self.known.push(fresh);
                    self.known.len() - 1
                }
            }
        });
        let known = self.known.get_mut(place)?;
        known.used = known.used.max(at);
        Some(known)
    }
    /// Remembers an interactive sign-in at what it speaks of.
    pub fn hold(&mut self, sign_in: &SignIn, held: Held) {
        for holder in holders(sign_in, held.root.point) {
            let Some(known) = self.at(holder, held.root.at) else { continue };
            if known.latest.is_none_or(|latest| latest.root.at <= held.root.at) {
                known.latest = Some(held);
            }
            if known.earliest.is_none_or(|earliest| held.root.at < earliest.root.at) {
                known.earliest = Some(held);
            }
        }
    }
    /// The interactive sign-in that a silent one most likely descends from. Two devices that both have a name are two.
    pub fn parent(&self, sign_in: &SignIn, point: Point, at: Timestamp, fits: impl Fn(&Held) -> bool) -> Option<Held> {
        let lives = |held: &&Held| {
            let age = at - held.root.at;
            let other_device = held.root.point.device.is_some() && point.device.is_some() && held.root.point.device != point.device;
            held.root.at <= at + SKEW && age <= TOKEN_LIFE && !other_device && fits(held)
        };
        holders(sign_in, point).find_map(|holder| {
            let known = self.known.iter().find(|known| known.holder == holder)?;
            known.latest.as_ref().filter(lives).or_else(|| known.earliest.as_ref().filter(lives)).copied()
        })
    }
    /// Rows that name this lineage's root by what they speak of join it from now on.
    pub fn bind(&mut self, held: Held, lineage: LineageId) {
        for known in &mut self.known {
            for one in [&mut known.earliest, &mut known.latest].into_iter().flatten() {
                if one.root.event == held.root.event {
                    one.lineage = lineage;
                }
            }
        }
    }
    /// The lineage of rows without a parent at the holder of a sign-in; `NONE` where there is none.
    pub fn rootless(&self, sign_in: &SignIn, point: Point) -> LineageId {
        let at = |holder| self.known.iter().find(|known| known.holder == holder).and_then(|known| known.rootless.some());
        holders(sign_in, point).find_map(at).unwrap_or(LineageId::NONE)
    }
    /// Sets the same, at the better holder; `NONE` clears it at both.
    pub fn set_rootless(&mut self, sign_in: &SignIn, point: Point, at: Timestamp, lineage: LineageId) {
        let count = if lineage.is_some() { 1 } else { 2 };
        for holder in holders(sign_in, point).take(count) {
            if let Some(known) = self.at(holder, at) {
                known.rootless = lineage;
            }
        }
    }
}
