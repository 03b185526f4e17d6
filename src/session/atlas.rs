//! Places of addresses: from networks that people placed themselves, and from databases in MaxMind's format (MMDB) that
//! they name.
//!
//! A database is taken from memory whole and checked when it is added, so a look-up later cannot meet what is damaged.
//! Of several the one named first wins, fact by fact: one may know cities and another networks. Nothing is downloaded and
//! nothing is written.

use crate::base::intern::{Interner, Symbol};
use crate::base::net::Network;
use crate::model::place::{Database, Place};
use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;

/// Why a file is no database of places.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AtlasError {
    #[error("{name}: no database of places ({problem}): name a file in MaxMind's format (.mmdb), unpacked")]
    Foreign { name: String, problem: String },
    #[error("{name}: the database is damaged ({problem}): get the file again")]
    Damaged { name: String, problem: String },
    #[error("{name}: the database '{kind}' knows neither places nor network numbers: name one of cities, countries or ASNs")]
    Useless { name: String, kind: String },
}

/// What is read of a record. The names are those of GeoIP2 City, Country, Enterprise, ISP and ASN databases.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Record<'a> {
    #[serde(borrow)]
    country: Option<Country<'a>>,
    #[serde(borrow)]
    city: Option<City<'a>>,
    location: Option<Location>,
    autonomous_system_number: Option<u32>,
    autonomous_system_organization: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Country<'a> {
    iso_code: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct City<'a> {
    #[serde(borrow)]
    names: Names<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Names<'a> {
    en: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Location {
    latitude: Option<f64>,
    longitude: Option<f64>,
    accuracy_radius: Option<u16>,
}

impl Location {
    fn coordinates(&self) -> Option<(f32, f32)> {
        Place::on_earth(self.latitude?, self.longitude?)
    }
}

impl Record<'_> {
    fn says_something(&self) -> bool {
        let country = self.country.as_ref().is_some_and(|country| country.iso_code.is_some());
        country
            || self.location.as_ref().is_some_and(|location| location.coordinates().is_some())
            || self.autonomous_system_number.is_some()
    }
    fn place(&self, names: &mut Interner) -> Place {
        let mut text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map_or(Symbol::NONE, |text| names.intern(text));
        Place {
            country: text(self.country.as_ref().and_then(|country| country.iso_code)),
            city: text(self.city.as_ref().and_then(|city| city.names.en)),
            coordinates: self.location.as_ref().and_then(Location::coordinates),
            radius_km: self.location.as_ref().and_then(|location| location.accuracy_radius).unwrap_or(0),
            asn: self.autonomous_system_number.unwrap_or(0),
            organisation: text(self.autonomous_system_organization),
        }
    }
}

/// See the module.
#[derive(Default)]
pub struct Atlas {
    placed: Vec<(Network, (f32, f32))>,
    readers: Vec<Reader<Vec<u8>>>,
    databases: Vec<Database>,
}

impl fmt::Debug for Atlas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Atlas").field("placed", &self.placed.len()).field("databases", &self.databases).finish_non_exhaustive()
    }
}

impl Atlas {
    /// With the networks that people placed.
    #[must_use]
    pub fn new(placed: Vec<(Network, (f32, f32))>) -> Self {
        Self { placed, ..Self::default() }
    }
    /// With one more database, the bytes of a file of this name.
    ///
    /// # Errors
    /// The bytes are no such database, or not whole, or it says nothing of places and networks.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), AtlasError> {
        let name = name.to_owned();
        let reader = match Reader::from_source(bytes) {
            Ok(reader) => reader,
            Err(error) => return Err(AtlasError::Foreign { name, problem: error.to_string() }),
        };
        if let Err(error) = reader.verify() {
            return Err(AtlasError::Damaged { name, problem: error.to_string() });
        }
        let metadata = reader.metadata();
        let (kind, built) = (metadata.database_type.clone(), metadata.build_epoch);
        match says_something(&reader) {
            Ok(true) => {}
            Ok(false) => return Err(AtlasError::Useless { name, kind }),
            Err(error) => return Err(AtlasError::Damaged { name, problem: error.to_string() }),
        }
        self.readers.push(reader);
        self.databases.push(Database { name, kind, built });
        Ok(())
    }
    #[must_use]
    pub fn databases(&self) -> &[Database] {
        &self.databases
    }
    /// What is known of the address. Networks that people placed come first, of several the smallest.
    #[must_use]
    pub fn find(&self, address: IpAddr, names: &mut Interner) -> Place {
        let address = address.to_canonical();
        let holding = self.placed.iter().filter(|(network, _)| network.holds(address));
        let placed = holding.max_by_key(|(network, _)| network.bits()).map(|(_, coordinates)| *coordinates);
        let mut place = Place { coordinates: placed, ..Place::default() };
        for reader in &self.readers {
            // An IPv6 address in a database of IPv4 is an error of the library, and no place.
            if let Ok(Some(record)) = reader.lookup(address).and_then(|found| found.decode::<Record<'_>>()) {
                place = place.or(record.place(names));
            }
        }
        place
    }
}

/// Networks that are looked at for a fact before a database is useless.
const LOOKED_AT: usize = 10_000;

fn says_something(reader: &Reader<Vec<u8>>) -> Result<bool, MaxMindDbError> {
    for found in reader.networks(maxminddb::WithinOptions::default())?.take(LOOKED_AT) {
        // Fields of the same name that hold something else: another kind of database.
        if found?.decode::<Record<'_>>().is_ok_and(|record| record.is_some_and(|record| record.says_something())) {
            return Ok(true);
        }
    }
    Ok(false)
}
