//! Where documents come from. Whatever the source, what leaves here is a list of documents; nothing
//! here knows what they mean.

pub mod code;
pub mod join;
#[cfg(feature = "live")]
pub mod live;
pub mod plain;
pub mod snapshot;

use std::path::Path;

use crate::document::{Document, InputError, Kind, Origin, Subject};

/// The largest file read as a policy. AWS takes at most 32 KiB (key policies); pretty printing and
/// escaping make that a few times more.
const LARGEST_POLICY: u64 = 1 << 20;

/// The largest file read as any other answer: ListAccounts of some ten thousand accounts.
const LARGEST_ANSWER: u64 = 1 << 24;

/// A path as reports print it: as given, with forward slashes.
fn display(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./")
        .filter(|rest| !rest.is_empty())
        .unwrap_or(&text)
        .to_owned()
}

/// Reads one file as a document.
fn read_file(path: &Path, kind: Kind, subject: Subject) -> Result<Document, InputError> {
    let shown = display(path);
    let io = |error: &std::io::Error| {
        InputError::whole(&shown, format!("cannot be read: {}", io_reason(error)))
            .with_help("check that the file exists and that you may read it")
    };
    let size = std::fs::metadata(path).map_err(|error| io(&error))?.len();
    let largest = match kind {
        Kind::GetBucketPolicy
        | Kind::GetKeyPolicy
        | Kind::TopicPolicy
        | Kind::GetRole
        | Kind::GetRolePolicy
        | Kind::GetPolicyVersion
        | Kind::GetTopicAttributes => LARGEST_POLICY,
        _ => LARGEST_ANSWER,
    };
    if size > largest {
        return Err(InputError::whole(&shown, format!("the file has {size} bytes, more than the {largest} that are read"))
            .with_help("AWS takes bucket policies of 20,480 bytes and key policies of 32,768 bytes at most: is this the right file?"));
    }
    let mut bytes = std::fs::read(path).map_err(|error| io(&error))?;
    // The CLI prints nothing at all for a bucket that never had versioning.
    if kind == Kind::GetBucketVersioning && bytes.trim_ascii().is_empty() {
        bytes = b"{}".to_vec();
    }
    Document::read(kind, subject, Origin::File, &shown, &bytes)
}

/// What went wrong with a file, in words that do not depend on the operating system's locale.
fn io_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder, expected a file".to_owned(),
        std::io::ErrorKind::NotADirectory => "it is not a folder".to_owned(),
        kind => kind.to_string(),
    }
}
