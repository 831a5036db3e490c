//! Debian's packages, by `apt-get`, where we are root. Anybody else is told what to install.

use super::run;
use crate::error::Error;
use crate::{Kind, cache, user};
use std::path::PathBuf;
use std::process::Command;

/// The program, looked for on the path and where daemons live; installed with these packages if it is nowhere.
pub fn program(server: Kind, name: &str, packages: &[&str]) -> Result<PathBuf, Error> {
    ensure(server, name, packages, || find(name))
}

/// What `find` finds, with these packages installed if it finds nothing at first.
pub fn ensure(
    server: Kind,
    what: &str,
    packages: &[&str],
    find: impl Fn() -> Option<PathBuf>,
) -> Result<PathBuf, Error> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install(packages).map_err(|why| Error::install(server, what, why))?;
    find().ok_or_else(|| Error::install(server, what, format!("{} brought no {what}", packages.join(" "))))
}

/// A program on the path, or beside the daemons, which are not on everybody's path.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Installs packages; why not otherwise.
pub fn install(packages: &[&str]) -> Result<(), String> {
    let wanted = format!("apt-get install {}", packages.join(" "));
    if find("apt-get").is_none() {
        return Err(format!("there is no apt-get here; {wanted} is what Debian would need"));
    }
    if !user::is_root() {
        return Err(format!("only root may; `sudo {wanted}` does it"));
    }
    let _one_at_a_time = lock()?;
    let get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        // Whoever else installs something right now is waited for.
        command.args(["-o", "DPkg::Lock::Timeout=300", "-qq", "-y"]).args(arguments);
        // No questions, and no service started by a package: servers are started by us.
        command.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
        run(&mut command)
    };
    let mut arguments = vec!["install", "--no-install-recommends"];
    arguments.extend(packages);
    // The lists may be old or not there: asked for only when the first try says so.
    get(&arguments).or_else(|_| get(&["update"]).and_then(|()| get(&arguments)))
}

fn lock() -> Result<std::fs::File, String> {
    let folder = cache::folder();
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let lock = std::fs::File::create(folder.join("apt.lock")).map_err(|e| format!("apt.lock: {e}"))?;
    lock.lock().map_err(|e| format!("apt.lock: {e}"))?;
    Ok(lock)
}
