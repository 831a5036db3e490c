//! A Java to run servers with: 17 as Debian has it.

use super::debian;
use crate::{Error, Kind};
use std::path::{Path, PathBuf};

/// A Java runtime.
#[derive(Clone, Debug)]
pub struct Java {
    home: PathBuf,
}

impl Java {
    /// The folder that `bin/java` is in.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// A program of it: `java`, `keytool`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }
}

/// Java 17 with its compiler.
pub fn seventeen(server: Kind) -> Result<Java, Error> {
    let home = debian::ensure(server, "Java 17", &["openjdk-17-jdk-headless"], installed)?;
    Ok(Java { home })
}

fn installed() -> Option<PathBuf> {
    let named = std::env::var_os("JAVA_HOME").map(PathBuf::from);
    let others = std::fs::read_dir("/usr/lib/jvm").into_iter().flatten().filter_map(|e| Some(e.ok()?.path()));
    let mut homes: Vec<PathBuf> = named.into_iter().chain(others).collect();
    homes.sort();
    homes.into_iter().find(|home| home.join("bin/javac").is_file() && version(home) == Some(17))
}

/// The major version, as the file `release` in its home tells it.
fn version(home: &Path) -> Option<u32> {
    let release = std::fs::read_to_string(home.join("release")).ok()?;
    let line = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    line.trim_matches('"').split(['.', '-', '+']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let home = tempfile::tempdir().unwrap();
        for (text, expected) in [
            ("IMPLEMENTOR=\"Debian\"\nJAVA_VERSION=\"17.0.15\"\n", Some(17)),
            ("JAVA_VERSION=\"25\"", Some(25)),
            ("JAVA_VERSION=\"1.8.0_402\"", Some(1)),
            ("", None),
        ] {
            std::fs::write(home.path().join("release"), text).unwrap();
            assert_eq!(version(home.path()), expected, "{text}");
        }
    }
}
