//! What other people's pipelines run: the release's archive and its installation, the steps of the
//! GitHub Action, and the templates' versions.

use std::process::Command;

use tempfile::TempDir;

use crate::support::{path, repository};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn text_of(file: &str) -> String {
    std::fs::read_to_string(repository().join(file)).unwrap()
}

#[test]
fn templates_name_the_version_that_this_is() {
    let gitlab = text_of("deploy/ci/gitlab.yml");
    assert!(
        gitlab.contains(&format!("default: {VERSION}\n")),
        "{gitlab}"
    );
    assert!(gitlab.contains(&format!("/v{VERSION}/deploy/ci/gitlab.yml\n")));
    let readme = text_of("README.md");
    for line in ["uses: trail-lint/trail-lint@v", "rev: v"] {
        assert!(readme.contains(&format!("{line}{VERSION}\n")), "{line}");
    }
}

/// In a script the value of an expression would be code.
#[test]
fn no_script_of_the_action_holds_an_expression() {
    let action = text_of("action.yml");
    let scripts: Vec<&str> = action
        .lines()
        .filter(|line| line.trim_start().starts_with("run:"))
        .collect();
    assert_eq!(scripts.len(), 3);
    assert!(
        scripts.iter().all(|line| !line.contains("${{")),
        "{scripts:?}"
    );
}

#[cfg(unix)]
mod unix {
    use std::io::Write as _;

    use super::*;

    /// A script of this repository, with nothing of the tester's environment but the path.
    fn script(shell: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(shell);
        command
            .args(arguments)
            .current_dir(repository())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        command
    }

    fn run(mut command: Command) -> (Option<i32>, String) {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let all = text(output.stdout) + &text(output.stderr);
        (output.status.code(), all)
    }

    /// A folder that holds releases, as GitHub's address does: one, of the binary under test.
    fn released() -> TempDir {
        let folder = TempDir::new().unwrap();
        let version = folder.path().join(format!("v{VERSION}"));
        std::fs::create_dir(&version).unwrap();
        let mut release = script("bash", &[".ci/release"]);
        release.env("TRAIL_LINT_BINARY", env!("CARGO_BIN_EXE_trail-lint"));
        for name in ["HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            if let Some(value) = std::env::var_os(name) {
                release.env(name, value);
            }
        }
        let (status, said) = run(release);
        assert_eq!(status, Some(0), "{said}");
        for entry in std::fs::read_dir(repository().join("target/release-files")).unwrap() {
            let file = entry.unwrap().path();
            std::fs::copy(&file, version.join(file.file_name().unwrap())).unwrap();
        }
        folder
    }

    fn install(releases: &TempDir, folder: &TempDir) -> (Option<i32>, String) {
        let arguments = ["deploy/ci/install.sh", VERSION, path(folder.path())];
        let mut install = script("sh", &arguments);
        let address = format!("file://{}", path(releases.path()));
        install.env("TRAIL_LINT_RELEASES", address);
        run(install)
    }

    #[test]
    fn a_release_is_installed_only_if_it_is_what_its_checksum_says() {
        if run(script("sh", &["-c", "command -v curl"])).0 != Some(0) {
            // Not `eprintln`, which a test that passes keeps to itself.
            let said = b"NOT RUN: the installation of a release needs curl\n";
            std::io::stderr().write_all(said).unwrap();
            return;
        }
        let (releases, folder) = (released(), TempDir::new().unwrap());
        let (status, said) = install(&releases, &folder);
        assert_eq!(status, Some(0), "{said}");
        let program = folder.path().join("trail-lint");
        let (status, said) = run(script(path(&program), &["--version"]));
        assert_eq!((status, said), (Some(0), format!("trail-lint {VERSION}\n")));

        let version = releases.path().join(format!("v{VERSION}"));
        let archive = std::fs::read_dir(&version)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|file| path(file).ends_with(".tar.gz"))
            .unwrap();
        let mut bytes = std::fs::read(&archive).unwrap();
        bytes.push(0);
        std::fs::write(&archive, bytes).unwrap();
        let empty = TempDir::new().unwrap();
        let (status, said) = install(&releases, &empty);
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains("is not what SHA256SUMS says"), "{said}");
        assert!(!empty.path().join("trail-lint").exists());
    }

    #[test]
    fn a_version_is_no_path() {
        let mut install = script("sh", &["deploy/ci/install.sh", "../x", "/nowhere"]);
        install.env("TRAIL_LINT_RELEASES", "file:///nowhere");
        let (status, said) = run(install);
        assert_eq!(status, Some(2));
        assert!(said.contains("is no version"), "{said}");
    }

    #[test]
    fn the_action_hands_the_status_on_and_writes_what_was_asked_for() {
        let folder = TempDir::new().unwrap();
        let file = |name: &str| path(&folder.path().join(name)).to_owned();
        let check = |snapshot: &str, status: i32, fail_on: &str| {
            let mut check = script("bash", &["deploy/ci/check.sh"]);
            check
                .env("PROGRAM", env!("CARGO_BIN_EXE_trail-lint"))
                .env("SNAPSHOT", format!("{snapshot}\n"))
                .env("ARGUMENTS", "--min-severity\nhigh\n")
                .env("SARIF", file("a.sarif"))
                .env("HTML", "")
                .env("MARKDOWN", file("comment.md"))
                .env("TRAIL_LINT_FORMAT", "github")
                .env("TRAIL_LINT_FAIL_ON", fail_on)
                .env("TRAIL_LINT_SARIF_EVIDENCE", "")
                .env("GITHUB_STEP_SUMMARY", file("summary.md"))
                .env("GITHUB_OUTPUT", file("output"));
            let (found, said) = run(check);
            assert_eq!(found, Some(status), "{said}");
            said
        };
        let broken = "fixtures/interstellar/source-arn-wrong-region";
        let said = check(broken, 1, "medium");
        assert!(
            said.starts_with("::error title=source-arn-wrong-region"),
            "{said}"
        );
        let output = std::fs::read_to_string(file("output")).unwrap();
        assert_eq!(output, format!("status=1\nsarif={}\n", file("a.sarif")));
        for name in ["a.sarif", "comment.md", "summary.md"] {
            assert!(
                std::fs::read_to_string(file(name)).unwrap().len() > 100,
                "{name}"
            );
        }
        check(broken, 0, "never");
        check("fixtures/there-is-none", 2, "medium");
    }
}
