//! Sigma rules of the user: single rules and correlations over the records and sign-ins that are read.
//!
//! The reader is the program's own. Of the crates that read Sigma, `sigma-rust` knows no correlations, and `rsigma-eval`
//! wants its events as trees of text, a newer compiler than this program, and two dozen more crates; logons come here as
//! numbers and interned texts, and comparing those is a page. YAML is parsed by `saphyr-parser` (`yaml`).
//!
//! A rule is compiled once (`read`, `condition`, `matcher`), over the fields that are kept (`field`, the one table), and
//! stands in the lists of the event ids and sign-in categories that it can be about (`running`): others never reach it.
//! What cannot be run is not run in part: `Rules::refused` says where and why. Rules live as long as the program: their
//! texts are leaked, once each, so that a hit is an anomaly as any other.

pub mod condition;
pub mod correlation;
pub mod field;
pub mod logsource;
pub mod matcher;
pub mod read;
pub mod running;
pub mod yaml;

pub use running::Running;

use crate::base::text::clean;
use crate::model::anomaly::{Detection, Needed};
use correlation::Correlation;
use read::Single;

/// Most rules that are run; a folder with more is a mistake.
pub const MOST_RULES: usize = 10_000;
/// Bytes of a file that are read; a rule has a few thousand.
pub const MOST_BYTES: usize = 1 << 20;

/// A file or rule that is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// The rule's title, where it has one.
    pub title: String,
    pub reason: String,
}

/// A rule that runs.
#[derive(Debug)]
pub struct Rule {
    pub about: &'static Detection,
    /// Its id and name, as correlations call it.
    pub id: String,
    pub name: String,
    pub kind: Kind,
    /// It is only a part of correlations and raises nothing itself.
    pub is_part: bool,
}

#[derive(Debug)]
pub enum Kind {
    Single(Single),
    Correlation(Correlation),
}

/// All rules that were read.
#[derive(Debug, Default)]
pub struct Rules {
    pub rules: Vec<Rule>,
    pub refused: Vec<Refused>,
}

/// A rule before it is known to run, with its place.
struct Draft {
    file: String,
    line: usize,
    head: read::Head,
    body: read::Body,
}

impl Rules {
    /// Reads files, each with its name; in the order given. Where two rules have one id, the first counts.
    #[must_use]
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut rules = Self::default();
        let mut drafts: Vec<Draft> = Vec::new();
        for (file, text) in files {
            let documents = match yaml::documents(text) {
                Ok(documents) => documents,
                Err(problem) => {
                    rules.refuse(file, problem.line, "", problem.reason);
                    continue;
                }
            };
            for (number, document) in documents.into_iter().enumerate() {
                match read::document(&document, file, number) {
                    Ok((head, body)) => drafts.push(Draft { file: file.to_owned(), line: document.line, head, body }),
                    Err(refusal) => rules.refuse(file, refusal.line, &refusal.title, refusal.reason),
                }
            }
        }
        // Correlations come after the rules that they speak of, wherever those stand.
        drafts.sort_by_key(|draft| matches!(draft.body, read::Body::Correlation(_)));
        for draft in drafts {
            rules.add(draft);
        }
        rules
    }
    pub fn refuse(&mut self, file: &str, line: usize, title: &str, reason: String) {
        self.refused.push(Refused { file: file.to_owned(), line, title: title.to_owned(), reason });
    }
    fn add(&mut self, draft: Draft) {
        let Draft { file, line, head, body } = draft;
        if self.rules.len() >= MOST_RULES {
            return self.refuse(&file, line, &head.title, format!("more than {MOST_RULES} rules"));
        }
        if self.rules.iter().any(|rule| rule.id == head.id) {
            return self.refuse(&file, line, &head.title, format!("another rule has the id {}", head.id));
        }
        let made = match body {
            read::Body::Single { single, counted: None } => Ok((Kind::Single(single), Vec::new())),
            // The old form counts in its condition: a rule that is part of a correlation of its own.
            read::Body::Single { single, counted: Some(counted) } => {
                let part = self.rules.len();
                counted.resolve(&[single.product]).map(|correlation| {
                    let about = head.about(&single.requires());
                    let id = format!("{} (counted)", head.id);
                    self.rules.push(Rule { about, id, name: String::new(), kind: Kind::Single(single), is_part: true });
                    (Kind::Correlation(correlation), vec![part])
                })
            }
            read::Body::Correlation(draft) => self.resolve(draft),
        };
        match made {
            Err(reason) => self.refuse(&file, line, &head.title, reason),
            Ok((mut kind, parts)) => {
                if let Kind::Correlation(correlation) = &mut kind {
                    correlation.parts = parts;
                }
                let requires = match &kind {
                    Kind::Single(single) => single.requires(),
                    Kind::Correlation(correlation) => self.requires(&correlation.parts),
                };
                let about = head.about(&requires);
                self.rules.push(Rule { about, id: head.id, name: head.name, kind, is_part: false });
            }
        }
    }
    /// Finds the rules that a correlation is over; unless it says that they are told too, they become its parts.
    fn resolve(&mut self, draft: correlation::Draft) -> Result<(Kind, Vec<usize>), String> {
        let mut parts = Vec::new();
        let mut products = Vec::new();
        for wanted in &draft.rules {
            let Some(place) = self.rules.iter().position(|rule| rule.id == *wanted || rule.name == *wanted) else {
                return Err(format!("it is over the rule '{wanted}', which is not there or does not run"));
            };
            match self.rules.get(place).map(|rule| &rule.kind) {
                Some(Kind::Single(single)) => products.push(single.product),
                _ => return Err(format!("it is over '{wanted}', itself a correlation")),
            }
            parts.push(place);
        }
        let tells_parts = draft.generate;
        let correlation = draft.resolve(&products)?;
        if !tells_parts {
            for place in &parts {
                if let Some(rule) = self.rules.get_mut(*place) {
                    rule.is_part = true;
                }
            }
        }
        Ok((Kind::Correlation(correlation), parts))
    }
    fn requires(&self, parts: &[usize]) -> Vec<Needed> {
        let single = |place: &usize| match &self.rules.get(*place)?.kind {
            Kind::Single(single) => Some(single.requires()),
            Kind::Correlation(_) => None,
        };
        parts.iter().filter_map(single).flatten().collect()
    }
    /// What the rules that tell something are about.
    pub fn about(&self) -> impl Iterator<Item = &'static Detection> {
        self.rules.iter().filter(|rule| !rule.is_part).map(|rule| rule.about)
    }
    /// `12 Sigma rules run, 3 do not`; nothing where none was read.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let run = self.about().count();
        let words = |count: usize| if count == 1 { "1 Sigma rule runs".to_owned() } else { format!("{count} Sigma rules run") };
        (run + self.refused.len() > 0).then(|| format!("{}, {} cannot", words(run), self.refused.len()))
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let title = if self.title.is_empty() { String::new() } else { format!(" '{}'", self.title) };
        write!(f, "{}:{}:{} not run: {}", clean(&self.file), self.line, clean(&title), clean(&self.reason))
    }
}
