//! Texts of `--help` and of mistakes on the command line that are longer than a line.

use crate::config::args::{ANOMALOUS, UNUSABLE};
use crate::normalise::shape::SHAPES;
use crate::query::field::FIELDS;

/// What to try first, one a line: the command and what it does.
pub const EXAMPLES: &str = "  logonscope Security.evtx                  open a log
  logonscope /mnt/case/winevt/Logs          every .evtx of a machine together
  logonscope dc1/ dc2/ 'json/*.jsonl'       several machines, EVTX and JSON mixed
  logonscope triage.zip logs.tar.gz         archives, also in each other
  tail -F signins.json | logonscope -       follow a stream
  logonscope --listen http://:9200          winlogbeat or Fluent Bit send here
  logonscope replay --speed 60 dc1/         a recording, one minute a second
  logonscope report dc1/ --what anomalies   no terminal needed
  logonscope demo                           a recorded attack, no file needed";

/// How the program ends.
pub const EXIT_STATUS: [(u8, &str); 3] = [
    (0, "it worked, also with records that could not be read: their number goes to standard error"),
    (ANOMALOUS, "a report found what --fail-on names"),
    (UNUSABLE, "an input or an argument cannot be used"),
];

/// The filter language, from the table the language itself is read by.
pub(super) fn filters() -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "\
Filters:
  account:svc_* -host:FS01 source:10.0.9.0/24 type:(3,10) severity>=high time:-2h..
  Terms stand together; write 'or' between them, parentheses, and '-' or 'not' to exclude.
  ':' matches with * and ?, '=' exactly, '~' a part of a text; '<' '>' and a..b where values have an order.
  A word alone is looked for in accounts, hosts, sources and detections. account:/^svc_\\d+$/ is a regular expression.
  @failures is a saved filter; `logonscope settings` lists them, [filters] in the settings file adds more.

Fields:
",
    );
    for entry in FIELDS {
        let _ = writeln!(text, "  {:<12} {}", entry.name, entry.hint); // a String takes every write
    }
    text
}

/// Examples, and the shapes from the list that reads them.
pub(super) fn after_help() -> String {
    let shapes: String = SHAPES.iter().map(|shape| format!("\n  {}", shape.about)).collect();
    let status: String = EXIT_STATUS.iter().map(|(status, means)| format!("\n  {status}  {means}")).collect();
    format!(
        "Examples:\n{EXAMPLES}\n\nExit status:{status}\n\nRead and recognised by themselves, also mixed:\n  Windows event logs (.evtx){shapes}"
    )
}

/// Where each shell looks for them.
pub(super) const COMPLETIONS: &str = "\
Where it goes:
  bash        logonscope completions bash > ~/.local/share/bash-completion/completions/logonscope
  zsh         logonscope completions zsh > ~/.zfunc/_logonscope    (with ~/.zfunc in fpath)
  fish        logonscope completions fish > ~/.config/fish/completions/logonscope.fish
  powershell  logonscope completions powershell >> $PROFILE";

/// For somebody who has no log at hand.
pub(super) const WHERE_LOGS_LIE: &str = if cfg!(windows) {
    "The logs of this machine lie in C:\\Windows\\System32\\winevt\\Logs (as administrator); sign-ins of Entra ID are downloaded as JSON from its portal."
} else {
    "Windows keeps its logs in C:\\Windows\\System32\\winevt\\Logs: copy or mount that folder; sign-ins of Entra ID are downloaded as JSON from its portal."
};
