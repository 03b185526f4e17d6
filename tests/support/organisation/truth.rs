//! What really happened, and what of it the records can tell.

use super::Moment;

/// How the records tell that a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Not at all: it is still open, or its logoff was lost and nothing after it tells.
    Open,
    /// 4634.
    Logoff(Moment),
    /// 4647.
    UserLogoff(Moment),
    /// The first record of the next start of the host.
    Boot(Moment),
    /// The next logon with the same `LogonId`.
    Reused(Moment),
}

impl Told {
    pub fn at(self) -> Option<Moment> {
        match self {
            Self::Open => None,
            Self::Logoff(at) | Self::UserLogoff(at) | Self::Boot(at) | Self::Reused(at) => Some(at),
        }
    }
    /// The word of `SessionEnd`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Logoff(_) => "logoff",
            Self::UserLogoff(_) => "user_logoff",
            Self::Boot(_) => "boot",
            Self::Reused(_) => "reused",
        }
    }
}

/// One logon session.
#[derive(Clone, Debug)]
pub struct TrueLogon {
    pub host: usize,
    pub logon_id: u64,
    /// `corp\user`.
    pub account: String,
    pub logon_type: u32,
    pub source: String,
    pub start: Moment,
    pub told: Told,
    /// It has really ended, whatever the records tell.
    pub has_ended: bool,
    /// Its 4624 was collected.
    pub is_seen: bool,
    /// The session as shown that it is part of.
    pub visit: usize,
}

/// What a desktop is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    Locked,
    Disconnected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// At the console or by Remote Desktop: with its UAC pair, unlocks, reconnects and the logons of the clients.
    Desktop,
    /// Network logons, or tasks, of one account from one source: joined when everything is known (`Truth::fold_runs`).
    Run,
    /// One logon by itself: a service, runas, other credentials.
    Single,
}

/// One session as shown.
#[derive(Clone, Debug)]
pub struct TrueVisit {
    pub kind: Kind,
    pub host: usize,
    pub account: String,
    /// Of a desktop: when its owner logged on, not when the client came.
    pub start: Moment,
    /// State changes that were collected.
    pub states: Vec<(Moment, State)>,
    /// Logons that were collected.
    pub logons: Vec<usize>,
    /// Those of a desktop with whose end it ends: owner and elevated half, also when they were not collected.
    pub held_by: Vec<usize>,
    /// The first record that tells of the desktop beside its logon: 7001, LocalSessionManager 21.
    pub desktop_came: Option<Moment>,
    /// The first record that tells that the desktop is gone: 7002, LocalSessionManager 23.
    pub desktop_gone: Option<Moment>,
    /// The last record of the host before a boot that is told, where it lasted until then as far as records tell.
    pub until_boot: Option<Moment>,
    /// The host restarted and no record tells.
    pub is_murky: bool,
}

impl TrueVisit {
    /// How the records tell that it ended, with the words of `SessionEnd` that may be said of it.
    pub fn told(&self, truth: &Truth) -> (&'static [&'static str], Option<Moment>) {
        let told: Vec<Told> = self.holders().iter().map(|logon| truth.logons[*logon].told).collect();
        let by_user = told.iter().find_map(|told| match told {
            Told::UserLogoff(at) => Some(*at),
            _ => None,
        });
        if let Some(at) = by_user {
            return (&["user_logoff"], Some(at));
        }
        if told.iter().all(|told| matches!(told, Told::Logoff(_))) {
            return (&["logoff"], told.iter().filter_map(|told| told.at()).max());
        }
        if let Some(at) = self.desktop_gone {
            return (&["desktop_closed"], Some(at));
        }
        match self.until_boot {
            Some(at) => (&["boot", "shutdown", "unclean_restart"], Some(at)),
            None => match told.as_slice() {
                [Told::Reused(at)] => (&["reused"], Some(*at)),
                _ => (&["open"], None),
            },
        }
    }
    /// Logons with whose end it ends.
    pub fn holders(&self) -> &[usize] {
        if self.kind == Kind::Desktop { &self.held_by } else { &self.logons }
    }
}

/// Logons without a longer pause are one run.
pub const RUN_GAP: Moment = 10 * 60 * 1_000;

#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub logons: Vec<TrueLogon>,
    pub visits: Vec<TrueVisit>,
}

impl Truth {
    pub fn visit(&mut self, kind: Kind, host: usize, account: &str, start: Moment) -> usize {
        self.visits.push(TrueVisit {
            kind,
            host,
            account: account.to_owned(),
            start,
            states: Vec::new(),
            logons: Vec::new(),
            held_by: Vec::new(),
            desktop_came: None,
            desktop_gone: None,
            until_boot: None,
            is_murky: false,
        });
        self.visits.len() - 1
    }
    /// Joins the network logons that follow each other; each was a visit of its own until now.
    pub fn fold_runs(&mut self) {
        let mut logons: Vec<usize> = (0..self.logons.len())
            .filter(|logon| self.logons[*logon].is_seen && self.visits[self.logons[*logon].visit].kind == Kind::Run)
            .collect();
        let key = |logon: &TrueLogon| (logon.host, logon.account.clone(), logon.source.clone(), logon.logon_type, logon.start);
        logons.sort_by_key(|logon| key(&self.logons[*logon]));
        let mut run: Option<(usize, Moment)> = None;
        let mut before: Option<usize> = None;
        for at in logons {
            let logon = &self.logons[at];
            let same = before
                .map(|other| &self.logons[other])
                .is_some_and(|other| (other.host, &other.account, &other.source) == (logon.host, &logon.account, &logon.source));
            // Only a logoff tells that it was in use until then.
            let end = match logon.told {
                Told::Logoff(at) => at,
                _ => logon.start,
            };
            match run.filter(|(_, until)| same && logon.start - until <= RUN_GAP) {
                Some((visit, until)) => {
                    let own = self.logons[at].visit;
                    self.visits[own].logons.clear();
                    let until_boot = self.visits[own].until_boot;
                    self.visits[visit].until_boot = self.visits[visit].until_boot.max(until_boot);
                    self.logons[at].visit = visit;
                    self.visits[visit].logons.push(at);
                    run = Some((visit, until.max(end)));
                }
                None => run = Some((self.logons[at].visit, end)),
            }
            before = Some(at);
        }
    }
}
