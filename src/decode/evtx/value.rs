//! Values of binary XML as `Value`s that lie in the chunk: sizes are checked, nothing is converted.
//!
//! Numbers of every width, hex numbers and pointers become numbers; everything else stays the bytes it is, and whoever
//! needs its text asks `Value` for it. A value whose size does not fit its type is not vouched for.

use super::token;
use crate::base::evtx_chunk::{u16_at, u32_at, u64_at};
use crate::base::time::Timestamp;
use crate::model::value::{Value, utf16};

/// A value of type `kind`; `None` where its size does not fit its type.
#[inline(always)]
pub fn value(kind: u8, bytes: &[u8]) -> Option<Value<'_>> {
    Some(match (kind, bytes.len()) {
        (token::STRING, size) if size % 2 == 0 => Value::Utf16(bytes),
        (token::HEX64 | token::UINT64 | token::INT64, 8) => Value::Number(u64_at(bytes, 0)?),
        (token::UINT32 | token::HEX32, 4) => Value::Number(u64::from(u32_at(bytes, 0)?)),
        (token::SID, 1..) => sid(bytes)?,
        (token::GUID, 16) => Value::Guid(bytes.first_chunk()?),
        (token::NULL, _) => Value::Absent,
        _ => return rare(kind, bytes),
    })
}

fn rare(kind: u8, bytes: &[u8]) -> Option<Value<'_>> {
    Some(match (kind, bytes.len()) {
        (token::ANSI_STRING, _) => Value::Latin1(bytes),
        (_, 0) => Value::Absent,
        (token::UINT8, 1) => Value::Number(u64::from(*bytes.first()?)),
        (token::INT8, 1) => Value::Number(i64::from(bytes.first()?.cast_signed()).cast_unsigned()),
        (token::UINT16, 2) => Value::Number(u64::from(u16_at(bytes, 0)?)),
        (token::INT16, 2) => Value::Number(i64::from(u16_at(bytes, 0)?.cast_signed()).cast_unsigned()),
        (token::SIZE, 4) => Value::Number(u64::from(u32_at(bytes, 0)?)),
        (token::INT32, 4) => Value::Number(i64::from(u32_at(bytes, 0)?.cast_signed()).cast_unsigned()),
        (token::SIZE, 8) => Value::Number(u64_at(bytes, 0)?),
        (token::REAL32, 4) => Value::Float(f64::from(f32::from_bits(u32_at(bytes, 0)?))),
        (token::REAL64, 8) => Value::Float(f64::from_bits(u64_at(bytes, 0)?)),
        (token::BOOL, 4) => match u32_at(bytes, 0)? {
            0 => Value::Bool(false),
            1 => Value::Bool(true),
            other => Value::Number(u64::from(other)),
        },
        (token::FILETIME, 8) => Timestamp::from_filetime(u64_at(bytes, 0)?).map_or(Value::Absent, Value::Time),
        (token::SYSTEMTIME, 16) => Value::Time(systemtime(bytes)?),
        (token::BINARY, _) => Value::Binary(bytes),
        _ => return None,
    })
}

/// As many parts as it says, and nothing behind them.
#[inline]
fn sid(bytes: &[u8]) -> Option<Value<'_>> {
    let count = usize::from(*bytes.get(1)?);
    (bytes.len() == 8 + count * 4).then_some(Value::Sid(bytes))
}

/// A time of the `System` part, in either of Windows' two forms or as text.
#[inline]
pub fn time(kind: u8, bytes: &[u8]) -> Option<Timestamp> {
    match kind {
        token::FILETIME => Timestamp::from_filetime(u64_at(bytes, 0)?),
        token::SYSTEMTIME => systemtime(bytes),
        token::STRING => Timestamp::parse(&utf16(bytes)),
        _ => None,
    }
}

fn systemtime(bytes: &[u8]) -> Option<Timestamp> {
    let part = |index: usize| u16_at(bytes, index * 2);
    let (year, month, day) = (part(0)?, part(1)?, part(3)?);
    let (hour, minute, second, milli) = (part(4)?, part(5)?, part(6)?, part(7)?);
    Timestamp::parse(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_checked() {
        let sid = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xf4, 1, 0, 0];
        assert_eq!(value(token::SID, &sid), Some(Value::Sid(&sid)));
        assert_eq!(value(token::SID, &sid[..24]), None);
        assert_eq!(value(token::SID, &sid[..1]), None);
        assert_eq!(value(token::STRING, b"a\0b"), None);
        assert_eq!(value(token::STRING, b""), Some(Value::Utf16(b"")));
        assert_eq!(value(token::HEX64, &[0; 4]), None);
        assert_eq!(value(token::GUID, &[0; 15]), None);
        assert_eq!(value(token::UINT32 | token::LIST, &[0; 4]), None);
        assert_eq!(value(token::UINT32, b""), Some(Value::Absent));
        assert_eq!(value(token::INT8, &[0xff]), Some(Value::Number(u64::MAX)));
    }

    #[test]
    fn both_forms_of_time_are_read() {
        let bytes = [0xe5, 7, 2, 0, 5, 0, 12, 0, 12, 0, 32, 0, 31, 0, 35, 0];
        assert_eq!(value(token::SYSTEMTIME, &bytes).unwrap().text(), "2021-02-12T12:32:31.0350000Z");
        assert_eq!(value(token::SYSTEMTIME, &[0; 16]), None);
        let ticks = 132_576_067_510_354_251_u64.to_le_bytes();
        assert_eq!(time(token::FILETIME, &ticks).unwrap().as_ticks() % 10, 1);
        assert_eq!(value(token::FILETIME, &ticks).unwrap().text(), "2021-02-12T12:32:31.0354251Z");
    }
}
