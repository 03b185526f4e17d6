//! `newcreds-rare-process`: a program that is no part of Windows asks for a logon itself.
//!
//! Implants that make tokens call LogonUser with type 9: then the caller's image is neither svchost (runas) nor a program
//! installed where only administrators write. A logon at the screen whose `LogonProcessName` no part of Windows registers
//! is the lesser sign: browsers ask for the Windows password so before they show saved ones.

use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::Activity;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "newcreds-rare-process",
    title: "A logon made by an odd process",
    severity: Severity::High,
    attack: &["T1134.001", "T1134.003"],
    needs: "4624 type 9 with ProcessName; 4624 type 2 with LogonProcessName",
    requires: &[&[Needed::Logons(LogonType::NewCredentials)], &[Needed::Logons(LogonType::Interactive)]],
    check: "What is that program, who started it, and what did the account it logged on do from there?",
};

/// Programs remembered; of more, those unseen for longest are forgotten.
const PROGRAMS: usize = 4_096;

/// What parts of Windows register as (4611), in lower case.
const OF_WINDOWS: [&str; 26] = [
    "user32",
    "advapi",
    "seclogo",
    "winlogon",
    "kerberos",
    "ntlmssp",
    "negotiat",
    "negotiate",
    "credpro",
    "schannel",
    "scmgr",
    "ksecdd",
    "secondary logon service",
    "chap",
    "ias",
    "iis",
    "http.sys",
    "dcomscm",
    "consent",
    "lsasrv",
    "sspi",
    "negoexts",
    "authz",
    "usermanager",
    "consentui",
    "user32logonprocesss",
];

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days of type 9 logons that are watched before a new program in an ordinary place stands out.
    pub history_days: i64,
    /// A program that did it on so many days is part of the place.
    pub known_days: u32,
    /// Folders in which programs are installed, by their beginning without the drive.
    pub installed: Vec<String>,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            history_days: 7,
            known_days: 3,
            // The last one is the agent of Configuration Manager.
            installed: ["\\program files\\", "\\program files (x86)\\", "\\windows\\ccm\\"].map(str::to_owned).to_vec(),
            quiet_days: 7,
        }
    }
}

pub struct Rule {
    settings: Settings,
    /// Programs that made type 9 logons anywhere.
    programs: FxHashMap<Symbol, Activity>,
    since: Option<Timestamp>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    fn new(settings: Settings) -> Self {
        Self { settings, programs: FxHashMap::default(), since: None }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if self.since.is_none() {
            self.since = Some(event.at);
        }
        match event.logon_type {
            LogonType::NewCredentials => self.new_credentials(step, out),
            LogonType::Interactive => self.interactive(step, out),
            _ => {}
        }
    }
    fn forget(&mut self, _now: Timestamp) {
        shed(&mut self.programs, PROGRAMS, Activity::last_at);
    }
}

/// The image without the drive.
fn path(image: &str) -> &str {
    match image.split_at_checked(2) {
        Some((drive, path)) if drive.ends_with(':') => path,
        _ => image,
    }
}

fn starts_with(path: &str, start: &str) -> bool {
    path.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

impl Rule {
    fn is_installed(&self, image: &str) -> bool {
        self.settings.installed.iter().any(|folder| starts_with(path(image), folder))
    }
    #[cold]
    #[inline(never)]
    fn new_credentials(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let image = step.raw(event.process);
        if image.is_empty() || step.raw(event.logon_process).eq_ignore_ascii_case("seclogo") || self.is_installed(image) {
            return;
        }
        let of_windows = starts_with(path(image), "\\windows\\");
        if of_windows && image.len() > 12 && image.get(image.len() - 12..).is_some_and(|name| name.eq_ignore_ascii_case("\\svchost.exe")) {
            return;
        }
        let known = self.programs.entry(step.world.names.fold(event.process)).or_insert(Activity::NONE);
        let days = known.days;
        known.add(event.at);
        if days >= self.settings.known_days {
            return;
        }
        let mature = self.since.is_some_and(|since| event.at - since >= Span::days(self.settings.history_days));
        let score = match (of_windows, mature) {
            (false, _) => Score::new(ABOUT.severity, "a program from a folder that is not for programs"),
            (true, true) => Score::new(ABOUT.severity, "a program that did not do so before"),
            (true, false) => Score::new(Severity::Low, "which programs do so is not learned yet"),
        };
        let say = step.say();
        let outbound = if event.outbound_user.is_some() { format!(" as {}", say.text(event.outbound_user)) } else { String::new() };
        let before = match days {
            0 => "no host here saw that from it before".to_owned(),
            days => format!("seen here on {}", crate::detect::say::count(days as usize, "day")),
        };
        let why = format!(
            "{} on {} made a logon with new credentials{outbound} for {} at {}; {before}.",
            say.text(event.process),
            say.host(step.row.host),
            say.account(step.row.account),
            say.time(event.at),
        );
        out.push(self.finding(step, step.world.names.fold(event.process), score, why));
    }
    #[cold]
    #[inline(never)]
    fn interactive(&self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let registered = step.raw(event.logon_process);
        // A name of Windows is short; most logons end here.
        if registered.is_empty() || event.process.is_none() || OF_WINDOWS.iter().any(|known| known.eq_ignore_ascii_case(registered)) {
            return;
        }
        let installed = self.is_installed(step.raw(event.process));
        let score = Score::new(Severity::Low, "a logon process that is no part of Windows").raise_if(
            !installed && !starts_with(path(step.raw(event.process)), "\\windows\\"),
            "its program lies in a folder that is not for programs",
        );
        let say = step.say();
        let why = format!(
            "{} on {} checked the password of {} at {} as a logon process called {}, which is no part of Windows.",
            say.text(event.process),
            say.host(step.row.host),
            say.account(step.row.account),
            say.time(event.at),
            say.text(event.logon_process),
        );
        out.push(self.finding(step, step.world.names.fold(event.logon_process), score, why));
    }
    fn finding(&self, step: &Step<'_>, what: Symbol, score: Score, why: String) -> Finding {
        Finding::new(step, Key::of(what.index(), step.row.host.index()), Span::days(self.settings.quiet_days), score, why)
    }
}
