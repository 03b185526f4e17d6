//! The tokens and value types of binary XML (MS-EVEN6, 2.2.12 and 2.2.13).

pub const END: u8 = 0x00;
pub const OPEN_ELEMENT: u8 = 0x01;
/// Added to `OPEN_ELEMENT` where attributes follow.
pub const MORE: u8 = 0x40;
pub const CLOSE_START: u8 = 0x02;
pub const CLOSE_EMPTY: u8 = 0x03;
pub const END_ELEMENT: u8 = 0x04;
pub const VALUE: u8 = 0x05;
pub const ATTRIBUTE: u8 = 0x06;
pub const CDATA: u8 = 0x07;
pub const CHARACTER: u8 = 0x08;
pub const ENTITY: u8 = 0x09;
pub const INSTRUCTION_TARGET: u8 = 0x0a;
pub const INSTRUCTION_DATA: u8 = 0x0b;
pub const TEMPLATE: u8 = 0x0c;
pub const SUBSTITUTION: u8 = 0x0d;
pub const OPTIONAL_SUBSTITUTION: u8 = 0x0e;
pub const FRAGMENT: u8 = 0x0f;

pub const NULL: u8 = 0x00;
pub const STRING: u8 = 0x01;
pub const ANSI_STRING: u8 = 0x02;
pub const INT8: u8 = 0x03;
pub const UINT8: u8 = 0x04;
pub const INT16: u8 = 0x05;
pub const UINT16: u8 = 0x06;
pub const INT32: u8 = 0x07;
pub const UINT32: u8 = 0x08;
pub const INT64: u8 = 0x09;
pub const UINT64: u8 = 0x0a;
pub const REAL32: u8 = 0x0b;
pub const REAL64: u8 = 0x0c;
pub const BOOL: u8 = 0x0d;
pub const BINARY: u8 = 0x0e;
pub const GUID: u8 = 0x0f;
pub const SIZE: u8 = 0x10;
pub const FILETIME: u8 = 0x11;
pub const SYSTEMTIME: u8 = 0x12;
pub const SID: u8 = 0x13;
pub const HEX32: u8 = 0x14;
pub const HEX64: u8 = 0x15;
pub const BINARY_XML: u8 = 0x21;
/// Added to a type where the value is a list.
pub const LIST: u8 = 0x80;
