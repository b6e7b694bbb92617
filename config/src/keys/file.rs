//! The key file as a file: how it is made and what is asked before a byte of it is believed.
//!
//! Never looks at its content. A file counts only when nobody but its owner and root could have
//! read, changed or replaced it (attack G08).

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use super::KeyFault;
use crate::ambient::{self, Entropy};

/// More than a thousand keys; a longer file is a wrong path.
const AT_MOST: u64 = 64 * 1024;

const STICKY: u32 = 0o1000;

/// Reads a key file that may be trusted. `handed_over` by systemd: root may own it and an access
/// list may open it to the service.
pub(super) fn read(path: &Path, handed_over: bool) -> Result<Zeroizing<String>, KeyFault> {
    let named = fs::symlink_metadata(path)?;
    if named.is_symlink() {
        return Err(KeyFault::Symlink);
    }
    if !named.is_file() {
        return Err(KeyFault::NotAFile);
    }
    let file = File::open(path)?;
    let opened = file.metadata()?;
    // What was looked at and what was opened must be one file; in between, a link may have been
    // put there.
    if (named.dev(), named.ino()) != (opened.dev(), opened.ino()) {
        return Err(KeyFault::Symlink);
    }
    judge(&opened, &folder_of(path)?, process_user(), handed_over)?;
    Ok(ambient::read_secret_from(&file, AT_MOST)?)
}

fn folder_of(path: &Path) -> io::Result<Metadata> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    fs::metadata(folder.unwrap_or_else(|| Path::new(".")))
}

pub(super) fn judge(
    file: &Metadata,
    folder: &Metadata,
    process: Option<u32>,
    handed_over: bool,
) -> Result<(), KeyFault> {
    let mode = file.mode() & 0o7777;
    let by_list = handed_over && file.uid() == 0;
    let open_to_others = if by_list { 0o137 } else { 0o177 };
    if mode & open_to_others != 0 {
        return Err(KeyFault::Mode { mode });
    }
    let owner = file.uid();
    match stranger_to(owner, process) {
        Some(process) if !by_list => Err(KeyFault::Owner { owner, process }),
        _ => judge_folder(folder, process),
    }
}

/// Whoever may write to the folder may put another file in the place of ours. In a sticky folder
/// such as /tmp only the owner may.
fn judge_folder(folder: &Metadata, process: Option<u32>) -> Result<(), KeyFault> {
    let (mode, owner) = (folder.mode() & 0o7777, folder.uid());
    if mode & 0o022 != 0 && mode & STICKY == 0 {
        return Err(KeyFault::Folder { mode });
    }
    match stranger_to(owner, process) {
        Some(process) if owner != 0 => Err(KeyFault::FolderOwner { owner, process }),
        _ => Ok(()),
    }
}

/// The process, when it is neither the owner nor root: an administrator's `anteroom check` runs
/// as root over files of the service.
fn stranger_to(owner: u32, process: Option<u32>) -> Option<u32> {
    process.filter(|process| *process != owner && *process != 0)
}

/// Who this process is, without unsafe code: the kernel gives its own folder to the effective user.
/// `None` where there is no /proc; a file of mode 0600 that opens is then our own, or we are root.
fn process_user() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|process| process.uid())
}

/// Makes the file, whole or not at all: a crash between two bytes of a key must not leave half a
/// key.
pub(super) fn create(path: &Path, text: &str, entropy: &Entropy) -> Result<(), KeyFault> {
    judge_folder(&folder_of(path)?, process_user())?;
    let mut salt = [0; 8];
    entropy(&mut salt);
    let mut name = path.file_name().ok_or(KeyFault::NotAFile)?.to_owned();
    name.push(format!(".new-{:016x}", u64::from_le_bytes(salt)));
    let unfinished = path.with_file_name(name);
    let made = write_new(&unfinished, text).and_then(|()| fs::hard_link(&unfinished, path));
    let removed = fs::remove_file(&unfinished);
    match made {
        // Another process was faster: its key is the key.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => other?,
    }
    removed?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
    Ok(())
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
