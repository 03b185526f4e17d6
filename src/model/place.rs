//! Where an address is, and where that is known from.

use crate::base::intern::Symbol;

/// What is known of an address's place and network. Everything may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    /// ISO 3166-1 code, as Entra writes it too.
    pub country: Symbol,
    pub city: Symbol,
    /// Latitude and longitude in degrees.
    pub coordinates: Option<(f32, f32)>,
    /// The address is within so many kilometres of the coordinates; 0 where that is not stated.
    pub radius_km: u16,
    /// Number of the autonomous system; 0 where it is not known.
    pub asn: u32,
    /// Whose the autonomous system is.
    pub organisation: Symbol,
}

impl Place {
    /// Degrees, if they are of a place on earth. 0/0 lies in the sea and is what databases write for "unknown".
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // a metre is enough
    pub fn on_earth(latitude: f64, longitude: f64) -> Option<(f32, f32)> {
        let is_there = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) && (latitude != 0.0 || longitude != 0.0);
        is_there.then_some((latitude as f32, longitude as f32))
    }
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.country.is_none() && self.city.is_none() && self.coordinates.is_none() && self.asn == 0 && self.organisation.is_none()
    }
    /// What this one does not know is taken from `other`. Country and city go together, and coordinates and their radius.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        let (coordinates, radius_km) =
            if self.coordinates.is_some() { (self.coordinates, self.radius_km) } else { (other.coordinates, other.radius_km) };
        let names_one = self.country.is_some() || self.city.is_some();
        let (country, city) = if names_one { (self.country, self.city) } else { (other.country, other.city) };
        Self {
            country,
            city,
            coordinates,
            radius_km,
            asn: if self.asn == 0 { other.asn } else { self.asn },
            organisation: self.organisation.or(other.organisation),
        }
    }
}

/// A database of places that is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// The name of its file.
    pub name: String,
    /// What it calls itself, `GeoLite2-City`.
    pub kind: String,
    /// Seconds since 1970 when it was made.
    pub built: u64,
}
