//! Input that is broken, hostile or merely odd: `check` ends with status 2 and says which file, where
//! in it and what was expected, or reads what is odd but well-formed. It never panics.

use std::path::Path;

use crate::support::{
    Run, check, command, files_of, finish, is_grave, items, none, path, run, snapshot, write,
};

const POLICY: &str = "accounts/111111111111/s3/interstellar-audit-logs/get-bucket-policy.json";
const TRAIL: &str = "accounts/222222222222/cloudtrail/ap-northeast-1/payments-trail/get-trail.json";
const STATUS: &str =
    "accounts/222222222222/cloudtrail/ap-northeast-1/payments-trail/get-trail-status.json";

/// One file that the sound snapshot does not survive.
struct Bad {
    what: &'static str,
    file: &'static str,
    bytes: Vec<u8>,
    /// `LINE:COLUMN`; nothing where the file as a whole is refused.
    place: Option<&'static str>,
    /// What standard error must hold besides the path and the place.
    says: &'static [&'static str],
}

impl Bad {
    fn new(
        what: &'static str,
        file: &'static str,
        bytes: impl Into<Vec<u8>>,
        place: &'static str,
        says: &'static [&'static str],
    ) -> Bad {
        Bad {
            what,
            file,
            bytes: bytes.into(),
            place: Some(place),
            says,
        }
    }

    fn whole(
        what: &'static str,
        file: &'static str,
        bytes: impl Into<Vec<u8>>,
        says: &'static [&'static str],
    ) -> Bad {
        Bad {
            what,
            file,
            bytes: bytes.into(),
            place: None,
            says,
        }
    }
}

fn not_json() -> Vec<Bad> {
    let cut_off = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Sid\": \"Wri";
    let nested = format!(
        "{{\"Statement\":\n{}{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let utf_16: Vec<u8> = "\u{FEFF}{\"Statement\": []}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    vec![
        Bad::new("JSON that is cut off", POLICY, cut_off, "4:", &["cut off"]),
        Bad::new("an empty file", POLICY, "", "1:1", &["empty", "expected"]),
        Bad::new("white space", POLICY, " \n\n", "", &["empty", "expected"]),
        Bad::new(
            "ten thousand nested arrays",
            POLICY,
            nested,
            "2:",
            &["nested"],
        ),
        Bad::new(
            "a NUL byte between values",
            POLICY,
            b"{\n\0\"Statement\": []}",
            "2:1",
            &["U+0000"],
        ),
        Bad::new(
            "a NUL byte in a string",
            POLICY,
            b"{\n\"Statement\": \"\0\"}",
            "2:",
            &["U+0000"],
        ),
        Bad::new("NUL bytes only", POLICY, vec![0; 4096], "1:1", &["U+0000"]),
        Bad::new(
            "bytes that are not UTF-8",
            POLICY,
            b"{\n\"Id\": \"\xE9t\xE9\"}",
            "2:8",
            &["UTF-8"],
        ),
        Bad::whole("UTF-16", POLICY, utf_16, &["UTF-16", "expected UTF-8"]),
        Bad::new(
            "a second value",
            POLICY,
            "{}\n{}",
            "2:1",
            &["expected the end"],
        ),
        Bad::new(
            "a comment",
            POLICY,
            "{\n  // who\n  \"Statement\": []\n}",
            "2:3",
            &["a comment"],
        ),
        Bad::new(
            "a trailing comma",
            POLICY,
            "{\n  \"Statement\": [],\n}",
            "3:1",
            &["a comma"],
        ),
        Bad::new(
            "text that is not JSON",
            TRAIL,
            "An error occurred (AccessDenied)\n",
            "1:1",
            &["get-trail"],
        ),
    ]
}

fn no_policies() -> Vec<Bad> {
    vec![
        Bad::new(
            "a policy without statements",
            POLICY,
            "\n{}",
            "2:1",
            &["expected a policy", "`Statement`"],
        ),
        Bad::new(
            "a policy without statements in a string",
            POLICY,
            "{\n  \"Policy\": \"{\\\"Version\\\": \\\"2012-10-17\\\"}\"\n}",
            "2:14",
            &["expected a policy", "`Statement`"],
        ),
    ]
}

fn wrong_types() -> Vec<Bad> {
    let effect = "{\"Version\": \"2012-10-17\", \"Statement\": [\n  {\"Effect\": 1, \"Principal\": \"*\",\n   \"Action\": \"s3:*\", \"Resource\": \"*\"}]}";
    let condition = "{\"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\", \"Resource\": \"*\",\n\"Condition\": []}}";
    let embedded = "{\n  \"Policy\": \"{\\\"Statement\\\": 5}\"\n}";
    vec![
        Bad::new(
            "a policy that is an array",
            POLICY,
            "[]",
            "1:1",
            &["expected an object", "an array"],
        ),
        Bad::new(
            "a policy that is a string",
            POLICY,
            "\n\"{}\"",
            "2:1",
            &["expected an object", "a string"],
        ),
        Bad::new(
            "Statement as a number",
            POLICY,
            "{\n  \"Statement\": 5\n}",
            "2:16",
            &["expected", "a number"],
        ),
        Bad::new(
            "Statement as a number in a string",
            POLICY,
            embedded,
            "2:30",
            &["expected", "a number"],
        ),
        Bad::new(
            "Effect as a number",
            POLICY,
            effect,
            "2:14",
            &["expected", "a number"],
        ),
        Bad::new(
            "Condition as an array",
            POLICY,
            condition,
            "2:14",
            &["expected", "an array"],
        ),
        Bad::new(
            "Policy as a number",
            POLICY,
            "{\"Policy\":\n7}",
            "2:1",
            &["expected a string", "a number"],
        ),
        Bad::new(
            "TrailARN as a number",
            TRAIL,
            "{\"Trail\": {\n  \"TrailARN\": 5,\n  \"S3BucketName\": \"b\"}}",
            "2:15",
            &["expected a string", "TrailARN", "a number"],
        ),
        Bad::new(
            "TrailARN that is no trail's",
            TRAIL,
            "{\"Trail\": {\n  \"TrailARN\": \"arn:aws:s3:::b\",\n  \"S3BucketName\": \"b\"}}",
            "2:15",
            &["expected a trail's ARN"],
        ),
        Bad::new(
            "a trail without its fields",
            TRAIL,
            "{\n  \"Trail\": {}}",
            "2:12",
            &["expected", "TrailARN"],
        ),
        Bad::new(
            "IsLogging as a string",
            STATUS,
            "{\n  \"IsLogging\": \"true\"\n}",
            "2:16",
            &["expected `true` or `false`", "IsLogging", "a string"],
        ),
        Bad::new(
            "a snapshot of another version",
            "snapshot.json",
            "{\n  \"version\": 2\n}",
            "2:14",
            &["version", "1"],
        ),
    ]
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused_with_the_place() {
    let problems: Vec<String> = not_json()
        .iter()
        .chain(&wrong_types())
        .chain(&no_policies())
        .flat_map(refusal_problems)
        .collect();
    none(&problems);
}

#[test]
fn a_policy_of_five_megabytes_is_refused_unread() {
    let statement = format!("{{\"Sid\": \"{}\"}}", "x".repeat(5 << 20));
    none(&refusal_problems(&Bad::whole(
        "5 MB",
        POLICY,
        statement,
        &["bytes"],
    )));
}

#[test]
fn what_is_no_snapshot_is_refused_with_what_one_is() {
    let empty = snapshot::<&str, &str>(&[]);
    let no_account = snapshot(&[("accounts/production/s3/b/get-bucket-policy.json", "{}")]);
    let no_document = snapshot(&[("accounts/111111111111/notes.txt", "")]);
    let file = snapshot(&[("get-bucket-policy.json", "{}")]);
    let cases = [
        (path(empty.path()).to_owned(), "accounts"),
        (path(no_account.path()).to_owned(), "twelve digits"),
        (path(no_document.path()).to_owned(), "no document"),
        (
            path(&file.path().join("get-bucket-policy.json")).to_owned(),
            "expected a snapshot folder",
        ),
        (
            "fixtures/there-is-no-such-folder".to_owned(),
            "no such folder",
        ),
    ];
    for (folder, says) in cases {
        let refused = refused(&folder);
        assert!(
            refused.stderr.contains(&folder) && refused.stderr.contains(says),
            "{says}\n{}",
            refused.stderr
        );
    }
}

#[test]
fn a_folder_where_a_file_is_expected_is_refused() {
    let folder = sound_without(POLICY);
    std::fs::create_dir_all(folder.path().join(POLICY)).unwrap();
    let refused = refused(path(folder.path()));
    assert!(
        refused.stderr.contains("get-bucket-policy.json: "),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("expected a file"),
        "{}",
        refused.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let folder = sound_without(POLICY);
    let file = folder.path().join(POLICY);
    write(&file, "{}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads it all the same; then there is nothing to see here.
    if std::fs::read(&file).is_ok() {
        return;
    }
    let refused = refused(path(folder.path()));
    assert!(
        refused.stderr.contains("permission denied"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    let folder = changed("sound", |_, text| format!("\u{FEFF}{text}"));
    run(0, &["check", path(folder.path())]);
}

#[test]
fn lines_that_end_in_cr_lf_are_counted_like_any_other() {
    let places = |folder: &str| -> Vec<String> {
        let (_, report) = check(folder);
        let grave = items(&report, "findings")
            .iter()
            .filter(|finding| is_grave(finding));
        grave
            .map(|finding| {
                let place = &finding["location"];
                format!(
                    "{}:{}-{}:{}",
                    place["line"], place["column"], place["end_line"], place["end_column"]
                )
            })
            .collect()
    };
    let folder = changed("source-arn-wrong-region", |_, text| {
        text.replace('\n', "\r\n")
    });
    let expected = ["39:38-39:102"];
    assert_eq!(
        places("fixtures/interstellar/source-arn-wrong-region"),
        expected
    );
    assert_eq!(places(path(folder.path())), expected);
}

fn refusal_problems(bad: &Bad) -> Vec<String> {
    let folder = sound_without(bad.file);
    write(&folder.path().join(bad.file), &bad.bytes);
    let refusal = finish(command(&["check", path(folder.path())]));
    let mut wanted: Vec<String> = bad.says.iter().map(|&says| says.to_owned()).collect();
    let name = bad.file.rsplit('/').next().unwrap_or_default();
    wanted.push(match bad.place {
        Some(place) => format!("{name}:{place}"),
        None => format!("{name}: "),
    });
    let missing: Vec<String> = wanted
        .into_iter()
        .filter(|wanted| !refusal.stderr.contains(wanted))
        .collect();
    let mut problems = Vec::new();
    if !missing.is_empty() {
        problems.push(format!(
            "{}: {missing:?} is not in\n{}",
            bad.what, refusal.stderr
        ));
    }
    if refusal.status != 2 {
        problems.push(format!(
            "{}: the exit status is {}, expected 2",
            bad.what, refusal.status
        ));
    }
    if !refusal.stdout.is_empty() {
        problems.push(format!("{}: standard output is not empty", bad.what));
    }
    problems
}

/// Runs `check` on a folder that must be refused.
fn refused(folder: &str) -> Run {
    let refused = run(2, &["check", folder]);
    assert_eq!(refused.stdout, "");
    refused
}

/// The sound snapshot without one file.
fn sound_without(file: &str) -> tempfile::TempDir {
    let mut files = files_of("fixtures/interstellar/sound");
    files.retain(|(path, _)| path != file);
    snapshot(&files)
}

/// One of the snapshots with every text changed.
fn changed(case: &str, change: impl Fn(&Path, &str) -> String) -> tempfile::TempDir {
    let files = files_of(&format!("fixtures/interstellar/{case}"));
    let files: Vec<(String, String)> = files
        .into_iter()
        .map(|(path, text)| (path.clone(), change(Path::new(&path), &text)))
        .collect();
    snapshot(&files)
}
