//! As whom a server runs. PostgreSQL, MariaDB and Elasticsearch refuse to run as root: under root they get a user of
//! their own, or `nobody`; otherwise everything runs as whoever started it.

use crate::error::{Doing as _, Error};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// A user that is not root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    id: u32,
    group: u32,
}

/// Whether we are root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The user of that name, or `nobody`, if we are root. `None` where no change of user is needed.
pub fn instead_of_root(name: &str) -> Option<User> {
    if !is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    find(&users, name).or_else(|| find(&users, "nobody"))
}

fn find(users: &str, name: &str) -> Option<User> {
    let mut fields =
        users.lines().map(|l| l.split(':')).find_map(|mut f| (f.next()? == name).then_some(f))?;
    let id = fields.nth(1)?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    Some(User { id, group })
}

impl User {
    /// Lets a command run as this user.
    pub fn run(self, command: &mut Command) {
        command.uid(self.id).gid(self.group);
    }

    /// Gives a folder and everything in it to this user.
    pub fn own(self, folder: &Path) -> Result<(), Error> {
        chown(folder, Some(self.id), Some(self.group)).doing(format!("giving {} away", folder.display()))?;
        for entry in fs::read_dir(folder).doing(format!("reading {}", folder.display()))? {
            let path = entry.doing(format!("reading {}", folder.display()))?.path();
            if path.is_dir() && !path.is_symlink() {
                self.own(&path)?;
            } else {
                std::os::unix::fs::lchown(&path, Some(self.id), Some(self.group))
                    .doing(format!("giving {} away", path.display()))?;
            }
        }
        Ok(())
    }
}

/// Whether every folder on the way, as far as it exists, lets everybody through.
pub fn others_can_reach(path: &Path) -> bool {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.ancestors()
        .filter_map(|folder| fs::metadata(folder).ok())
        .all(|folder| folder.permissions().mode() & 0o001 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres2:x:7:8::/:\npostgres:x:101:104:P,,,:/v:/bin/bash\nbad:x:a:b\n";
        assert_eq!(find(users, "postgres"), Some(User { id: 101, group: 104 }));
        assert_eq!(find(users, "post"), None);
        assert_eq!(find(users, "bad"), None);
        assert_eq!(find("", "postgres"), None);
    }

    #[test]
    fn a_closed_folder_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!others_can_reach(&inner.join("not there yet")));
        assert!(others_can_reach(Path::new("/")));
    }
}
