//! Jars from Maven Central, by Maven itself and a small pom of ours a server.

use super::{debian, java, run};
use crate::Kind;
use crate::error::{Doing as _, Error};
use std::path::Path;
use std::process::Command;

/// The plugin that copies, pinned, so that the same command does the same thing everywhere.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/// Copies all files of a pom into the folder `libs` of this one.
pub fn copy(server: Kind, folder: &Path, pom: &str) -> Result<(), Error> {
    let maven = debian::program(server, "mvn", &["maven", "openjdk-17-jdk-headless"])?;
    let java = java::seventeen(server)?;
    let file = folder.join("pom.xml");
    std::fs::write(&file, pom).doing(format!("writing {}", file.display()))?;
    let mut command = Command::new(maven);
    command.args(["-q", "-B", "-f"]).arg(&file).arg(COPY);
    command.arg(format!("-DoutputDirectory={}", folder.join("libs").display()));
    command.env("JAVA_HOME", java.home());
    run(&mut command).map_err(|why| Error::install(server, "what Maven Central has of it", why))
}
