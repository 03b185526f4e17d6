//! The condition of a rule: `selection and not 1 of filter_*`.

/// Selections by their place in the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Not(Box<Expr>),
    Selection(usize),
}

impl Expr {
    pub fn holds(&self, selection: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(selection)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(selection)),
            Self::Not(part) => !part.holds(selection),
            Self::Selection(place) => selection(*place),
        }
    }
}

/// Parentheses and `not` deeper than this are refused.
const DEEPEST: usize = 32;

struct Reader<'a> {
    words: Vec<&'a str>,
    place: usize,
    names: &'a [String],
}

/// # Errors
/// What is wrong with it.
pub fn parse(text: &str, names: &[String]) -> Result<Expr, String> {
    let mut reader = Reader { words: words(text), place: 0, names };
    let expr = reader.any(0)?;
    match reader.peek() {
        None => Ok(expr),
        Some(word) => Err(format!("condition: '{word}' is not expected there")),
    }
}

fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in text.split_whitespace() {
        let mut rest = part;
        while let Some(place) = rest.find(['(', ')']) {
            let (before, from) = rest.split_at(place);
            let (bracket, after) = from.split_at(1);
            words.extend([before, bracket].into_iter().filter(|word| !word.is_empty()));
            rest = after;
        }
        words.extend(Some(rest).filter(|rest| !rest.is_empty()));
    }
    words
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.place).copied()
    }
    fn takes(&mut self, word: &str) -> bool {
        let is = self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.place += usize::from(is);
        is
    }
    fn any(&mut self, depth: usize) -> Result<Expr, String> {
        let mut parts = vec![self.all(depth)?];
        while self.takes("or") {
            parts.push(self.all(depth)?);
        }
        Ok(one(parts, Expr::Any))
    }
    fn all(&mut self, depth: usize) -> Result<Expr, String> {
        let mut parts = vec![self.term(depth)?];
        while self.takes("and") {
            parts.push(self.term(depth)?);
        }
        Ok(one(parts, Expr::All))
    }
    fn term(&mut self, depth: usize) -> Result<Expr, String> {
        if depth > DEEPEST {
            return Err("condition: nested too deep".to_owned());
        }
        if self.takes("not") {
            return Ok(Expr::Not(Box::new(self.term(depth + 1)?)));
        }
        if self.takes("(") {
            let inside = self.any(depth + 1)?;
            return if self.takes(")") { Ok(inside) } else { Err("condition: a parenthesis is not closed".to_owned()) };
        }
        let Some(word) = self.peek() else { return Err("condition: it ends too early".to_owned()) };
        self.place += 1;
        let of = self.peek().is_some_and(|next| next.eq_ignore_ascii_case("of"));
        if of && (word == "1" || word.eq_ignore_ascii_case("any") || word.eq_ignore_ascii_case("all")) {
            self.place += 1;
            let Some(pattern) = self.peek() else { return Err("condition: it ends too early".to_owned()) };
            self.place += 1;
            let parts: Vec<Expr> = self.named(pattern).map(Expr::Selection).collect();
            if parts.is_empty() {
                return Err(format!("condition: no selection is called '{pattern}'"));
            }
            return Ok(one(parts, if word.eq_ignore_ascii_case("all") { Expr::All } else { Expr::Any }));
        }
        let place = self.names.iter().position(|name| name == word);
        place.map(Expr::Selection).ok_or_else(|| format!("condition: no selection is called '{word}'"))
    }
    /// Selections that `them` or a name with a star means; those that begin with `_` are not among them.
    fn named(&self, pattern: &'a str) -> impl Iterator<Item = usize> {
        let names = self.names.iter().enumerate();
        let fits = move |name: &str| match pattern.split_once('*') {
            _ if pattern.eq_ignore_ascii_case("them") => !name.starts_with('_'),
            Some((start, end)) => name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end),
            None => name == pattern,
        };
        names.filter(move |(_, name)| fits(name)).map(|(place, _)| place)
    }
}

fn one(mut parts: Vec<Expr>, many: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => many(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, are: &[&str]) -> Result<bool, String> {
        let names: Vec<String> = ["selection", "filter_main_a", "filter_main_b", "sel_1", "_x"].map(str::to_owned).to_vec();
        parse(text, &names).map(|expr| expr.holds(&|place| are.contains(&names[place].as_str())))
    }

    #[test]
    fn words_bind_as_people_read_them() {
        for (text, are, fits) in [
            ("selection", &["selection"][..], true),
            ("selection and not 1 of filter_main_*", &["selection"], true),
            ("selection and not 1 of filter_main_*", &["selection", "filter_main_b"], false),
            ("selection and not all of filter_main_*", &["selection", "filter_main_b"], true),
            ("sel_1 or selection and filter_main_a", &["sel_1"], true),
            ("(sel_1 or selection) and filter_main_a", &["sel_1"], false),
            ("NOT (sel_1 OR selection)", &[], true),
            ("not not sel_1", &["sel_1"], true),
            ("all of them", &["selection", "filter_main_a", "filter_main_b", "sel_1"], true),
            ("1 of sel*", &["sel_1"], true),
        ] {
            assert_eq!(holds(text, are), Ok(fits), "{text}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        for (text, told) in [
            ("", "ends too early"),
            ("selection and", "ends too early"),
            ("selection or nothing", "'nothing'"),
            ("1 of other_*", "'other_*'"),
            ("(selection", "not closed"),
            ("selection selection", "not expected"),
        ] {
            assert!(holds(text, &[]).unwrap_err().contains(told), "{text}");
        }
        assert!(holds(&"(".repeat(100_000), &[]).unwrap_err().contains("too deep"));
        assert!(holds(&"not ".repeat(100_000), &[]).unwrap_err().contains("too deep"));
    }
}
