//! Fills a broker from lines, by a small program on Kafka's own client: tests of crates that have none.

use super::{KIND, install};
use crate::error::{Doing as _, Error};
use crate::install::java;
use crate::{Server, jars};
use std::io::Write as _;
use std::process::{Command, Stdio};

const SOURCE: &str = include_str!("../../../java/LoadTopics.java");

/// See [`Server::load_topics`].
pub fn load(server: &Server, lines: impl IntoIterator<Item = String>) -> Result<(), Error> {
    let (libs, java) = install()?;
    let classes = java::compiled(KIND, "LoadTopics", SOURCE, Some(&libs))?;
    let mut command = Command::new(java.program("java"));
    command.args(["-Xmx128m", "-XX:+UseSerialGC", "-cp"]).arg(jars(&classes, &libs));
    command.arg("LoadTopics").arg(server.address());
    let log = server.place.open_log()?;
    let doing = "filling topics";
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().doing(doing)?;
    if let Some(input) = child.stdin.take() {
        let mut input = std::io::BufWriter::new(input);
        for line in lines {
            writeln!(input, "{line}").doing(doing)?;
        }
        input.flush().doing(doing)?;
    }
    let status = child.wait().doing(doing)?;
    if status.success() {
        return Ok(());
    }
    Err(Error::start(KIND, format!("{doing} ended with {status}"), &server.place.log()))
}
