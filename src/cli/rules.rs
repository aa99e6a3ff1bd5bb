//! `rules` and `explain`.

use clap::{Args, ValueEnum};

use super::output::ColorChoice;

const RULES_EXAMPLES: &str = "\
Examples:
  trail-lint rules
  trail-lint rules -f json | jq -r '.[] | select(.severity == \"critical\").name'";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  trail-lint explain source-arn-wrong-region";

#[derive(Debug, Args)]
#[command(after_help = RULES_EXAMPLES)]
pub(crate) struct RulesArgs {
    /// `table`, or `json` for a list of names, layers, severities and titles [default: table]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<RulesFormat>,
}

#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub(crate) struct ExplainArgs {
    /// The rule's name, as `trail-lint rules` lists it
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,

    /// When to use colour (`NO_COLOR` is respected)
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For a person at a terminal
    Table,
    /// For programs
    Json,
}
