//! Paths as other tools take them: relative to the repository's root, with forward slashes.

use std::fmt::Write as _;

/// The path of a document without anything that leads out of the working directory.
///
/// An absolute path would differ from machine to machine, and one outside cannot be made relative:
/// of both only the names are kept, so that such a finding has a stable address that is in no
/// repository.
pub(super) fn relative(path: &str) -> String {
    let names: Vec<&str> = path
        .split('/')
        .filter(|name| !matches!(*name, "" | "." | ".."))
        .collect();
    if names.is_empty() {
        return "unknown".to_owned();
    }
    names.join("/")
}

/// Every byte but RFC 3986's unreserved characters (section 2.3) is encoded: a colon in the first
/// name would read as a scheme.
pub(super) fn percent_encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_repository() {
        for (path, relative_path) in [
            ("a/b.json", "a/b.json"),
            ("./a//b", "a/b"),
            ("/srv/x", "srv/x"),
            ("../x/./y", "x/y"),
            ("", "unknown"),
        ] {
            assert_eq!(relative(path), relative_path, "{path}");
        }
    }
}
