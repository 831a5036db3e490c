//! Passwords and identities made for one folder.

use crate::error::{Doing as _, Error};
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// That many random letters and digits.
pub fn random(length: usize) -> Result<String, Error> {
    let mut bytes = vec![0; length];
    fs::File::open("/dev/urandom")
        .and_then(|mut f| f.read_exact(&mut bytes))
        .doing("reading /dev/urandom")?;
    Ok(bytes.iter().map(|b| char::from(LETTERS[usize::from(b % 32)])).collect())
}

/// The secret in a file that only we can read; made at the first call.
pub fn kept(path: &Path, length: usize) -> Result<String, Error> {
    if let Ok(kept) = fs::read_to_string(path) {
        return Ok(kept.trim().to_owned());
    }
    let secret = random(length)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
        .open(path)
        .and_then(|mut f| std::io::Write::write_all(&mut f, secret.as_bytes()))
        .doing(format!("writing {}", path.display()))?;
    Ok(secret)
}
