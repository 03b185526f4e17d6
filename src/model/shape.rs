//! What a log shape is: how its records are recognised and which key path holds which value.
//!
//! A shape is a constant table, one file each under `normalise/shape/`; the decoders get the list of them and know no
//! vendor. Path parts are joined with `/`; keys are compared without regard to letter case (exporters disagree about it),
//! an exact spelling wins where two keys differ in case only. Arrays are transparent: a path leads to every element, and
//! the last one that has a value wins.

use crate::model::fields::{Family, Field};

/// Where the value at a path goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    EventId,
    Version,
    Provider,
    Channel,
    Computer,
    /// `EventRecordID`.
    Record,
    /// Time of the record; the lowest number that parses wins.
    Time(u8),
    /// As `Time`, for values a tool writes in its local time: where the text states no zone, the user is told that UTC
    /// was assumed.
    LocalTime(u8),
    Field(Field),
    /// As `Field`, but only where no other path filled the field.
    Else(Field),
    /// Becomes true when any value at the path (elements of an array) is true.
    AnyTrue(Field),
    /// An object whose members are `EventData` values by their Windows names; an array under `Data` holds unnamed
    /// values, which become `Param1`, `Param2`, ...
    EventData,
    /// As `EventData`, and also the members of objects directly in it (`UserData/LogFileCleared/SubjectUserName`).
    UserData,
    /// An array of `EventData` values without names, in the order of the event's manifest.
    Positions,
    /// An array of values that never had names: `Param1`, `Param2`, ...
    Params,
    /// A list of `{"Name": ..., "Value": ...}`: each value goes to the path of its name below this one.
    Pairs,
    /// Objects under keys that are in no path are entered with the paths of this place again, at any depth.
    Anywhere,
    /// `EventData`, or a whole event, as XML text.
    EventXml,
    /// Text of `Key=Value` lines, its last key being a message of many lines; values go to the paths below this one.
    KeyValues,
    /// `name@domain`, or `domain\\name`, which goes to two fields.
    Account(Field, Field),
    /// Seconds since a moment that the record does not state; 1970 is assumed, and the user is told.
    Seconds(u8),
    /// The rendered message, asked only for records that have no values of their own.
    Message,
}

/// What has to be there, so that a record is of the shape. Paths as in the table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rule {
    pub all: &'static [&'static str],
    /// At least one of them, unless the list is empty.
    pub any: &'static [&'static str],
    pub none: &'static [&'static str],
    /// At least one of these fields ends so (letter case ignored), unless the list is empty.
    pub any_ending: &'static [(Field, &'static str)],
}

pub type Paths = &'static [(&'static str, Slot)];

/// One log shape.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Name in counts and messages.
    pub name: &'static str,
    /// What writes it, for people.
    pub about: &'static str,
    /// What its records cannot tell, for people; empty where they tell all.
    pub note: &'static str,
    pub family: Family,
    pub rule: Rule,
    /// Tables of paths, each below a prefix (empty, or ending in `/`).
    pub tables: &'static [(&'static str, Paths)],
}

impl Shape {
    /// Every path of the shape with its slot.
    pub fn paths(&self) -> impl Iterator<Item = (String, Slot)> + '_ {
        self.tables.iter().flat_map(|(prefix, paths)| paths.iter().map(move |(path, slot)| (format!("{prefix}{path}"), *slot)))
    }
}

/// The list of shapes, in the order in which they are tried.
pub type Shapes = &'static [&'static Shape];
