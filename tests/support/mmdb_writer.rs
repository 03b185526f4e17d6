//! Writes small databases of places in MaxMind's format (MMDB 2.0), for tests: a search tree over the bits of addresses,
//! a data section, and the metadata behind its marker. Written from the format's specification.
//!
//! Records of 24 bits, IPv6 with IPv4 under ::/96, values shared by no pointers.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, dead_code)]

use std::net::IpAddr;

/// A value of the data section.
pub enum Value {
    Text(&'static str),
    Double(f64),
    U16(u16),
    U32(u32),
    U64(u64),
    List(Vec<Value>),
    Map(Vec<(&'static str, Value)>),
}

const SEPARATOR: usize = 16;
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// Control byte: the type in the upper three bits (0 for the types above 7, which follow in a byte of their own), the size
/// below, from 29 on in a byte of its own.
fn head(kind: u8, size: usize, out: &mut Vec<u8>) {
    assert!(size < 29 + 256);
    let low = if size < 29 { u8::try_from(size).unwrap() } else { 29 };
    match kind {
        1..=7 => out.push(kind << 5 | low),
        _ => out.extend([low, kind - 7]),
    }
    if size >= 29 {
        out.push(u8::try_from(size - 29).unwrap());
    }
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Text(text) => {
            head(2, text.len(), out);
            out.extend(text.as_bytes());
        }
        Value::Double(number) => {
            head(3, 8, out);
            out.extend(number.to_be_bytes());
        }
        Value::U16(number) => {
            head(5, 2, out);
            out.extend(number.to_be_bytes());
        }
        Value::U32(number) => {
            head(6, 4, out);
            out.extend(number.to_be_bytes());
        }
        Value::U64(number) => {
            head(9, 8, out);
            out.extend(number.to_be_bytes());
        }
        Value::List(values) => {
            head(11, values.len(), out);
            values.iter().for_each(|value| write(value, out));
        }
        Value::Map(pairs) => {
            head(7, pairs.len(), out);
            for (key, value) in pairs {
                write(&Value::Text(key), out);
                write(value, out);
            }
        }
    }
}

/// A leaf or a node of the tree.
#[derive(Clone, Copy)]
enum Branch {
    Empty,
    Node(usize),
    /// Offset in the data section.
    Data(usize),
}

/// A database of this type, with a value for each network: `("203.0.113.0/24", value)`.
#[must_use]
pub fn database(kind: &'static str, networks: Vec<(&str, Value)>) -> Vec<u8> {
    let mut tree: Vec<[Branch; 2]> = vec![[Branch::Empty; 2]];
    let mut data = Vec::new();
    for (network, value) in networks {
        let (address, length) = network.split_once('/').unwrap();
        let (bits, length) = match address.parse().unwrap() {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), length.parse::<u32>().unwrap() + 96),
            IpAddr::V6(v6) => (v6.to_bits(), length.parse::<u32>().unwrap()),
        };
        let offset = data.len();
        write(&value, &mut data);
        let mut node = 0;
        for depth in 0..length {
            let side = usize::from(bits >> (127 - depth) & 1 == 1);
            if depth + 1 == length {
                tree[node][side] = Branch::Data(offset);
            } else if let Branch::Node(next) = tree[node][side] {
                node = next;
            } else {
                tree.push([Branch::Empty; 2]);
                tree[node][side] = Branch::Node(tree.len() - 1);
                node = tree.len() - 1;
            }
        }
    }
    let mut out = Vec::new();
    for sides in &tree {
        for side in sides {
            let record = match side {
                Branch::Empty => tree.len(),
                Branch::Node(next) => *next,
                Branch::Data(offset) => tree.len() + SEPARATOR + offset,
            };
            out.extend(&u32::try_from(record).unwrap().to_be_bytes()[1..]);
        }
    }
    out.extend([0; SEPARATOR]);
    out.extend(data);
    out.extend(MARKER);
    let metadata = Value::Map(vec![
        ("binary_format_major_version", Value::U16(2)),
        ("binary_format_minor_version", Value::U16(0)),
        ("build_epoch", Value::U64(1_772_323_200)),
        ("database_type", Value::Text(kind)),
        ("description", Value::Map(vec![("en", Value::Text("for tests"))])),
        ("ip_version", Value::U16(6)),
        ("languages", Value::List(vec![Value::Text("en")])),
        ("node_count", Value::U32(u32::try_from(tree.len()).unwrap())),
        ("record_size", Value::U16(24)),
    ]);
    write(&metadata, &mut out);
    out
}

/// A record of a database of cities.
#[must_use]
pub fn city(country: &'static str, city: &'static str, (latitude, longitude): (f64, f64), radius: u16) -> Value {
    Value::Map(vec![
        ("city", Value::Map(vec![("names", Value::Map(vec![("de", Value::Text("anders")), ("en", Value::Text(city))]))])),
        ("country", Value::Map(vec![("iso_code", Value::Text(country)), ("geoname_id", Value::U32(1))])),
        (
            "location",
            Value::Map(vec![
                ("latitude", Value::Double(latitude)),
                ("longitude", Value::Double(longitude)),
                ("accuracy_radius", Value::U16(radius)),
            ]),
        ),
    ])
}

/// A record of a database of network numbers.
#[must_use]
pub fn asn(number: u32, organisation: &'static str) -> Value {
    Value::Map(vec![("autonomous_system_number", Value::U32(number)), ("autonomous_system_organization", Value::Text(organisation))])
}
