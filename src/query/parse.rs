//! The grammar of a filter: or, and, not, parentheses, terms.

use crate::query::ParseError;
use crate::query::ast::{DEEPEST, Expr, Test};
use crate::query::check;
use crate::query::field::{self, FieldEntry, Kind};
use crate::query::lex::{Cursor, Op, Value};
use crate::query::moment::Clock;
use crate::query::pattern::Pattern;

pub struct Parser {
    at: Cursor,
    clock: Clock,
    depth: usize,
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

impl Parser {
    pub fn new(text: &str, clock: Clock) -> Self {
        Self { at: Cursor::new(text), clock, depth: 0 }
    }
    /// The whole text; `None` when it is empty and so lets everything pass.
    pub fn filter(mut self) -> Result<Option<Expr>, ParseError> {
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
            return Ok(Value { text: self.at.take_quoted()?, column, quoted: true, upto: None });
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
        Ok(Value { text, column, quoted: false, upto: None })
    }
}
