//! Writes valid Windows event logs, so that no third-party recording is needed to test reading and following them.
//!
//! Records are written as Windows writes them: a template for the `System` part, a second one for `EventData` or
//! `UserData` inside it as a value of type binary XML, names and templates defined where a chunk first uses them, chunk
//! tables, checksums. A `Writer` can be asked for the whole file after each record, which is how growth is tested.
//! Used by tests and, by path, by benchmarks; it wants to be plain and fast, not complete.
#![allow(dead_code)]

use std::collections::HashMap;

pub const FILE_HEADER: usize = 4096;
pub const CHUNK: usize = 65536;
const CHUNK_HEADER: usize = 512;

/// A value as Windows types it.
#[derive(Clone, Copy, Debug)]
pub enum Val<'a> {
    Text(&'a str),
    /// `S-1-5-...`
    Sid(&'a str),
    /// 16 bytes in the order of memory.
    Guid([u8; 16]),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    Hex32(u32),
    Hex64(u64),
    /// 100 ns since 1601.
    FileTime(u64),
    Bool(bool),
    /// UTF-16 code units as they are, to write what is no valid Unicode.
    Units(&'a [u16]),
    Null,
}

#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    pub provider: &'a str,
    pub event_id: u16,
    pub version: u8,
    pub channel: &'a str,
    pub computer: &'a str,
    /// 100 ns since 1601.
    pub time: u64,
    pub record_id: u64,
    /// Names and values; an empty name writes `<Data>` without a name.
    pub data: &'a [(&'a str, Val<'a>)],
    /// The element inside `UserData` that holds the values; `None` writes `EventData`.
    pub user_data: Option<&'a str>,
}

impl Default for Record<'_> {
    fn default() -> Self {
        Self {
            provider: "Microsoft-Windows-Security-Auditing",
            event_id: 4624,
            version: 2,
            channel: "Security",
            computer: "host.example",
            time: 132_576_067_510_354_251,
            record_id: 1,
            data: &[],
            user_data: None,
        }
    }
}

struct Template {
    at: u32,
    id: u32,
}

/// What one record added, to take it back when it does not fit.
struct Mark {
    free: usize,
    names: usize,
    templates: usize,
}

/// Builds a log in memory. `drain` hands over what is finished, for logs larger than memory.
pub struct Writer {
    header_done: bool,
    done: Vec<u8>,
    chunks: u64,
    bytes: Vec<u8>,
    free: usize,
    names: HashMap<Vec<u16>, u32>,
    name_order: Vec<Vec<u16>>,
    templates: HashMap<Vec<u8>, Template>,
    template_order: Vec<Vec<u8>>,
    first: u64,
    last: u64,
    last_at: usize,
    records: u64,
    number: u64,
    dirty: bool,
    scratch: Vec<u8>,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    pub fn new() -> Self {
        Self {
            header_done: false,
            done: Vec::new(),
            chunks: 0,
            bytes: vec![0; CHUNK_HEADER],
            free: CHUNK_HEADER,
            names: HashMap::new(),
            name_order: Vec::new(),
            templates: HashMap::new(),
            template_order: Vec::new(),
            first: 0,
            last: 0,
            last_at: 0,
            records: 0,
            number: 0,
            dirty: false,
            scratch: Vec::new(),
        }
    }

    /// Leaves the file header as Windows does while a log is open: dirty, and with counts that are not kept up.
    pub fn dirty(mut self) -> Self {
        self.dirty = true;
        self
    }

    pub fn record(&mut self, record: &Record<'_>) -> &mut Self {
        let mark = Mark { free: self.free, names: self.name_order.len(), templates: self.template_order.len() };
        if !self.try_record(record) {
            self.take_back(&mark);
            self.finish_chunk();
            assert!(self.try_record(record), "a record larger than a chunk");
        }
        self.number += 1;
        self
    }

    /// Closes the chunk at hand although it has room left.
    pub fn finish_chunk(&mut self) {
        if self.records == 0 {
            return;
        }
        self.seal();
        self.done.extend_from_slice(&self.bytes);
        self.chunks += 1;
        self.bytes.clear();
        self.bytes.resize(CHUNK_HEADER, 0);
        self.free = CHUNK_HEADER;
        self.records = 0;
        self.names.clear();
        self.name_order.clear();
        self.templates.clear();
        self.template_order.clear();
    }

    /// Everything finished since the last call; the file header comes first and counts nothing.
    pub fn drain(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.header_done {
            self.header_done = true;
            out = file_header(0, self.number + 1, true);
        }
        out.append(&mut self.done);
        out
    }

    /// The log as it stands: file header, finished chunks, the chunk at hand.
    pub fn file(&mut self) -> Vec<u8> {
        let open = u64::from(self.records > 0);
        let mut out = match self.dirty {
            true => file_header(1, 1, true),
            false => file_header(self.chunks + open, self.number + 1, false),
        };
        out.extend_from_slice(&self.done);
        if open > 0 {
            self.seal();
            out.extend_from_slice(&self.bytes);
        }
        out
    }

    /// Finishes and gives the whole log.
    pub fn finish(mut self) -> Vec<u8> {
        self.file()
    }

    fn take_back(&mut self, mark: &Mark) {
        self.bytes.truncate(mark.free);
        self.free = mark.free;
        for name in self.name_order.drain(mark.names..) {
            self.names.remove(&name);
        }
        for template in self.template_order.drain(mark.templates..) {
            self.templates.remove(&template);
        }
    }

    fn seal(&mut self) {
        self.bytes.resize(CHUNK, 0);
        let bytes = &mut self.bytes;
        bytes[..8].copy_from_slice(b"ElfChnk\0");
        put64(bytes, 8, self.first);
        put64(bytes, 16, self.last);
        put64(bytes, 24, self.first);
        put64(bytes, 32, self.last);
        put32(bytes, 40, 128);
        put32(bytes, 44, self.last_at as u32);
        put32(bytes, 48, self.free as u32);
        bytes[128..CHUNK_HEADER].fill(0);
        // Buckets of names (64) and templates (32): the newest stands in the table, older ones follow by their link.
        for name in &self.name_order {
            let at = self.names[name];
            let bucket = 128 + usize::from(name_hash(name) % 64) * 4;
            let before = get32(bytes, bucket);
            put32(bytes, at as usize, before);
            put32(bytes, bucket, at);
        }
        for template in &self.template_order {
            let at = self.templates[template].at;
            let bucket = 384 + (get32(bytes, at as usize + 4) % 32) as usize * 4;
            let before = get32(bytes, bucket);
            put32(bytes, at as usize, before);
            put32(bytes, bucket, at);
        }
        let records = crc32fast::hash(&bytes[CHUNK_HEADER..self.free]);
        put32(bytes, 52, records);
        let mut header = crc32fast::Hasher::new();
        header.update(&bytes[..120]);
        header.update(&bytes[128..CHUNK_HEADER]);
        put32(bytes, 124, header.finalize());
    }

    fn try_record(&mut self, record: &Record<'_>) -> bool {
        let start = self.free;
        self.bytes.truncate(start);
        self.bytes.extend_from_slice(b"**\0\0\0\0\0\0");
        self.bytes.extend_from_slice(&record.record_id.to_le_bytes());
        self.bytes.extend_from_slice(&record.time.to_le_bytes());
        self.bytes.extend_from_slice(&[0x0f, 1, 1, 0]);
        self.event(record);
        self.bytes.push(0);
        while !(self.bytes.len() + 4 - start).is_multiple_of(8) {
            self.bytes.push(0);
        }
        let size = (self.bytes.len() + 4 - start) as u32;
        self.bytes.extend_from_slice(&size.to_le_bytes());
        put32(&mut self.bytes, start + 4, size);
        self.free = self.bytes.len();
        if self.free > CHUNK {
            return false;
        }
        if self.records == 0 {
            self.first = record.record_id;
        }
        self.records += 1;
        self.last = record.record_id;
        self.last_at = start;
        true
    }

    /// The template of the whole event and its values. Provider, channel and data are values, the computer is text of the
    /// template, as in logs Windows writes.
    fn event(&mut self, record: &Record<'_>) {
        let key = [b"event:", record.computer.as_bytes()].concat();
        self.instance(&key, |this| {
            this.open("Event", false, |this| {
                this.open("System", false, |this| {
                    this.open_with("Provider", &[("Name", 14, 0x01)], None);
                    this.open_with("EventID", &[], Some((3, 0x06)));
                    this.open_with("Version", &[], Some((11, 0x04)));
                    this.open_with("Level", &[], Some((0, 0x04)));
                    this.open_with("Task", &[], Some((2, 0x06)));
                    this.open_with("Opcode", &[], Some((1, 0x04)));
                    this.open_with("Keywords", &[], Some((5, 0x15)));
                    this.open_with("TimeCreated", &[("SystemTime", 6, 0x11)], None);
                    this.open_with("EventRecordID", &[], Some((10, 0x0a)));
                    this.open_with("Correlation", &[("ActivityID", 7, 0x0f)], None);
                    this.open_with("Execution", &[("ProcessID", 8, 0x08), ("ThreadID", 9, 0x08)], None);
                    this.open_with("Channel", &[], Some((16, 0x01)));
                    this.open("Computer", false, |this| this.text(record.computer));
                    this.open_with("Security", &[("UserID", 12, 0x13)], None);
                });
                this.substitution(17, 0x21);
            });
        });
        let values = [
            Val::U8(0),
            Val::U8(0),
            Val::U16(12_544),
            Val::U16(record.event_id),
            Val::Null,
            Val::Hex64(0x8020_0000_0000_0000),
            Val::FileTime(record.time),
            Val::Null,
            Val::U32(604),
            Val::U32(660),
            Val::U64(record.record_id),
            Val::U8(record.version),
            Val::Null,
            Val::Null,
            Val::Text(record.provider),
            Val::Null,
            Val::Text(record.channel),
        ];
        let count = values.len() as u32 + 1;
        self.bytes.extend_from_slice(&count.to_le_bytes());
        let descriptors = self.descriptors(&values);
        let data_at = self.bytes.len();
        self.bytes.extend_from_slice(&[0, 0, 0x21, 0]);
        self.values(&values, descriptors);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0x0f, 1, 1, 0]);
        self.data(record);
        self.bytes.push(0);
        let size = (self.bytes.len() - start) as u16;
        self.bytes[data_at..data_at + 2].copy_from_slice(&size.to_le_bytes());
    }

    fn data(&mut self, record: &Record<'_>) {
        let mut key = std::mem::take(&mut self.scratch);
        key.clear();
        key.extend_from_slice(record.user_data.unwrap_or("").as_bytes());
        for (name, value) in record.data {
            key.push(0);
            key.extend_from_slice(name.as_bytes());
            key.push(value.kind());
        }
        self.instance(&key, |this| match record.user_data {
            None => this.open("EventData", false, |this| {
                for (index, (name, value)) in record.data.iter().enumerate() {
                    this.open("Data", !name.is_empty(), |this| {
                        if !name.is_empty() {
                            this.attribute_list(|this| {
                                this.bytes.push(0x06);
                                this.name("Name");
                                this.text(name);
                            });
                        }
                        this.close_start();
                        this.substitution(index as u16, value.kind());
                    });
                }
            }),
            Some(root) => this.open("UserData", false, |this| {
                this.open(root, false, |this| {
                    for (index, (name, value)) in record.data.iter().enumerate() {
                        this.open_with(name, &[], Some((index as u16, value.kind())));
                    }
                });
            }),
        });
        self.scratch = key;
        let count = record.data.len() as u32;
        self.bytes.extend_from_slice(&count.to_le_bytes());
        let descriptors = self.bytes.len();
        for (_, value) in record.data {
            self.bytes.extend_from_slice(&[0, 0, value.kind(), 0]);
        }
        for (index, (_, value)) in record.data.iter().enumerate() {
            self.value(value, descriptors + index * 4);
        }
    }

    fn descriptors(&mut self, values: &[Val<'_>]) -> usize {
        let at = self.bytes.len();
        for value in values {
            self.bytes.extend_from_slice(&[0, 0, value.kind(), 0]);
        }
        at
    }

    fn values(&mut self, values: &[Val<'_>], descriptors: usize) {
        for (index, value) in values.iter().enumerate() {
            self.value(value, descriptors + index * 4);
        }
    }

    fn value(&mut self, value: &Val<'_>, descriptor: usize) {
        let start = self.bytes.len();
        value.write(&mut self.bytes);
        let size = (self.bytes.len() - start) as u16;
        self.bytes[descriptor..descriptor + 2].copy_from_slice(&size.to_le_bytes());
    }

    /// A template instance up to its values; defines the template where the chunk does not have it yet.
    fn instance(&mut self, key: &[u8], body: impl FnOnce(&mut Self)) {
        self.bytes.extend_from_slice(&[0x0c, 1]);
        if let Some(known) = self.templates.get(key) {
            let (id, at) = (known.id, known.at);
            self.bytes.extend_from_slice(&id.to_le_bytes());
            self.bytes.extend_from_slice(&at.to_le_bytes());
            return;
        }
        let id = crc32fast::hash(key);
        self.bytes.extend_from_slice(&id.to_le_bytes());
        let at = self.bytes.len() as u32 + 4;
        self.bytes.extend_from_slice(&at.to_le_bytes());
        self.bytes.extend_from_slice(&0_u32.to_le_bytes());
        let mut guid = [0x42; 16];
        guid[..4].copy_from_slice(&id.to_le_bytes());
        self.bytes.extend_from_slice(&guid);
        let size_at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&[0x0f, 1, 1, 0]);
        body(self);
        self.bytes.push(0);
        let size = (self.bytes.len() - size_at - 4) as u32;
        put32(&mut self.bytes, size_at, size);
        self.templates.insert(key.to_vec(), Template { at, id });
        self.template_order.push(key.to_vec());
    }

    /// An element with content. With `attributes` the body writes the list and closes the start itself.
    fn open(&mut self, name: &str, attributes: bool, body: impl FnOnce(&mut Self)) {
        self.bytes.push(if attributes { 0x41 } else { 0x01 });
        self.bytes.extend_from_slice(&0xffff_u16.to_le_bytes());
        let size_at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        self.name(name);
        let is_data = name == "Data";
        if !attributes && !is_data {
            self.close_start();
        }
        body(self);
        self.bytes.push(0x04);
        let size = (self.bytes.len() - size_at - 4) as u32;
        put32(&mut self.bytes, size_at, size);
    }

    /// An element whose attributes and content are values: (attribute, number, type) and (number, type).
    fn open_with(&mut self, name: &str, attributes: &[(&str, u16, u8)], content: Option<(u16, u8)>) {
        self.bytes.push(if attributes.is_empty() { 0x01 } else { 0x41 });
        self.bytes.extend_from_slice(&0xffff_u16.to_le_bytes());
        let size_at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        self.name(name);
        if !attributes.is_empty() {
            self.attribute_list(|this| {
                for (index, (attribute, number, kind)) in attributes.iter().enumerate() {
                    this.bytes.push(if index + 1 == attributes.len() { 0x06 } else { 0x46 });
                    this.name(attribute);
                    this.substitution(*number, *kind);
                }
            });
        }
        match content {
            Some((number, kind)) => {
                self.close_start();
                self.substitution(number, kind);
                self.bytes.push(0x04);
            }
            None => self.bytes.push(0x03),
        }
        let size = (self.bytes.len() - size_at - 4) as u32;
        put32(&mut self.bytes, size_at, size);
    }

    fn attribute_list(&mut self, body: impl FnOnce(&mut Self)) {
        let size_at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        body(self);
        let size = (self.bytes.len() - size_at - 4) as u32;
        put32(&mut self.bytes, size_at, size);
    }

    fn close_start(&mut self) {
        self.bytes.push(0x02);
    }

    fn substitution(&mut self, number: u16, kind: u8) {
        self.bytes.push(0x0e);
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self.bytes.push(kind);
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(&[0x05, 0x01]);
        let units: Vec<u16> = text.encode_utf16().collect();
        self.bytes.extend_from_slice(&(units.len() as u16).to_le_bytes());
        self.bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    }

    /// The offset of a name; the first use in a chunk writes it right there.
    fn name(&mut self, name: &str) {
        let units: Vec<u16> = name.encode_utf16().collect();
        if let Some(at) = self.names.get(&units) {
            let at = *at;
            self.bytes.extend_from_slice(&at.to_le_bytes());
            return;
        }
        let at = self.bytes.len() as u32 + 4;
        self.bytes.extend_from_slice(&at.to_le_bytes());
        self.bytes.extend_from_slice(&0_u32.to_le_bytes());
        self.bytes.extend_from_slice(&name_hash(&units).to_le_bytes());
        self.bytes.extend_from_slice(&(units.len() as u16).to_le_bytes());
        self.bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        self.bytes.extend_from_slice(&[0, 0]);
        self.names.insert(units.clone(), at);
        self.name_order.push(units);
    }
}

impl Val<'_> {
    fn kind(&self) -> u8 {
        match self {
            Val::Text(_) | Val::Units(_) => 0x01,
            Val::Sid(_) => 0x13,
            Val::Guid(_) => 0x0f,
            Val::U8(_) => 0x04,
            Val::U16(_) => 0x06,
            Val::U32(_) => 0x08,
            Val::U64(_) => 0x0a,
            Val::Hex32(_) => 0x14,
            Val::Hex64(_) => 0x15,
            Val::FileTime(_) => 0x11,
            Val::Bool(_) => 0x0d,
            Val::Null => 0x00,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Val::Text(text) if text.is_ascii() => out.extend(text.bytes().flat_map(|byte| [byte, 0])),
            Val::Text(text) => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Val::Units(units) => out.extend(units.iter().flat_map(|unit| unit.to_le_bytes())),
            Val::Sid(sid) => {
                let mut parts = sid.split('-').skip(1).map(|part| part.parse::<u64>().expect("a SID"));
                let revision = parts.next().expect("a revision");
                let authority = parts.next().expect("an authority");
                let count_at = out.len() + 1;
                out.extend_from_slice(&[revision as u8, 0]);
                out.extend_from_slice(&authority.to_be_bytes()[2..]);
                for part in parts {
                    out.extend_from_slice(&(part as u32).to_le_bytes());
                    out[count_at] += 1;
                }
            }
            Val::Guid(guid) => out.extend_from_slice(guid),
            Val::U8(number) => out.push(*number),
            Val::U16(number) => out.extend_from_slice(&number.to_le_bytes()),
            Val::U32(number) | Val::Hex32(number) => out.extend_from_slice(&number.to_le_bytes()),
            Val::U64(number) | Val::Hex64(number) | Val::FileTime(number) => out.extend_from_slice(&number.to_le_bytes()),
            Val::Bool(value) => out.extend_from_slice(&u32::from(*value).to_le_bytes()),
            Val::Null => {}
        }
    }
}

fn file_header(chunks: u64, next: u64, dirty: bool) -> Vec<u8> {
    let mut header = vec![0; FILE_HEADER];
    header[..8].copy_from_slice(b"ElfFile\0");
    put64(&mut header, 16, chunks.saturating_sub(1));
    put64(&mut header, 24, next);
    put32(&mut header, 32, 128);
    header[36..42].copy_from_slice(&[1, 0, 3, 0, 0, 0x10]);
    header[42..44].copy_from_slice(&(chunks as u16).to_le_bytes());
    put32(&mut header, 120, u32::from(dirty));
    let checksum = crc32fast::hash(&header[..120]);
    put32(&mut header, 124, checksum);
    header
}

fn name_hash(units: &[u16]) -> u16 {
    units.iter().fold(0_u32, |hash, unit| hash.wrapping_mul(65_599).wrapping_add(u32::from(*unit))) as u16
}

fn get32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}
fn put32(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}
fn put64(bytes: &mut [u8], at: usize, number: u64) {
    bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
}
