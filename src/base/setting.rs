//! Declares a section of the settings file once: the fields, what each is, and its default.
//!
//! The sentences above a field are what `logonscope settings` prints above it, so they are written for the people who
//! change it.

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
