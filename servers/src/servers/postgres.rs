//! PostgreSQL, as Debian packs it, with a data folder of ours.

use crate::error::Error;
use crate::guard::Guard;
use crate::install::debian;
use crate::place::Place;
use crate::{Endpoint, Kind, Options, Server, ports, probe, secret};
use std::path::{Path, PathBuf};

const KIND: Kind = Kind::Postgres;
const USER: &str = "waylaid";

/// The folder of `initdb` and `postgres`.
pub fn install() -> Result<PathBuf, Error> {
    debian::ensure(KIND, "initdb", &["postgresql"], programs)
}

/// Version 15, or else the newest. Debian keeps them off the path, a folder a version.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<u32> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|version| folder(*version).join("initdb").is_file())
        .collect();
    versions.sort_by_key(|version| (*version == 15, *version));
    versions.pop().map(folder)
}

fn folder(version: u32) -> PathBuf {
    Path::new("/usr/lib/postgresql").join(version.to_string()).join("bin")
}

pub fn start(options: &Options) -> Result<Server, Error> {
    let programs = install()?;
    let place = Place::new(KIND, options, Some("postgres"))?;
    let password = secret::kept(&place.path("password"), 24)?;
    place.hand_over()?;
    let data = place.path("data");
    if !data.join("PG_VERSION").exists() {
        let mut initdb = place.command(programs.join("initdb"));
        initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync"]);
        initdb.args(["--username", USER]).arg("--pwfile").arg(place.path("password")).arg(&data);
        place.run(initdb, "making the data folder")?;
    }
    let [port] = ports::free()?;
    let mut command = place.guarded("INT", programs.join("postgres"));
    command.arg("-D").arg(&data).args(["-h", ports::HOST, "-p", &port.to_string(), "-k", ""]);
    for (name, value) in settings(options) {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    let mut guard = Guard::start(&mut command, place.open_log()?, KIND.title())?;
    let endpoint = Endpoint {
        scheme: Some("postgres"),
        user: Some(USER.to_owned()),
        password: Some(password),
        database: Some("postgres"),
        ..Endpoint::local(port)
    };
    probe::wait(KIND, &endpoint, &mut guard, &place)?;
    Ok(Server { kind: KIND, endpoint, guard, place })
}

/// Small, and without the writes that only a machine that loses power needs.
fn settings(options: &Options) -> Vec<(String, String)> {
    let ours = [
        ("shared_buffers", "64MB"),
        ("max_connections", "100"),
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
        ("max_wal_size", "256MB"),
    ];
    ours.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).chain(options.settings.clone()).collect()
}
