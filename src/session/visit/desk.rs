//! The desktops of each host: LocalSessionManager, Winlogon and 4800 to 4803 name them by their Terminal Services number,
//! Security by the `LogonId` that opened them, some records by the account only.
//!
//! Numbers are given again after a logoff and a boot, so a number counts as long as its desktop is open (reference R14).

use crate::base::by_id::ById;
use crate::base::time::{Span, Timestamp};
use crate::model::event::LogonId;
use crate::model::ids::{AccountId, HostId, SessionId, VisitId};
use crate::model::visit::{State, Visit};
use crate::model::world::Tables;

/// Records of one logon or logoff of a desktop stand within this in all logs (reference R13, with room for slow hosts).
pub const AT_ONCE: Span = Span::seconds(10);

/// Most desktops remembered of one host. A terminal server has hundreds.
const KEPT: usize = 512;

/// One desktop.
#[derive(Clone, Copy, Debug)]
pub struct Desk {
    pub visit: VisitId,
    pub account: AccountId,
    pub number: Option<u32>,
    /// The logon that records of the desktop name: of a UAC pair the limited half (reference R4).
    pub owner: SessionId,
    /// What records call it while its logon is not known.
    pub logon_id: LogonId,
}

impl Desk {
    const fn is_called(&self) -> bool {
        self.logon_id.opens_session()
    }
    const fn waits(&self) -> bool {
        self.owner.is_none()
    }
}

/// The desktops of one host, and how many of them some questions are about: most are asked where there is none of these,
/// and a server has hundreds.
#[derive(Debug, Default)]
struct OfHost {
    desks: Vec<Desk>,
    called: usize,
    waiting: usize,
}

impl OfHost {
    fn count(&mut self) {
        self.called = self.desks.iter().filter(|desk| desk.is_called()).count();
        self.waiting = self.desks.iter().filter(|desk| desk.waits()).count();
    }
}

#[derive(Debug, Default)]
pub struct Desks {
    hosts: ById<OfHost>,
}

/// What a record tells of the desktop it means.
#[derive(Clone, Copy, Debug)]
pub struct Clue {
    pub host: HostId,
    pub account: AccountId,
    pub number: Option<u32>,
    pub at: Timestamp,
}

impl Clue {
    fn may_be_number(&self, desk: &Desk) -> bool {
        self.number.is_none() || desk.number.is_none() || desk.number == self.number
    }
}

/// It has not ended at `at`, or about then.
fn lasts(row: &Visit, at: Timestamp) -> bool {
    row.is_shown() && row.start <= at + AT_ONCE && row.end.is_none_or(|end| at <= end + AT_ONCE)
}

impl Desks {
    fn of(&self, host: HostId) -> &[Desk] {
        self.hosts.get(host.index()).map_or(&[], |of| of.desks.as_slice())
    }
    /// Some desktop of the host is called by a `LogonId`; waits for its logon.
    fn has_called(&self, host: HostId) -> bool {
        self.hosts.get(host.index()).is_some_and(|of| of.called > 0)
    }
    fn has_waiting(&self, host: HostId) -> bool {
        self.hosts.get(host.index()).is_some_and(|of| of.waiting > 0)
    }
    /// The newest desktop of the host that fits. Number and account are looked at before the row: a server has hundreds
    /// that somebody left open, and looking up the row of each is what costs.
    fn newest(&self, clue: Clue, tables: &Tables, fits: impl Fn(&Desk, &Visit) -> bool) -> Option<Desk> {
        // An account may have turned out to be another one since.
        let is_of = |desk: &Desk| {
            let is_same =
                || desk.account == clue.account || (tables.merged_accounts > 0 && tables.account_id(desk.account) == clue.account);
            clue.account.is_none() || is_same()
        };
        let desks = self.of(clue.host).iter().rev().filter(|desk| clue.may_be_number(desk) && is_of(desk));
        let rows = desks.filter_map(|desk| Some((*desk, tables.visit(desk.visit)?)));
        let found = rows.filter(|(_, row)| row.is_shown()).find(|(desk, row)| fits(desk, row));
        found.map(|(desk, _)| Desk { account: tables.account_id(desk.account), ..desk })
    }
    /// What is open comes before what has just ended.
    fn open_first(&self, clue: Clue, tables: &Tables, fits: impl Fn(&Desk) -> bool) -> Option<Desk> {
        self.newest(clue, tables, |desk, row| fits(desk) && row.is_open() && lasts(row, clue.at))
            .or_else(|| self.newest(clue, tables, |desk, row| fits(desk) && lasts(row, clue.at)))
    }
    pub fn of_visit(&self, host: HostId, visit: VisitId) -> Option<Desk> {
        self.of(host).iter().rev().find(|desk| desk.visit == visit).copied()
    }
    /// The desktop that records called by this `LogonId` before its logon was known.
    pub fn called(&self, host: HostId, logon_id: LogonId, at: Timestamp, tables: &Tables) -> Option<Desk> {
        if !logon_id.opens_session() || !self.has_called(host) {
            return None;
        }
        let mut desks = self.of(host).iter().rev().filter(|desk| desk.logon_id == logon_id);
        let lasts =
            |desk: &&Desk| tables.visit(desk.visit).is_some_and(|row| row.is_shown() && row.end.is_none_or(|end| at <= end + AT_ONCE));
        desks.find(lasts).map(|desk| Desk { account: tables.account_id(desk.account), ..*desk })
    }
    /// The desktop that has the number; it must be the account's, where the record names one.
    pub fn numbered(&self, clue: Clue, tables: &Tables) -> Option<Desk> {
        clue.number?;
        self.open_first(clue, tables, |desk| desk.number == clue.number)
    }
    /// The desktop that the account began moments ago and of which no number is known yet.
    pub fn just_begun(&self, clue: Clue, tables: &Tables) -> Option<Desk> {
        clue.account.some()?;
        self.newest(clue, tables, |_, row| (clue.at - row.start).abs() <= AT_ONCE)
    }
    /// The desktop of the account: one that is left or locked before one that is in use, else the newest.
    pub fn of_account(&self, clue: Clue, tables: &Tables) -> Option<Desk> {
        clue.account.some()?;
        let is_left = |row: &Visit| row.states().last().is_some_and(|(_, state)| *state != State::Active);
        self.newest(clue, tables, |_, row| row.is_open() && lasts(row, clue.at) && is_left(row))
            .or_else(|| self.open_first(clue, tables, |_| true))
    }
    /// A desktop of the account that is known from other records, and waits for its logon at `clue.at`.
    pub fn waiting(&self, clue: Clue, tables: &Tables) -> Option<Desk> {
        clue.account.some().filter(|_| self.has_waiting(clue.host))?;
        let fits = |desk: &Desk, row: &Visit| {
            let is_near = (clue.at - row.start).abs() <= AT_ONCE;
            let may_be_older = row.start_quality == crate::model::quality::Quality::Missing && row.end.is_none_or(|end| clue.at <= end);
            desk.waits() && row.logons == 0 && (is_near || may_be_older)
        };
        self.newest(clue, tables, fits)
    }
    /// Another desktop that the account began up to `before` earlier and that never got a number.
    pub fn way_to(&self, desk: &Desk, clue: Clue, before: Span, tables: &Tables) -> Option<Desk> {
        let fits = |other: &Desk, row: &Visit| {
            let is_fresh = row.start <= clue.at && clue.at - row.start <= before;
            other.visit != desk.visit && other.number.is_none() && row.logons > 0 && is_fresh
        };
        self.newest(clue, tables, fits)
    }
    pub fn put(&mut self, host: HostId, desk: Desk, at: Timestamp, tables: &Tables) {
        let Some(of) = self.hosts.entry(host.index(), OfHost::default) else { return };
        let desks = &mut of.desks;
        // Before the list grows, not each time. A row that is not in its table yet is new.
        let is_full = desks.len() == desks.capacity() || desks.len() >= KEPT;
        let lasts = |row: &Visit| row.is_shown() && row.end.is_none_or(|end| at <= end + AT_ONCE * 6);
        if is_full {
            desks.retain(|desk| tables.visit(desk.visit).is_none_or(|row| lasts(&row)));
        }
        if desks.len() >= KEPT {
            // Several at once, so that this is rare too.
            desks.drain(..KEPT / 8);
        }
        desks.push(desk);
        if is_full {
            of.count();
        } else {
            of.called += usize::from(desk.is_called());
            of.waiting += usize::from(desk.waits());
        }
    }
    pub fn change(&mut self, host: HostId, visit: VisitId, change: impl FnOnce(&mut Desk)) {
        let Some(of) = self.hosts.get_mut(host.index()) else { return };
        let Some(desk) = of.desks.iter_mut().rev().find(|desk| desk.visit == visit) else { return };
        let (was_called, waited) = (desk.is_called(), desk.waits());
        change(desk);
        of.called = of.called + usize::from(desk.is_called()) - usize::from(was_called);
        of.waiting = of.waiting + usize::from(desk.waits()) - usize::from(waited);
    }
    /// Takes out all desktops of the host that `ends` says are gone.
    pub fn take(&mut self, host: HostId, ends: impl Fn(VisitId) -> bool) -> Vec<VisitId> {
        let Some(of) = self.hosts.get_mut(host.index()) else { return Vec::new() };
        let (gone, stay): (Vec<_>, Vec<_>) = of.desks.drain(..).partition(|desk| ends(desk.visit));
        of.desks = stay;
        of.count();
        gone.into_iter().map(|desk| desk.visit).collect()
    }
}
