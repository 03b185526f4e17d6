//! What a client is, without its version: the product in a user agent or in `deviceDetail.browser`.
//!
//! Versions change with every update of the same browser, products do not: two sign-ins are compared by product.

use crate::base::intern::{Interner, Symbol};

/// What is looked for in a user agent or browser's name, and the product it means; the first that fits tells.
const PRODUCTS: [(&str, &str); 14] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edge", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("MSAL", "MSAL"),
    ("Teams/", "Teams"),
    ("Outlook", "Outlook"),
    ("CriOS/", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("Trident/", "IE"),
];

/// The product of a user agent or browser's name; its first word where it is none of the known ones.
#[must_use]
pub fn product(client: &str) -> &str {
    if let Some((_, product)) = PRODUCTS.iter().find(|(mark, _)| client.contains(mark)) {
        return product;
    }
    let versions = |c: char| c.is_ascii_digit() || c == '.' || c == ' ';
    // A name with its version behind it (`Rich Client 4.0.1`), or a list of products (`python-requests/2.31 a/b`).
    if client.contains('/') { client.split(['/', ' ']).next().unwrap_or(client) } else { client.trim_end_matches(versions) }
}

/// The system without its version: `Windows 10` and `Windows10` are `Windows`, `Ios 17.1` is `Ios`.
#[must_use]
pub fn system(stated: &str) -> &str {
    stated.split(|c: char| c.is_ascii_digit()).next().unwrap_or(stated).trim_end()
}

/// Kinds of reading for `Interner::recall`; the readings of `normalise` have lower numbers.
const PRODUCT: u8 = 200;
const SYSTEM: u8 = 201;

/// The symbols of a client's product and system; `NONE` where nothing is stated.
pub fn symbols(client: &str, operating_system: &str, names: &mut Interner) -> (Symbol, Symbol) {
    let product = names.recall(PRODUCT, client.as_bytes(), |names| names.intern(product(client)));
    let system = names.recall(SYSTEM, operating_system.as_bytes(), |names| names.intern(&system(operating_system).to_lowercase()));
    (product, system)
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_do_not_make_another_client() {
        for (client, product) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36 Edg/122.0.0.0",
                "Edge",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "Safari",
            ),
            ("Edge 122.0.0", "Edge"),
            ("Mobile Safari", "Safari"),
            ("Rich Client 4.65.0.0", "Rich Client"),
            ("python-requests/2.31.0", "python-requests"),
            ("azsdk-net-Identity/1.10.4 (.NET 6.0)", "azsdk-net-Identity"),
            ("Dalvik/2.1.0 (Linux; U; Android 13)", "Dalvik"),
            ("", ""),
        ] {
            assert_eq!(super::product(client), product, "{client}");
        }
    }

    #[test]
    fn versions_do_not_make_another_system() {
        for (stated, system) in [("Windows 10", "Windows"), ("Windows10", "Windows"), ("Ios 17.1", "Ios"), ("MacOs", "MacOs"), ("", "")] {
            assert_eq!(super::system(stated), system);
        }
    }
}
