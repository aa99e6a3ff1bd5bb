//! Help, completion scripts and the manual page: what they say is kept, and each reads as what it is.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{command, expect, run};

/// Every command.
fn commands() -> Vec<String> {
    let help = run(0, &["--help"]).stdout;
    let list = help.split_once("Commands:").unwrap().1;
    let list = list.split_once("\n\n").unwrap().0;
    let names = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

fn help(of: &[&str], width: &str) -> String {
    let mut arguments = of.to_vec();
    arguments.push("--help");
    let mut help = command(&arguments);
    help.env("COLUMNS", width);
    expect(0, help).stdout
}

#[test]
fn help_texts_change_only_on_purpose() {
    insta::assert_snapshot!("help", help(&[], "100"));
    for name in commands() {
        insta::assert_snapshot!(format!("help-{name}"), help(&[&name], "100"));
    }
}

#[test]
fn help_fits_eighty_columns_and_every_command_has_examples() {
    for name in commands() {
        let text = help(&[&name], "80");
        let wide: Vec<&str> = text
            .lines()
            .filter(|line| line.chars().count() > 100)
            .collect();
        assert!(wide.is_empty(), "{name}: {wide:#?}");
        assert!(text.contains("Examples:"), "{name} has no examples\n{text}");
    }
}

/// Runs a program that reads standard input; nothing if it is not installed.
fn accepts(program: &str, arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((
        output.status.success() && output.stderr.is_empty(),
        text(&output.stdout) + &text(&output.stderr),
    ))
}

#[test]
fn completion_scripts_are_scripts_of_their_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(0, &["completions", shell]).stdout;
        for name in commands() {
            assert!(script.contains(&name), "{shell} does not know {name}");
        }
        if matches!(shell, "bash" | "zsh" | "fish")
            && let Some((accepted, said)) = accepts(shell, &["-n"], &script)
        {
            assert!(accepted, "{shell}: {said}");
        }
    }
    run(2, &["completions", "tcsh"]);
}

#[test]
fn the_manual_page_renders_and_names_every_command() {
    let page = run(0, &["man"]).stdout;
    for name in commands() {
        let title = format!(".SH \"TRAIL-LINT {}\"", name.to_uppercase());
        assert!(page.contains(&title), "no section {title}");
    }
    let groff = ["-man", "-Tutf8", "-ww", "-rLL=100n"];
    if let Some((accepted, said)) = accepts("groff", &groff, &page) {
        assert!(accepted && said.contains("--fail-on"), "{said}");
        assert!(
            said.contains("  trail-lint check SNAPSHOT --fail-on high -f json"),
            "examples keep their lines\n{said}"
        );
    }
}

/// What bash jumps to is there to be jumped to, and names the options of that command.
#[test]
fn bash_completes_the_options_of_every_command() {
    let script = run(0, &["completions", "bash"]).stdout;
    let goals: Vec<&str> = script
        .lines()
        .filter_map(|line| line.trim().strip_prefix("cmd=\"")?.strip_suffix('"'))
        .filter(|goal| !goal.is_empty())
        .collect();
    assert!(goals.len() > 20, "{goals:?}");
    let labels: Vec<&str> = script
        .lines()
        .filter_map(|line| line.trim().strip_suffix(')'))
        .collect();
    let lost: Vec<_> = goals.iter().filter(|goal| !labels.contains(goal)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}
