//! A stand-in for MongoDB: its protocol, over collections in memory. MongoDB itself is in no registry that is to be had.

use super::jvm;
use crate::error::Error;
use crate::guard::Guard;
use crate::install::{java, maven};
use crate::place::Place;
use crate::{Endpoint, Kind, Options, Server, cache, jars, ports, probe};
use std::path::PathBuf;

const KIND: Kind = Kind::Mongodb;
const POM: &str = include_str!("../../poms/mongodb-1.47.0.xml");
const SOURCE: &str = include_str!("../../java/MongoStandIn.java");

/// The jars, our main, and a Java for them.
pub fn install() -> Result<(PathBuf, PathBuf, java::Java), Error> {
    let java = java::seventeen(KIND)?;
    let libs = cache::get(KIND.name(), POM, |folder| maven::copy(KIND, folder, POM))?.join("libs");
    let classes = java::compiled(KIND, "MongoStandIn", SOURCE, Some(&libs))?;
    Ok((libs, classes, java))
}

pub fn start(options: &Options) -> Result<Server, Error> {
    let (libs, classes, java) = install()?;
    let place = Place::new(KIND, options, None)?;
    let [port] = ports::free()?;
    let mut command = place.guarded("TERM", java.program("java"));
    jvm::limits(&mut command, &place, options, 128)?;
    command.arg("-cp").arg(jars(&classes, &libs));
    command.arg("MongoStandIn").arg(ports::HOST).arg(port.to_string());
    let mut guard = Guard::start(&mut command, place.open_log()?, KIND.title())?;
    let endpoint = Endpoint { scheme: Some("mongodb"), ..Endpoint::local(port) };
    probe::wait(KIND, &endpoint, &mut guard, &place)?;
    Ok(Server { kind: KIND, endpoint, guard, place })
}
