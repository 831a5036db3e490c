//! Apicurio Registry, schemas in memory. What Confluent's clients speak is below `/apis/ccompat/v7`.

use super::jvm;
use crate::error::{Doing as _, Error};
use crate::guard::Guard;
use crate::install::{self, java, maven};
use crate::place::Place;
use crate::{Endpoint, Kind, Options, Server, cache, ports, probe};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const KIND: Kind = Kind::Apicurio3;
const POM: &str = include_str!("../../poms/apicurio-3.3.3.xml");

/// The archive, unpacked, and a Java for it.
pub fn install() -> Result<(PathBuf, java::Java), Error> {
    let java = java::twenty_five(KIND)?;
    let folder = cache::get(KIND.name(), POM, |folder| {
        maven::copy(KIND, folder, POM)?;
        unpack(folder)
    })?;
    Ok((folder, java))
}

fn unpack(folder: &Path) -> Result<(), Error> {
    let libs = folder.join("libs");
    let doing = "unpacking Apicurio Registry";
    for archive in fs::read_dir(&libs).doing(doing)? {
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(archive.doing(doing)?.path()).arg("-C").arg(folder);
        install::run(&mut tar).map_err(|why| Error::install(KIND, "its archive", why))?;
    }
    fs::remove_dir_all(libs).doing(doing)
}

pub fn start(options: &Options) -> Result<Server, Error> {
    let (folder, java) = install()?;
    let place = Place::new(KIND, options, None)?;
    let [port] = ports::free()?;
    let mut command = place.guarded("TERM", java.program("java"));
    jvm::limits(&mut command, &place, options, 256)?;
    command.arg(format!("-Dquarkus.http.host={}", ports::HOST)).arg(format!("-Dquarkus.http.port={port}"));
    command.args(options.settings.iter().map(|(name, value)| format!("-D{name}={value}")));
    command.arg("-jar").arg(folder.join("quarkus-run.jar"));
    let mut guard = Guard::start(&mut command, place.open_log()?, KIND.title())?;
    let endpoint = Endpoint { scheme: Some("http"), ..Endpoint::local(port) };
    probe::wait(KIND, &endpoint, &mut guard, &place)?;
    Ok(Server { kind: KIND, endpoint, guard, place })
}
