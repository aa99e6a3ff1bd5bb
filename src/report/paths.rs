//! Paths as other tools take them: relative to the repository's root, with forward slashes.

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
