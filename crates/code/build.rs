//! Names the state of everything that decides what an outline holds, so that outlines kept by another build are not taken
//! for this one's.

use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};

const DECIDE: &[&str] = &[
    "src/languages",
    "src/outline.rs",
    "src/wanted.rs",
    "src/logging.rs",
    "src/placeholders.rs",
    "../../Cargo.lock",
];

fn main() {
    let mut files = Vec::new();
    for path in DECIDE {
        println!("cargo:rerun-if-changed={path}");
        collect(Path::new(path), &mut files);
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(&std::fs::read(file).unwrap_or_default());
    }
    println!("cargo:rustc-env=WAYLAID_OUTLINES={:016x}", hasher.finish());
}

fn collect(path: &Path, out: &mut Vec<PathBuf>) {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|e| collect(&e.path(), out)),
        Err(_) => out.push(path.to_path_buf()),
    }
}
