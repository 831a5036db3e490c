//! `waylaid.toml` into a [`System`]: strict, with the place of every mistake and what was probably meant.

mod entities;
mod missing;
mod read;
mod settings;
mod stores;

use crate::diagnostics::{Failure, Place};
use read::{File, Table};
pub use settings::Settings;
use std::path::{Path, PathBuf};
use toml::de::DeTable;
use waylaid_model::System;

/// Name of the configuration file.
pub const FILE: &str = "waylaid.toml";

/// A system and where it lives.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder of `waylaid.toml`; paths are relative to it.
    pub folder: PathBuf,
    /// The system.
    pub system: System,
    /// How its stores are asked and answers shown.
    pub settings: Settings,
}

/// Reads the configuration of a folder.
pub fn load(folder: &Path) -> Result<Config, Failure> {
    let path = folder.join(FILE);
    let source = match std::fs::read_to_string(&path) {
        Ok(source) => source,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(missing::failure(folder)),
        Err(error) => {
            let hint = "it must be a text file in UTF-8 that you may read";
            return Err(Failure::usage(format!("{} cannot be read: {error}", path.display())).hint(hint));
        }
    };
    let name = path.strip_prefix(".").unwrap_or(&path).display().to_string();
    let environment = |name: &str| std::env::var(name).ok();
    let (system, settings) = parse(&name, &source, &environment)?;
    Ok(Config { folder: folder.into(), system, settings })
}

/// Reads a configuration's text. `environment` resolves the names behind `env:`.
pub fn parse(
    name: &str,
    source: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<(System, Settings), Failure> {
    let file = File { name, source, environment };
    let document = DeTable::parse(source).map_err(|error| {
        let place = Place::new(name, source, error.span().unwrap_or(0..0));
        Failure::usage(format!("this is not TOML: {}", error.message())).at(place)
    })?;
    let root = Table::new(&file, String::new(), document.get_ref(), document.span());
    root.only(&["system", "logs", "topics", "tables", "service", "entity", "limits", "redact"])?;
    let mut system = System { name: system_name(&root)?, ..System::default() };
    stores::read(&root, &mut system)?;
    stores::services(&root, &mut system)?;
    entities::read(&root, &mut system)?;
    let settings = settings::read(&root, &system.name)?;
    Ok((system, settings))
}

fn system_name(root: &Table<'_>) -> Result<String, Failure> {
    let Some(section) = root.table("system")? else {
        return Err(Failure::usage(format!("{} has no [system]", root.file.name))
            .hint("begin it with:\n\n[system]\nname = \"shop\""));
    };
    section.only(&["name"])?;
    section.required("name", "name = \"shop\"")
}

#[cfg(test)]
mod tests;
