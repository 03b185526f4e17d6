//! What a detection says of itself: one page, the same on the command line and on the screen.

use crate::base::setting::written;
use crate::base::table;
use crate::detect::state::Post;
use crate::model::anomaly::Detection;
use crate::model::attack::tactic;
use toml::{Table, Value};

/// A sentence of each detection as a case of its tests raises it; `tests/sentences.rs` writes and checks the list.
const SENTENCES: &str = include_str!("../../assets/tables/sentences.csv");

/// What its sentence looks like; nothing where no case of it is listed.
#[must_use]
pub fn sentence(id: &str) -> Option<&'static str> {
    table::rows(SENTENCES).find_map(|row| match row.as_slice() {
        [known, sentence] if *known == id => Some(*sentence),
        _ => None,
    })
}

/// The unit of a setting, which the end of its name says; empty for a plain number or a word.
#[must_use]
pub fn unit(setting: &str, value: &Value) -> &'static str {
    const UNITS: [(&str, &str); 12] = [
        ("days", "days"),
        ("hours", "hours"),
        ("minutes", "minutes"),
        ("seconds", "seconds"),
        ("millis", "ms"),
        ("kmh", "km/h"),
        ("km_per_hour", "km/h"),
        ("km", "km"),
        ("percent", "%"),
        ("bits", "bits"),
        ("share", "of 1"),
        ("points", "points"),
    ];
    let named = UNITS.iter().find(|(end, _)| setting.ends_with(end) || setting.split('_').any(|part| part == *end));
    match value {
        Value::Integer(_) | Value::Float(_) => named.map_or("", |(_, unit)| unit),
        _ => "",
    }
}

/// Its settings as they are in force, with what is usual where that is something else: `failures = 7  (5)`.
fn settings(defaults: &Table, in_force: &Table) -> Vec<String> {
    let line = |(name, value): (&String, &Value)| {
        let unit = unit(name, value);
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let usual =
            defaults.get(name).filter(|usual| *usual != value).map(|usual| format!("  (usually {})", written(usual))).unwrap_or_default();
        format!("{name} = {}{unit}{usual}", written(value))
    };
    in_force.iter().map(line).collect()
}

/// `T1110.003 (credential access)`
fn attack(about: &Detection) -> String {
    let one = |technique: &&str| match tactic(technique) {
        Some(tactic) => format!("{technique} ({})", tactic.word()),
        None => (*technique).to_owned(),
    };
    about.attack.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The page, line by line with its label; a line without one goes on. `state` is how it stands on some data.
#[must_use]
pub fn lines(post: &Post, state: Option<String>) -> Vec<(&'static str, String)> {
    let about = post.about;
    let mut lines = vec![("what", about.title.to_owned()), ("severity", about.severity.word().to_owned()), ("ATT&CK", attack(about))];
    lines.extend(state.map(|state| ("state", state)));
    lines.push(("needs", about.needs.to_owned()));
    let lists = about.requires.iter().map(|list| list.iter().map(|needed| needed.words()).collect::<Vec<_>>().join(" and "));
    let lists: Vec<String> = lists.collect();
    if !lists.is_empty() {
        lines.push(("audited", lists.join("; or ")));
    }
    lines.extend(sentence(about.id).map(|sentence| ("says", sentence.to_owned())));
    lines.push(("check", about.check.to_owned()));
    let settings = settings(&post.defaults(), &post.settings);
    if !settings.is_empty() {
        lines.push(("settings", format!("[detections.{}]  enabled = false switches it off", about.id)));
        lines.extend(settings.into_iter().map(|setting| ("", setting)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Settings;
    use crate::detect::state::Roster;

    #[test]
    fn a_unit_is_what_the_name_ends_with() {
        let number = Value::Integer(7);
        for (name, expected) in [
            ("history_days", "days"),
            ("window_minutes", "minutes"),
            ("failures", ""),
            ("min_km", "km"),
            ("peer_share", "of 1"),
            ("speed_kmh", "km/h"),
        ] {
            assert_eq!(unit(name, &number), expected, "{name}");
        }
        assert_eq!(unit("history_days", &Value::Boolean(true)), "");
    }

    #[test]
    fn the_page_has_everything_one_asks_for() {
        let roster = Roster::default();
        let post = roster.find("PASSWORD-spray-windows").unwrap();
        let lines = lines(post, Some("works".into()));
        let labels: Vec<&str> = lines.iter().map(|(label, _)| *label).filter(|label| !label.is_empty()).collect();
        for label in ["what", "severity", "ATT&CK", "state", "needs", "says", "check", "settings"] {
            assert!(labels.contains(&label), "{label}");
        }
        assert!(lines.iter().any(|(_, words)| words == "T1110.003 (credential access)"));
        let name = post.defaults().keys().next().unwrap().clone();
        let set: Table = format!("[password-spray-windows]\n{name} = 987").parse().unwrap();
        let changed = Roster::of(&Settings::from_tables(set).unwrap(), std::iter::empty());
        let lines = super::lines(changed.find("password-spray-windows").unwrap(), None);
        let usual = format!("(usually {})", written(&post.defaults()[&name]));
        assert!(lines.iter().any(|(_, words)| words.starts_with(&format!("{name} = 987")) && words.ends_with(&usual)), "{lines:?}");
    }
}
