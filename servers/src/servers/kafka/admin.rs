//! What an administrator does to a broker and sees of it, by a small program on Kafka's own client.

use super::{KIND, install};
use crate::error::{Doing as _, Error};
use crate::install::java;
use crate::{Server, jars};
use std::process::{Command, Stdio};

const SOURCE: &str = include_str!("../../../java/Cluster.java");

/// What the program prints to these words.
pub fn ask(server: &Server, words: &[&str]) -> Result<String, Error> {
    let (libs, java) = install()?;
    let classes = java::compiled(KIND, "Cluster", SOURCE, Some(&libs))?;
    let mut command = Command::new(java.program("java"));
    command
        .args(["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(jars(&classes, &libs));
    command.arg("Cluster").arg(server.address()).args(words);
    let doing = "asking the broker as its administrator";
    command.stdin(Stdio::null()).stderr(server.place.open_log()?);
    let output = command.output().doing(doing)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Error::start(KIND, format!("{doing} ended with {}", output.status), &server.place.log()))
}
