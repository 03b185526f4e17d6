//! Ties the command line to the engine, the reports and the screen.
//!
//! Everything a run prints outside the screen is printed here, and the exit status is decided here: 0 when it worked,
//! also with records that could not be read (their number goes to standard error); 1 when a report found what
//! `--fail-on` names; 2 when an input or an argument cannot be used.

mod dress;
mod log;
mod memory;
mod opening;
mod screens;

use crate::base::intern::Interner;
use crate::base::intern::Names;
use crate::base::text::{clean, count};
use crate::base::time::{Timestamp, Zone};
use crate::casefile::Case;
use crate::casefile::file::Book;
use crate::config::args::{self, ANOMALOUS, UNUSABLE};
use crate::config::command::{Asked, Command, More, ReportRequest};
use crate::config::listen::Listen;
use crate::config::look::Look;
use crate::config::{completions, manual, settings};
use crate::detect;
use crate::engine::chronicle::Chronicle;
use crate::engine::ingest::{self, Reading, Taker};
use crate::engine::limits::HISTORY_WAIT;
use crate::engine::load::Opened;
use crate::engine::remember::{self, History};
use crate::engine::resume::{self, Keeping};
use crate::engine::{self, Engine, Mode, Plan, Recall, Rules, clock};
use crate::export::figures::Figures;
use crate::export::{self, Scope, What, losses};
use crate::history::{self, Scribe, place};
use crate::model::anomaly::Detection;
use crate::model::coverage::{Coverage, coverage};
use crate::model::event::AuthEvent;
use crate::model::input::{InputState, InputStatus, PlaceKind};
use crate::model::masking;
use crate::query::{self, Filter, Saved};
use crate::source;
use crate::source::archive::Unpacking;
use crate::source::journal::{Journal, Limits};
use crate::source::listen::limits::Patience;
use crate::ui;
use crate::ui::plain::Style;
use crate::ui::restore::Left;
use dress::Dress;
use memory::{Memory, look_after};
use opening::{Opening, found, now_or_later, opened, opened_or_empty, refuse_strangers};
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The recording of `logonscope demo`, made by `tests/demo_recording.rs`.
const DEMO: [(&str, &[u8]); 2] = [
    ("demo/windows.jsonl", include_bytes!("../assets/demo/windows.jsonl")),
    ("demo/entra.jsonl", include_bytes!("../assets/demo/entra.jsonl")),
];

/// Why a run ends with status 2: sentences for standard error.
struct Unusable(Vec<String>);

impl From<String> for Unusable {
    fn from(text: String) -> Self {
        Self(vec![text])
    }
}

/// Runs the program with these arguments, the program's name first.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Asked { command, settings, more, log, again } = match args::parse(arguments) {
        Ok(asked) => asked,
        Err(error) => {
            // Help and version go to standard output, errors to standard error.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(UNUSABLE) } else { ExitCode::SUCCESS };
        }
    };
    // It is kept until the end: what is said last is written too.
    let (log, done) = match log.map(|(path, level)| log::begin(&path, level)).transpose() {
        Ok(log) => (log, run(command, settings.as_deref(), &more, again)),
        Err(unusable) => (None, Err(unusable)),
    };
    let status = match done {
        Ok(status) => status,
        Err(Unusable(sentences)) => {
            for sentence in sentences {
                tracing::error!("{sentence}");
                eprintln!("logonscope: {}", clean(&sentence));
            }
            ExitCode::from(UNUSABLE)
        }
    };
    tracing::info!("ended");
    drop(log);
    status
}

/// Does what was asked for. Settings are read where they count.
fn run(command: Command, settings: Option<&Path>, more: &More, again: Vec<String>) -> Result<ExitCode, Unusable> {
    let named = settings;
    if let Some(path) = named.map(Path::to_path_buf).or_else(dress::usual).filter(|path| path.exists()) {
        tracing::info!(path = %path.display(), "settings");
    }
    let settings = || dress::load(named).map_err(|error| Unusable::from(error.to_string()));
    let rules_of = |settings: settings::Settings| settings.rules(more).map_err(|error| Unusable::from(error.to_string()));
    let rules = || rules_of(settings()?);
    // Which Sigma rules cannot be run is said before anything else is.
    let told_of = |settings| {
        let rules = rules_of(settings)?;
        tell_rules(&rules.sigma, "; `logonscope detections --rules FOLDER` says why");
        Ok::<_, Unusable>(rules)
    };
    let dressed = |flags: Look| {
        let settings = settings()?;
        let dress = Dress { flags, settings: settings.clone(), named: named.map(Path::to_path_buf), again: again.clone() };
        Ok::<_, Unusable>((dress, told_of(settings)?))
    };
    match command {
        Command::Open { inputs, unpacking, follow, listen, resume, history, keep_events, look } => {
            let mut dress = dressed(look)?;
            let most = &mut dress.1.memory.keep_events;
            *most = keep_events.unwrap_or(*most);
            let kept = dress.0.settings.history.clone();
            let memory = || Memory::open(history, kept);
            open(&inputs, unpacking, follow, &listen, resume.as_deref(), dress, memory)
        }
        Command::Replay { inputs, unpacking, speed, from, look } => replay(&inputs, &unpacking, speed, from.as_deref(), dressed(look)?),
        Command::Demo { speed, look } => {
            let inputs = DEMO.iter().map(|(name, bytes)| Opened::memory(name, Arc::from(*bytes))).collect();
            // The first hour is there at once; the attack begins a few seconds later.
            screen(
                Plan {
                    inputs,
                    arguments: Vec::new(),
                    unpacking: Unpacking::default(),
                    mode: Mode::Replay { speed, from: Some(("09:00".to_owned(), Zone::Utc)) },
                },
                Opening::Done(None),
                dressed(look)?,
                Memory::default(),
            )
        }
        Command::Report(request) => {
            let settings = settings()?;
            let (kept, saved) = (settings.history.clone(), Arc::clone(&settings.filters));
            let found = report(&request, told_of(settings)?, kept, &saved)?;
            return Ok(if found { ExitCode::from(ANOMALOUS) } else { ExitCode::SUCCESS });
        }
        Command::Detections { ids, format } => {
            let rules = rules()?;
            detections(&ids, format, &rules)?;
            rules.sigma.refused.iter().for_each(|refused| eprintln!("logonscope: {refused}"));
            tell_rules(&rules.sigma, "");
            Ok(())
        }
        Command::History { chore, path } => look_after(chore, path, &settings()?.history),
        Command::Settings => print(settings::print),
        Command::Completions(shell) => print(|out| completions::print(shell, out)),
        Command::Man => print(manual::print),
        Command::Keys => {
            let list = settings()?.look.keymap.list();
            print(|out| out.write_all(list.as_bytes()))
        }
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Writes to standard output; a reader that went away early (`| head`) is no error.
fn print(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<(), Unusable> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("cannot write to standard output: {error}").into()),
        _ => Ok(()),
    }
}

fn open(
    arguments: &[PathBuf],
    unpacking: Unpacking,
    follow: bool,
    listen: &Listen,
    resume: Option<&Path>,
    dress: (Dress, Rules),
    memory: impl FnOnce() -> Result<Memory, Unusable>,
) -> Result<(), Unusable> {
    wants_terminal(&dress.0.flags)?;
    let listeners = || match listen.at.as_slice() {
        [] => Ok(Vec::new()),
        at => source::listen::start(at, &listen.secrets(), Patience::default()),
    };
    let plan =
        |inputs: Vec<Opened>, unpacking: Unpacking| Plan { inputs, arguments: arguments.to_vec(), unpacking, mode: Mode::Open { follow } };
    if let Some(folder) = resume {
        let (mut inputs, keep) = resumed(arguments, &unpacking, follow, folder)?;
        if !arguments.is_empty() {
            refuse_strangers(&inputs)?;
        }
        inputs.extend(listeners()?.into_iter().map(Opened::listener));
        return screen(plan(inputs, unpacking), Opening::Done(Some(keep)), dress, memory()?);
    }
    let (mut inputs, opening) = now_or_later(arguments, &unpacking, follow)?;
    inputs.extend(listeners()?.into_iter().map(Opened::listener));
    screen(plan(inputs, unpacking), opening, dress, memory()?)
}

/// The inputs as they are now, and what earlier runs kept of them. One that is gone is no mistake then.
fn resumed(arguments: &[PathBuf], unpacking: &Unpacking, follow: bool, folder: &Path) -> Result<(Vec<Opened>, Keeping), Unusable> {
    let (journal, found) = Journal::open(folder, Limits::default()).map_err(|error| error.to_string())?;
    let is_kept = |path: &Path| found.streams.values().any(|stream| Path::new(&stream.origin.name) == path);
    let is_gone = |path: &&PathBuf| path.as_os_str() != "-" && !path.exists() && is_kept(path);
    let (gone, there): (Vec<&PathBuf>, Vec<&PathBuf>) = arguments.iter().partition(is_gone);
    let there: Vec<PathBuf> = there.into_iter().cloned().collect();
    let (mut inputs, _) = opened_or_empty(self::found(&there)?, unpacking, follow, None);
    inputs.extend(gone.into_iter().map(|path| Opened::unreadable(path.clone(), &io::Error::from(io::ErrorKind::NotFound))));
    let (keep, said) = resume::resume(journal, &found, &mut inputs)?;
    for sentence in said {
        eprintln!("logonscope: {}", clean(&sentence));
    }
    let problems: Vec<String> = inputs.iter().filter_map(|input| input.content.as_ref().err().cloned()).collect();
    if problems.len() == inputs.len() && !problems.is_empty() {
        return Err(Unusable(problems));
    }
    Ok((inputs, keep))
}

fn replay(
    inputs: &[PathBuf],
    unpacking: &Unpacking,
    speed: f64,
    from: Option<&str>,
    (dress, rules): (Dress, Rules),
) -> Result<(), Unusable> {
    if let Some(text) = from.filter(|text| query::moment_in(text, clock::wall(), dress.zone()).is_none()) {
        return Err(format!("--from: '{text}' is no time: write 09:30, 2026-03-14T09:30Z or 2026-03-14").into());
    }
    let from = from.map(|text| (text.to_owned(), dress.zone()));
    let (inputs, opening) = now_or_later(inputs, unpacking, false)?;
    let plan = Plan { inputs, arguments: Vec::new(), unpacking: Unpacking::default(), mode: Mode::Replay { speed, from } };
    screen(plan, opening, (dress, rules), Memory::default())
}

/// How lines are written where there is no screen; nothing where there is one.
fn without_screen(look: &Look) -> Option<Style> {
    match look {
        Look { headless: true, .. } => Some(Style::Json),
        Look { plain: true, .. } => Some(Style::Words),
        _ => (io::stdout().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term == "dumb")).then_some(Style::Words),
    }
}

fn wants_terminal(look: &Look) -> Result<(), Unusable> {
    if io::stdout().is_terminal() || without_screen(look).is_some() {
        return Ok(());
    }
    Err("standard output is no terminal: in scripts use `logonscope report INPUT...`, or --plain for a line for each thing of note"
        .to_owned()
        .into())
}

/// Takes up the screen as it was left, and says where it is kept this time.
fn left_before(plan: &Plan, fresh: bool, setup: &mut ui::run::Setup) -> Option<Arc<dyn Fn(Left) + Send + Sync>> {
    let path = screens::place(|name| std::env::var_os(name))?;
    let inputs = screens::key(&plan.arguments)?;
    if !fresh {
        match screens::load(&path, &inputs) {
            Ok(Some(left)) => left.onto(setup),
            Ok(None) => {}
            Err(problem) => setup.complaint = setup.complaint.take().or(Some(problem)),
        }
    }
    // That it cannot be kept is not worth a word: nothing depends on it.
    Some(Arc::new(move |left| drop(screens::keep(&path, &inputs, left))))
}

fn screen(plan: Plan, opening: Opening, (dress, mut rules): (Dress, Rules), memory: Memory) -> Result<(), Unusable> {
    wants_terminal(&dress.flags)?;
    if dress.flags.pause_on.is_some() {
        rules.replay.pause_on.0 = dress.flags.pause_on;
    }
    if let Some(text) = &dress.flags.filter {
        parsed(text, clock::wall(), dress.zone(), &dress.settings.filters)?;
    }
    if let Some(mistake) = ui::link::mistake(&dress.flags.shown.start(), clock::wall(), dress.zone()) {
        return Err(mistake.into());
    }
    let Memory { writing, case, mut complaint, is_unwanted } = memory;
    let book = match (dress.flags.case.as_deref(), case) {
        (Some(named), _) => book(Some(named))?,
        (None, Some(usual)) => Book::open(&usual).unwrap_or_else(|error| {
            complaint.get_or_insert_with(|| error.to_string());
            Book::unkept()
        }),
        (None, None) => Book::unkept(),
    };
    let style = without_screen(&dress.flags);
    if style.is_some() && dress.flags.mask {
        return Err("--mask is for the screen and its files: lines without a screen say names as they are".to_owned().into());
    }
    let (opening, keep, names) = match opening {
        Opening::Done(keep) => (None, keep, plan.inputs.iter().map(|input| input.path.display().to_string()).collect()),
        Opening::Later(opening, names) => (Some(opening), None, names),
    };
    let mut setup = dress.setup();
    setup.complaint = complaint.or(setup.complaint);
    setup.case_file = book.path().map(|path| path.display().to_string());
    setup.inputs = names;
    setup.welcome = if is_unwanted || style.is_some() { None } else { memory::welcome() };
    // Standard input ends; files that are watched do not.
    let follows = matches!(plan.mode, Mode::Open { follow: true }) && plan.arguments.iter().any(|path| path.as_os_str() != "-");
    let leave = if style.is_none() && !is_unwanted { left_before(&plan, dress.flags.fresh, &mut setup) } else { None };
    let (news, _watching) = dress.watch();
    let (feed, writing) = writing.unzip();
    let handle = engine::start_opening(plan, opening, keep, rules, feed);
    let failure = Arc::clone(&handle.failure);
    let (case, mut recorder) = recorder(book);
    recorder.leave = leave;
    let shown = match style {
        Some(style) => ui::plain::run(handle, &setup, case, recorder, (style, follows)),
        None => ui::run::run(handle, setup, case, recorder, news),
    };
    let shown = shown.map_err(|error| error.to_string().into());
    if let Some(writing) = writing {
        let seconds = HISTORY_WAIT.as_secs();
        writing.wait(HISTORY_WAIT, || {
            eprintln!(
                "logonscope: writing the history, at most {seconds} s more; what is missing then is written when the logs are opened again"
            );
        });
    }
    match failure.get() {
        Some(sentences) => Err(Unusable(sentences.clone())),
        None => shown,
    }
}

/// The case file, or a case that ends with the run.
fn book(path: Option<&Path>) -> Result<Book, Unusable> {
    let Some(path) = path else { return Ok(Book::unkept()) };
    let book = Book::open(path).map_err(|error| error.to_string())?;
    if book.unknown > 0 {
        let path = clean(&path.display().to_string()).into_owned();
        eprintln!("logonscope: {path}: {} entries of a newer version are passed over; they stay as they are", book.unknown);
    }
    if book.unreadable > 0 {
        eprintln!("logonscope: {}: {} lines could not be read; they stay as they are", clean(&path.display().to_string()), book.unreadable);
    }
    Ok(book)
}

/// What the screen hands its decisions to.
fn recorder(mut book: Book) -> (Arc<Case>, ui::run::Recorder) {
    let by = ["USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    let case = Arc::new(book.case.clone());
    let is_kept = book.path().is_some();
    let record = move |acts: Vec<_>| {
        let written = book.record_all(acts, &clock::wall().rfc3339(), &by);
        let complaint = written.err().map(|error| format!("not written, it holds for this run only: {error}"));
        (Arc::new(book.case.clone()), complaint)
    };
    (case, ui::run::Recorder { is_kept, record: Box::new(record), leave: None })
}

/// Relative times of a filter count from `now`.
fn parsed(text: &str, now: Timestamp, zone: Zone, saved: &Saved) -> Result<Filter, Unusable> {
    query::parse_with(text, now, zone, saved).map_err(|error| format!("--filter: {error}").into())
}

/// Folds what is read into the state that a report is of.
struct Folding {
    engine: Engine,
    figures: Option<Figures>,
}

impl Taker for Folding {
    fn names(&mut self) -> &mut Interner {
        self.engine.names()
    }
    fn take(&mut self, event: AuthEvent) {
        if let Some(figures) = &mut self.figures {
            figures.observe(&event, self.engine.names());
        }
        self.engine.apply(event);
    }
    fn start_over(&mut self) {
        self.engine = self.engine.anew();
        self.figures = self.figures.take().map(|_| Figures::default());
    }
}

/// Says whether an anomaly as bad as `--fail-on` is open.
fn report(request: &ReportRequest, rules: Rules, kept: history::Settings, saved: &Saved) -> Result<bool, Unusable> {
    let text = request.filter.as_deref().unwrap_or_default();
    let beside = request.history.as_deref().map(place::case_beside);
    let book = book(request.case.as_deref().or(beside.as_deref()))?;
    let mut scribe = match &request.history {
        Some(path) => Some(Scribe::open(path, kept).map_err(|error| error.to_string())?),
        None => None,
    };
    let past = request.history.clone().map(|path| Arc::new(History::at(path)));
    // A mistake in the filter is said before anything is read.
    let first = parsed(text, clock::wall(), request.zone, saved)?;
    if first.asks_of_remarks() && book.path().is_none() {
        return Err("--filter: tag: and note: look into a case file: name it with --case FILE".to_owned().into());
    }
    let is_all = first.is_all();
    let inputs = match &request.resume {
        None => opened(found(&request.inputs)?, &request.unpacking, false, None)?,
        Some(folder) => resumed(&request.inputs, &request.unpacking, false, folder)?.0,
    };
    // A summary of everything is made of counts.
    let keep = if request.what == What::Summary
        && is_all
        && scribe.is_none()
        && !matches!(request.format, export::Format::Html | export::Format::Markdown)
    {
        engine::Keep::Recent(engine::limits::RECENT_ROWS)
    } else {
        engine::Keep::Rows
    };
    let mut folding = Folding {
        engine: Engine::keeping(Interner::default(), keep).by_rules(rules).recalling(past.clone().map(|past| past as Arc<dyn Recall>)),
        figures: (request.what == What::Figures).then(Figures::default),
    };
    let finished = ingest::read(&inputs, Reading::default(), &mut folding);
    let Folding { mut engine, figures } = folding;
    let snapshot = engine.finish(finished.inputs);
    Chronicle::default().look(&snapshot.inputs);
    if snapshot.inputs.iter().all(|input| input.state == InputState::Failed) {
        return Err(Unusable(snapshot.inputs.iter().filter_map(|input| input.problem.clone()).collect()));
    }
    if let Some(problem) = past.and_then(|past| past.state().problem) {
        return Err(problem.into());
    }
    if let Some(scribe) = &mut scribe {
        remember::write_all(scribe, &mut engine, &snapshot).map_err(|error| error.to_string())?;
    }
    let figures = figures.map(|figures| figures.finish(engine.names(), &snapshot.tables, &snapshot.inputs, snapshot.meters.duplicates));
    let mut snapshot = snapshot;
    if request.mask {
        let mask = masking::whole(&snapshot.names, &snapshot.tables);
        snapshot.names = snapshot.names.behind(Some(Arc::new(mask)));
    }
    let snapshot = snapshot;
    let remarks = Arc::new(book.case.clone()).remarks();
    let filter = parsed(text, snapshot.now, request.zone, saved)?.hearing(Some(&remarks));
    let scope = scope_of(&snapshot, &filter, &book.case, (request.zone, request.width));
    let write = |out: &mut dyn io::Write| match &figures {
        Some(figures) => export::document::write(figures, request.format, &scope, out),
        None if request.what == What::Detections => {
            let rows = export::detections::report(&snapshot.roster, Some(&snapshot.tables), |_| true);
            export::write_report(rows, request.format, &scope, out)
        }
        None => export::write(request.what, request.format, &scope, out),
    };
    match &request.output {
        None => print(write)?,
        Some(path) => {
            let mut file =
                std::fs::File::create(path).map(io::BufWriter::new).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            write(&mut file).and_then(|()| file.flush()).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
    }
    tell_losses(&snapshot.inputs, &snapshot.names);
    Ok(request.fail_on.is_some_and(|least| scope.has_open(least)))
}

/// Says how many Sigma rules run and how many cannot, where some cannot.
fn tell_rules(sigma: &detect::sigma::Rules, what_to_do: &str) {
    if let Some(summary) = sigma.summary().filter(|_| !sigma.refused.is_empty()) {
        eprintln!("logonscope: {summary}{what_to_do}");
    }
}

/// The list of detections, or the pages of some.
fn detections(ids: &[String], format: export::Format, rules: &Rules) -> Result<(), Unusable> {
    let roster = detect::state::Roster::of(&rules.detections, rules.sigma.about());
    let unknown: Vec<String> = ids
        .iter()
        .filter(|id| roster.find(id).is_none())
        .map(|id| format!("no detection is called '{id}'; `logonscope detections` lists them"))
        .collect();
    if !unknown.is_empty() {
        return Err(Unusable(unknown));
    }
    let wanted = |about: &Detection| ids.is_empty() || ids.iter().any(|id| about.id.eq_ignore_ascii_case(id));
    print(|out| {
        if format == export::Format::Table && !ids.is_empty() {
            return export::detections::pages(&roster, wanted, out);
        }
        let snapshot = crate::store::Snapshot::default();
        let (filter, case) = (Filter::default(), Case::default());
        let scope = scope_of(&snapshot, &filter, &case, (Zone::Utc, None));
        export::write_report(export::detections::report(&roster, None, wanted), format, &scope, out)
    })
}

fn scope_of<'a>(
    snapshot: &'a crate::store::Snapshot,
    filter: &'a Filter,
    case: &'a Case,
    (zone, width): (Zone, Option<usize>),
) -> Scope<'a> {
    Scope { zone, width, ..Scope::of(snapshot, filter, case) }
}

/// Says on standard error what was lost: a line for each input with unreadable places, one for all that is missing.
fn tell_losses(inputs: &[InputStatus], names: &Names) {
    for input in inputs {
        let first = input.places.of(PlaceKind::Unreadable).next();
        let first = first.map(|first| format!(", first at {}: {}", losses::place(first), first.reason)).unwrap_or_default();
        let bad = format!("{} records or places could not be read{first}", input.unreadable);
        let text = match &input.problem {
            Some(problem) if input.state == InputState::Failed || input.unreadable == 0 => problem.clone(),
            Some(problem) => format!("{problem}; {bad}"),
            None if input.unreadable > 0 => format!("{}: {bad}", input.path.display()),
            None => continue,
        };
        eprintln!("logonscope: {}", clean(&names.told(&text)));
    }
    let logs = coverage(inputs, names);
    let missing = |log: &&Coverage| log.missing().0 > 0;
    let sum = |count: fn(&InputStatus) -> u64| inputs.iter().map(count).sum::<u64>();
    let told: Vec<String> = [
        (logs.iter().map(|log| log.missing().1).sum(), format!("record numbers missing in {} logs", logs.iter().filter(missing).count())),
        (sum(|input| input.checksum_mismatches), "chunks with a wrong checksum".to_owned()),
        (sum(|input| input.dropped), "records dropped by the logs themselves".to_owned()),
        (sum(|input| input.unknown), "records of no known shape".to_owned()),
        (sum(|input| input.late), "late events".to_owned()),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, words)| format!("{} {words}", count(number)))
    .collect();
    if !told.is_empty() {
        eprintln!("logonscope: {}; `report --what inputs` says where", told.join(", "));
    }
}
