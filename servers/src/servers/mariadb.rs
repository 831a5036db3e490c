//! MariaDB, as Debian packs it, with a data folder of ours.

use crate::error::{Doing as _, Error};
use crate::guard::Guard;
use crate::install::debian;
use crate::place::Place;
use crate::{Endpoint, Kind, Options, Server, ports, probe, secret};
use std::path::PathBuf;

const KIND: Kind = Kind::Mariadb;
const USER: &str = "waylaid";
/// The daemon and what it needs to make its folder, without the service that the larger package sets up.
const PACKAGES: [&str; 2] = ["mariadb-server-core", "mariadb-client-core"];

/// The programs that make the folder and that serve it.
pub fn install() -> Result<(PathBuf, PathBuf), Error> {
    let daemon = debian::program(KIND, "mariadbd", &PACKAGES)?;
    debian::program(KIND, "my_print_defaults", &PACKAGES)?;
    let installer = debian::program(KIND, "mariadb-install-db", &PACKAGES)?;
    Ok((installer, daemon))
}

pub fn start(options: &Options) -> Result<Server, Error> {
    let (installer, daemon) = install()?;
    let place = Place::new(KIND, options, Some("mysql"))?;
    let password = secret::kept(&place.path("password"), 24)?;
    // Run at every start, before the first client is let in.
    let init = place.write_secret("init.sql", &login(&password))?;
    // A server empties the folder of temporary tables when it starts: each has its own.
    let temporary = place.path("tmp");
    std::fs::create_dir_all(&temporary).doing(format!("making {}", temporary.display()))?;
    place.hand_over()?;
    let data = place.path("data");
    if !data.join("mysql").exists() {
        let mut make = place.command(installer);
        make.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]);
        make.arg(format!("--datadir={}", data.display()));
        make.arg(format!("--tmpdir={}", temporary.display()));
        place.run(make, "making the data folder")?;
    }
    let [port] = ports::free()?;
    let mut command = place.guarded("TERM", daemon);
    command.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
    command.arg(format!("--init-file={}", init.display()));
    command.arg(format!("--tmpdir={}", temporary.display()));
    command.arg(format!("--socket={}", place.path("socket").display()));
    command.arg(format!("--bind-address={}", ports::HOST)).arg(format!("--port={port}"));
    for (name, value) in settings(options) {
        command.arg(format!("--{name}={value}"));
    }
    let mut guard = Guard::start(&mut command, place.open_log()?, KIND.title())?;
    let endpoint = Endpoint {
        scheme: Some("mysql"),
        user: Some(USER.to_owned()),
        password: Some(password),
        ..Endpoint::local(port)
    };
    probe::wait(KIND, &endpoint, &mut guard, &place)?;
    Ok(Server { kind: KIND, endpoint, guard, place })
}

/// One line a statement: an init file knows no other end.
fn login(password: &str) -> String {
    format!(
        "CREATE OR REPLACE USER {USER}@'%' IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO {USER}@'%' WITH GRANT OPTION;\n\
         ALTER USER root@localhost IDENTIFIED BY '{password}';\n"
    )
}

/// Small, and without the writes that only a machine that loses power needs.
fn settings(options: &Options) -> Vec<(String, String)> {
    let ours = [
        ("skip-name-resolve", "ON"),
        ("character-set-server", "utf8mb4"),
        ("innodb-buffer-pool-size", "64M"),
        ("innodb-log-file-size", "32M"),
        ("innodb-flush-log-at-trx-commit", "0"),
        ("innodb-flush-method", "nosync"),
        ("performance-schema", "OFF"),
        ("max-connections", "100"),
    ];
    ours.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).chain(options.settings.clone()).collect()
}
