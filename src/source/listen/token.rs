//! Tokens that senders must bring, in whatever form their protocol has for it.
//!
//! `Splunk TOKEN`, `Bearer TOKEN`, `ApiKey` and `Basic` with the token as key or password. Comparing takes the same time
//! whatever is brought, so the answer does not tell how much of a guess was right.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;

/// The tokens of a file; without any everyone may send.
#[derive(Clone, Debug, Default)]
pub struct Tokens(Vec<Vec<u8>>);

/// What a request brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Valid,
    /// None is asked for, or a valid one was brought.
    Missing,
    /// It is in no form that is known.
    Malformed,
    Wrong,
}

impl Tokens {
    /// Reads tokens, one a line; lines that begin with `#` are comments.
    ///
    /// # Errors
    /// The file cannot be read or holds no token.
    pub fn read(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path).map_err(|error| format!("--token-file: cannot read {}: {error}", path.display()))?;
        let tokens: Vec<Vec<u8>> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.as_bytes().to_vec())
            .collect();
        if tokens.is_empty() {
            return Err(format!("--token-file: {} holds no token: write one a line", path.display()));
        }
        Ok(Self(tokens))
    }
    #[must_use]
    pub const fn are_any(&self) -> bool {
        !self.0.is_empty()
    }
    /// Judges the value of an `Authorization` header.
    #[must_use]
    pub fn judge(&self, authorization: Option<&[u8]>) -> Shown {
        if self.0.is_empty() {
            return Shown::Valid;
        }
        let Some(value) = authorization else { return Shown::Missing };
        let Ok(value) = std::str::from_utf8(value) else { return Shown::Malformed };
        let (scheme, brought) = value.trim().split_once(' ').unwrap_or((value, ""));
        let brought = brought.trim();
        if brought.is_empty() {
            return Shown::Malformed;
        }
        let is_right = match scheme.to_ascii_lowercase().as_str() {
            "splunk" | "bearer" => self.holds(brought.as_bytes()),
            scheme @ ("basic" | "apikey") => {
                // A pair of name and secret; the name may be anything. A key may also come as it is.
                let pair = STANDARD.decode(brought);
                let is_key = scheme == "apikey";
                if pair.is_err() && !is_key {
                    return Shown::Malformed;
                }
                let pair = pair.unwrap_or_default();
                let secret = memchr::memchr(b':', &pair).and_then(|colon| pair.get(colon + 1..));
                self.holds(secret.unwrap_or_default()) | (is_key && self.holds(brought.as_bytes()))
            }
            _ => return Shown::Malformed,
        };
        if is_right { Shown::Valid } else { Shown::Wrong }
    }
    fn holds(&self, brought: &[u8]) -> bool {
        self.0.iter().fold(false, |found, token| found | is_same(token, brought))
    }
}

/// Whether two texts are the same, found out in a time that depends on the length of the second only.
fn is_same(token: &[u8], brought: &[u8]) -> bool {
    let mut differs = u8::from(token.len() != brought.len());
    for (place, byte) in brought.iter().enumerate() {
        differs |= byte ^ token.get(place % token.len().max(1)).copied().unwrap_or_default();
    }
    std::hint::black_box(differs) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_in_every_form_that_shippers_have() {
        let tokens = Tokens(vec![b"first".to_vec(), b"s3cret".to_vec()]);
        let pair = format!("Basic {}", STANDARD.encode("any:s3cret"));
        let key = format!("ApiKey {}", STANDARD.encode("id:s3cret"));
        for (value, expected) in [
            (Some("Splunk s3cret"), Shown::Valid),
            (Some("splunk first"), Shown::Valid),
            (Some("Bearer s3cret"), Shown::Valid),
            (Some(pair.as_str()), Shown::Valid),
            (Some(key.as_str()), Shown::Valid),
            (Some("ApiKey s3cret"), Shown::Valid),
            (Some("Splunk s3cre"), Shown::Wrong),
            (Some("Splunk s3crets3cret"), Shown::Wrong),
            (Some("Basic czNjcmV0"), Shown::Wrong),
            (Some("Basic ***"), Shown::Malformed),
            (Some("s3cret"), Shown::Malformed),
            (Some("Splunk"), Shown::Malformed),
            (Some("Digest s3cret"), Shown::Malformed),
            (None, Shown::Missing),
        ] {
            assert_eq!(tokens.judge(value.map(str::as_bytes)), expected, "{value:?}");
        }
        assert_eq!(Tokens::default().judge(None), Shown::Valid);
    }
}
