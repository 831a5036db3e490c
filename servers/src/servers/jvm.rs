//! What keeps a server on Java small, and in its folder.

use crate::Options;
use crate::error::{Doing as _, Error};
use crate::place::Place;
use std::process::Command;

/// Caps the heap, at so many megabytes if nothing else is asked for, and what lies beside it; temporary files go to the
/// server's folder.
pub fn limits(command: &mut Command, place: &Place, options: &Options, megabytes: u32) -> Result<(), Error> {
    let temporary = place.path("tmp");
    std::fs::create_dir_all(&temporary).doing(format!("making {}", temporary.display()))?;
    command.arg(format!("-Djava.io.tmpdir={}", temporary.display()));
    command.arg(format!("-Xmx{}m", options.heap.unwrap_or(megabytes)));
    command.args(["-XX:+UseSerialGC", "-XX:MaxMetaspaceSize=256m", "-XX:MaxDirectMemorySize=128m"]);
    Ok(())
}
