//! A reading is saved as a snapshot: all of it or nothing, and over an earlier one.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::Reading;
use crate::document::Kind;
use crate::source::snapshot::place;

/// What lies in a snapshot's folder. A folder that holds anything else is not replaced.
const OWN: [&str; 4] = [SNAPSHOT, "accounts", "callers", "organizations"];

const SNAPSHOT: &str = "snapshot.json";

/// Why a snapshot could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The folder is somebody else's.
    #[error("{folder} holds `{entry}`, which is no part of a snapshot")]
    NotASnapshot {
        /// The folder.
        folder: String,
        /// What lies in it.
        entry: String,
    },
    /// The folder has no name that another could stand beside.
    #[error("{0} cannot be replaced by a snapshot")]
    NoName(String),
    /// A file or folder that could not be written.
    #[error("{path}: cannot be written: {error}")]
    Write {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
}

impl SaveError {
    /// What to try.
    pub fn help(&self) -> &'static str {
        match self {
            SaveError::NotASnapshot { .. } | SaveError::NoName(_) => {
                "name a folder that does not exist yet, that is empty, or that holds an earlier snapshot and nothing else"
            }
            SaveError::Write { .. } => "check that the folder exists and that you may write there",
        }
    }
}

/// Saves a reading in a folder. It is written beside it first, and takes the folder's place when it is
/// complete: whoever looks sees the earlier snapshot or this one, never half of one.
///
/// # Errors
/// A folder that holds anything but a snapshot, and files that cannot be written.
pub fn save(reading: &Reading, folder: &Path) -> Result<usize, SaveError> {
    let folder = &real(folder)?;
    check(folder)?;
    let (new, old) = (beside(folder, "new")?, beside(folder, "old")?);
    let saved = write_all(reading, &new).and_then(|()| exchange(folder, &new, &old));
    if saved.is_err() {
        // The error that led here is the one to tell.
        let _ = std::fs::remove_dir_all(&new);
    }
    saved.map(|()| reading.answers.len())
}

/// Whether a folder can be written, before anything is asked of AWS for it.
///
/// # Errors
/// A folder that holds anything but a snapshot, and a place where nothing can be written.
pub fn may_save(folder: &Path) -> Result<(), SaveError> {
    let folder = &real(folder)?;
    check(folder)?;
    let probe = beside(folder, "new")?;
    let there = probe.ancestors().skip(1).find(|it| it.is_dir());
    let probe = match (there, probe.file_name()) {
        (Some(there), Some(name)) => there.join(name),
        _ => probe,
    };
    let made = std::fs::create_dir(&probe).and_then(|()| std::fs::remove_dir(&probe));
    made.map_err(wrong(folder))
}

/// Whether a folder holds an earlier snapshot.
pub fn is_snapshot(folder: &Path) -> bool {
    folder.join(SNAPSHOT).is_file()
}

/// A place beside a folder.
fn beside(folder: &Path, what: &str) -> Result<PathBuf, SaveError> {
    let name = folder.file_name().and_then(OsStr::to_str);
    let name = name.ok_or_else(|| SaveError::NoName(folder.display().to_string()))?;
    Ok(folder.with_file_name(format!(".{name}.{}.{what}", std::process::id())))
}

/// The folder itself where the name is a link to it, and with a name where it is given as `.`.
fn real(folder: &Path) -> Result<PathBuf, SaveError> {
    if folder.exists() {
        return folder.canonicalize().map_err(wrong(folder));
    }
    Ok(folder.to_owned())
}

fn check(folder: &Path) -> Result<(), SaveError> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).map_err(wrong(folder))? {
        let entry = entry.map_err(wrong(folder))?;
        let name = entry.file_name();
        let is_own = OWN.iter().any(|own| name == *own);
        let foreign = match entry.file_type().map_err(wrong(folder))? {
            _ if !is_own => Some(entry.path()),
            kind if kind.is_dir() && name != SNAPSHOT => foreign(&entry.path())?,
            kind => (!kind.is_file() || name != SNAPSHOT).then(|| entry.path()),
        };
        if let Some(foreign) = foreign {
            let entry = foreign.strip_prefix(folder).unwrap_or(&foreign);
            return Err(SaveError::NotASnapshot {
                folder: folder.display().to_string(),
                entry: entry.display().to_string().replace('\\', "/"),
            });
        }
    }
    Ok(())
}

/// The first file in a folder of a snapshot that is none of its answers.
fn foreign(folder: &Path) -> Result<Option<PathBuf>, SaveError> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong(folder))? {
        entries.push(entry.map_err(wrong(folder))?);
    }
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type().map_err(wrong(&path))?;
        let found = if kind.is_dir() {
            foreign(&path)?
        } else {
            let name = path.file_name().and_then(OsStr::to_str);
            let answer = name.and_then(|name| Kind::from_name(name.strip_suffix(".json")?));
            (!kind.is_file() || answer.is_none()).then_some(path)
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn write_all(reading: &Reading, new: &Path) -> Result<(), SaveError> {
    std::fs::create_dir_all(new).map_err(wrong(new))?;
    for found in &reading.answers {
        let path = new.join(place(found.kind, &found.subject));
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(wrong(parent))?;
        }
        std::fs::write(&path, &found.text).map_err(wrong(&path))?;
    }
    Ok(())
}

fn exchange(folder: &Path, new: &Path, old: &Path) -> Result<(), SaveError> {
    if !folder.exists() {
        return std::fs::rename(new, folder).map_err(wrong(folder));
    }
    std::fs::rename(folder, old).map_err(wrong(folder))?;
    if let Err(error) = std::fs::rename(new, folder) {
        // Back to how it was.
        let _ = std::fs::rename(old, folder);
        return Err(wrong(folder)(error));
    }
    std::fs::remove_dir_all(old).map_err(wrong(old))
}

fn wrong(path: &Path) -> impl FnOnce(io::Error) -> SaveError {
    let path = path.display().to_string();
    move |error| SaveError::Write { path, error }
}
