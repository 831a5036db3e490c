//! A case as a folder: the bundle an investigator gets, and the verdict expected from it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::Written;
use crate::cases::CASES;
use crate::kafka::Topic;
use crate::log::Service;
use crate::world::World;

/// Names of all cases, in the order they are listed.
pub fn names() -> Vec<&'static str> {
    CASES.iter().map(|(name, _)| *name).collect()
}

/// Plays one case and writes it to `out/<name>`, replacing what was there.
pub fn write(name: &str, out: &Path) -> Result<Written> {
    let Some((name, build)) = CASES.iter().find(|(known, _)| *known == name) else {
        bail!("no case is called {name}; there are: {}", names().join(", "));
    };
    play(name, &out.join(name), 1, false, build).with_context(|| format!("case {name}"))
}

/// Plays a case at any scale into a folder.
pub fn play(name: &str, dir: &Path, scale: i64, plain: bool, build: &dyn Fn(&mut World)) -> Result<Written> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    fs::create_dir_all(dir.join("incident"))?;
    let mut world = World::new(dir, name);
    world.scale = scale;
    build(&mut world);
    if plain {
        world.services.values_mut().for_each(Service::plain);
        world.topics.values_mut().for_each(Topic::plain);
    }
    world.run()?;
    finish(world, name)
}

fn finish(mut w: World, name: &str) -> Result<Written> {
    for service in w.services.values_mut() {
        service.flush(i64::MAX)?;
        service.close()?;
    }
    let records = w.write_topics()?;
    let stores = w.write_tables()?;
    let code = w.write_code()?;
    fs::write(w.incident().join("waylaid.toml"), toml(&w, &stores, &code)?)?;
    let (expected, stuck) = w.truth.expected(w.end)?;
    fs::write(w.dir.join("expected.json"), expected)?;
    if let Some(error) = w.broken.take() {
        return Err(error);
    }
    Ok(Written {
        name: name.to_owned(),
        bytes: crate::folder_bytes(&w.incident()),
        stuck,
        done: w.truth.done(),
        log_lines: w.log_lines,
        records,
    })
}

/// The configuration: stores, services, and the entity's rule. No binding is written down.
fn toml(w: &World, stores: &[String], code: &[String]) -> Result<String> {
    let entity = w.truth.entity.as_ref().context("the case asks no question")?;
    let mut text = format!("[system]\nname = \"{}\"\n\n", w.truth.system);
    text.push_str("[logs.main]\nkind = \"files\"\npath = \"logs\"\n\n");
    if !w.topics.is_empty() {
        text.push_str("[topics.main]\nkind = \"files\"\npath = \"topics\"\n\n");
    }
    for store in stores {
        write!(text, "[tables.{store}]\nkind = \"sqlite\"\npath = \"tables/{store}.sqlite\"\n\n")?;
    }
    for (service, tables) in &w.truth.service_tables {
        writeln!(text, "[service.{service}]")?;
        if !tables.is_empty() {
            let list: Vec<String> = tables.iter().map(|table| format!("\"{table}\"")).collect();
            writeln!(text, "tables = [{}]", list.join(", "))?;
        }
        if code.iter().any(|known| known == service) {
            writeln!(text, "code = \"code/{service}\"")?;
        }
        text.push('\n');
    }
    let column = |name: &str| format!("{}.{name}", entity.table);
    let done: Vec<String> = entity.done.iter().map(|state| format!("\"{state}\"")).collect();
    write!(
        text,
        "[entity.{}]\ntables = [{{ column = \"{}\", state = \"{}\" }}]\n\
         stuck = {{ column = \"{}\", equals = \"{}\", for = \"{}m\" }}\n\
         done = {{ column = \"{}\", equals = [{}] }}\n",
        entity.name,
        column(entity.key),
        entity.state,
        column(entity.state),
        entity.stuck,
        entity.minutes,
        column(entity.state),
        done.join(", ")
    )?;
    Ok(text)
}

/// Plays cases anew in `scratch` and compares every byte with the ones in `repo`.
pub fn check(wanted: &[&str], repo: &Path, scratch: &Path) -> Result<()> {
    for name in wanted {
        write(name, scratch)?;
        let (fresh, stored) = (scratch.join(name), repo.join(name));
        let files = relative_files(&fresh)?;
        ensure!(files == relative_files(&stored)?, "case {name}: the files differ, write it again");
        for file in files {
            ensure!(
                content(&fresh.join(&file))? == content(&stored.join(&file))?,
                "case {name}: {file} differs, write it again"
            );
        }
    }
    Ok(())
}

/// A file's bytes, unpacked: what a packer makes of them depends on how it was built.
fn content(path: &Path) -> Result<Vec<u8>> {
    let packed = fs::read(path).with_context(|| path.display().to_string())?;
    let mut plain = Vec::new();
    match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut plain)?,
        Some("zst") => zstd::Decoder::new(packed.as_slice())?.read_to_end(&mut plain)?,
        _ => return Ok(packed),
    };
    Ok(plain)
}

fn relative_files(root: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).with_context(|| dir.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(root)?.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(found)
}
