//! Numbers that name rows of the tables of `World`. Each is its own type; `NONE` means "no such row".

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            pub const NONE: Self = Self(u32::MAX);

            /// The id of the row at `index`; `NONE` past the four-billionth.
            #[must_use]
            #[inline]
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }
            /// Position in its table; a position past every table for `NONE`.
            #[must_use]
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
            /// For writing it down.
            #[must_use]
            #[inline]
            pub const fn number(self) -> u32 {
                self.0
            }
            /// What was written down.
            #[must_use]
            #[inline]
            pub const fn of(number: u32) -> Self {
                Self(number)
            }
            #[must_use]
            #[inline]
            pub const fn is_some(self) -> bool {
                self.0 != u32::MAX
            }
            #[must_use]
            #[inline]
            pub const fn is_none(self) -> bool {
                self.0 == u32::MAX
            }
            #[must_use]
            #[inline]
            pub fn some(self) -> Option<Self> {
                self.is_some().then_some(self)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::NONE
            }
        }
    };
}

row_id!(
    /// An event in the order in which it was applied.
    EventId
);
row_id!(
    /// A logon session.
    SessionId
);
row_id!(
    /// A session as shown.
    VisitId
);
row_id!(
    /// An approval in Entra and all that was issued from it.
    LineageId
);
row_id!(AccountId);
row_id!(HostId);
row_id!(SourceId);
row_id!(AnomalyId);
row_id!(
    /// Anomalies that belong together.
    IncidentId
);
row_id!(
    /// An input as given on the command line or found in a folder.
    InputId
);
