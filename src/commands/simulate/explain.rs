//! One request against one policy file, explained: the decision, then every statement with what
//! matched and what did not, each at its place in the file.

use std::io::Write;
use std::path::Path;

use serde_json::json;
use trail_lint::document::{Document, InputError, Kind, Origin, Subject};
use trail_lint::iam::{Context, ContextValue, Policy, Principal, Request, Statement, Truth};
use trail_lint::report::text::{ascii, no_command, plain};
use trail_lint::simulate::examined::{Examined, compared, examined, overall, pointer};
use trail_lint::simulate::{Got, Reason, Why, element_name, judge, visible};

use super::super::screen::speaks_unicode;
use super::super::{Failure, Status};
use super::unreadable;
use crate::cli::{RulesFormat, SimulateArgs};

/// Decides and explains the request that the flags describe.
pub(super) fn explain(
    path: &Path,
    args: &SimulateArgs,
    out: &mut dyn Write,
) -> Result<Status, Failure> {
    let document = document(path)?;
    let policy = document
        .policy()
        .ok_or_else(|| InputError::whole(&document.path, "AWS refused to give this policy"))?;
    let policy =
        Policy::read(policy).map_err(|error| document.error_at(error.span, error.message))?;
    let context = context(&args.context)?;
    let request = Request {
        principal: &principal(args.principal.as_deref().unwrap_or_default()),
        action: args.action.as_deref().unwrap_or_default(),
        resource: args.resource.as_deref().unwrap_or_default(),
        context: &context,
    };
    let (got, why) = judge(&policy, &request);
    let explanation = Explanation {
        document: &document,
        elements: examined(&policy, &request),
        policy: &policy,
        request: &request,
        got,
        why,
    };
    match args.format {
        RulesFormat::Json => explanation.write_json(out)?,
        RulesFormat::Table => explanation.write_text(out)?,
    }
    Ok(Status::Clean)
}

fn document(path: &Path) -> Result<Document, Failure> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let subject = Subject::Bucket {
        account: None,
        name: String::new(),
    };
    let shown = path.display().to_string();
    let read = Document::read(Kind::GetBucketPolicy, subject, Origin::File, &shown, &bytes);
    Ok(read
        .map_err(|error| error.with_help("a policy is a JSON object, or `{\"Policy\": \"…\"}`"))?)
}

/// `cloudtrail.amazonaws.com`, an account or ARN, `*` or `anonymous`.
fn principal(text: &str) -> Principal {
    if text == "*" || text.eq_ignore_ascii_case("anonymous") {
        Principal::Anonymous
    } else if text.contains('.') && !text.contains(':') {
        Principal::Service {
            name: text.to_owned(),
            account: None,
        }
    } else {
        Principal::Aws(text.to_owned())
    }
}

/// `KEY=VALUE`, where the same key again adds a value.
fn context(flags: &[String]) -> Result<Context, Failure> {
    let mut context = Context::new();
    for flag in flags {
        let Some((key, value)) = flag.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Failure::Usage {
                message: format!("`--context {flag}` names no key and value"),
                help: "write `--context KEY=VALUE`, as in `--context s3:x-amz-acl=bucket-owner-full-control`"
                    .to_owned(),
            });
        };
        let mut values = match context.get(key) {
            ContextValue::Present(values) => values.clone(),
            _ => Vec::new(),
        };
        values.push(value.to_owned());
        context.set(key, ContextValue::Present(values));
    }
    Ok(context)
}

struct Explanation<'a> {
    document: &'a Document,
    policy: &'a Policy,
    request: &'a Request<'a>,
    elements: Vec<Vec<Examined>>,
    got: Got,
    why: Why,
}

impl Explanation<'_> {
    fn write_json(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let statements = self.policy.statements.iter().zip(&self.elements);
        let statements = statements.map(|(statement, judged)| {
            let elements = judged.iter().map(|it| {
                json!({
                    "element": element_name(statement, it.element),
                    "matches": truth(it.truth, ["yes", "no", "undocumented"]),
                    "location": self.place(pointer(statement, it.element)),
                })
            });
            json!({
                "statement": statement.index,
                "sid": statement.sid,
                "effect": format!("{:?}", statement.effect),
                "applies": truth(overall(judged), ["yes", "no", "undocumented"]),
                "location": self.place(&statement.pointer),
                "elements": elements.collect::<Vec<_>>(),
            })
        });
        let problems = self.policy.problems.iter().map(
            |problem| json!({"message": problem.message, "location": self.place(&problem.pointer)}),
        );
        let whole = json!({
            "got": self.got.name(),
            "why": self.why,
            "path": self.document.path,
            "statements": statements.collect::<Vec<_>>(),
            "problems": problems.collect::<Vec<_>>(),
        });
        let text = serde_json::to_string_pretty(&whole)?;
        writeln!(out, "{}", visible(&text))
    }

    fn place(&self, pointer: &str) -> serde_json::Value {
        let region = self.document.region(pointer);
        json!({"pointer": pointer, "line": region.line, "column": region.column})
    }

    fn write_text(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let unicode = speaks_unicode();
        for line in self.lines(unicode) {
            let safe = if unicode { plain(&line) } else { ascii(&line) };
            writeln!(out, "{}", no_command(&safe))?;
        }
        Ok(())
    }

    fn lines(&self, unicode: bool) -> Vec<String> {
        let mut lines = vec![self.headline(), format!("in {}", self.document.path)];
        if let [chosen, others @ ..] = self.why.undecided.as_slice() {
            lines.push(format!(
                "AWS does not document this case: it could also be {}; {chosen} is what this tool takes",
                others.join(" or ")
            ));
        }
        lines.extend(self.why.disputed.iter().map(|about| format!("  {about}")));
        for (statement, judged) in self.policy.statements.iter().zip(&self.elements) {
            lines.push(String::new());
            lines.push(self.statement_line(statement, judged));
            for it in judged {
                let mark = match (unicode, it.truth) {
                    (false, _) => "",
                    (true, Truth::True) => "✓ ",
                    (true, Truth::False) => "✗ ",
                    (true, Truth::Unknown) => "? ",
                };
                let words = truth(it.truth, ["matches", "does not match", "may match"]);
                let name = element_name(statement, it.element);
                let at = self.line_and_column(pointer(statement, it.element));
                lines.push(format!("  {at:>7} {mark}{name} {words}"));
                if it.truth != Truth::True {
                    let compared = compared(statement, it.element, self.request);
                    lines.push(format!("            policy:  {}", compared.policy_words()));
                    lines.push(format!("            request: {}", compared.request.words()));
                }
            }
        }
        if !self.policy.problems.is_empty() {
            lines.push(String::new());
            lines.push("Worth knowing about this policy:".to_owned());
        }
        for problem in &self.policy.problems {
            let at = self.line_and_column(&problem.pointer);
            lines.push(format!("  {at:>7} {}", problem.message));
        }
        lines
    }

    fn headline(&self) -> String {
        let list = |statements: &[usize]| {
            let names = statements.iter().map(usize::to_string).collect::<Vec<_>>();
            format!(
                "statement{} {}",
                if names.len() == 1 { "" } else { "s" },
                names.join(", ")
            )
        };
        let reason = match &self.why.reason {
            Reason::By { statement } => format!("{} allows it", list(&[*statement])),
            Reason::DeniedBy { statements } => format!("denied by {}", list(statements)),
            Reason::Missed { nearest: None } => "the policy has no Allow statement".to_owned(),
            Reason::Missed {
                nearest: Some(miss),
            } => format!(
                "no Allow statement applies; {} comes nearest",
                list(&[miss.statement])
            ),
        };
        format!("{}: {reason}", self.got.name())
    }

    fn statement_line(&self, statement: &Statement, judged: &[Examined]) -> String {
        let sid = match &statement.sid {
            Some(sid) => format!(" \"{sid}\""),
            None => String::new(),
        };
        let nearest = matches!(&self.why.reason, Reason::Missed { nearest: Some(miss) } if miss.statement == statement.index);
        format!(
            "Statement {}{sid} ({:?}) at {} {}{}",
            statement.index,
            statement.effect,
            self.line_and_column(&statement.pointer),
            truth(overall(judged), ["applies", "does not apply", "may apply"]),
            if nearest { ", nearest miss" } else { "" },
        )
    }

    fn line_and_column(&self, pointer: &str) -> String {
        let region = self.document.region(pointer);
        format!("{}:{}", region.line, region.column)
    }
}

fn truth(truth: Truth, [yes, no, perhaps]: [&str; 3]) -> &str {
    match truth {
        Truth::True => yes,
        Truth::False => no,
        Truth::Unknown => perhaps,
    }
}
