//! How well a name fits what was typed: words in any order, without case, also with letters left out.

use super::Sort;

/// A letter at its place, one that begins a word, and one right behind the last.
const LETTER: i32 = 1;
const BEGINS: i32 = 8;
const FOLLOWS: i32 = 5;
/// The word stands in the name as it was typed.
const WHOLE: i32 = 20;

/// What was typed.
pub(super) struct Query {
    sort: Option<Sort>,
    words: Vec<Vec<char>>,
}

impl Query {
    pub fn of(text: &str) -> Self {
        let text = text.trim_start();
        let sort = Sort::ALL.into_iter().find(|sort| text.starts_with(sort.prefix()));
        let rest = sort.and_then(|sort| text.strip_prefix(sort.prefix())).unwrap_or(text);
        Self { sort, words: rest.to_lowercase().split_whitespace().map(|word| word.chars().collect()).collect() }
    }
    /// Points of a name in lower case; nothing when a word is not in it.
    pub fn fit(&self, sort: Sort, name: &str) -> Option<i32> {
        if self.sort.is_some_and(|wanted| wanted != sort) {
            return None;
        }
        let letters: Vec<char> = name.chars().collect();
        self.words.iter().try_fold(0, |sum, word| Some(sum + points(word, &letters)?))
    }
}

fn begins_word(letters: &[char], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|before| letters.get(before));
    before.is_none_or(|before| !before.is_alphanumeric())
}

fn points(word: &[char], letters: &[char]) -> Option<i32> {
    let whole = letters.windows(word.len()).enumerate().filter(|(_, window)| *window == word);
    let all = i32::try_from(word.len()).unwrap_or(i32::MAX / 64) * (LETTER + FOLLOWS);
    let whole = whole.map(|(place, _)| WHOLE + all + if begins_word(letters, place) { BEGINS } else { 0 }).max();
    // A long name that is only in part what was typed stands behind a short one.
    let length = i32::try_from(letters.len() / 8).unwrap_or(i32::MAX / 64);
    whole.or_else(|| scattered(word, letters)).map(|points| points - length)
}

/// The letters in their order, with others between.
fn scattered(word: &[char], letters: &[char]) -> Option<i32> {
    let (mut points, mut from, mut last) = (0, 0, None);
    for wanted in word {
        let place = from + letters.get(from..)?.iter().position(|letter| letter == wanted)?;
        points += LETTER;
        if last.is_some_and(|last| last + 1 == place) {
            points += FOLLOWS;
        } else if begins_word(letters, place) {
            points += BEGINS;
        }
        (from, last) = (place + 1, Some(place));
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(typed: &str, names: &[(Sort, &'a str)]) -> Vec<&'a str> {
        let query = Query::of(typed);
        let mut found: Vec<_> = names.iter().filter_map(|(sort, name)| Some((query.fit(*sort, name)?, *name))).collect();
        found.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
        found.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn words_fit_in_any_order_and_the_better_one_stands_first() {
        let names = [
            (Sort::Account, "svc_backup@corp"),
            (Sort::Account, "svc_backup_test@corp"),
            (Sort::Host, "backup1.svc.corp"),
            (Sort::Command, "go back"),
            (Sort::Account, "sofia.vc@corp"),
        ];
        assert_eq!(best("svc back", &names), ["svc_backup@corp", "svc_backup_test@corp", "backup1.svc.corp"]);
        assert_eq!(best("back go", &names), ["go back"]);
        assert_eq!(best("@svc", &names), ["svc_backup@corp", "svc_backup_test@corp", "sofia.vc@corp"]);
        assert_eq!(best("# BACK", &names), ["backup1.svc.corp"]);
        assert_eq!(best("", &names).len(), 5);
        assert!(best("xyz", &names).is_empty());
    }

    #[test]
    fn letters_may_be_left_out_but_not_changed() {
        let names = [(Sort::Command, "edit the filter"), (Sort::Command, "next theme")];
        assert_eq!(best("edflt", &names), ["edit the filter"]);
        assert!(best("tled", &names).is_empty());
    }
}
