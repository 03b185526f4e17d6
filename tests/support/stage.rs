//! The whole screen without a terminal: keys in, pictures out. Filters are projected at once, as the engine would.

#![allow(dead_code)] // each test file uses a part

use logonscope::casefile::file::Book;
use logonscope::query::Filter;
use logonscope::store::Snapshot;
use logonscope::store::group::Index;
use logonscope::store::projection::Projection;
use logonscope::ui::app::{App, Setup};
use logonscope::ui::effect::Effect;
use logonscope::ui::frame;
use logonscope::ui::input::Chord;
use logonscope::ui::update::{Msg, start, update};
use logonscope::ui::view::Reply;
use logonscope::ui::view::page::digest::Digest;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::collections::BTreeMap;
use std::sync::Arc;

pub struct Stage {
    pub app: App,
    /// What the screen asked of the outside, but for projections.
    pub asked: Vec<Effect>,
    /// What was decided about anomalies; kept nowhere.
    pub book: Book,
}

impl Stage {
    pub fn new(snapshot: Snapshot, width: u16, height: u16) -> Self {
        let setup = Setup { ascii: true, inputs: vec!["SEC@DC01".into(), "b".into(), "c".into(), "d".into()], ..Setup::default() };
        Self::with(snapshot, &setup, width, height)
    }
    pub fn with(snapshot: Snapshot, setup: &Setup, width: u16, height: u16) -> Self {
        let app = App::new(Arc::new(snapshot), setup, Rect::new(0, 0, width, height));
        let mut stage = Self { app, asked: Vec::new(), book: Book::unkept() };
        let effects = start(&mut stage.app, setup.filter.as_deref());
        stage.carry_out(effects);
        stage
    }
    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Project(request) => {
                    let projection = request.map(|(text, filter): (String, Filter)| {
                        let mut projection = Projection::new(text, filter);
                        projection.extend(&self.app.newest, usize::MAX);
                        Arc::new(projection)
                    });
                    self.send(Msg::Projection(projection));
                }
                Effect::Record(acts) => {
                    let said = logonscope::ui::triage::told(&acts, &self.book.case, self.book.path().is_some());
                    self.book.record_all(acts, "2026-03-14T10:00:00Z", "kl").expect("it is kept nowhere");
                    let case = Arc::new(self.book.case.clone());
                    self.send(Msg::Case(case, Some(said)));
                }
                Effect::Group(question, filter) => {
                    let mut index = Index::new(question.by, self.app.scene.snapshot.epoch, filter.map(|(_, filter)| filter));
                    while !index.extend(&self.app.scene.snapshot, 1_000) {}
                    let grouped = index.answer(&self.app.scene.snapshot, question);
                    self.send(Msg::Reply(Reply::Grouped(Arc::new(grouped))));
                }
                Effect::Digest(subject) => {
                    let snapshot = &self.app.scene.snapshot;
                    let digest = Arc::new(Digest::whole(subject, &snapshot.tables));
                    let epoch = snapshot.epoch;
                    self.send(Msg::Reply(Reply::Digest(subject, epoch, digest)));
                }
                Effect::Hunt(hunt) => {
                    let mut answers = Vec::new();
                    hunt.run(|answer| answers.push(answer));
                    for answer in answers {
                        self.send(Msg::Reply(logonscope::ui::view::Reply::Found(answer)));
                    }
                }
                other => self.asked.push(other),
            }
        }
    }
    pub fn send(&mut self, msg: Msg) {
        let effects = update(&mut self.app, msg);
        self.carry_out(effects);
    }
    /// Chords with blanks between, as in the keymap: `g a Enter`.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            let chord = Chord::parse(key).unwrap_or_else(|| panic!("no key {key}"));
            self.send(Msg::Key(chord));
        }
        self
    }
    /// Letters, one after the other; blanks are typed too.
    pub fn write(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.send(Msg::Key(Chord::plain(logonscope::ui::input::Key::Char(c))));
        }
        self
    }
    pub fn buffer(&self) -> Buffer {
        let mut buffer = Buffer::empty(self.app.size);
        frame::draw(&self.app, &mut buffer);
        buffer
    }
    pub fn picture(&self) -> String {
        rows(&self.buffer()).join("\n")
    }
    pub fn row(&self, y: usize) -> String {
        rows(&self.buffer()).into_iter().nth(y).unwrap_or_default()
    }
    /// The row `up` rows above the last.
    pub fn row_from_below(&self, up: u16) -> String {
        self.row(usize::from(self.app.size.height - 1 - up))
    }
    /// The text and, below it, which style each cell has.
    pub fn styled(&self) -> String {
        let buffer = self.buffer();
        let mut letters: BTreeMap<String, char> = BTreeMap::new();
        let mut map = String::new();
        for y in 0..buffer.area.height {
            let mut line = String::new();
            for x in 0..buffer.area.width {
                let style: Style = buffer[(x, y)].style();
                let words = format!("{:?}/{:?}/{:?}", style.fg.unwrap_or_default(), style.bg.unwrap_or_default(), style.add_modifier);
                if words == "Reset/Reset/NONE" {
                    line.push('.');
                    continue;
                }
                let next = char::from(b'a' + u8::try_from(letters.len()).expect("few styles"));
                line.push(*letters.entry(words).or_insert(next));
            }
            map.push_str(line.trim_end_matches('.'));
            map.push('\n');
        }
        let legend: Vec<String> = letters.iter().map(|(words, letter)| format!("{letter} {words}")).collect();
        format!("{}\n--- styles\n{map}--- legend\n{}", self.picture(), legend.join("\n"))
    }
}

pub fn rows(buffer: &Buffer) -> Vec<String> {
    let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..buffer.area.height).map(row).collect()
}
