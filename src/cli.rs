//! The command line as clap types, and nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use trail_lint::rules::Severity;

const EXAMPLES: &str = "\
Examples:
  trail-lint check fixtures/interstellar/sound
      audit a snapshot folder

  trail-lint check audit-account/ member-accounts/ -o sarif=trail-lint.sarif
      merge two snapshots; print a table and write SARIF

  trail-lint explain source-arn-wrong-region
      what a rule checks, why it matters and how to fix it";

const CHECK_EXAMPLES: &str = "\
Examples:
  trail-lint check SNAPSHOT
  trail-lint check SNAPSHOT --fail-on high -f json
  trail-lint check SNAPSHOT --baseline baseline.json --write-baseline
      from now on, only what is new fails
  trail-lint check SNAPSHOT -f github -o sarif=trail-lint.sarif -o html=trail-lint.html
      in a CI job: annotations, and two files to upload
  trail-lint check --bucket example-logs --bucket-policy bucket.json \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit
  trail-lint check audit.yaml member.yaml --account audit=111111111111 \\
      --stack-accounts member=222222222222,333333333333 --region us-east-1
      two CloudFormation templates, one of them a stack set's
  trail-lint check plan.json SNAPSHOT --replace
      would merging this stop anybody's logs? (terraform show -json tfplan > plan.json)
  trail-lint check SNAPSHOT --bucket example-logs \\
      --trail arn:aws:cloudtrail:us-east-1:333333333333:trail/new
      would the logs of a trail that does not exist yet arrive?
  trail-lint check --live
      the trails of the account whose credentials are at hand
  trail-lint check --live --accounts 222222222222,333333333333 --role-name trail-lint
      the trails of other accounts; the bucket and key are the caller's, or theirs
  trail-lint check --live --organization
      the trails of every account of the organization

Exit status:
  0  nothing at or above --fail-on
  1  findings
  2  wrong usage, or input that cannot be read
  3  something that a verdict needs could not be seen (see --allow-partial)

Every option can come from the environment as well: --fail-on as TRAIL_LINT_FAIL_ON, and so on.";

const WHY_EXAMPLES: &str = "\
Examples:
  trail-lint why audit SNAPSHOT
  trail-lint why 222222222222/audit SNAPSHOT -v
  trail-lint why arn:aws:cloudtrail:us-east-1:222222222222:trail/audit \\
      --bucket example-logs --bucket-policy bucket.json \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit

Exit status:
  0  the trail delivers
  1  something of it is refused, or it is not logging
  2  wrong usage, or input that cannot be read
  3  it cannot be said for sure";

const FIX_EXAMPLES: &str = "\
Examples:
  trail-lint fix SNAPSHOT
      the diff on standard output, what it does on standard error

  trail-lint fix SNAPSHOT | git apply
  trail-lint fix SNAPSHOT --no-prefix | patch -p0
  trail-lint fix SNAPSHOT --write

  trail-lint fix --bucket example-logs --bucket-policy bucket.json --write \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit
      a single policy file

  trail-lint fix SNAPSHOT --aws-commands review/
      the changed policies in a folder, and the `aws` commands that would put them

Every change is proven before it is shown: the policy is one that AWS takes, the requests that were
refused are allowed, no trail fares worse, and nobody else gains; where somebody does, it says who.
What would have to be guessed is not changed: it says what is missing instead. Nothing is ever
written to AWS.

Exit status:
  0  the change mends everything that was found, or nothing was found
  1  something is left that no change of a policy is known for
  2  wrong usage, or input that cannot be read, or a file that cannot be written
  3  nothing is left, but something that a verdict needs could not be seen";

const POLICY_EXAMPLES: &str = "\
Examples:
  trail-lint policy SNAPSHOT
  trail-lint policy --bucket example-logs --only bucket \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit \\
      --trail arn:aws:cloudtrail:us-east-1:333333333333:trail/audit > bucket.json
  trail-lint policy SNAPSHOT -f terraform > policies.tf
  trail-lint policy SNAPSHOT -f cloudformation > policies.json

One policy alone is printed as it is; several as one object, by kind and resource. The tightest that
fits under AWS's size limits is taken; what had to be given up, the least grave first, is said on
standard error, in comments of Terraform and in the metadata of CloudFormation. Each is the whole
policy of its resource: what others than CloudTrail and the readers need has to be added.

Exit status:
  0  every policy was written
  1  a policy could not be written: no form fits under AWS's size limit, or AWS has no such names
  2  wrong usage, or input that cannot be read";

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

const COMPARE_EXAMPLES: &str = "\
Examples:
  trail-lint compare old.json new.json --bucket example-logs
      two versions of a bucket policy

  trail-lint compare main/key.json branch/key.json \\
      --key-arn arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555

  trail-lint compare old.json new.json --bucket example-logs \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit
      and whether that trail's logs still arrive

  trail-lint compare fixtures/interstellar/sound fixtures/interstellar/source-arn-wrong-region
      two snapshots: all policies that their trails use, and every trail's verdict

  trail-lint compare base/template.yaml head/template.yaml --account 111111111111
      what a pull request changes

Only CloudTrail's requests are compared, for any trail of any account. What users, roles and
anonymous callers may do is not looked at.

Exit status:
  0  NEW lets CloudTrail do nothing that OLD did not, and no trail fares worse
  1  NEW lets CloudTrail do more, or a trail's verdict gets worse
  2  wrong usage, or input that cannot be read
  3  neither, but something could not be seen or followed to the end";

#[cfg(feature = "live")]
const COLLECT_EXAMPLES: &str = "\
Examples:
  trail-lint collect --to snapshot/
      the account whose credentials are at hand
  trail-lint collect --to snapshot/ --accounts 222222222222,333333333333 --role-name trail-lint
  trail-lint collect --to snapshot/ --profiles dev,prod,log-archive
  trail-lint collect --to snapshot/ --organization --external-id example
  trail-lint check snapshot/

Exit status:
  0  everything was read
  2  wrong usage, no credentials, or a folder that cannot be written
  3  AWS refused some answers; the snapshot holds the refusals (see --allow-partial)";

#[cfg(feature = "live")]
const IAM_POLICY_EXAMPLES: &str = "\
Examples:
  trail-lint iam-policy source > source-account.json
  trail-lint iam-policy audit > audit-account.json
  trail-lint iam-policy caller --role-name trail-lint > caller.json

deploy/ holds the same as a CloudFormation template for StackSets and as a Terraform module.";

const RULES_EXAMPLES: &str = "\
Examples:
  trail-lint rules
  trail-lint rules -f json | jq -r '.[] | select(.severity == \"critical\").name'";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  trail-lint explain source-arn-wrong-region";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  trail-lint completions bash > ~/.local/share/bash-completion/completions/trail-lint
  trail-lint completions zsh > ~/.zfunc/_trail-lint
  trail-lint completions fish > ~/.config/fish/completions/trail-lint.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  trail-lint man | man -l -
  trail-lint man > /usr/local/share/man/man1/trail-lint.1";

/// What may be given in place of a snapshot.
#[cfg(feature = "live")]
const INSTEAD_OF_SNAPSHOTS: [&str; 3] = ["bucket_policy", "trails", "live"];
#[cfg(not(feature = "live"))]
const INSTEAD_OF_SNAPSHOTS: [&str; 2] = ["bucket_policy", "trails"];

/// Find out why CloudTrail logs do not reach the audit account's bucket.
///
/// Builds the requests that CloudTrail makes for every trail, evaluates them against the bucket, key
/// and topic policies, and says which will be refused, by which element of which statement, and what
/// to change. It only reads; it never writes to AWS.
#[derive(Debug, Parser)]
#[command(name = "trail-lint", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Audit documents: snapshot folders, or single policy files
    Check(Box<CheckArgs>),
    /// Tell one trail's story: every request, what is sent along, and what each statement answers
    Why(Box<WhyArgs>),
    /// Print the change of the policies that mends what is found, as a diff; or make it
    Fix(Box<FixArgs>),
    /// Print tight bucket, key and topic policies for a set of trails, from scratch
    Policy(Box<PolicyArgs>),
    /// Decide single requests: one policy and request a line in, one decision a line out
    Simulate(Box<SimulateArgs>),
    /// Compare two versions of the policies: what CloudTrail gains, loses, and whose logs stop
    Compare(Box<CompareArgs>),
    /// Read AWS, read-only, and save every answer as a snapshot
    #[cfg(feature = "live")]
    Collect(Box<CollectArgs>),
    /// Print the IAM policy that `check --live` and `collect` need
    #[cfg(feature = "live")]
    IamPolicy(IamPolicyArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Print one rule's page
    Explain(ExplainArgs),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Print the manual page, for `man -l -`
    #[command(after_help = MAN_EXAMPLES)]
    Man,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub(crate) struct CheckArgs {
    /// Snapshot folders, CloudFormation templates, `cdk.out` folders, or Terraform plans and states as JSON;
    /// several are merged [default: what `trail-lint.toml` names]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    #[cfg(feature = "live")]
    #[command(flatten)]
    pub(crate) live: LiveArgs,

    #[command(flatten)]
    pub(crate) code: CodeArgs,

    #[command(flatten)]
    pub(crate) plain: PlainArgs,

    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    #[command(flatten)]
    pub(crate) accept: AcceptArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// The lowest severity of a finding that makes the exit status 1 [default: medium]
    #[arg(
        long,
        value_enum,
        value_name = "SEVERITY",
        env = "TRAIL_LINT_FAIL_ON",
        hide_env = true
    )]
    pub(crate) fail_on: Option<FailOn>,

    /// Exit with 0 or 1 although something that a verdict needs could not be seen
    #[arg(long, env = "TRAIL_LINT_ALLOW_PARTIAL", hide_env = true)]
    pub(crate) allow_partial: bool,

    /// The moment that dates in object names and in conditions are compared with (RFC 3339) [default:
    /// the snapshot's `taken_at`, else now]
    #[arg(long, value_name = "TIME", env = "TRAIL_LINT_AT", hide_env = true)]
    pub(crate) at: Option<jiff::Timestamp>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Infrastructure code")]
pub(crate) struct CodeArgs {
    /// Put what the code says in the place of what the snapshots say, and say what that does to the
    /// snapshots' trails
    #[arg(long, requires = "paths", env = "TRAIL_LINT_REPLACE", hide_env = true)]
    pub(crate) replace: bool,

    #[command(flatten)]
    pub(crate) told: CodeTold,

    /// The Region that the code runs in, likewise
    #[cfg_attr(
        feature = "live",
        doc = "(for --live: the one to start with [default: `AWS_REGION`, the profile's, us-east-1])"
    )]
    #[arg(
        long = "region",
        value_name = "[NAME=]REGION",
        value_delimiter = ',',
        env = "TRAIL_LINT_REGION",
        hide_env = true
    )]
    pub(crate) code_regions: Vec<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Infrastructure code")]
pub(crate) struct CodeTold {
    /// The value of a template's parameter; or, by its logical id, what a resource is called
    #[arg(
        long = "parameter",
        value_name = "NAME=VALUE",
        value_delimiter = '\n',
        env = "TRAIL_LINT_PARAMETER",
        hide_env = true
    )]
    pub(crate) parameters: Vec<String>,

    /// The accounts of a stack set: one stack of the template in each
    #[arg(
        long = "stack-accounts",
        value_name = "[NAME=]ACCOUNT,…",
        value_delimiter = ',',
        env = "TRAIL_LINT_STACK_ACCOUNTS",
        hide_env = true
    )]
    pub(crate) stack_accounts: Vec<String>,

    /// The organization that the accounts belong to
    #[arg(
        long,
        value_name = "ID[=MANAGEMENT-ACCOUNT]",
        env = "TRAIL_LINT_ORGANIZATION_ID",
        hide_env = true
    )]
    pub(crate) organization_id: Option<String>,

    /// Where the plan's `.tf` files lie [default: the plan's folder]
    #[arg(
        long,
        value_name = "DIR",
        env = "TRAIL_LINT_TERRAFORM_DIR",
        hide_env = true
    )]
    pub(crate) terraform_dir: Option<PathBuf>,

    /// The account that the code runs in; with a name, that of one template, stack or provider alias
    #[arg(
        long = "account",
        value_name = "[NAME=]ACCOUNT",
        value_delimiter = ',',
        env = "TRAIL_LINT_ACCOUNT",
        hide_env = true
    )]
    pub(crate) code_accounts: Vec<String>,
}

/// The Region of code, for commands that do not read AWS.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Infrastructure code")]
pub(crate) struct CodeRegion {
    /// The Region that the code runs in, likewise
    #[arg(
        long = "region",
        value_name = "[NAME=]REGION",
        value_delimiter = ',',
        env = "TRAIL_LINT_REGION",
        hide_env = true
    )]
    pub(crate) code_regions: Vec<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Single policy files")]
pub(crate) struct PlainArgs {
    /// The bucket's name
    #[arg(long, value_name = "NAME", env = "TRAIL_LINT_BUCKET", hide_env = true)]
    pub(crate) bucket: Option<String>,

    /// The bucket policy
    #[arg(
        long,
        value_name = "FILE",
        requires = "bucket",
        requires = "trails",
        conflicts_with = "paths",
        env = "TRAIL_LINT_BUCKET_POLICY",
        hide_env = true
    )]
    pub(crate) bucket_policy: Option<PathBuf>,

    /// The bucket's Region
    #[arg(
        long,
        value_name = "REGION",
        requires = "bucket",
        env = "TRAIL_LINT_BUCKET_REGION",
        hide_env = true
    )]
    pub(crate) bucket_region: Option<String>,

    /// The key policy
    #[arg(
        long,
        value_name = "FILE",
        requires = "key_arn",
        requires = "trails",
        env = "TRAIL_LINT_KEY_POLICY",
        hide_env = true
    )]
    pub(crate) key_policy: Option<PathBuf>,

    /// The key's ARN
    #[arg(long, value_name = "ARN", env = "TRAIL_LINT_KEY_ARN", hide_env = true)]
    pub(crate) key_arn: Option<String>,

    /// The topic policy
    #[arg(
        long,
        value_name = "FILE",
        requires = "topic_arn",
        requires = "trails",
        env = "TRAIL_LINT_TOPIC_POLICY",
        hide_env = true
    )]
    pub(crate) topic_policy: Option<PathBuf>,

    /// The topic's ARN
    #[arg(
        long,
        value_name = "ARN",
        env = "TRAIL_LINT_TOPIC_ARN",
        hide_env = true
    )]
    pub(crate) topic_arn: Option<String>,

    /// A trail to serve; it need not exist yet. ARN[,prefix=P][,kms=ARN|none][,org=o-…]
    /// [,regions=all|home][,digests=on|off]. Uses --key-arn unless kms= says otherwise
    #[arg(
        long = "trail",
        value_name = "TRAIL",
        requires = "bucket",
        value_delimiter = '\n',
        env = "TRAIL_LINT_TRAIL",
        hide_env = true
    )]
    pub(crate) trails: Vec<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which findings")]
pub(crate) struct FilterArgs {
    /// Show only these rules
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        env = "TRAIL_LINT_SELECT",
        hide_env = true
    )]
    pub(crate) select: Vec<String>,

    /// Do not show these rules
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        env = "TRAIL_LINT_IGNORE",
        hide_env = true
    )]
    pub(crate) ignore: Vec<String>,

    /// Show nothing less severe
    #[arg(
        long,
        value_enum,
        value_name = "SEVERITY",
        env = "TRAIL_LINT_MIN_SEVERITY",
        hide_env = true
    )]
    pub(crate) min_severity: Option<SeverityArg>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What is accepted")]
pub(crate) struct AcceptArgs {
    /// The configuration file [default: `trail-lint.toml`, if there is one]
    #[arg(long, value_name = "FILE", env = "TRAIL_LINT_CONFIG", hide_env = true)]
    pub(crate) config: Option<PathBuf>,

    /// Accept the findings that this file knows: only what is new, or has become worse, counts
    #[arg(
        long,
        value_name = "FILE",
        env = "TRAIL_LINT_BASELINE",
        hide_env = true
    )]
    pub(crate) baseline: Option<PathBuf>,

    /// Write the findings of this run to the file of --baseline, and accept them
    #[arg(long)]
    pub(crate) write_baseline: bool,

    /// A bucket that trails are meant to deliver to; a trail that delivers elsewhere is a finding
    #[arg(
        long = "expect-bucket",
        value_name = "NAME",
        value_delimiter = ',',
        env = "TRAIL_LINT_EXPECT_BUCKET",
        hide_env = true
    )]
    pub(crate) expected_buckets: Vec<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// What standard output gets [default: table]
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        env = "TRAIL_LINT_FORMAT",
        hide_env = true
    )]
    pub(crate) format: Option<Format>,

    /// Write a report to a file as well: `sarif=FILE`, `html=FILE`, …, or FILE in the format of
    /// --format. May be given several times; in the environment, one a line
    #[arg(
        short,
        long,
        value_name = "[FORMAT=]FILE",
        env = "TRAIL_LINT_OUTPUT",
        hide_env = true,
        value_delimiter = '\n'
    )]
    pub(crate) output: Vec<String>,

    /// Write what is no open finding to a SARIF file for auditors: every request that is allowed, and
    /// what was accepted. Not for code scanning
    #[arg(
        long,
        value_name = "FILE",
        env = "TRAIL_LINT_SARIF_EVIDENCE",
        hide_env = true
    )]
    pub(crate) sarif_evidence: Option<String>,

    /// What an upload or a comment replaces: the one before it of the same category [default:
    /// trail-lint/files/]
    #[arg(
        long,
        value_name = "NAME",
        env = "TRAIL_LINT_CATEGORY",
        hide_env = true
    )]
    pub(crate) category: Option<String>,

    /// The account that imports all findings of `asff`, and its Region [default: the account and
    /// Region of each finding's resource]
    #[arg(
        long,
        value_name = "ACCOUNT/REGION",
        env = "TRAIL_LINT_SECURITY_HUB",
        hide_env = true
    )]
    pub(crate) security_hub: Option<String>,

    /// When to use colour (`NO_COLOR` is respected) [default: auto]
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        env = "TRAIL_LINT_COLOR",
        hide_env = true
    )]
    pub(crate) color: Option<ColorChoice>,

    /// Print findings and the last line only
    #[arg(
        short,
        long,
        env = "TRAIL_LINT_QUIET",
        hide_env = true,
        conflicts_with = "verbose"
    )]
    pub(crate) quiet: bool,

    /// Also list the requests that are allowed
    #[arg(short, long, env = "TRAIL_LINT_VERBOSE", hide_env = true)]
    pub(crate) verbose: bool,
}

impl OutputArgs {
    /// What standard output gets.
    pub(crate) fn format(&self) -> Format {
        self.format.unwrap_or(Format::Table)
    }
}

#[derive(Debug, Args)]
#[command(after_help = WHY_EXAMPLES)]
pub(crate) struct WhyArgs {
    /// The trail: its ARN, its name, or ACCOUNT/NAME
    #[arg(value_name = "TRAIL")]
    pub(crate) trail: String,

    /// Snapshot folders, CloudFormation templates, `cdk.out` folders, or Terraform plans and states as JSON;
    /// several are merged
    #[arg(value_name = "PATH", required_unless_present_any = INSTEAD_OF_SNAPSHOTS)]
    pub(crate) paths: Vec<PathBuf>,

    /// `table`, or `json` for programs
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "table",
        env = "TRAIL_LINT_FORMAT",
        hide_env = true
    )]
    pub(crate) format: RulesFormat,

    /// When to use colour (`NO_COLOR` is respected)
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        env = "TRAIL_LINT_COLOR",
        hide_env = true
    )]
    pub(crate) color: ColorChoice,

    /// Also show the evidence for requests that are allowed, and every statement
    #[arg(short, long, env = "TRAIL_LINT_VERBOSE", hide_env = true)]
    pub(crate) verbose: bool,

    /// The moment that dates in object names and in conditions are compared with (RFC 3339) [default:
    /// the snapshot's `taken_at`, else now]
    #[arg(long, value_name = "TIME", env = "TRAIL_LINT_AT", hide_env = true)]
    pub(crate) at: Option<jiff::Timestamp>,

    // Last, as their headings would otherwise stand over what follows.
    #[command(flatten)]
    pub(crate) code: CodeArgs,

    #[cfg(feature = "live")]
    #[command(flatten)]
    pub(crate) live: LiveArgs,

    #[command(flatten)]
    pub(crate) plain: PlainArgs,
}

#[derive(Debug, Args)]
#[command(after_help = FIX_EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that a user sets on its own"
)]
pub(crate) struct FixArgs {
    /// Snapshot folders, CloudFormation templates, `cdk.out` folders, or Terraform plans and states as JSON;
    /// several are merged. Code is not changed: it says what to change by hand
    #[arg(value_name = "PATH", required_unless_present_any = ["bucket_policy", "trails"])]
    pub(crate) paths: Vec<PathBuf>,

    /// Change the files, each in one step; prints what it does, and no diff
    #[arg(short, long)]
    pub(crate) write: bool,

    /// Leave out `a/` and `b/` in the diff, for `patch -p0`
    #[arg(
        long,
        conflicts_with = "write",
        env = "TRAIL_LINT_NO_PREFIX",
        hide_env = true
    )]
    pub(crate) no_prefix: bool,

    /// Write the changed policies into this folder, bare, and print the `aws` commands that would put
    /// them, for a person to review and run
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["write", "no_prefix"])]
    pub(crate) aws_commands: Option<PathBuf>,

    /// Say nothing on standard error
    #[arg(short, long, env = "TRAIL_LINT_QUIET", hide_env = true)]
    pub(crate) quiet: bool,

    /// The moment that dates in object names and in conditions are compared with (RFC 3339) [default:
    /// the snapshot's `taken_at`, else now]
    #[arg(long, value_name = "TIME", env = "TRAIL_LINT_AT", hide_env = true)]
    pub(crate) at: Option<jiff::Timestamp>,

    /// The configuration file, whose suppressions are left alone [default: `trail-lint.toml`, if there is
    /// one]
    #[arg(long, value_name = "FILE", env = "TRAIL_LINT_CONFIG", hide_env = true)]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    /// Put what the code says in the place of what the snapshots say
    #[arg(
        long,
        requires = "paths",
        help_heading = "Infrastructure code",
        env = "TRAIL_LINT_REPLACE",
        hide_env = true
    )]
    pub(crate) replace: bool,

    // Last, as their headings would otherwise stand over what follows.
    #[command(flatten)]
    pub(crate) told: CodeTold,

    #[command(flatten)]
    pub(crate) region: CodeRegion,

    #[command(flatten)]
    pub(crate) plain: PlainArgs,
}

#[derive(Debug, Args)]
#[command(after_help = POLICY_EXAMPLES)]
pub(crate) struct PolicyArgs {
    /// Snapshot folders whose trails are to be served; several are merged
    #[arg(value_name = "SNAPSHOT", required_unless_present = "trails")]
    pub(crate) paths: Vec<PathBuf>,

    /// How the policies are written
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "json",
        env = "TRAIL_LINT_FORMAT",
        hide_env = true
    )]
    pub(crate) format: PolicyFormat,

    /// Print the policy of this alone
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        env = "TRAIL_LINT_ONLY",
        hide_env = true
    )]
    pub(crate) only: Option<PolicyKind>,

    /// Who may decrypt the log files: ARNs of roles or users, or account ids [default: the account of the
    /// key, whose IAM policies then decide]
    #[arg(
        long = "reader",
        value_name = "PRINCIPAL",
        env = "TRAIL_LINT_READER",
        hide_env = true
    )]
    pub(crate) readers: Vec<String>,

    // Last, as its heading would otherwise stand over what follows.
    #[command(flatten)]
    pub(crate) plain: PlainArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyFormat {
    /// The bare policy, or an object of several
    Json,
    /// `aws_iam_policy_document` data sources
    Terraform,
    /// A template fragment
    Cloudformation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyKind {
    /// Bucket policies
    Bucket,
    /// Key policies
    Key,
    /// Topic policies
    Topic,
}

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

#[derive(Debug, Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub(crate) struct CompareArgs {
    /// The old version: a policy file, a snapshot folder, a template, or a plan
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// The new version
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    /// The bucket whose policies the files are
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,

    /// The key whose policies the files are
    #[arg(long, value_name = "ARN", conflicts_with = "topic_arn")]
    pub(crate) key_arn: Option<String>,

    /// The topic whose policies the files are
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: Option<String>,

    /// With files: a trail whose verdict is to be compared, as for `check`
    #[arg(long = "trail", value_name = "TRAIL")]
    pub(crate) trails: Vec<String>,

    /// `table`, or `json` for programs
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "table",
        env = "TRAIL_LINT_FORMAT",
        hide_env = true
    )]
    pub(crate) format: CompareFormat,

    /// The moment that dates in conditions are compared with (RFC 3339) [default: the new snapshot's
    /// `taken_at`, else now]
    #[arg(long, value_name = "TIME", env = "TRAIL_LINT_AT", hide_env = true)]
    pub(crate) at: Option<jiff::Timestamp>,

    #[command(flatten)]
    pub(crate) told: CodeTold,

    #[command(flatten)]
    pub(crate) region: CodeRegion,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareFormat {
    /// For a person at a terminal
    Table,
    /// For programs
    Json,
}

/// Whether to read AWS, and what is done with it there.
#[cfg(feature = "live")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Live AWS")]
pub(crate) struct LiveArgs {
    /// Read AWS instead of, or besides, snapshots. Starts from AWS's own variables and files
    #[arg(long, env = "TRAIL_LINT_LIVE", hide_env = true)]
    pub(crate) live: bool,

    /// Also save what is read as a snapshot, as `collect --to DIR` does
    #[arg(
        long,
        value_name = "DIR",
        requires = "live",
        env = "TRAIL_LINT_SAVE",
        hide_env = true
    )]
    pub(crate) save: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,
}

/// Whose trails are read, and with whose credentials.
#[cfg(feature = "live")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Live AWS")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that a user sets on its own"
)]
pub(crate) struct AwsArgs {
    /// The profile to start with [default: `AWS_PROFILE`, else what the environment gives]
    #[arg(long, value_name = "NAME", env = "TRAIL_LINT_PROFILE", hide_env = true)]
    pub(crate) profile: Option<String>,

    /// Read the accounts of these profiles
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        env = "TRAIL_LINT_PROFILES",
        hide_env = true
    )]
    pub(crate) profiles: Vec<String>,

    /// Read these accounts, each with the role of --role-name
    #[arg(
        long,
        value_name = "ACCOUNT",
        value_delimiter = ',',
        value_parser = account_id,
        env = "TRAIL_LINT_ACCOUNTS",
        hide_env = true
    )]
    pub(crate) accounts: Vec<String>,

    /// Read every active account of the organization, with the role of --role-name
    #[arg(long, env = "TRAIL_LINT_ORGANIZATION", hide_env = true)]
    pub(crate) organization: bool,

    /// The role to assume, with its path if it has one [default: trail-lint]
    #[arg(
        long,
        value_name = "NAME",
        env = "TRAIL_LINT_ROLE_NAME",
        hide_env = true
    )]
    pub(crate) role_name: Option<String>,

    /// The external id that the role's trust policy asks for
    #[arg(
        long,
        value_name = "ID",
        env = "TRAIL_LINT_EXTERNAL_ID",
        hide_env = true
    )]
    pub(crate) external_id: Option<String>,

    /// The owner of the bucket and key, if it is neither the caller's account nor one that is read
    #[arg(
        long,
        value_name = "ACCOUNT",
        value_parser = account_id,
        env = "TRAIL_LINT_AUDIT_ACCOUNT",
        hide_env = true
    )]
    pub(crate) audit_account: Option<String>,

    /// Look for trails in these Regions too; every Region's trails are listed anyway
    #[arg(
        long,
        value_name = "REGION",
        value_delimiter = ',',
        env = "TRAIL_LINT_REGIONS",
        hide_env = true
    )]
    pub(crate) regions: Vec<String>,

    /// Look in every Region, and ask for every trail's status in all its Regions: many more calls
    #[arg(long, env = "TRAIL_LINT_ALL_REGIONS", hide_env = true)]
    pub(crate) all_regions: bool,

    /// Calls under way at the same time
    #[arg(
        long,
        value_name = "N",
        default_value_t = 32,
        value_parser = clap::value_parser!(u16).range(1..=256),
        env = "TRAIL_LINT_CONCURRENCY",
        hide_env = true
    )]
    pub(crate) concurrency: u16,

    /// How long one attempt of a call may take; a call is tried four times
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(1..=600),
        env = "TRAIL_LINT_TIMEOUT",
        hide_env = true
    )]
    pub(crate) timeout: u16,

    /// Replace account ids by numbers in paths and texts
    #[arg(long, env = "TRAIL_LINT_REDACT_ACCOUNTS", hide_env = true)]
    pub(crate) redact_accounts: bool,

    /// Draw no line of progress on a terminal
    #[arg(long, env = "TRAIL_LINT_NO_PROGRESS", hide_env = true)]
    pub(crate) no_progress: bool,
}

#[cfg(feature = "live")]
fn account_id(text: &str) -> Result<String, String> {
    let text = text.trim();
    if trail_lint::model::arn::is_account_id(text) {
        Ok(text.to_owned())
    } else {
        Err("an account id has twelve digits".to_owned())
    }
}

#[cfg(feature = "live")]
#[derive(Debug, Args)]
#[command(after_help = COLLECT_EXAMPLES)]
pub(crate) struct CollectArgs {
    /// The snapshot's folder. An earlier snapshot there is replaced once the new one is complete
    #[arg(long, value_name = "DIR", env = "TRAIL_LINT_TO", hide_env = true)]
    pub(crate) to: PathBuf,

    /// Read this bucket too, whether or not a trail delivers to it
    #[arg(
        long = "bucket",
        value_name = "NAME",
        env = "TRAIL_LINT_BUCKET",
        hide_env = true
    )]
    pub(crate) buckets: Vec<String>,

    /// The configuration file, of which `[live]` counts [default: `trail-lint.toml`, if there is one]
    #[arg(long, value_name = "FILE", env = "TRAIL_LINT_CONFIG", hide_env = true)]
    pub(crate) config: Option<PathBuf>,

    /// Exit with 0 although AWS refused some answers
    #[arg(long, env = "TRAIL_LINT_ALLOW_PARTIAL", hide_env = true)]
    pub(crate) allow_partial: bool,

    /// Print nothing but what could not be read
    #[arg(short, long, env = "TRAIL_LINT_QUIET", hide_env = true)]
    pub(crate) quiet: bool,

    /// The Region to start with [default: `AWS_REGION`, the profile's, us-east-1]
    #[arg(
        long,
        help_heading = "Live AWS",
        value_name = "REGION",
        env = "TRAIL_LINT_REGION",
        hide_env = true
    )]
    pub(crate) region: Option<String>,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,
}

#[cfg(feature = "live")]
#[derive(Debug, Args)]
#[command(after_help = IAM_POLICY_EXAMPLES)]
pub(crate) struct IamPolicyArgs {
    /// Whose policy
    #[arg(value_enum, value_name = "FOR", default_value = "all")]
    pub(crate) side: PolicySide,

    /// The role that is assumed in the accounts to be read
    #[arg(
        long,
        value_name = "NAME",
        default_value = "trail-lint",
        env = "TRAIL_LINT_ROLE_NAME",
        hide_env = true
    )]
    pub(crate) role_name: String,

    /// `aws`, `aws-cn`, `aws-us-gov` or `aws-eusc`
    #[arg(
        long,
        value_name = "PARTITION",
        default_value = "aws",
        env = "TRAIL_LINT_PARTITION",
        hide_env = true
    )]
    pub(crate) partition: String,
}

#[cfg(feature = "live")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicySide {
    /// Everything that is ever called
    All,
    /// The credentials the run starts with: enter accounts, read the organization
    Caller,
    /// A role in an account that has trails
    Source,
    /// A role in the account that owns the bucket and the key
    Audit,
}

#[derive(Debug, Args)]
#[command(after_help = RULES_EXAMPLES)]
pub(crate) struct RulesArgs {
    /// `table`, or `json` for a list of names, layers, severities and titles
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "table",
        env = "TRAIL_LINT_FORMAT",
        hide_env = true
    )]
    pub(crate) format: RulesFormat,
}

#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub(crate) struct ExplainArgs {
    /// The rule's name, as `trail-lint rules` lists it
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,

    /// When to use colour (`NO_COLOR` is respected)
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        env = "TRAIL_LINT_COLOR",
        hide_env = true
    )]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person at a terminal
    Table,
    /// The report of version 1, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub Actions job, and its summary
    Github,
    /// A comment for a pull request
    Markdown,
    /// JUnit's XML, for the test tabs of CI servers
    Junit,
    /// GitLab's Code Quality report
    Gitlab,
    /// AWS Security Finding Format, for Security Hub
    Asff,
    /// One HTML file to read and to hand on
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For a person at a terminal
    Table,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    /// Logs do not arrive, or anyone can write
    Critical,
    /// A part of the logs, or creation fails
    High,
    /// A security weakness, or something that will break
    Medium,
    /// Advice
    Low,
}

impl From<SeverityArg> for Severity {
    fn from(severity: SeverityArg) -> Severity {
        match severity {
            SeverityArg::Critical => Severity::Critical,
            SeverityArg::High => Severity::High,
            SeverityArg::Medium => Severity::Medium,
            SeverityArg::Low => Severity::Low,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Logs do not arrive, or anyone can write
    Critical,
    /// A part of the logs, or creation fails
    High,
    /// A security weakness, or something that will break
    Medium,
    /// Any finding
    Low,
    /// Findings never change the exit status
    Never,
}

impl FailOn {
    pub(crate) fn threshold(self) -> Option<Severity> {
        match self {
            FailOn::Critical => Some(Severity::Critical),
            FailOn::High => Some(Severity::High),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::Low => Some(Severity::Low),
            FailOn::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// Flags that are no settings: they say what one run is to do.
    const OF_ONE_RUN: &[&str] = &["write-baseline", "write", "aws-commands"];

    #[test]
    fn every_flag_can_come_from_the_environment_by_its_name() {
        let cli = Cli::command();
        let mut flags = 0;
        for command in cli.get_subcommands() {
            // What `simulate` is asked, and what the files of `compare` are, is input as a file is.
            if matches!(command.get_name(), "simulate" | "compare") {
                continue;
            }
            for argument in command.get_arguments() {
                let Some(flag) = argument
                    .get_long()
                    .filter(|flag| !OF_ONE_RUN.contains(flag))
                else {
                    continue;
                };
                let variable = format!("TRAIL_LINT_{}", flag.to_uppercase().replace('-', "_"));
                let found = argument.get_env().and_then(|name| name.to_str());
                assert_eq!(found, Some(&*variable), "{} --{flag}", command.get_name());
                flags += 1;
            }
        }
        assert!(flags > 30, "{flags}");
    }
}
