//! One event as its record states it: the fields as a list, the raw record as text in one of several forms.
//!
//! The raw record is read again from its input when somebody looks (`Effect::FetchRaw`); until it is there, and where it
//! cannot be read, the kept fields are shown, with the reason.

use super::super::{Ctx, Reply, gone, words};
use super::fields::{self, Field};
use super::panes::Listing;
use super::{Pane, Plan};
use crate::base::text;
use crate::model::ids::EventId;
use crate::model::raw::RawRecord;
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::find::scope::Scope;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs;
use crate::ui::widget::put;
use crate::ui::widget::table::{Cell, Column, Look, Table};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines of a raw record kept for showing.
const LINES: usize = 4_000;
/// Cells of one line kept for showing.
const LINE_CELLS: usize = 20_000;

#[derive(Clone, Copy, Debug)]
enum Part {
    Name,
    Value,
}

/// Kind of the table, where its columns are arranged.
const FIELDS: &str = "fields of a record";
const COLUMNS: &[Column<Part>] = &[Column::new(Part::Name, "field", 26), Column::new(Part::Value, "value", 10).grow(1)];

/// How a record may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Xml,
    Json,
    /// The text of the input, on one line where it has one.
    Stored,
    Bytes,
}

impl Form {
    const fn word(self) -> &'static str {
        match self {
            Self::Xml => "XML",
            Self::Json => "JSON",
            Self::Stored => "as stored",
            Self::Bytes => "bytes",
        }
    }
}

/// Cleaned lines of a record in each form that it has.
fn forms(raw: &RawRecord) -> Vec<(Form, Vec<String>)> {
    let lines = |text: &str| text.lines().take(LINES).map(|line| text::fit(&text::clean(line), LINE_CELLS).into_owned()).collect();
    let mut forms: Vec<(Form, Vec<String>)> = Vec::new();
    for (form, text) in [(Form::Xml, &raw.xml), (Form::Json, &raw.json), (Form::Stored, &raw.stored)] {
        if !text.is_empty() {
            forms.push((form, lines(text)));
        }
    }
    if !raw.bytes.is_empty() {
        forms.push((Form::Bytes, hex(raw)));
    }
    forms
}

/// `0010  2a 2a 00 00 ...  **..`
fn hex(raw: &RawRecord) -> Vec<String> {
    const ROW: usize = 16;
    let row = |(number, bytes): (usize, &[u8])| {
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let signs: String = bytes.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }).collect();
        format!("{:04x}  {:<47}  {signs}", number * ROW, digits.join(" "))
    };
    let mut lines: Vec<String> = raw.bytes.chunks(ROW).enumerate().map(row).collect();
    let left = raw.length.saturating_sub(raw.bytes.len());
    if left > 0 {
        lines.push(format!("{} bytes more", text::count(left as u64)));
    }
    lines
}

/// See the module.
#[derive(Debug, Default)]
pub struct Record {
    event: Option<EventId>,
    fields: Vec<Field>,
    /// The raw record in each form that it has.
    forms: Vec<(Form, Vec<String>)>,
    /// The form that was chosen; it stays for the next record.
    wanted: Option<Form>,
    /// Why there is no raw record.
    problem: Option<String>,
    table: Table,
    /// First line of the raw record on screen, and cells it is moved to the left.
    top: usize,
    left: usize,
    /// Line of the raw record that was found last; it may stand below the first.
    found: Option<usize>,
}

impl Record {
    #[must_use]
    pub const fn event(&self) -> Option<EventId> {
        self.event
    }
    /// Turns to an event; asks for its raw record when it is another one.
    pub fn show(&mut self, event: Option<EventId>, ctx: &Ctx<'_>) -> Vec<Effect> {
        if self.event == event {
            return Vec::new();
        }
        let row = event.and_then(|id| ctx.snapshot.tables.event(id));
        *self = Self {
            event,
            fields: row.as_ref().map(|row| fields::kept(&row.event, &ctx.snapshot.names)).unwrap_or_default(),
            table: Table::on_column(self.table.column),
            wanted: self.wanted,
            ..Self::default()
        };
        if row.is_none() && event.is_some() {
            self.problem = gone::sentence(ctx).map(|gone| format!("it is in memory no longer; {gone}"));
        }
        event.filter(|_| row.is_some()).map(Effect::FetchRaw).into_iter().collect()
    }
    pub fn receive(&mut self, reply: &Reply) {
        let Reply::Raw(event, answer) = reply else { return };
        if self.event != Some(*event) {
            return; // of an event that is no longer looked at
        }
        match answer {
            Ok(raw) => {
                self.problem = None;
                self.forms = forms(raw);
                if !raw.fields.is_empty() {
                    let clean = |words: &String| text::clean(words).into_owned();
                    self.fields = raw.fields.iter().map(|(name, value)| (clean(name), clean(value))).collect();
                }
            }
            Err(problem) => self.problem = Some(text::clean(problem).into_owned()),
        }
    }
    /// Place of the form on screen.
    fn form(&self) -> usize {
        self.wanted.and_then(|wanted| self.forms.iter().position(|(form, _)| *form == wanted)).unwrap_or(0)
    }
    /// Cleaned lines of the record as it is shown.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        self.forms.get(self.form()).map(|(_, lines)| lines.as_slice()).unwrap_or_default()
    }
    /// Shows the record in the next form that it has.
    pub fn next_form(&mut self) -> Effect {
        let next = (self.form() + 1) % self.forms.len().max(1);
        let Some((form, _)) = self.forms.get(next) else {
            return Effect::Say("there is no record to show in another form".to_owned());
        };
        (self.wanted, self.top, self.left) = (Some(*form), 0, 0);
        let others: Vec<&str> = self.forms.iter().map(|(form, _)| form.word()).collect();
        Effect::Say(format!("the record: {} (b goes through {})", form.word(), others.join(", ")))
    }
    /// What the key of the forms does on a page: the next form, or the record itself where another pane hides it.
    pub fn turn(&mut self, focus: &mut Pane, plan: &Plan, area: Rect) -> Effect {
        if plan.shows(Pane::Raw, *focus, area) {
            return self.next_form();
        }
        *focus = Pane::Raw;
        let form = self.forms.get(self.form()).map_or_else(String::new, |(form, _)| format!(": {}", form.word()));
        Effect::Say(format!("the record{form} (b again shows it in another form)"))
    }
    /// The lines of the record as it is shown, to be copied.
    #[must_use]
    pub fn copied(&self) -> Option<String> {
        Some(self.lines().join("\n")).filter(|text| !text.is_empty())
    }
    /// Where the record stands: `EVTX rec 88213411`.
    #[must_use]
    pub fn title(&self, ctx: &Ctx<'_>) -> String {
        let Some(row) = self.event.and_then(|id| ctx.snapshot.tables.event(id)) else { return "raw".to_owned() };
        let at = row.event.provenance;
        let input = ctx.snapshot.inputs.iter().find(|input| input.id == at.input);
        let mut out = input.map_or_else(|| "raw".to_owned(), |input| format!("raw  {}", text::clean(&input.name())));
        if row.event.record != 0 {
            out.push_str(&format!("  rec {}", row.event.record));
        }
        if at.line != 0 {
            out.push_str(&format!("  line {}", text::count(u64::from(at.line))));
        }
        if let Some((form, _)) = self.forms.get(self.form()) {
            out.push_str(&format!("  {}", form.word()));
        }
        out
    }
    #[must_use]
    pub fn fields_title(&self) -> String {
        let known = if self.forms.is_empty() { "fields kept" } else { "fields" };
        format!("{known} ({})", self.fields.len())
    }
    /// The field under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        Some(self.table.cursor.min(self.fields.len().checked_sub(1)?))
    }
    #[must_use]
    pub fn sentence(&self) -> String {
        self.row().and_then(|row| self.fields.get(row)).map_or_else(String::new, |(name, value)| format!("{name}: {value}"))
    }
    /// The fields, or the lines of the raw record, as something to look through.
    #[must_use]
    pub fn finds(&self, is_raw: bool) -> Scope {
        if is_raw {
            return Scope::words(self.lines().iter().cloned(), self.found.unwrap_or(self.top));
        }
        Scope::words(self.fields.iter().map(|(name, value)| format!("{name} {value}")), self.table.cursor)
    }
    /// Goes to a line of `finds`; the raw one stands a third below the top.
    pub fn go_to_line(&mut self, is_raw: bool, line: usize, area: Rect, ctx: &Ctx<'_>) {
        if !is_raw {
            return self.table.show(line, self.fields.len(), area);
        }
        let cells = usize::from(area.width);
        let above = self.lines().iter().take(line);
        let row = if ctx.options.wrap { above.map(|line| pairs::chop(line, cells).len()).sum() } else { line };
        self.found = Some(line);
        let rows = self.folded(area, ctx).len();
        self.top = row.saturating_sub(usize::from(area.height / 3)).min(rows.saturating_sub(page(area, rows)));
    }
    /// How many fields there are.
    #[must_use]
    pub const fn fields(&self) -> usize {
        self.fields.len()
    }
    /// The fields as a table of a pane; they have one order.
    #[must_use]
    pub fn listing(&self, area: Rect, ctx: &Ctx<'_>) -> Listing {
        Listing { kind: Some(FIELDS), columns: ctx.columns.arrange(FIELDS, COLUMNS).plain(), len: self.fields.len(), area }
    }
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }
    pub const fn table_mut(&mut self) -> &mut Table {
        &mut self.table
    }
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        self.fields.get(row).zip(COLUMNS.get(column)).map_or_else(|| Cell::text(""), |(field, column)| field_cell(field, column.key))
    }
    /// The filter term of a field.
    #[must_use]
    pub fn term_of(&self, row: usize) -> Option<(&'static str, String)> {
        self.fields.get(row).and_then(|(name, value)| fields::term(name, value))
    }
    pub fn update_raw(&mut self, action: Action, area: Rect, ctx: &Ctx<'_>) {
        let lines = self.folded(area, ctx).len();
        let page = page(area, lines);
        self.found = None;
        let last = lines.saturating_sub(page);
        self.top = match action {
            Action::CursorUp => self.top.saturating_sub(1),
            Action::CursorDown => self.top + 1,
            Action::CursorPageUp => self.top.saturating_sub(page),
            Action::CursorPageDown => self.top.saturating_add(page),
            Action::CursorHalfUp => self.top.saturating_sub(page / 2),
            Action::CursorHalfDown => self.top.saturating_add(page / 2),
            Action::CursorFirst => 0,
            Action::CursorLast => last,
            _ => self.top,
        }
        .min(last);
        self.left = match action {
            Action::CursorLeft => self.left.saturating_sub(8),
            Action::CursorRight if !ctx.options.wrap => (self.left + 8).min(LINE_CELLS),
            Action::WindowStart | Action::CursorFirst => 0,
            _ => self.left,
        };
    }
    fn folded(&self, area: Rect, ctx: &Ctx<'_>) -> Vec<String> {
        if ctx.options.wrap {
            return self.lines().iter().flat_map(|line| pairs::chop(line, usize::from(area.width))).collect();
        }
        self.lines().iter().map(|line| skip_cells(line, self.left)).collect()
    }
    pub fn draw_fields(&self, buffer: &mut Buffer, area: Rect, look: Look<'_>, ctx: &Ctx<'_>) {
        self.table.draw(buffer, area, &ctx.columns.arrange(FIELDS, COLUMNS), self.fields.len(), look, |row, part| {
            self.fields.get(row).map_or_else(|| Cell::text(""), |field| field_cell(field, part))
        });
    }
    pub fn draw_raw(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        let style = ctx.theme.style(Meaning::Text);
        if self.forms.is_empty() {
            let (words, meaning) = match &self.problem {
                Some(problem) => (format!("the record cannot be shown: {problem}"), Meaning::Trouble),
                None => ("reading the record ...".to_owned(), Meaning::Dim),
            };
            for (y, line) in (area.y..area.bottom()).zip(pairs::fold(&words, usize::from(area.width))) {
                put(buffer, area.x, y, area.width, &line, ctx.theme.style(meaning));
            }
            return;
        }
        let lines = self.folded(area, ctx);
        let page = page(area, lines.len());
        let top = self.top.min(lines.len().saturating_sub(page));
        for (y, line) in (area.y..area.bottom()).zip(lines.iter().skip(top).take(page)) {
            put(buffer, area.x, y, area.width, line, style);
        }
        let shown = (top + page).min(lines.len());
        if page < lines.len() {
            let words = format!("line {shown} of {}", lines.len());
            let width = u16::try_from(words.len()).unwrap_or(0);
            put(buffer, area.right().saturating_sub(width), area.bottom() - 1, width, &words, ctx.theme.style(Meaning::Dim));
        }
    }
}

fn field_cell((name, value): &Field, part: Part) -> Cell {
    match part {
        Part::Name => Cell::dim(name.clone()),
        Part::Value if value.is_empty() => Cell::dim(words::ABSENT),
        Part::Value => Cell::text(text::fit(value, LINE_CELLS)),
    }
}

/// Lines of a record on one screen: the last row says where one is when there are more.
fn page(area: Rect, lines: usize) -> usize {
    let height = usize::from(area.height);
    if lines > height { height.saturating_sub(1).max(1) } else { height.max(1) }
}

/// The text without its first `cells` cells.
fn skip_cells(line: &str, cells: usize) -> String {
    use unicode_segmentation::UnicodeSegmentation as _;
    let mut left = cells;
    line.graphemes(true)
        .skip_while(|grapheme| {
            let here = left > 0;
            left = left.saturating_sub(text::width(grapheme));
            here
        })
        .collect()
}
