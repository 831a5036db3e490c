//! The source files of the simulated services: real files below `sim/code/<case>/<service>/`, copied into the bundle
//! as they are. Stack frames take their line numbers from here, so that logs and code agree.

use std::path::Path;

use anyhow::{Context, Result};
use include_dir::{Dir, include_dir};

use crate::world::World;

static CODE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/code");

/// Where a statement stands: path below the service's folder, and line.
#[derive(Debug, Clone)]
pub struct Spot {
    pub path: String,
    pub line: usize,
}

impl World {
    fn case_name(&self) -> String {
        self.dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The line of the case's source file (found by the end of its path) that holds `needle` first.
    pub fn spot(&mut self, service: &str, file: &str, needle: &str) -> Spot {
        let root = format!("{}/{service}", self.truth.code_of.clone().unwrap_or_else(|| self.case_name()));
        let found = CODE.get_dir(&root).and_then(|dir| find(dir, file)).and_then(|found| {
            let line = found.contents_utf8()?.lines().position(|line| line.contains(needle))? + 1;
            let path = found.path().strip_prefix(&root).ok()?.to_string_lossy().into_owned();
            Some(Spot { path, line })
        });
        found.unwrap_or_else(|| {
            self.bug(format!("no `{needle}` in {root}/**/{file}"));
            Spot { path: file.to_owned(), line: 0 }
        })
    }

    /// Just the line number of `spot`.
    pub fn line(&mut self, service: &str, file: &str, needle: &str) -> usize {
        self.spot(service, file, needle).line
    }

    /// Copies the sources of every service into the bundle; says which services have any.
    pub fn write_code(&mut self) -> Result<Vec<String>> {
        let name = self.truth.code_of.clone().unwrap_or_else(|| self.case_name());
        let Some(dir) = CODE.get_dir(&name) else { return Ok(Vec::new()) };
        let target = self.incident().join("code");
        let mut services = Vec::new();
        for service in dir.dirs() {
            copy(service, dir.path(), &target)?;
            services.push(
                service.path().file_name().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(),
            );
        }
        Ok(services)
    }
}

fn find<'a>(dir: &'a Dir<'a>, file: &str) -> Option<&'a include_dir::File<'a>> {
    dir.files()
        .find(|candidate| candidate.path().ends_with(file))
        .or_else(|| dir.dirs().find_map(|inner| find(inner, file)))
}

fn copy(dir: &Dir<'_>, root: &Path, target: &Path) -> Result<()> {
    for file in dir.files() {
        let path = target.join(file.path().strip_prefix(root)?);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, file.contents()).with_context(|| path.display().to_string())?;
    }
    dir.dirs().try_for_each(|inner| copy(inner, root, target))
}
