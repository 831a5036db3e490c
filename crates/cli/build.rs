//! Packs the demo's incident into one blob that the binary carries: for each file its path, its length and its bytes.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

const INCIDENT: &str = "../../lab/cases/seed-hotfix/incident";

fn main() -> std::io::Result<()> {
    let incident = Path::new(INCIDENT);
    let watched = if incident.is_dir() { incident } else { Path::new("../../lab/cases") };
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", watched.display());
    let mut files = Vec::new();
    if incident.is_dir() {
        collect(incident, &mut files)?;
        files.sort();
    }
    let target = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("demo.bin");
    let mut packed = flate2::write::ZlibEncoder::new(fs::File::create(target)?, flate2::Compression::best());
    for file in files {
        let name = file.strip_prefix(incident).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let content = fs::read(&file)?;
        packed.write_all(&(name.len() as u32).to_le_bytes())?;
        packed.write_all(name.as_bytes())?;
        packed.write_all(&(content.len() as u64).to_le_bytes())?;
        packed.write_all(&content)?;
    }
    packed.finish().map(|_| ())
}

/// All files below a folder; what a run left there (`.waylaid`) is no part of the incident.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|n| n == ".waylaid") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
