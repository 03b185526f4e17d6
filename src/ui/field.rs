//! A line of text that is being typed.

/// The text and where its cursor stands, in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextField {
    text: Vec<char>,
    cursor: usize,
}

impl TextField {
    /// A field that holds `text`, the cursor behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text: Vec<char> = text.chars().collect();
        Self { cursor: text.len(), text }
    }
    #[must_use]
    pub fn text(&self) -> String {
        self.text.iter().collect()
    }
    /// Characters before the cursor.
    #[must_use]
    pub const fn cursor(&self) -> usize {
        self.cursor
    }
    /// The text before the cursor.
    #[must_use]
    pub fn before(&self) -> String {
        self.text.iter().take(self.cursor).collect()
    }
    pub fn insert(&mut self, c: char) {
        self.text.insert(self.cursor.min(self.text.len()), c);
        self.cursor += 1;
    }
    /// Takes pasted text: line ends become blanks, other control characters go.
    pub fn paste(&mut self, text: &str) {
        for c in text.trim_end_matches(['\r', '\n']).chars() {
            match c {
                '\n' | '\t' => self.insert(' '),
                c if c.is_control() => {}
                c => self.insert(c),
            }
        }
    }
    /// Puts `insert` in place of the characters from `from` to the cursor.
    pub fn complete(&mut self, from: usize, insert: &str) {
        let from = from.min(self.cursor);
        self.text.drain(from..self.cursor);
        self.cursor = from;
        for c in insert.chars() {
            self.insert(c);
        }
    }
    pub const fn left(&mut self) {
        self.cursor = self.cursor.saturating_sub(1);
    }
    pub fn right(&mut self) {
        self.cursor = (self.cursor + 1).min(self.text.len());
    }
    pub const fn home(&mut self) {
        self.cursor = 0;
    }
    pub const fn end(&mut self) {
        self.cursor = self.text.len();
    }
    fn is_word(&self, place: usize) -> bool {
        self.text.get(place).is_some_and(|c| c.is_alphanumeric() || *c == '_')
    }
    pub fn word_left(&mut self) {
        while self.cursor > 0 && !self.is_word(self.cursor - 1) {
            self.cursor -= 1;
        }
        while self.cursor > 0 && self.is_word(self.cursor - 1) {
            self.cursor -= 1;
        }
    }
    pub fn word_right(&mut self) {
        while self.cursor < self.text.len() && !self.is_word(self.cursor) {
            self.cursor += 1;
        }
        while self.is_word(self.cursor) {
            self.cursor += 1;
        }
    }
    pub fn delete_back(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.delete();
        }
    }
    pub fn delete(&mut self) {
        if self.cursor < self.text.len() {
            self.text.remove(self.cursor);
        }
    }
    pub fn delete_word(&mut self) {
        let end = self.cursor;
        self.word_left();
        self.text.drain(self.cursor..end);
    }
    pub fn kill_start(&mut self) {
        self.text.drain(..self.cursor);
        self.cursor = 0;
    }
    pub fn kill_end(&mut self) {
        self.text.truncate(self.cursor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_ends_are_reached_and_deleted() {
        let mut field = TextField::new("account:svc_b and host:FS01");
        field.delete_word();
        assert_eq!(field.text(), "account:svc_b and host:");
        field.word_left();
        field.word_left();
        assert_eq!(field.cursor(), 14);
        field.kill_end();
        assert_eq!(field.text(), "account:svc_b ");
        field.home();
        field.delete_back();
        field.word_right();
        field.kill_start();
        assert_eq!((field.text().as_str(), field.cursor()), (":svc_b ", 0));
        field.end();
        field.delete();
        field.right();
        assert_eq!(field.cursor(), 7);
    }

    #[test]
    fn completions_and_pastes_go_in_at_the_cursor() {
        let mut field = TextField::new("a sta");
        field.complete(2, "status:");
        field.paste("0x\u{1b}1\nb\n");
        assert_eq!(field.text(), "a status:0x1 b");
    }
}
