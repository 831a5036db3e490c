//! Packages from PyPI, by pip, each into a folder of its own.

use super::{debian, run};
use crate::error::Error;
use crate::{Kind, cache};
use std::path::PathBuf;
use std::process::Command;

/// A folder with one package, `name==version`, without what it depends on.
pub fn package(server: Kind, name: &str, version: &str) -> Result<PathBuf, Error> {
    let requirement = format!("{name}=={version}");
    cache::get(name, &requirement, |folder| {
        let python = debian::program(server, "python3", &["python3-pip"])?;
        let install = |python: &PathBuf| {
            let mut command = Command::new(python);
            command.args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]);
            command.arg("--target").arg(folder).arg(&requirement);
            run(&mut command)
        };
        install(&python)
            // A Python without pip.
            .or_else(|why| debian::install(&["python3-pip"]).map_err(|_| why).and_then(|()| install(&python)))
            .map_err(|why| Error::install(server, requirement.as_str(), why))
    })
}
