//! Where installed files stay: `target/servers/` of the workspace, one folder a thing, complete or not there.

use crate::error::{Doing as _, Error};
use crate::user;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Names a folder to share between checkouts.
const VARIABLE: &str = "WAYLAID_SERVERS_CACHE";

/// The folder of all installed files.
pub fn folder() -> PathBuf {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return named.into();
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(workspace, PathBuf::from);
    let cache = target.join("servers");
    // Some servers refuse to run as root; the user that they run as must get at the files.
    if user::is_root() && !user::others_can_reach(&cache) {
        return PathBuf::from("/var/cache/waylaid-servers");
    }
    cache
}

/// The folder of one installed thing, made by a recipe: another recipe is another folder. If it is not there, `fill` is called with an empty folder that takes its name once
/// `fill` is done: what is there is whole, whoever was killed, however many asked at once.
pub fn get(
    name: &str,
    recipe: &str,
    fill: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    let cache = folder();
    fs::create_dir_all(&cache).doing(format!("making {}", cache.display()))?;
    let name = format!("{name}-{:08x}", short_hash(recipe));
    let cache = cache.canonicalize().doing("finding the folder of installed servers")?;
    let there = cache.join(&name);
    if there.is_dir() {
        return Ok(there);
    }
    let lock = File::create(cache.join(format!("{name}.lock"))).doing(format!("locking {name}"))?;
    lock.lock().doing(format!("locking {name}"))?;
    if there.is_dir() {
        return Ok(there);
    }
    let part = cache.join(format!("{name}.part"));
    if part.exists() {
        fs::remove_dir_all(&part).doing(format!("clearing {}", part.display()))?;
    }
    fs::create_dir(&part).doing(format!("making {}", part.display()))?;
    fill(&part)?;
    fs::rename(&part, &there).doing(format!("naming {}", there.display()))?;
    Ok(there)
}

/// FNV-1a, 32 bits: the same on every machine and for every compiler.
fn short_hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    #[test]
    fn another_recipe_is_another_folder() {
        assert_eq!(super::short_hash(""), 0x811c_9dc5);
        assert_eq!(super::short_hash("a"), 0xe40c_292c);
    }
}
