//! The manual page: one for the whole program, made from the tables that the program itself works by.
//!
//! Options come from the description of the command line, keys from the keymap, filters from the fields of the language,
//! settings from what `logonscope settings` prints. Nothing is written twice, so the page cannot fall behind.

use crate::config::{args, help, settings};
use crate::normalise::shape::SHAPES;
use crate::query::field::FIELDS;
use crate::ui::action::{ACTIONS, Context};
use crate::ui::keymap::Keymap;
use clap::{Arg, Command};
use std::io::{self, Write};

const ABOUT: &str = "\
It opens or follows Windows event logs (EVTX) and JSON, XML or CSV of shippers, SIEM exports and Entra ID, rebuilds logon \
sessions from the raw records, draws them on a timeline in lanes by logon type, marks what is odd and says why. \
Inputs are files, folders, archives, patterns in quotes, or - for standard input; what a record is, is told by itself.";

/// Variables of the environment that count.
const ENVIRONMENT: [(&str, &str); 8] = [
    ("NO_COLOR", "set and not empty: no colours; bold, underline and reverse stay"),
    ("COLORTERM, TERM", "how many colours the terminal shows; TERM=linux and TERM=dumb draw with ASCII"),
    ("COLORFGBG", "a light background, where the terminal says so, has the light theme chosen"),
    ("LC_ALL, LC_CTYPE, LANG", "without UTF-8 in the first that is set, ASCII is drawn"),
    ("TZ", "the zone that --zone local means"),
    ("XDG_CONFIG_HOME", "where the settings lie, unless --settings names them"),
    ("XDG_DATA_HOME", "where the history lies, unless --history names it"),
    ("USER, USERNAME", "who a decision in the case file is by"),
];

/// Files that are read or written without being named.
const FILES: [(&str, &str); 3] = [
    ("~/.config/logonscope/settings.toml", "settings; %APPDATA% on Windows"),
    ("~/.local/share/logonscope/history.db", "what earlier runs saw; ~/Library/Application Support on macOS, %LOCALAPPDATA% on Windows"),
    ("~/.local/share/logonscope/case.jsonl", "decisions, one JSON object a line, only ever added to"),
];

/// Text as troff takes it: nothing in it is a command.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        if !out.is_empty() {
            out.push('\n');
        }
        if line.starts_with(['.', '\'']) {
            out.push_str("\\&");
        }
        for letter in line.chars() {
            match letter {
                '\\' => out.push_str("\\e"),
                '-' => out.push_str("\\-"),
                '~' => out.push_str("\\(ti"),
                '^' => out.push_str("\\(ha"),
                '`' => out.push_str("\\(ga"),
                '\'' => out.push_str("\\(aq"),
                '"' => out.push_str("\\(dq"),
                other => out.push(other),
            }
        }
    }
    out
}

/// The page while it is written.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
    fn section(&mut self, title: &str) {
        self.line(&format!(".SH {}", plain(title)));
    }
    fn part(&mut self, title: &str) {
        self.line(&format!(".SS {}", plain(title)));
    }
    fn text(&mut self, text: &str) {
        self.line(".PP");
        self.line(&plain(text));
    }
    /// A word in bold, and what is said of it.
    fn item(&mut self, word: &str, says: &str) {
        self.line(".TP");
        self.line(&format!("\\fB{}\\fR", plain(word)));
        self.line(&plain(says));
    }
    /// Lines as they are.
    fn lines(&mut self, lines: &str) {
        self.line(".PP\n.nf");
        self.line(&plain(lines.trim_end_matches('\n')));
        self.line(".fi");
    }
}

/// `-o, --output FILE`.
fn title(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let takes = argument.get_action().takes_values();
    let short = argument.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    match argument.get_long() {
        Some(long) if takes => format!("{short}--{long} {names}"),
        Some(long) => format!("{short}--{long}"),
        None => names,
    }
}

/// What is said of an argument, with what it may be and what it is otherwise.
fn says(argument: &Arg) -> String {
    let mut text = argument.get_help().map(ToString::to_string).unwrap_or_default();
    if argument.get_action().takes_values() {
        let words: Vec<String> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        if !words.is_empty() {
            text.push_str(&format!(" [{}]", words.join(", ")));
        }
        let usual: Vec<String> = argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
        if !usual.is_empty() {
            text.push_str(&format!(" [default: {}]", usual.join(" ")));
        }
    }
    text
}

fn arguments(page: &mut Page, command: &Command) {
    for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
        page.item(&title(argument), &says(argument));
    }
}

/// The commands, those of a command behind it. What holds for all of them stands with the options.
fn commands(page: &mut Page, command: &Command, before: &str) {
    for sub in command.get_subcommands() {
        let name = format!("{before} {}", sub.get_name());
        let taken: Vec<String> = sub.get_positionals().map(title).collect();
        page.part(&format!("{name} {}", taken.join(" ")));
        page.text(&sub.get_about().map(ToString::to_string).unwrap_or_default());
        arguments(page, sub);
        commands(page, sub, &name);
    }
}

fn keys(page: &mut Page) {
    let map = Keymap::shipped();
    for context in Context::ALL {
        page.part(match context.name() {
            "global" => "Everywhere",
            "table" => "Tables",
            "queue" => "Queue of anomalies",
            "page" => "Pages of accounts, hosts, sources, sessions and records",
            "path" => "Paths",
            "popup" => "Boxes",
            "prompt" => "Where text is typed",
            "timeline" => "Timeline",
            "case" => "The case",
            other => other,
        });
        for (action, id, text) in ACTIONS {
            let own = map.bindings(context).filter(|binding| binding.context == context && binding.action == *action);
            let keys: Vec<String> = own.map(|binding| binding.keys()).collect();
            if !keys.is_empty() {
                page.item(&keys.join("  "), &format!("{text} ({id})"));
            }
        }
    }
}

/// The whole page as troff source.
#[must_use]
pub fn page() -> String {
    let command = args::description();
    let mut page = Page::default();
    page.line(&format!(".TH LOGONSCOPE 1 \"\" \"logonscope {}\" \"User Commands\"", env!("CARGO_PKG_VERSION")));
    page.section("NAME");
    page.line(&plain("logonscope - who logged on where: a timeline of Windows and Entra logons in the terminal"));
    page.section("SYNOPSIS");
    page.line(".B logonscope\n[\\fIOPTION\\fR]... \\fIINPUT\\fR...\n.br\n.B logonscope\n\\fICOMMAND\\fR [\\fIOPTION\\fR]...");
    page.section("DESCRIPTION");
    page.text(ABOUT);
    page.lines(help::EXAMPLES);
    page.section("OPTIONS");
    arguments(&mut page, &command);
    page.section("COMMANDS");
    commands(&mut page, &command, "logonscope");
    page.section("KEYS");
    page.text("In the program ? lists the keys of the screen in front of you. Chords of several letters are pressed one after the other.");
    keys(&mut page);
    page.section("FILTERS");
    page.text(
        "account:svc_* -host:FS01 source:10.0.9.0/24 type:(3,10) severity>=high time:-2h.. stands for what it says. Terms stand \
         together; write 'or' between them, parentheses, and '-' or 'not' to exclude. ':' matches with * and ?, '=' exactly, '~' a \
         part of a text; '<' '>' and a..b where values have an order. A word alone is looked for in accounts, hosts, sources and detections. \
         account:/^svc_\\d+$/ is a regular expression; @failures is a saved filter, [filters] in the settings adds more.",
    );
    for field in FIELDS {
        let also = if field.aliases.is_empty() { String::new() } else { format!("; also {}", field.aliases.join(", ")) };
        page.item(field.name, &format!("{}{also}, as in {}:{}", field.hint, field.name, field.example));
    }
    page.section("INPUTS");
    page.text("Read and recognised by themselves, also mixed and in gz, zst, zip and tar archives:");
    let shapes: String = SHAPES.iter().map(|shape| format!("  {}\n", shape.about)).collect();
    page.lines(&format!("  Windows event logs (.evtx)\n{shapes}"));
    page.section("SETTINGS");
    page.text("As `logonscope settings` prints them; it also prints those of each detection.");
    let mut printed = Vec::new();
    // A vector takes every write.
    let _ = settings::print(&mut printed);
    let printed = String::from_utf8_lossy(&printed);
    page.lines(printed.split("[detections.").next().and_then(|before| before.rsplit_once("\n#")).map_or("", |(before, _)| before));
    page.section("EXIT STATUS");
    for (status, means) in help::EXIT_STATUS {
        page.item(&status.to_string(), means);
    }
    page.section("ENVIRONMENT");
    ENVIRONMENT.iter().for_each(|(name, says)| page.item(name, says));
    page.section("FILES");
    FILES.iter().for_each(|(name, says)| page.item(name, says));
    page.0
}

/// Writes the page.
///
/// # Errors
/// `out` cannot be written to.
pub fn print(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_a_command_of_troff() {
        assert_eq!(plain(".TH x\n'a \\n --b"), "\\&.TH x\n\\&\\(aqa \\en \\-\\-b");
    }

    #[test]
    fn every_section_of_the_settings_and_no_detection_is_on_the_page() {
        let page = page();
        for section in ["[accounts]", "[hosts]", "[sources]", "[site]", "[history]", "#keep_days"] {
            assert!(page.contains(section), "{section}");
        }
        assert!(!page.contains("[detections."));
    }

    #[test]
    fn every_option_of_every_command_is_on_the_page() {
        fn look(command: &Command, page: &str) {
            for argument in command.get_arguments() {
                assert!(page.contains(&plain(&title(argument))), "{}", title(argument));
            }
            command.get_subcommands().for_each(|sub| look(sub, page));
        }
        look(&args::description(), &page());
    }
}
