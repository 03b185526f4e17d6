//! Declares a section of the settings file once: the fields, what each is, and its default.
//!
//! The sentences above a field are what `logonscope settings` prints above it, so they are written for the people who
//! change it.

use toml::{Table, Value};

/// A setting's name and what is said of it, line by line.
pub type About = (&'static str, &'static [&'static str]);

/// `pub struct Settings { /// What it is. pub field: Type = default, ... }`
macro_rules! settings {
    ($(#[doc = $all:literal])* pub struct $name:ident { $($(#[doc = $about:literal])+ pub $field:ident: $type:ty = $default:expr,)* }) => {
        $(#[doc = $all])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $about])+ pub $field: $type,)*
        }
        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
        impl $name {
            /// What each setting is.
            pub const ABOUT: &[$crate::base::setting::About] = &[$((stringify!($field), &[$($about),+]),)*];
        }
    };
}
pub(crate) use settings;

/// A value of a settings file on one line.
#[must_use]
pub fn written(value: &Value) -> String {
    let pairs =
        |table: &Table| table.iter().map(|(key, value)| format!("{} = {}", quoted(key), written(value))).collect::<Vec<_>>().join(", ");
    match value {
        Value::String(text) => quoted(text),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Boolean(value) => value.to_string(),
        Value::Datetime(at) => at.to_string(),
        Value::Array(values) => format!("[{}]", values.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Table(table) if table.is_empty() => "{}".to_owned(),
        Value::Table(table) => format!("{{ {} }}", pairs(table)),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
