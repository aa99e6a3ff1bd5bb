//! Where the reports of `check` go: standard output, the files that were asked for, and the summary of
//! a job of GitHub Actions.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path};

use clap::ValueEnum;
use trail_lint::document::InputError;
use trail_lint::report::asff::SecurityHub;
use trail_lint::report::declared::Declarations;
use trail_lint::report::text::{counted, for_log};
use trail_lint::report::{self, Report, Run, table};

use super::Failure;
use super::screen::look;
use crate::cli::{ColorChoice, Format, OutputArgs};

/// The columns of a table in a file.
const WIDTH_OF_FILES: usize = 120;

/// How files of infrastructure code end.
const CODE: [&str; 6] = ["tf", "tofu", "yaml", "yml", "json", "template"];

/// CloudFormation takes no template of more than 1 MB, and nobody writes as much Terraform into one file.
const LARGEST_CODE: u64 = 1_000_000;

/// Folders that tools fill.
const MADE_BY_OTHERS: [&str; 3] = ["node_modules", "cdk.out", "target"];

/// Where GitHub Actions takes the summary of a step from.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Writes every report that was asked for, standard output last.
pub(super) fn write(
    report: &Report<'_>,
    run: &Run,
    args: &OutputArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for (format, path) in files(args)? {
        let style = table::Style {
            width: WIDTH_OF_FILES,
            ..style(args, false)
        };
        to_file(&path, |out| write_one(format, report, run, &style, out))?;
        complain_of_left_out(format, report, run);
    }
    if let Some(path) = &args.sarif_evidence {
        to_file(path, |out| report::sarif::write_evidence(report, run, out))?;
    }
    if args.format() == Format::Github
        && let Some(path) = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty())
    {
        let path = path.to_string_lossy().into_owned();
        let mut summary = Vec::new();
        report::markdown::write(report, run, &mut summary)?;
        let file = OpenOptions::new().append(true).create(true).open(&path);
        file.and_then(|mut file| file.write_all(&summary))
            .map_err(|error| Failure::Write { path, error })?;
    }
    write_one(args.format(), report, run, &style(args, true), out)?;
    complain_of_left_out(args.format(), report, run);
    complain_of_unseen(args.format(), report);
    complain_of_idle(args.format(), report);
    Ok(())
}

fn to_file(
    path: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    fs::write(path, bytes).map_err(|error| Failure::Write {
        path: path.to_owned(),
        error,
    })
}

fn write_one(
    format: Format,
    report: &Report<'_>,
    run: &Run,
    style: &table::Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Table => table::write(report, style, out),
        Format::Json => report::json::write(report, out),
        Format::Sarif => report::sarif::write(report, run, out),
        Format::Github => report::github::write(report, out),
        Format::Markdown => report::markdown::write(report, run, out),
        Format::Junit => report::junit::write(report, run, out),
        Format::Gitlab => report::gitlab::write(report, out),
        Format::Asff => report::asff::write(report, run, out),
        Format::Html => report::html::write(report, run, out),
    }
}

/// Says so where Security Hub is not given all findings. Nothing can be done if that cannot be
/// written.
fn complain_of_left_out(format: Format, report: &Report<'_>, run: &Run) {
    if format != Format::Asff {
        return;
    }
    let count = report::asff::left_out(report, run);
    if count > 0 {
        let text = format!(
            "warning: {count} of {} findings are not in the ASFF list, as no account and Region are known for them\n  \
             help: say who imports them, with `--security-hub ACCOUNT/REGION`\n",
            report.findings.len()
        );
        if io::stderr().lock().write_all(text.as_bytes()).is_err() {}
    }
}

/// Says so where something could not be seen, and the format has no place to say it. Nothing can be done
/// if that cannot be written.
fn complain_of_unseen(format: Format, report: &Report<'_>) {
    let unseen = report.not_evaluated.iter().filter(|it| it.decisive).count();
    if unseen == 0 || !matches!(format, Format::Gitlab | Format::Asff) {
        return;
    }
    let text = format!(
        "warning: {} that a verdict depends on could not be seen, and this format has no place for that\n  \
         help: `-f table` says which, and what to try\n",
        counted(unseen, "answer")
    );
    if io::stderr().lock().write_all(text.as_bytes()).is_err() {}
}

/// The files to write, each with its format.
pub(super) fn files(args: &OutputArgs) -> Result<Vec<(Format, String)>, Failure> {
    let given = args
        .output
        .iter()
        .filter(|output| !output.trim().is_empty());
    let files = given.map(|output| file(output, args.format()));
    let files = files.collect::<Result<Vec<_>, _>>()?;
    let evidence = args.sarif_evidence.iter().map(String::as_str);
    let mut paths = BTreeSet::new();
    for path in files.iter().map(|(_, path)| path.as_str()).chain(evidence) {
        if !paths.insert(path) {
            return Err(Failure::Usage {
                message: format!("two reports would be written to `{path}`"),
                help: "give each a file of its own".to_owned(),
            });
        }
    }
    Ok(files)
}

/// Says which entries of the configuration file accept nothing any more, where the format does not. Nothing
/// can be done if that cannot be written.
fn complain_of_idle(format: Format, report: &Report<'_>) {
    if matches!(format, Format::Table | Format::Json | Format::Sarif) {
        return;
    }
    let text: String = report
        .idle_suppressions
        .iter()
        .map(|idle| {
            let line = format!(
                "warning: {}:{}:{}: {}",
                idle.path, idle.line, idle.column, idle.message
            );
            for_log(&line) + "\n"
        })
        .collect();
    if io::stderr().lock().write_all(text.as_bytes()).is_err() {}
}

/// The format that the name of a file tells, where one does.
fn of_ending(path: &str) -> Option<Format> {
    match Path::new(path).extension()?.to_str()? {
        "sarif" => Some(Format::Sarif),
        "json" => Some(Format::Json),
        "html" => Some(Format::Html),
        "md" => Some(Format::Markdown),
        _ => None,
    }
}

/// One value of `--output`.
pub(super) fn file(output: &str, default: Format) -> Result<(Format, String), Failure> {
    let (format, path) = match output.split_once('=') {
        Some((name, path)) => (<Format as ValueEnum>::from_str(name, false).ok(), path),
        None => (of_ending(output).or(Some(default)), output),
    };
    match format {
        Some(format) if !path.is_empty() => Ok((format, path.to_owned())),
        _ => {
            let formats = Format::value_variants().iter();
            let names: Vec<String> = formats
                .filter_map(|format| Some(format!("`{}`", format.to_possible_value()?.get_name())))
                .collect();
            Err(Failure::Usage {
                message: format!("output `{output}` names no format that there is"),
                help: format!("write `FORMAT=FILE`; the formats are {}", names.join(", ")),
            })
        }
    }
}

/// The category that was asked for, with the slash at its end that code scanning wants; nothing if
/// none was.
pub(super) fn category(asked: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(category) = asked else {
        return Ok(None);
    };
    let name = category.trim_end_matches('/');
    let is_name = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(Failure::Usage {
            message: format!("`{category}` is no category"),
            help: "use letters, digits and `/-_.`, such as `trail-lint/production/`".to_owned(),
        });
    }
    Ok(Some(format!("{name}/")))
}

/// Where the repository declares what AWS has.
pub(super) fn declarations(map: Option<&Path>) -> Result<Declarations, InputError> {
    let Some(map) = map else {
        return Ok(Declarations::default());
    };
    let shown = map.display().to_string();
    if map.is_dir() {
        let mut files = Vec::new();
        let names = map.components().filter(|it| *it != Component::CurDir);
        if names.clone().any(|it| !matches!(it, Component::Normal(_))) {
            return Err(
                InputError::whole(&shown, "leads out of the repository".to_owned())
                    .with_help("name a folder below the one that the command runs in"),
            );
        }
        let names: Vec<_> = names.map(|it| it.as_os_str().to_string_lossy()).collect();
        let start = &names.join("/");
        code_below(map, start, &mut files).map_err(|error| {
            InputError::whole(&shown, format!("cannot be read: {error}"))
                .with_help("name a folder of the repository that holds infrastructure code")
        })?;
        return Ok(Declarations::of_code(files));
    }
    let text = fs::read_to_string(map).map_err(|error| {
        InputError::whole(&shown, format!("cannot be read: {error}")).with_help(
            "write one `ARN PATH[:LINE]` a line, or name a folder of infrastructure code",
        )
    })?;
    Declarations::parse(&shown, &text, &|path| fs::read_to_string(path))
}

/// Infrastructure code below a folder, each file's path and text, by their names. What others made, what is
/// hidden and what a link leads to is none of the repository's own.
fn code_below(folder: &Path, shown: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = match shown {
            "" => name.clone(),
            folder => format!("{folder}/{name}"),
        };
        let (kind, metadata) = (entry.file_type()?, entry.metadata()?);
        let of_others = name.starts_with('.') || MADE_BY_OTHERS.contains(&name.as_str());
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        if kind.is_dir() && !of_others {
            code_below(&entry.path(), &path, files)?;
        } else if kind.is_file() && CODE.contains(&ending) && metadata.len() <= LARGEST_CODE {
            // What is no UTF-8 is no code.
            files.extend(
                fs::read_to_string(entry.path())
                    .ok()
                    .map(|text| (path, text)),
            );
        }
    }
    Ok(())
}

/// The account and Region that import into Security Hub.
pub(super) fn security_hub(asked: Option<&str>) -> Result<Option<SecurityHub>, Failure> {
    let Some(text) = asked else {
        return Ok(None);
    };
    let parts = text.split_once('/').filter(|(account, region)| {
        account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && region.contains('-')
            && region
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    match parts {
        Some((account, region)) => Ok(Some(SecurityHub {
            account: account.to_owned(),
            region: region.to_owned(),
        })),
        None => Err(Failure::Usage {
            message: format!("`{text}` is no account and Region"),
            help: "write it as `111111111111/eu-west-1`".to_owned(),
        }),
    }
}

/// How the table looks on standard output, or in a file.
fn style(args: &OutputArgs, standard_output: bool) -> table::Style {
    table::Style {
        show_ok_requests: args.verbose,
        quiet: args.quiet,
        ..look(args.color.unwrap_or(ColorChoice::Auto), standard_output)
    }
}
