//! The file as it may be written: every setting with its default, commented.

use super::read::defaults;
use crate::base::setting::{About, written};
use crate::detect;
use crate::engine::{memory, replay};
use crate::history;
use crate::query::saved::SHIPPED;
use crate::session::settings as session;
use crate::ui::action::Context;
use crate::ui::keymap::Keymap;
use crate::ui::look;
use std::io::{self, Write};
use toml::Value;

const HEAD: &str = "\
# Settings of logonscope. Lines that begin with # are comments; a setting stands here with its default.
# Take the # away from a setting to change it.
";

/// The sections whose settings say what they are.
pub(super) const SECTIONS: [(&str, &[About]); 8] = [
    ("accounts", session::Settings::ABOUT),
    ("hosts", session::Hosts::ABOUT),
    ("sources", session::Sources::ABOUT),
    ("site", detect::site::Settings::ABOUT),
    ("history", history::Settings::ABOUT),
    ("replay", replay::settings::Settings::ABOUT),
    ("memory", memory::settings::Settings::ABOUT),
    ("ui", look::Settings::ABOUT),
];

const KEYS: &str = "
# Keys, by where they hold: a view looks into its own section first, then into [keys.table] where it shows one, then into
# [keys.global]. Several keys of one action stand in a list; keys pressed one after the other have a blank between; an
# empty list takes an action's keys away.
";

/// Writes all settings.
///
/// # Errors
/// `out` cannot be written to.
pub fn print(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(HEAD.as_bytes())?;
    let defaults = defaults();
    for (name, about) in SECTIONS {
        writeln!(out, "\n[{name}]")?;
        let section = defaults.get(name).and_then(Value::as_table);
        for (setting, lines) in about {
            for line in *lines {
                writeln!(out, "#{line}")?;
            }
            if let Some(value) = section.and_then(|section| section.get(*setting)) {
                writeln!(out, "#{setting} = {}", written(value))?;
            }
        }
    }
    writeln!(
        out,
        "\n[filters]\n# Filters by name: @name stands for the text, in every filter and in --filter. These ship with the program;"
    )?;
    writeln!(out, "# one of the same name takes the place of it.")?;
    for (name, filter, about) in SHIPPED {
        writeln!(out, "# {about}:\n#{name} = {}", written(&Value::String((*filter).to_owned())))?;
    }
    out.write_all(KEYS.as_bytes())?;
    let keymap = Keymap::shipped();
    for context in Context::ALL {
        writeln!(out, "\n[keys.{}]", context.name())?;
        for (_, action, keys) in keymap.written().filter(|(of, ..)| *of == context) {
            let keys = Value::Array(keys.into_iter().map(Value::String).collect());
            writeln!(out, "# {}\n#\"{}\" = {}", action.text(), action.id(), written(&keys))?;
        }
    }
    for entry in detect::entries() {
        writeln!(out, "\n# {}\n[detections.{}]\n#enabled = true", entry.about.title, entry.about.id)?;
        for (setting, value) in &entry.defaults() {
            writeln!(out, "#{setting} = {}", written(value))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::read;
    use toml::Table;

    fn printed() -> String {
        let mut out = Vec::new();
        print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_printed_is_a_file_that_changes_nothing() {
        let text = printed();
        assert!(read(&text).is_ok());
        // Also with every setting written out.
        let is_setting = |line: &&str| line.starts_with('#') && line.split(" = ").next().is_some_and(|key| !key[1..].contains(' '));
        let out: Vec<String> = text.lines().map(|line| if is_setting(&line) { line[1..].to_owned() } else { line.to_owned() }).collect();
        let settings = read(&out.join("\n")).unwrap();
        assert_eq!(Table::try_from(settings.accounts).unwrap(), Table::try_from(session::Settings::default()).unwrap());
    }

    #[test]
    fn the_keys_that_ship_are_printed_and_change_nothing() {
        let text = printed();
        let out: Vec<String> =
            text.lines().map(|line| if line.starts_with("#\"") { line[1..].to_owned() } else { line.to_owned() }).collect();
        let keymap = read(&out.join("\n")).unwrap().look.keymap;
        let plain = |list: String| list.lines().map(|line| line[1..].to_owned()).collect::<Vec<_>>();
        assert_eq!(plain(keymap.list()), plain(Keymap::shipped().list()));
    }

    #[test]
    fn every_setting_of_a_section_is_printed_and_said() {
        let defaults = defaults();
        for (name, about) in SECTIONS {
            let section = defaults[name].as_table().unwrap();
            assert_eq!(section.len(), about.len(), "{name}");
            assert!(about.iter().all(|(setting, lines)| section.contains_key(*setting) && !lines.is_empty()));
        }
        let text = printed();
        for entry in detect::entries() {
            assert!(text.contains(&format!("[detections.{}]", entry.about.id)));
        }
    }
}
