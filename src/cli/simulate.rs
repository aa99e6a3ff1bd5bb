//! `simulate`: lines of requests, or one.

use std::path::PathBuf;

use clap::Args;

use super::rules::RulesFormat;

const SIMULATE_EXAMPLES: &str = r#"A line:
  {"id": "1", "policy": {…},
   "request": {"principal": {"type": "Service", "value": "cloudtrail.amazonaws.com"},
               "action": "s3:PutObject", "resource": "arn:aws:s3:::example-logs/AWSLogs/…",
               "context": {"s3:x-amz-acl": ["bucket-owner-full-control"]}},
   "expected": "Allow"}
and its answer:
  {"id": "1", "got": "ImplicitDeny", "why": {"nearest": {"statement": 1, "failing": ["Resource"]}}}

  The principal's type is Service, AWS, Federated, CanonicalUser or Anonymous. A key that the
  context leaves out is absent; `[]` is present and empty. `got` is Allow, ImplicitDeny,
  ExplicitDeny, or `Error: …` for a line that cannot be answered. `expected` may also be Deny,
  which is either denial. The decision is the resource policy's own: for an account principal
  IAM may have to agree.

Examples:
  trail-lint simulate requests.jsonl > decisions.jsonl
  trail-lint simulate --check --no-why < expected.jsonl
  trail-lint simulate --policy bucket.json --principal cloudtrail.amazonaws.com \
      --action s3:PutObject --resource arn:aws:s3:::example-logs/AWSLogs/222222222222/x \
      --context s3:x-amz-acl=bucket-owner-full-control

Exit status:
  0  every line was read, whatever its answer
  1  with --check: a decision is not the expected one, or a line could not be answered
  2  wrong usage, or input that cannot be read"#;

#[derive(Debug, Args)]
#[command(after_help = SIMULATE_EXAMPLES)]
pub(crate) struct SimulateArgs {
    /// Lines of JSON; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,

    /// Leave out `why`: the statements that decide, or the nearest miss
    #[arg(long, conflicts_with = "policy")]
    pub(crate) no_why: bool,

    /// Compare each decision with the line's `expected`; the exit status is 1 if one differs
    #[arg(long, conflicts_with = "policy")]
    pub(crate) check: bool,

    /// Explain one request against this policy file instead
    #[arg(
        long,
        value_name = "FILE",
        requires = "principal",
        requires = "action",
        requires = "resource",
        conflicts_with = "file",
        help_heading = "One request"
    )]
    pub(crate) policy: Option<PathBuf>,

    /// Who asks: a service principal, an account id or ARN, or `anonymous`
    #[arg(
        long,
        value_name = "PRINCIPAL",
        requires = "policy",
        help_heading = "One request"
    )]
    pub(crate) principal: Option<String>,

    /// What for, such as `s3:PutObject`
    #[arg(
        long,
        value_name = "ACTION",
        requires = "policy",
        help_heading = "One request"
    )]
    pub(crate) action: Option<String>,

    /// The ARN it acts on
    #[arg(
        long,
        value_name = "ARN",
        requires = "policy",
        help_heading = "One request"
    )]
    pub(crate) resource: Option<String>,

    /// A condition key that the request carries; the same key again adds a value
    #[arg(
        long,
        value_name = "KEY=VALUE",
        requires = "policy",
        help_heading = "One request"
    )]
    pub(crate) context: Vec<String>,

    /// How the explanation is printed
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "table",
        help_heading = "One request"
    )]
    pub(crate) format: RulesFormat,
}
