//! All detections at work: each event goes to those that asked for its kind, and what they find becomes anomalies.
//!
//! A repeat within the quiet time extends its anomaly: the evidence grows, the sentence is the newest one, nothing is
//! counted twice. Anomalies are never taken back and never change their place in the table.
//!
//! A logon passes some twenty detections, so each leaves early: by kind and logon type here, then by what the event itself
//! says, then by one look-up. What an event costs is half the way of its code into the core: a detection that is called only
//! to leave again is dear, which is why types are sorted out before the call. What is asked of a user name is read from its text once. No detection looks at rows of earlier events: they
//! may have been let go (`engine::Keep`), so what it needs of them it remembers itself.

use crate::base::intern::{Interner, Symbol};
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::Baselines;
use crate::detect::baseline::lesson::{self, Lesson};
use crate::detect::baseline::past::{Learned, Past};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::link::{Known, Links};
use crate::detect::raise::{all_entities, extend, mark, raise};
use crate::detect::site::{self, Site};
use crate::detect::step::{Step, Tick, User};
use crate::detect::{Detector, SettingError, Settings, entries, sigma};
use crate::model::anomaly::{Detection, EVIDENCE_KEPT, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AnomalyId, EventId};
use crate::model::logon_type::LogonType;
use crate::model::world::{Changes, World};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Events between two rounds of forgetting.
pub(super) const FORGET_EVERY: usize = 8_192;

/// An anomaly raised by an event this much older than the newest one says that it came late (catalogue, conventions).
const LATE: Span = Span::hours(24);

/// Where the posts for an event are listed. Only records of logons are told apart by type: a type that another record
/// repeats is not what the record is about.
#[inline]
const fn route(kind: EventKind, logon_type: LogonType) -> usize {
    let place = if matches!(kind, EventKind::Logon | EventKind::LogonFailed) { logon_type.place() } else { 0 };
    kind as usize * LogonType::ALL.len() + place
}

/// The place of a Sigma rule among the detections: `sigma::Running` looks at all of them at once.
struct Silent;

impl Detector for Silent {
    fn observe(&mut self, _step: &Step<'_>, _out: &mut Findings) {}
}

struct Post {
    about: &'static Detection,
    detector: Box<dyn Detector>,
}

/// The anomaly that repeats of a key extend.
struct Active {
    anomaly: AnomalyId,
    last_at: Timestamp,
    quiet: Span,
    last_event: EventId,
}

/// Event time between two looks at the clock.
const TICK: Span = Span::minutes(5);

/// What a detection found, put beside its number.
#[cold]
fn take(findings: &mut Findings, number: u16, hits: &mut Vec<(u16, Finding)>) {
    hits.extend(findings.list.drain(..).map(|finding| (number, finding)));
}

/// All detections with their state. A pure fold: no clock, no I/O.
pub struct Watch {
    posts: Vec<Post>,
    sigma: sigma::Running,
    /// The post of the first rule of `sigma`.
    first_rule: usize,
    usual: Baselines,
    taught: lesson::Recent,
    site: Site,
    /// Posts by kind of event and, for logons, by type: see `route`.
    routes: Vec<Vec<u16>>,
    /// User names that were read before.
    users: FxHashMap<Symbol, User>,
    active: FxHashMap<(u16, Key), Active>,
    links: Links,
    findings: Findings,
    newest: Option<Timestamp>,
    ticked_at: Option<Timestamp>,
    until_forget: usize,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("detections", &self.posts.len()).field("active", &self.active.len()).finish_non_exhaustive()
    }
}

impl Default for Watch {
    fn default() -> Self {
        // Settings that are not there cannot be wrong; the test of all defaults holds it.
        Self::new(&Settings::default()).unwrap_or_else(|_| Self::empty())
    }
}

impl Watch {
    fn empty() -> Self {
        Self {
            posts: Vec::new(),
            sigma: sigma::Running::default(),
            first_rule: 0,
            usual: Baselines::default(),
            taught: lesson::Recent::default(),
            site: Site::default(),
            routes: Vec::new(),
            users: FxHashMap::default(),
            active: FxHashMap::default(),
            links: Links::default(),
            findings: Findings::default(),
            newest: None,
            ticked_at: None,
            until_forget: FORGET_EVERY,
        }
    }
    /// All detections that are not switched off.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, SettingError> {
        let mut watch = Self::empty();
        for entry in entries().filter(|entry| !settings.is_off(entry.about.id)) {
            let number = u16::try_from(watch.posts.len()).unwrap_or(u16::MAX);
            watch.posts.push(Post { about: entry.about, detector: entry.make(settings)? });
            for (kind, logon_type) in entry.wants() {
                let route = route(kind, logon_type);
                if watch.routes.len() <= route {
                    watch.routes.resize_with(route + 1, Vec::new);
                }
                if let Some(posts) = watch.routes.get_mut(route) {
                    posts.push(number);
                }
            }
        }
        Ok(watch)
    }
    /// The same, which knows what people said of the place.
    #[must_use]
    pub fn at_site(self, settings: site::Settings) -> Self {
        Self { site: Site::new(settings), ..self }
    }
    /// The same, which also runs these rules.
    #[must_use]
    pub fn with_rules(mut self, rules: &Arc<sigma::Rules>) -> Self {
        self.first_rule = self.posts.len();
        self.posts.extend(rules.rules.iter().map(|rule| Post { about: rule.about, detector: Box::new(Silent) }));
        self.sigma = sigma::Running::new(Arc::clone(rules));
        self
    }
    /// What people said of the place.
    #[must_use]
    pub const fn site(&self) -> &Site {
        &self.site
    }
    /// What is usual, as learned so far.
    #[must_use]
    pub const fn usual(&self) -> &Baselines {
        &self.usual
    }
    /// Knows from now on what earlier runs learned, and keeps what it learns for `learned`. Before the first event.
    pub fn recall(&mut self, past: &Past, names: &mut Interner) {
        self.usual.recall(past, names, &self.site);
    }
    /// No event comes any more: lessons that wait for theirs are learned.
    pub fn conclude(&mut self) {
        self.usual.settle(Timestamp::MAX);
    }
    /// What was learned since the last call.
    pub fn learned(&mut self) -> Learned {
        self.usual.learned()
    }
    /// Looks at what one event changed; appends or extends anomalies in `world` and says which.
    pub fn observe(&mut self, world: &mut World, changes: &Changes) -> Vec<AnomalyId> {
        let mut ids = Vec::new();
        if changes.duplicate {
            return ids;
        }
        if !changes.merged.is_empty() {
            self.unsay(changes);
        }
        let Some(row) = world.tables.event(changes.event) else { return ids };
        let (at, account, host, source, name) = (row.event.at, row.account, row.host, row.source, row.event.account.user);
        self.site.meet(world, account, source);
        self.usual.meet_past(world, &self.site);
        if !changes.merged.is_empty() {
            self.merge(changes);
        }
        if self.newest.is_none_or(|newest| at > newest) {
            self.newest = Some(at);
            if self.ticked_at.is_none_or(|ticked| at - ticked >= TICK) {
                self.tick(world, changes.event, at, &mut ids);
            }
        }
        let Some(row) = world.tables.event(changes.event) else { return ids };
        let user = match self.users.get(&name) {
            Some(known) => *known,
            None => self.meet(world, name),
        };
        self.usual.meet(world, host);
        self.usual.settle(at);
        if row.event.kind == EventKind::SignIn {
            self.usual.sign_in_at(at);
        }
        let step = Step::new((world, changes), &row, user, &self.usual, &self.site);
        let mut hits: Vec<(u16, Finding)> = Vec::new();
        for number in self.routes.get(route(row.event.kind, row.event.logon_type)).into_iter().flatten() {
            let Some(post) = self.posts.get_mut(usize::from(*number)) else { continue };
            post.detector.observe(&step, &mut self.findings);
            if !self.findings.list.is_empty() {
                take(&mut self.findings, *number, &mut hits);
            }
        }
        let of_detections = hits.len();
        // Rules of the user do not decide what is usual.
        if self.posts.len() > self.first_rule {
            let first_rule = self.first_rule;
            self.sigma.observe(&step, &mut |rule, finding| {
                hits.extend(u16::try_from(first_rule + rule).ok().map(|number| (number, finding)));
            });
        }
        if let Some(fingerprint) = lesson::fingerprint(&step)
            && self.taught.takes(fingerprint)
            && let Some(lesson) = Lesson::of(&step)
        {
            let class = step.account().map(|account| account.class).unwrap_or_default();
            let stands_out = hits.iter().take(of_detections).any(|(_, finding)| finding.score.severity >= Severity::Medium)
                || step.session().is_some_and(|session| session.worst >= Some(Severity::Medium));
            self.usual.hear(lesson, class, stands_out);
        }
        if self.usual.has_grown() {
            self.show_grown(world);
        }
        if !hits.is_empty() {
            hits.into_iter().for_each(|(number, finding)| self.report(world, number, changes.event, at, finding, &mut ids));
        }
        self.until_forget = self.until_forget.saturating_sub(1);
        if self.until_forget == 0 {
            self.forget();
        }
        ids
    }
    /// What was said of accounts that have new names is looked up again.
    #[cold]
    fn unsay(&mut self, changes: &Changes) {
        changes.merged.iter().for_each(|(_, stays)| self.site.forget(*stays));
    }
    /// Accounts turned out to be others.
    #[cold]
    fn merge(&mut self, changes: &Changes) {
        for (goes, stays) in &changes.merged {
            self.posts.iter_mut().for_each(|post| post.detector.merge(*goes, *stays));
            self.usual.merge(*goes, *stays);
            self.links.merge(*goes, *stays);
        }
    }
    /// Reads a user name for the first time.
    #[cold]
    fn meet(&mut self, world: &World, name: Symbol) -> User {
        *self.users.entry(name).or_insert_with(|| User::of(world, name))
    }
    /// What is known of an account is shown on its page.
    #[cold]
    fn show_grown(&mut self, world: &mut World) {
        for account in self.usual.grown() {
            let learned = self.usual.account(account).learned();
            if let Some(row) = world.tables.account_mut(account).filter(|row| row.learned != learned) {
                row.learned = learned;
            }
        }
    }
    #[cold]
    fn report(&mut self, world: &mut World, number: u16, event: EventId, at: Timestamp, finding: Finding, ids: &mut Vec<AnomalyId>) {
        if let Some(id) = self.settle(world, number, event, at, finding)
            && !ids.contains(&id)
        {
            ids.push(id);
        }
    }
    /// Lets detections look at the clock.
    #[cold]
    fn tick(&mut self, world: &mut World, event: EventId, now: Timestamp, ids: &mut Vec<AnomalyId>) {
        self.ticked_at = Some(now);
        let mut hits: Vec<(u16, Finding)> = Vec::new();
        let tick = Tick { world, now, usual: &self.usual, site: &self.site };
        for (number, post) in (0_u16..).zip(&mut self.posts) {
            post.detector.tick(&tick, &mut self.findings);
            hits.extend(self.findings.list.drain(..).map(|finding| (number, finding)));
        }
        for (number, finding) in hits {
            self.report(world, number, event, now, finding, ids);
        }
    }
    #[cold]
    fn forget(&mut self) {
        self.until_forget = FORGET_EVERY;
        let Some(now) = self.newest else { return };
        self.active.retain(|_, active| now - active.last_at <= active.quiet);
        for post in &mut self.posts {
            post.detector.forget(now);
        }
        self.sigma.forget(now);
        self.usual.forget(now, &self.site);
        self.links.forget(now);
    }
    /// Extends the anomaly that this repeats, or makes a new one.
    fn settle(&mut self, world: &mut World, number: u16, event: EventId, at: Timestamp, finding: Finding) -> Option<AnomalyId> {
        let about = self.posts.get(usize::from(number))?.about;
        let place = (number, finding.key);
        if let Some(active) = self.active.get_mut(&place)
            && (at - active.last_at).abs() <= finding.quiet.max(active.quiet)
            && let Some(anomaly) = world.tables.anomalies.get_mut(active.anomaly.index())
        {
            let id = active.anomaly;
            let (before, score, severity) = (anomaly.sessions.len(), anomaly.score, anomaly.severity);
            let filed = anomaly.records.len().min(EVIDENCE_KEPT - 1);
            let entities = extend(Arc::make_mut(anomaly), active.last_event, at, finding);
            let counted = match entities.sessions.is_empty() {
                true => Vec::new(),
                false => anomaly.sessions.get(..before).unwrap_or_default().to_vec(),
            };
            active.last_at = active.last_at.max(at);
            active.last_event = active.last_event.max(event);
            let has_new = anomaly.score != score || !entities.is_empty();
            let (is_worse, severity) = (anomaly.severity > severity, anomaly.severity);
            let records: Vec<EventId> = anomaly.records.iter().take(EVIDENCE_KEPT - 1).skip(filed).copied().collect();
            mark(&mut world.tables, &entities, &counted, severity, 1);
            if is_worse {
                let known = all_entities(world.tables.anomaly(id)?);
                mark(&mut world.tables, &known, &[], severity, 0);
            }
            world.tables.involve_also(id, (&entities.accounts, &entities.hosts, &entities.sources, &entities.sessions), &records);
            self.links.extended(world, Known { usual: &self.usual, site: &self.site }, id, at, has_new);
            return Some(id);
        }
        let quiet = finding.quiet;
        let late = self.newest.is_some_and(|newest| newest - at > LATE);
        let anomaly = raise(about, at, self.newest.filter(|_| late), finding);
        let (entities, severity) = (all_entities(&anomaly), anomaly.severity);
        let id = world.tables.raise(anomaly);
        mark(&mut world.tables, &entities, &[], severity, 1);
        self.links.raised(world, Known { usual: &self.usual, site: &self.site }, id, at);
        self.active.insert(place, Active { anomaly: id, last_at: at, quiet, last_event: event });
        Some(id)
    }
}
