//! Memory of the process, where the system tells it without being asked through a foreign interface.

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

    #[test]
    fn what_is_shared_is_not_the_process_s_own() {
        assert_eq!(pages("5000 1200 200 30 0 900 0\n"), Some(1000));
        assert_eq!(pages("5000"), None);
        assert_eq!(own().is_some(), cfg!(target_os = "linux"));
    }
}
