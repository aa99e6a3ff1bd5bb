//! `trail-lint.toml`: what a team says once instead of on every command line. Errors point into the file.
//!
//! Here is what the file says; what a suppression does to a report is the business of `report`.

mod input;
mod live;
mod options;

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::document::{InputError, position};
use crate::rules;

pub use input::Input;
pub use live::Live;
pub use options::{Options, Word};

/// The file that is read where no other is named and there is one.
pub const DEFAULT_FILE: &str = "trail-lint.toml";

/// What a configuration file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Findings that were looked at and accepted.
    pub suppressions: Vec<Suppression>,
    /// The buckets that trails are meant to deliver to; none if it says nothing.
    pub expected_buckets: Vec<String>,
    /// The options of `check`.
    pub options: Options,
    /// What is looked at where the command line names nothing.
    pub input: Input,
    /// Whose trails `--live` reads, and how.
    pub live: Live,
}

/// Findings that somebody accepts: those of one rule that fit every further field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The rule's name.
    pub rule: String,
    /// A trail: its ARN, its name, or `ACCOUNT/NAME`.
    pub trail: Option<String>,
    /// An account id.
    pub account: Option<String>,
    /// The ARN of the bucket, key, topic or trail that the finding points to.
    pub resource: Option<String>,
    /// A statement: its Sid, or its index as a number.
    pub statement: Option<StatementName>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is.
    pub expires: Option<Date>,
    /// The configuration file.
    pub path: String,
    /// Line and column of the entry in it.
    pub at: (usize, usize),
}

/// What an entry calls a statement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a Sid, or an index that counts from 0")]
pub enum StatementName {
    /// Its place in the policy, from 0.
    Index(usize),
    /// Its Sid.
    Sid(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    suppress: Vec<Spanned<Entry>>,
    #[serde(default)]
    expect: Expect,
    #[serde(default)]
    check: options::Entries,
    #[serde(default)]
    input: input::Entries,
    #[serde(default)]
    live: live::Entries,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    #[serde(default)]
    buckets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: Spanned<String>,
    trail: Option<String>,
    account: Option<Spanned<String>>,
    resource: Option<String>,
    statement: Option<StatementName>,
    reason: Spanned<String>,
    expires: Option<Spanned<String>>,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// A file that cannot be read, text that is not TOML, an option that there is not, and a value that
    /// makes no sense: a rule that there is not, a suppression without a reason.
    pub fn read(path: &Path) -> Result<Config, InputError> {
        let shown = path.to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(path).map_err(|error| {
            InputError::whole(&shown, format!("cannot be read: {error}"))
                .with_help("check that the file exists and that it is UTF-8 text")
        })?;
        Config::parse(&shown, &text)
    }

    /// Reads the text of a configuration file that is called `path` in errors.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn parse(path: &str, text: &str) -> Result<Config, InputError> {
        let source = Source { path, text };
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            source.error(at, one_line(error.message()))
        })?;
        let entries = file.suppress.into_iter();
        Ok(Config {
            suppressions: entries
                .map(|entry| source.suppression(entry))
                .collect::<Result<_, _>>()?,
            expected_buckets: file.expect.buckets,
            options: file.check.options(&source),
            input: file.input.input(&source)?,
            live: file.live.live(&source)?,
        })
    }
}

/// A file being read.
struct Source<'a> {
    path: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, offset: usize, message: impl Into<String>) -> InputError {
        InputError {
            path: self.path.to_owned(),
            at: Some(position(self.text, offset)),
            message: message.into(),
            help: Some(
                "`trail-lint check --help` names the options, the README shows a file".to_owned(),
            ),
        }
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        position(self.text, offset)
    }

    fn suppression(&self, entry: Spanned<Entry>) -> Result<Suppression, InputError> {
        let at = position(self.text, entry.span().start);
        let entry = entry.into_inner();
        let rule = entry.rule.get_ref();
        if rules::page(rule).is_none() {
            let hint = rules::nearest(rule).map_or_else(
                || "`trail-lint rules` lists all names".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(self
                .error(
                    entry.rule.span().start,
                    format!("there is no rule `{rule}`"),
                )
                .with_help(hint));
        }
        let reason = entry.reason.get_ref().trim();
        if reason.is_empty() {
            return Err(self
                .error(entry.reason.span().start, "the reason is empty")
                .with_help("say why this finding is accepted, for whoever reads it next year"));
        }
        let account = entry
            .account
            .map(|id| live::account(self, id))
            .transpose()?;
        let expires = match &entry.expires {
            None => None,
            Some(date) => Some(date.get_ref().parse().map_err(|_| {
                let message = format!("`{}` is no date", date.get_ref());
                self.error(date.span().start, message)
                    .with_help("write the last day on which it holds, as \"2027-01-31\"")
            })?),
        };
        Ok(Suppression {
            rule: rule.clone(),
            trail: entry.trail,
            account,
            resource: entry.resource,
            statement: entry.statement,
            reason: reason.to_owned(),
            expires,
            path: self.path.to_owned(),
            at,
        })
    }
}

/// The TOML reader's messages take several lines.
fn one_line(message: &str) -> String {
    message
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let error = Config::parse("trail-lint.toml", text).unwrap_err();
        format!("{error} ({})", error.help.as_deref().unwrap())
    }

    #[test]
    fn a_suppression_says_which_findings_and_why() {
        let config = Config::parse(
            "trail-lint.toml",
            "[expect]\nbuckets = [\"example-logs\"]\n\n[[suppress]]\nrule = \"source-arn-missing\"\nstatement = 0\n\
             reason = \" the probe only tells that the bucket exists \"\nexpires = \"2027-01-31\"\n",
        )
        .unwrap();
        assert_eq!(
            config,
            Config {
                suppressions: vec![Suppression {
                    rule: "source-arn-missing".into(),
                    trail: None,
                    account: None,
                    resource: None,
                    statement: Some(StatementName::Index(0)),
                    reason: "the probe only tells that the bucket exists".into(),
                    expires: Some(jiff::civil::date(2027, 1, 31)),
                    path: "trail-lint.toml".into(),
                    at: (4, 1),
                }],
                expected_buckets: vec!["example-logs".into()],
                options: Options {
                    path: "trail-lint.toml".into(),
                    ..Options::default()
                },
                input: Input::default(),
                live: Live::default(),
            }
        );
        let empty = Config::parse("trail-lint.toml", "").unwrap();
        assert!(empty.suppressions.is_empty() && empty.expected_buckets.is_empty());
    }

    #[test]
    fn options_are_read_with_their_places() {
        let text = "[check]\nformat = \"github\"\noutput = [\n  \"sarif=a.sarif\",\n  \"b.txt\"]\nfail-on = \"high\"\nquiet = true\n";
        let options = Config::parse("trail-lint.toml", text).unwrap().options;
        let word = |text: &str, at| Word {
            text: text.into(),
            at,
        };
        assert_eq!(options.format, Some(word("github", (2, 10))));
        assert_eq!(
            options.output,
            [word("sarif=a.sarif", (4, 3)), word("b.txt", (5, 3))]
        );
        assert_eq!(options.fail_on, Some(word("high", (6, 11))));
        assert!(options.quiet && !options.verbose);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_place() {
        insta::assert_snapshot!(
            [
                "supress = 1",
                "[[suppress]]\nrule = \"source-arn-missing\"",
                "[[suppress]]\nrule = \"source-arn-mising\"\nreason = \"x\"",
                "[[suppress]]\nrule = \"xyzzy\"\nreason = \"x\"",
                "[[suppress]]\nrule = \"source-arn-missing\"\nreason = \"  \"",
                "[[suppress]]\nrule = \"source-arn-missing\"\nreason = \"x\"\naccount = \"22222222222\"",
                "[[suppress]]\nrule = \"source-arn-missing\"\nreason = \"x\"\nexpires = \"next year\"",
                "[[suppress]]\nrule = \"source-arn-missing\"\nreason = \"x\"\nstatement = -1",
                "[[suppress]\n",
                "[check]\nformats = \"json\"",
                "[check]\nquiet = \"yes\"",
                "[input]\nbucket-policy = \"b.json\"\ntrails = [\"t\"]",
                "[input]\nbucket = \"b\"\nbucket-policy = \"b.json\"",
                "[input]\nsnapshot = \"x\"",
                "[live]\nacounts = []",
                "[live]\naccounts = [\n  \"222222222222\",\n  \"2222\",\n]",
                "[live]\naudit-account = 111111111111",
            ]
            .map(refused)
            .join("\n"),
            @r#"
        trail-lint.toml:1:1: unknown field `supress`, expected one of `suppress`, `expect`, `check`, `input`, `live` (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:1:1: missing field `reason` (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:2:8: there is no rule `source-arn-mising` (did you mean `source-arn-missing`?)
        trail-lint.toml:2:8: there is no rule `xyzzy` (`trail-lint rules` lists all names)
        trail-lint.toml:3:10: the reason is empty (say why this finding is accepted, for whoever reads it next year)
        trail-lint.toml:4:11: `22222222222` is no account id, twelve digits (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:4:11: `next year` is no date (write the last day on which it holds, as "2027-01-31")
        trail-lint.toml:4:13: expected a Sid, or an index that counts from 0 (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:1:12: unclosed array table, expected `]` (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:2:1: unknown field `formats`, expected one of `format`, `output`, `sarif-evidence`, `map`, `category`, `security-hub`, `color`, `quiet`, `verbose`, `fail-on`, `min-severity`, `select`, `ignore`, `allow-partial`, `baseline` (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:2:9: invalid type: string "yes", expected a boolean (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:2:17: this needs `bucket` beside it (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:3:17: this needs `trails` beside it (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:2:1: unknown field `snapshot`, expected one of `snapshots`, `bucket`, `bucket-policy`, `bucket-region`, `key-policy`, `key-arn`, `topic-policy`, `topic-arn`, `trails` (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:2:1: unknown field `acounts`, expected one of `profile`, `region`, `profiles`, `accounts`, `organization`, `role-name`, `external-id`, `audit-account`, `buckets`, `regions`, `all-regions` (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:4:3: `2222` is no account id, twelve digits (`trail-lint check --help` names the options, the README shows a file)
        trail-lint.toml:2:17: invalid type: integer `111111111111`, expected a string (`trail-lint check --help` names the options, the README shows a file)
        "#
        );
    }
}
