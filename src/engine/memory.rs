//! Memory of the process, where the system tells it without being asked through a foreign interface.
//!
//! Measured with `cargo bench --bench fold` on made Security logs of 105 MB and 210 MB: the engine holds about 14 MiB, and
//! 166 bytes for each event at one logon session to three events. Of these the event's row is about 20, packed (264 as long
//! as it is one of the newest: `model::rows`); a logon session is 30 and the session as shown 26, written down (136 and 96
//! as long as they are some of the newest: `base::shelf`), and its place in the index about 25; the rest are mainly what is
//! usual of whom (35 for an event until lists are full), the sums that the timeline draws (16 bytes for each second, ten
//! seconds and minute of a lane in which something happened), which session holds which `LogonId` (about 30 for a session),
//! and the numbers by which repeated records are known (about 7 for an event). It grows in proportion to the events; with a
//! limit (`settings`) the rows do not, the rest still does. Reports of counts alone keep the newest rows (`Keep::Recent`).

pub mod settings;

/// Bytes that are the process's own: without the logs, which are mapped and shared with the system's cache.
#[cfg(target_os = "linux")]
#[must_use]
pub fn own() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok()??;
    Some(pages(&text)?.saturating_mul(u64::try_from(page).ok()?))
}

/// Other systems do not tell it in a file.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub const fn own() -> Option<u64> {
    None
}

/// `size resident shared ...` in pages: what is resident and not shared.
#[cfg(any(target_os = "linux", test))]
fn pages(statm: &str) -> Option<u64> {
    let mut numbers = statm.split_ascii_whitespace().skip(1).map_while(|number| number.parse::<u64>().ok());
    Some(numbers.next()?.saturating_sub(numbers.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::session::Session;
    use crate::model::visit::Visit;
    use crate::model::world::Row;

    #[test]
    fn rows_are_no_larger_than_they_have_to_be() {
        // What there is millions of: a field more is a decision.
        assert!(size_of::<Row>() <= 264, "{}", size_of::<Row>());
        assert!(size_of::<Session>() <= 136, "{}", size_of::<Session>());
        assert!(size_of::<Visit>() <= 96, "{}", size_of::<Visit>());
    }

    #[test]
    fn what_is_shared_is_not_the_process_s_own() {
        assert_eq!(pages("5000 1200 200 30 0 900 0\n"), Some(1000));
        assert_eq!(pages("5000"), None);
        assert_eq!(own().is_some(), cfg!(target_os = "linux"));
    }
}
