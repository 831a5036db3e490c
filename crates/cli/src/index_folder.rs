//! Where outlines of code are kept between runs: a folder of the user's cache, never inside a checkout.

use std::path::PathBuf;

/// Names another folder; `off` keeps nothing.
const OWN: &str = "WAYLAID_CACHE";

/// Lets the code index keep what it reads, where there is a place for it.
pub fn keep() {
    if let Some(folder) = folder(&|name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from))
    {
        waylaid_code::keep_index_in(&folder);
    }
}

/// The folder by the variables of the environment: the user's own, else where the system keeps caches.
fn folder(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if let Some(own) = variable(OWN) {
        return Some(own).filter(|o| o.as_os_str() != "off");
    }
    let home = || variable("HOME").filter(|h| h.is_absolute());
    let of_system = if cfg!(target_os = "macos") {
        home().map(|h| h.join("Library/Caches"))
    } else if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else {
        // A relative one is not valid by the rule that defines it.
        variable("XDG_CACHE_HOME").filter(|c| c.is_absolute()).or_else(|| home().map(|h| h.join(".cache")))
    };
    of_system.map(|c| c.join("waylaid"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_own_folder_comes_first() {
        let of = |set: &[(&str, &str)]| {
            folder(&|name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| PathBuf::from(v)))
        };
        let home = ("HOME", "/home/a");
        assert_eq!(of(&[home]), Some("/home/a/.cache/waylaid".into()));
        assert_eq!(of(&[home, ("XDG_CACHE_HOME", "/var/c")]), Some("/var/c/waylaid".into()));
        assert_eq!(of(&[home, ("XDG_CACHE_HOME", "c")]), Some("/home/a/.cache/waylaid".into()));
        assert_eq!(of(&[home, ("WAYLAID_CACHE", "/own")]), Some("/own".into()));
        assert_eq!(of(&[home, ("WAYLAID_CACHE", "off")]), None);
        assert_eq!(of(&[]), None);
    }
}
