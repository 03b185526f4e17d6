//! Completions for shells, from the description of the command line; values that come from tables are completed too.

use crate::config::args;
use crate::detect;
use crate::ui::theme;
use chrono_tz::TZ_VARIANTS;
use clap::Command;
use clap::builder::PossibleValuesParser;
use clap_complete::Shell;
use std::io::{self, Write};

/// Continents and oceans: names of zones that stand for places. The others are old or stand for another.
const REGIONS: [&str; 10] = ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// Words that an argument takes, beside what it may take.
fn words(argument: &str) -> Option<Vec<&'static str>> {
    match argument {
        "theme" => Some(theme::names().collect()),
        "zone" => {
            let places = TZ_VARIANTS.iter().map(|zone| zone.name());
            let named = places.filter(|name| name.split_once('/').is_some_and(|(region, _)| REGIONS.contains(&region)));
            Some(["utc", "local"].into_iter().chain(named).collect())
        }
        "fail_on" => Some(vec!["info", "low", "medium", "high", "critical"]),
        "ids" => Some(detect::entries().map(|entry| entry.about.id).collect()),
        _ => None,
    }
}

/// The same command line, in which arguments list their words.
fn with_words(command: Command) -> Command {
    let named: Vec<(String, Vec<&str>)> =
        command.get_arguments().filter_map(|argument| Some((argument.get_id().to_string(), words(argument.get_id().as_str())?))).collect();
    let command = named
        .into_iter()
        .fold(command, |command, (id, words)| command.mut_arg(id, |argument| argument.value_parser(PossibleValuesParser::new(words))));
    let subs: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    subs.into_iter().fold(command, |command, sub| command.mut_subcommand(sub, with_words))
}

/// Writes the script for a shell.
///
/// # Errors
/// `out` cannot be written to.
pub fn print(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    // The generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut with_words(args::description()), "logonscope", &mut script);
    out.write_all(&script)
}
