//! The grammar of a filter: or, and, not, parentheses, terms.

use crate::query::ParseError;
use crate::query::ast::{DEEPEST, Expr, Test};
use crate::query::check;
use crate::query::field::{self, FieldEntry, Kind};
use crate::query::lex::{Cursor, Op, Value};
use crate::query::moment::Clock;
use crate::query::pattern::Pattern;
use crate::query::saved::{self, Saved};

pub struct Parser<'a> {
    at: Cursor,
    clock: Clock,
    depth: usize,
    saved: &'a Saved,
    /// Saved filters that this text is part of, and how many were met so far.
    inside: Vec<String>,
    met: usize,
}

fn error(column: usize, message: impl Into<String>, fix: impl Into<String>) -> ParseError {
    ParseError { column, message: message.into(), fix: fix.into() }
}

/// One operand is itself; several become a list.
fn join(mut operands: Vec<Expr>, list: fn(Vec<Expr>) -> Expr) -> Expr {
    match (operands.len(), operands.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            operands.push(last);
            list(operands)
        }
        (_, None) => list(operands),
    }
}

impl<'a> Parser<'a> {
    pub fn new(text: &str, clock: Clock, saved: &'a Saved) -> Self {
        Self { at: Cursor::new(text), clock, depth: 0, saved, inside: Vec::new(), met: 0 }
    }
    /// The whole text; `None` when it is empty and so lets everything pass.
    pub fn filter(mut self) -> Result<Option<Expr>, ParseError> {
        self.whole()
    }
    fn whole(&mut self) -> Result<Option<Expr>, ParseError> {
        self.at.skip_blanks();
        if self.at.peek().is_none() {
            return Ok(None);
        }
        let expr = self.any()?;
        self.at.skip_blanks();
        match self.at.peek() {
            None => Ok(Some(expr)),
            Some(')') => Err(error(self.at.column(), "this ')' closes nothing", "delete it, or open a '(' before")),
            Some(c) => Err(error(self.at.column(), format!("'{c}' is not expected here"), "write a term such as account:svc_*")),
        }
    }
    fn any(&mut self) -> Result<Expr, ParseError> {
        let mut operands = vec![self.all()?];
        loop {
            self.at.skip_blanks();
            if !self.at.take_keyword("or") {
                return Ok(join(operands, Expr::Any));
            }
            operands.push(self.all()?);
        }
    }
    fn all(&mut self) -> Result<Expr, ParseError> {
        let mut operands = vec![self.not()?];
        loop {
            self.at.skip_blanks();
            if self.at.take_keyword("and") {
                operands.push(self.not()?);
                continue;
            }
            let ahead = self.at.clone().take_keyword("or");
            if ahead || matches!(self.at.peek(), None | Some(')')) {
                return Ok(join(operands, Expr::All));
            }
            operands.push(self.not()?);
        }
    }
    fn not(&mut self) -> Result<Expr, ParseError> {
        self.at.skip_blanks();
        let column = self.at.column();
        let sign = matches!(self.at.peek(), Some('-' | '!')) && self.at.peek_at(1).is_some_and(|c| !c.is_whitespace());
        if sign {
            self.at.skip(1);
        }
        if sign || self.at.take_keyword("not") {
            self.deeper(column)?;
            let expr = self.not()?;
            self.depth -= 1;
            return Ok(Expr::Not(Box::new(expr)));
        }
        self.atom()
    }
    fn deeper(&mut self, column: usize) -> Result<(), ParseError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(error(column, "too many parentheses and negations inside each other", "make the filter flatter"));
        }
        Ok(())
    }
    fn atom(&mut self) -> Result<Expr, ParseError> {
        self.at.skip_blanks();
        let column = self.at.column();
        match self.at.peek() {
            None => return Err(error(column, "a term is expected", "write a field and a value, such as account:svc_*, or a word")),
            Some('(') => return self.group(),
            Some(')') => return Err(error(column, "a term is expected before ')'", "write a term, or delete the parentheses")),
            Some('"') => {
                let text = self.at.take_quoted()?;
                return Ok(Expr::Term(Test::Word(Pattern::inside(&text))));
            }
            Some('@') => return self.named(),
            Some('/') => {
                let column = self.at.column();
                if let Some(text) = self.at.take_regex()? {
                    let pattern = Pattern::regex(&text, false).map_err(|problem| check::no_regex(column, &problem))?;
                    return Ok(Expr::Term(Test::Word(pattern)));
                }
            }
            Some(_) => {}
        }
        for word in ["and", "or", "not"] {
            if self.at.clone().take_keyword(word) {
                return Err(error(
                    column,
                    format!("a term is expected, not '{word}'"),
                    format!("delete it, or write \"{word}\" to look for the word"),
                ));
            }
        }
        if let Some((name, column, op)) = self.at.take_field() {
            return self.term(&name, column, op);
        }
        let word = self.at.take_bare(false);
        if word.is_empty() {
            return Err(error(column, "a term is expected", "write a field and a value, such as account:svc_*, or a word"));
        }
        Ok(Expr::Term(Test::Word(Pattern::inside(&word))))
    }
    /// `@name`: what the saved filter says, as if it stood here in parentheses.
    fn named(&mut self) -> Result<Expr, ParseError> {
        let column = self.at.column();
        self.at.skip(1);
        let mut name = String::new();
        while let Some(c) = self.at.peek().filter(|c| saved::is_of_name(*c)) {
            name.push(c);
            self.at.skip(1);
        }
        if name.is_empty() {
            return Err(error(column, "the name of a saved filter is expected", "such as @failures, or quote the text: \"@\""));
        }
        let Some(text) = self.saved.get(&name) else { return Err(self.saved.unknown(&name, column)) };
        self.met += 1;
        if self.inside.iter().any(|outer| outer.eq_ignore_ascii_case(&name))
            || self.inside.len() >= saved::DEEPEST
            || self.met > saved::MOST
        {
            return Err(error(
                column,
                format!("'@{name}' is made of too many saved filters, or of itself"),
                "write out what it stands for",
            ));
        }
        let mut inside = self.inside.clone();
        inside.push(name.clone());
        self.deeper(column)?;
        let mut inner = Parser { at: Cursor::new(text), clock: self.clock, depth: self.depth, saved: self.saved, inside, met: self.met };
        let expr = inner.whole().map_err(|wrong| error(column, format!("in @{name}: {}", wrong.message), wrong.fix))?;
        self.met = inner.met;
        self.depth -= 1;
        Ok(expr.unwrap_or(Expr::All(Vec::new())))
    }
    fn group(&mut self) -> Result<Expr, ParseError> {
        let column = self.at.column();
        self.deeper(column)?;
        self.at.skip(1);
        let expr = self.any()?;
        self.at.skip_blanks();
        if self.at.peek() != Some(')') {
            return Err(error(column, "this '(' is never closed", "write a ')' behind the last term"));
        }
        self.at.skip(1);
        self.depth -= 1;
        Ok(expr)
    }
    fn term(&mut self, name: &str, column: usize, op: Op) -> Result<Expr, ParseError> {
        let Some(entry) = field::find(name) else {
            let quoted = format!("Or quote the text to look for it: \"{name}{}...\"", op.sign());
            return Err(match field::nearest(name) {
                Some(near) => error(column, format!("there is no field '{name}'"), format!("did you mean '{near}{}'? {quoted}", op.sign())),
                None => {
                    error(column, format!("there is no field '{name}'"), format!("take one of account, host, source, type, ... {quoted}"))
                }
            });
        };
        if op != Op::Matches {
            self.at.skip_blanks();
        }
        let start = self.at.column();
        let values = self.values(entry, op, start)?;
        let test = check::test(entry, op, start, &values, &self.clock)?;
        Ok(if op == Op::Differs { Expr::Not(Box::new(Expr::Term(test))) } else { Expr::Term(test) })
    }
    /// `a`, `a,b` or `(a, b)`.
    fn values(&mut self, entry: &FieldEntry, op: Op, start: usize) -> Result<Vec<Value>, ParseError> {
        let inside = self.at.peek() == Some('(');
        if inside {
            self.at.skip(1);
        }
        let mut values = Vec::new();
        loop {
            if inside {
                self.at.skip_blanks();
            }
            values.push(self.value(entry, op)?);
            if inside {
                self.at.skip_blanks();
            }
            match self.at.peek() {
                Some(',') => self.at.skip(1),
                Some(')') if inside => {
                    self.at.skip(1);
                    return Ok(values);
                }
                _ if !inside => return Ok(values),
                None => return Err(error(start, "this list is never closed", "write a ')' behind the last value")),
                Some(_) => return Err(error(self.at.column(), "a ',' or ')' is expected", "part the values of a list by commas: (3,10)")),
            }
        }
    }
    fn value(&mut self, entry: &FieldEntry, op: Op) -> Result<Value, ParseError> {
        let column = self.at.column();
        let mut value = self.single(entry)?;
        if value.is_regex {
            return Ok(value);
        }
        let dots = if value.quoted {
            let dots = self.at.peek() == Some('.') && self.at.peek_at(1) == Some('.');
            if dots {
                self.at.skip(2);
            }
            dots
        } else {
            self.at.peek() == Some('"') && value.text.ends_with("..")
        };
        if dots {
            if !value.quoted {
                value.text.truncate(value.text.len().saturating_sub(2));
                value.quoted = true;
            }
            value.upto = Some(Box::new(self.single(entry)?));
        }
        if value.text.is_empty() && !value.quoted {
            let fix = format!("such as {}{}{}", entry.name, op.sign(), entry.example);
            return Err(error(column, format!("a value is expected: {}", entry.hint), fix));
        }
        Ok(value)
    }
    fn single(&mut self, entry: &FieldEntry) -> Result<Value, ParseError> {
        let column = self.at.column();
        if self.at.peek() == Some('"') {
            return Ok(Value { text: self.at.take_quoted()?, column, quoted: true, is_regex: false, upto: None });
        }
        if let Some(text) = self.at.take_regex()? {
            return Ok(Value { text, column, quoted: true, is_regex: true, upto: None });
        }
        let mut text = self.at.take_bare(true);
        if entry.kind == Kind::Moment
            && check::ends_in_day(&text)
            && let Some(clock) = self.at.take_clock()
        {
            text.push(' ');
            text.push_str(&clock);
            // Behind `yesterday 18:00..today` a clock time may follow once more.
            if clock.contains("..") && check::ends_in_day(&text) {
                text.extend(self.at.take_clock().map(|clock| format!(" {clock}")));
            }
        }
        Ok(Value { text, column, quoted: false, is_regex: false, upto: None })
    }
}
