//! YAML as far as rules need it: maps, lists and texts with their lines.
//!
//! Built from the events of the parser, so the limits hold while a file is read: depth, number of nodes, bytes. An alias
//! (`*name`) is refused: rules do not need it, and it is how small files become endless.

use saphyr_parser::{Event, Parser, ScalarStyle};

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// From 1.
    pub line: usize,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`, `~` or nothing at all, without quotes.
    Null,
    Text(String),
    List(Vec<Node>),
    /// In order; a name that comes twice is refused.
    Map(Vec<(String, Node)>),
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub line: usize,
    pub reason: String,
}

const DEEPEST: usize = 32;
const MOST_NODES: usize = 100_000;

impl Node {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(pairs) => pairs.iter().find(|(key, _)| key == name).map(|(_, node)| node),
            _ => None,
        }
    }
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
    /// The texts of a list, or one text alone.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match &self.value {
            Value::List(nodes) => nodes.iter().filter_map(Self::text).collect(),
            _ => self.text().into_iter().collect(),
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    nodes: usize,
}

/// All documents of a text that hold something.
///
/// # Errors
/// It is no YAML, or more than rules are.
pub fn documents(text: &str) -> Result<Vec<Node>, Problem> {
    let mut reader = Reader { parser: Parser::new_from_str(text), nodes: 0 };
    let mut documents = Vec::new();
    while let Some((event, line)) = reader.next()? {
        match event {
            Event::StreamEnd => break,
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            event => match reader.node(event, line, 0)? {
                Node { value: Value::Null, .. } => {}
                node => documents.push(node),
            },
        }
    }
    Ok(documents)
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, usize)>, Problem> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, span.start.line()))),
            Some(Err(error)) => Err(Problem { line: error.marker().line(), reason: format!("no YAML: {}", error.info()) }),
        }
    }
    fn inside(&mut self, line: usize) -> Result<(Event<'a>, usize), Problem> {
        self.next()?.ok_or_else(|| Problem { line, reason: "no YAML: it ends in the middle".to_owned() })
    }
    fn node(&mut self, event: Event<'a>, line: usize, depth: usize) -> Result<Node, Problem> {
        let refuse = |reason: &str| Err(Problem { line, reason: reason.to_owned() });
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return refuse("more values than a rule has");
        }
        if depth > DEEPEST {
            return refuse("nested deeper than a rule is");
        }
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL") => Value::Null,
            Event::Scalar(text, ..) => Value::Text(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut nodes = Vec::new();
                loop {
                    match self.inside(line)? {
                        (Event::SequenceEnd, _) => break Value::List(nodes),
                        (event, line) => nodes.push(self.node(event, line, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut pairs: Vec<(String, Node)> = Vec::new();
                loop {
                    let (event, line) = self.inside(line)?;
                    let name = match event {
                        Event::MappingEnd => break Value::Map(pairs),
                        Event::Scalar(text, ..) => text.into_owned(),
                        _ => return Err(Problem { line, reason: "a name that is no text".to_owned() }),
                    };
                    if pairs.iter().any(|(known, _)| *known == name) {
                        return Err(Problem { line, reason: format!("'{name}' stands twice") });
                    }
                    let (event, line) = self.inside(line)?;
                    let node = self.node(event, line, depth + 1)?;
                    pairs.push((name, node));
                }
            }
            Event::Alias(_) => return refuse("an alias (*name): write it out"),
            _ => return refuse("no YAML: it ends in the middle"),
        };
        Ok(Node { line, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_with_their_lines() {
        let read = documents("title: a\nlist: [1, '2']\n---\n# nothing\n---\ntitle: b\nnone:\n").unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].get("list").unwrap().texts(), ["1", "2"]);
        assert_eq!(read[1].line, 6);
        assert_eq!(read[1].get("none").unwrap().value, Value::Null);
    }

    #[test]
    fn what_is_no_rule_is_refused_with_its_line_and_ends_nothing() {
        let deep = "[".repeat(5_000);
        let wide = format!("a: [{}]", "1, ".repeat(MOST_NODES));
        let long = format!("a: {}", "-".repeat(500_000));
        for (text, told) in [
            ("a: &x [1]\nb: *x\n", "an alias"),
            ("a: 1\na: 2\n", "stands twice"),
            ("a: [1\nb: 2", "no YAML"),
            ("a: \"\n", "no YAML"),
            ("? [1]\n: 2\n", "a name that is no text"),
            (wide.as_str(), "more values"),
        ] {
            let problem = documents(text).unwrap_err();
            assert!(problem.reason.contains(told) && problem.line > 0, "{problem:?}");
        }
        assert!(documents(&deep).is_err());
        assert!(documents(&long).is_ok());
        for text in ["\u{0}", "%", "- - - -", "\t", "!!x y", "a: !<", "{", "}", ": :", "\u{feff}a: 1"] {
            let _ = documents(text);
        }
    }
}
