//! Interned texts: each distinct text of the logs is kept once and named by a number.
//!
//! Every reader thread interns into a table of its own batch, the writer moves them into the one table of the run, so
//! no lock is shared. Numbers depend on arrival, therefore nothing may be ordered by a `Symbol`: order by the text.

use crate::base::mask::Mask;
use crate::base::memo::Memo;
use crate::base::segments::SegVec;
use crate::base::text::Untrusted;
use rustc_hash::FxHasher;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

/// A text of some `Interner`; `Symbol::NONE` is the empty text, which means "absent" everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Symbol(u32);

impl Symbol {
    pub const NONE: Self = Self(0);

    #[must_use]
    #[inline]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
    #[must_use]
    #[inline]
    pub const fn is_some(self) -> bool {
        self.0 != 0
    }
    /// This symbol, or `other` when this one is absent.
    #[must_use]
    #[inline]
    pub const fn or(self, other: Self) -> Self {
        if self.0 == 0 { other } else { self }
    }
    #[must_use]
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
    pub(super) const fn number(self) -> u32 {
        self.0
    }
    pub(super) const fn from_number(number: u32) -> Self {
        Self(number)
    }
}

/// Texts longer than this are cut before they are kept; no Windows or Entra field of a logon is longer in practice.
pub const LONGEST: usize = 4_096;

/// The table of texts. A clone remembers no bytes.
#[derive(Debug)]
pub struct Interner {
    texts: Names,
    /// Lower-case twin of each text, by symbol number.
    folded: SegVec<Symbol>,
    numbers: HashMap<SmolStr, Symbol, BuildHasherDefault<FxHasher>>,
    memo: Memo,
}

impl Clone for Interner {
    fn clone(&self) -> Self {
        Self { texts: self.texts.clone(), folded: self.folded.clone(), numbers: self.numbers.clone(), memo: Memo::default() }
    }
}

/// The reading side of an `Interner`, as snapshots hold it.
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: SegVec<SmolStr>,
    /// What hides the texts from those who look.
    mask: Option<Arc<Mask>>,
}

impl Default for Interner {
    fn default() -> Self {
        let mut interner = Self { texts: Names::default(), folded: SegVec::default(), numbers: HashMap::default(), memo: Memo::default() };
        interner.texts.texts.push(SmolStr::default());
        interner.folded.push(Symbol::NONE);
        interner.numbers.insert(SmolStr::default(), Symbol::NONE);
        interner
    }
}

impl Interner {
    /// The symbol of `text`; a new one when it was never seen. Texts over `LONGEST` bytes are cut at a character border.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.numbers.get(text) {
            return *symbol;
        }
        let mut end = text.len().min(LONGEST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        match text.get(..end) {
            Some(begin) if end < text.len() => self.intern(begin),
            _ => self.add(SmolStr::new(text)),
        }
    }
    /// The same of a text out of another table, which is not copied.
    pub fn intern_shared(&mut self, text: &SmolStr) -> Symbol {
        let known = self.numbers.get(text).copied();
        known.unwrap_or_else(|| self.add(text.clone()))
    }
    /// Gives a symbol to a text that has none.
    fn add(&mut self, text: SmolStr) -> Symbol {
        let Ok(number) = u32::try_from(self.len()) else { return Symbol::NONE };
        let symbol = Symbol(number);
        self.texts.texts.push(text.clone());
        // The twin's number is known only after its own push, so the place is filled first.
        self.folded.push(symbol);
        self.numbers.insert(text.clone(), symbol);
        let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let lower = if is_lower { String::new() } else { text.to_lowercase() };
        if !is_lower && lower != text {
            let twin = self.intern(&lower);
            if let Some(place) = self.folded.get_mut(symbol.index()) {
                *place = twin;
            }
        }
        symbol
    }
    /// The symbol that `read` makes of bytes, remembered for the next time the same bytes come to the same kind of reading.
    /// `read` must depend on the bytes alone.
    #[inline]
    pub fn recall(&mut self, kind: u8, raw: &[u8], read: impl FnOnce(&mut Self) -> Symbol) -> Symbol {
        match self.memo.find(kind, raw) {
            Ok(symbol) => symbol,
            Err(key) => {
                let symbol = read(self);
                self.memo.keep(key, kind, raw, symbol);
                symbol
            }
        }
    }
    /// The symbol of a text that is already known.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.numbers.get(text).copied()
    }
    /// The text as it stood in the log. Never draw or print it: see `Untrusted::clean`.
    #[must_use]
    #[inline]
    pub fn raw(&self, symbol: Symbol) -> &str {
        self.texts.raw(symbol)
    }
    /// The symbol of the lower-case spelling.
    #[must_use]
    #[inline]
    pub fn fold(&self, symbol: Symbol) -> Symbol {
        self.folded.get(symbol.index()).copied().unwrap_or(Symbol::NONE)
    }
    #[must_use]
    pub const fn len(&self) -> usize {
        self.texts.texts.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() <= 1
    }
    /// The reading side as it is now, without a copy.
    #[must_use]
    pub const fn texts(&self) -> &Names {
        &self.texts
    }
    /// A reading side that later additions do not change.
    #[must_use]
    pub fn names(&self) -> Names {
        self.texts.clone()
    }
    /// The same without a copy; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Names {
        Names { texts: self.texts.texts.share(), mask: None }
    }
}

impl Names {
    /// The text as it stood in the log, for comparing and searching.
    #[must_use]
    #[inline]
    pub fn raw(&self, symbol: Symbol) -> &str {
        self.texts.get(symbol.index()).map_or("", SmolStr::as_str)
    }
    /// The texts from this symbol's number on, in the order of their numbers.
    pub fn from(&self, number: usize) -> impl Iterator<Item = &str> {
        self.texts.iter_from(number).map(SmolStr::as_str)
    }
    /// The same, for another table.
    pub fn shared_from(&self, number: usize) -> impl Iterator<Item = &SmolStr> {
        self.texts.iter_from(number)
    }
    /// The text as an untrusted value, for showing.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> Untrusted<'_> {
        match self.mask.as_deref().map(|mask| mask.of(symbol.index())) {
            Some(masked) if !masked.is_empty() => Untrusted(masked),
            _ => Untrusted(self.raw(symbol)),
        }
    }
    /// The same texts behind a mask, or without one.
    #[must_use]
    pub fn behind(&self, mask: Option<Arc<Mask>>) -> Self {
        Self { texts: self.texts.clone(), mask }
    }
    #[must_use]
    pub const fn mask(&self) -> Option<&Arc<Mask>> {
        self.mask.as_ref()
    }
    #[must_use]
    pub const fn len(&self) -> usize {
        self.texts.len()
    }
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() <= 1
    }
    /// Words that were put together from names and other things, as they may be shown: the mask hides what it knows in them.
    #[must_use]
    pub fn told<'a>(&self, words: &'a str) -> Cow<'a, str> {
        self.mask.as_deref().map_or(Cow::Borrowed(words), |mask| mask.told(words))
    }
    /// The cleaned text, for showing.
    #[must_use]
    pub fn shown(&self, symbol: Symbol) -> String {
        self.text(symbol).clean().into_owned()
    }
}

/// Moves symbols of one interner into another, asking for each text once.
#[derive(Debug, Default)]
pub struct Remap {
    known: Vec<Option<Symbol>>,
}

impl Remap {
    pub fn translate(&mut self, from: &Interner, to: &mut Interner, symbol: Symbol) -> Symbol {
        if symbol.is_none() {
            return symbol;
        }
        if self.known.len() < from.len() {
            self.known.resize(from.len(), None);
        }
        match self.known.get_mut(symbol.index()) {
            Some(Some(known)) => *known,
            Some(place) => *place.insert(to.intern(from.raw(symbol))),
            None => Symbol::NONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_has_one_symbol_and_a_lower_case_twin() {
        let mut interner = Interner::default();
        let upper = interner.intern("CORP");
        assert_eq!(interner.intern("CORP"), upper);
        assert_eq!(interner.raw(interner.fold(upper)), "corp");
        assert_eq!(interner.intern(""), Symbol::NONE);
    }

    #[test]
    fn giant_texts_are_cut_at_a_character_border() {
        let mut interner = Interner::default();
        let long = "\u{e4}".repeat(LONGEST);
        let symbol = interner.intern(&long);
        assert!(interner.raw(symbol).len() <= LONGEST);
        assert_eq!(interner.intern(&long), symbol);
    }

    #[test]
    fn moving_between_tables_keeps_the_text() {
        let (mut from, mut to) = (Interner::default(), Interner::default());
        to.intern("other");
        let here = from.intern("svc_backup");
        let mut remap = Remap::default();
        let there = remap.translate(&from, &mut to, here);
        assert_eq!(to.raw(there), "svc_backup");
        assert_eq!(remap.translate(&from, &mut to, here), there);
    }
}
