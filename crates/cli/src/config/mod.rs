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
use waylaid_model::{System, Timestamp};
use waylaid_record::Folder;

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
    if Folder::is_unfinished(folder) {
        let shown = folder.display();
        return Err(Failure::usage(format!(
            "{shown} holds the beginning of a recording, which is no system yet"
        ))
        .hint(format!("go on with it where it was begun: waylaid record {shown}")));
    }
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
    let (name_of_system, now) = self::system(&root)?;
    let mut system = System { name: name_of_system, ..System::default() };
    stores::read(&root, &mut system)?;
    stores::services(&root, &mut system)?;
    entities::read(&root, &mut system)?;
    let settings = Settings { now, ..settings::read(&root, &system.name)? };
    Ok((system, settings))
}

/// Its name, and what "now" means to it: a bundle stands still.
fn system(root: &Table<'_>) -> Result<(String, Option<Timestamp>), Failure> {
    let Some(section) = root.table("system")? else {
        return Err(Failure::usage(format!("{} has no [system]", root.file.name))
            .hint("begin it with:\n\n[system]\nname = \"shop\""));
    };
    section.only(&["name", "now"])?;
    let moment = |value: read::Value<'_>| {
        crate::times::parse_moment(&value.text()?).map_err(|why| value.fail(format!("`now`: {why}")))
    };
    let now = section.get("now").map(moment).transpose()?;
    Ok((section.required("name", "name = \"shop\"")?, now))
}

#[cfg(test)]
mod tests;
