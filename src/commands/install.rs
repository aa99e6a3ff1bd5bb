//! `trail-lint completions` and `trail-lint man`: what a package installs beside the binary.

use std::io::Write;

use super::{Failure, Status};
use crate::cli::{Cli, CompletionsArgs};

const NAME: &str = env!("CARGO_PKG_NAME");

/// Prints the completion script of a shell.
pub(crate) fn completions(args: &CompletionsArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    // The generator cannot report an error of the writer, so it is given memory to write to.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command_line(), NAME, &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    // For a name with a dash in it clap_complete 4.6.11 goes to labels of one form, and sets them up in another.
    if args.shell == clap_complete::Shell::Bash {
        let (label, goal) = (NAME.replace('-', "__subcmd__"), NAME.replace('-', "__"));
        script = script.replace(&label, &goal);
    }
    out.write_all(script.as_bytes())?;
    Ok(Status::Clean)
}

/// Prints the manual page: the program's, followed by that of each command.
pub(crate) fn man(out: &mut dyn Write) -> Result<Status, Failure> {
    let program = Cli::command_line();
    let page = clap_mangen::Man::new(program.clone()).section("1");
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    text.extend(examples(&program, ".SH NOTES").bytes());
    for command in program.get_subcommands() {
        text.extend(section(command)?.bytes());
    }
    page.render_version_section(&mut text)?;
    out.write_all(portable(&String::from_utf8_lossy(&text)).as_bytes())?;
    Ok(Status::Clean)
}

/// Only ASCII, which every roff reads the same way: other characters by their code.
fn portable(text: &str) -> String {
    let one = |character: char| match character {
        ascii if ascii.is_ascii() => ascii.to_string(),
        other => format!("\\[u{:04X}]", u32::from(other)),
    };
    text.chars().map(one).collect()
}

/// A command as a section: what is a section of its own page becomes a subsection here.
fn section(command: &clap::Command) -> Result<String, Failure> {
    let name = format!("{NAME} {}", command.get_name());
    let named = command.clone().bin_name(&name).display_name(&name);
    let page = clap_mangen::Man::new(named);
    let mut text = Vec::new();
    page.render_description_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_options_section(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().map(|line| match line.strip_prefix(".SH ") {
        Some(title) => format!(".SS {title}\n"),
        None => format!("{line}\n"),
    });
    let title = format!(".SH \"{}\"\n", name.to_uppercase());
    Ok(title + &lines.collect::<String>() + &examples(command, ".SS NOTES"))
}

/// The text behind a command's help, its lines left as they are.
fn examples(command: &clap::Command, heading: &str) -> String {
    let Some(text) = command.get_after_help() else {
        return String::new();
    };
    let text = text.to_string();
    let lines = text.lines().map(|line| {
        // A line that begins with a dot or a quote would be a request of roff's.
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        format!("\\&{line}\n")
    });
    format!("{heading}\n.nf\n{}.fi\n", lines.collect::<String>())
}
