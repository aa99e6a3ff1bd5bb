//! Judges the single texts of a policy: compiles each and says what AWS would not accept about it.
//!
//! Source: IAM User Guide, the pages of the policy elements and
//! `access-analyzer-reference-policy-checks`.

use super::operator::{BaseOperator, Family};
use super::pattern::{Pattern, Syntax};
use super::policy::{Comparand, PrincipalKind, Version};
use super::principal::{AwsForm, aws_form};
use super::problem::ProblemKind;
use super::unknown::{has_unknown, is_unknown};
use super::value::{DateForm, Decimal, Instant, Network, base64, boolean};

type Found = Vec<(ProblemKind, String)>;

fn one(kind: ProblemKind, message: String) -> Found {
    vec![(kind, message)]
}

/// Judges one value under a kind of principal.
pub(super) fn principal(kind: PrincipalKind, text: &str) -> Found {
    if has_unknown(text) {
        return Vec::new();
    }
    let bad = |message| one(ProblemKind::BadPrincipal, message);
    match kind {
        PrincipalKind::Aws => match aws_form(text) {
            AwsForm::Accepted => Vec::new(),
            AwsForm::Deleted => one(
                ProblemKind::DeletedPrincipal,
                format!("`{text}` is what is left of a deleted user or role and names nobody"),
            ),
            AwsForm::Wildcard => bad(format!(
                "a principal takes no wildcard but `*` alone, found `{text}`"
            )),
            AwsForm::Other => bad(format!(
                "`{text}` is neither an account nor the ARN of a user, role or session"
            )),
        },
        PrincipalKind::Service if text.contains(['*', '?']) => bad(format!(
            "a service principal takes no wildcard, found `{text}`"
        )),
        PrincipalKind::Service if !text.contains('.') => bad(format!(
            "`{text}` is no service principal, expected one such as `cloudtrail.amazonaws.com`"
        )),
        PrincipalKind::Federated | PrincipalKind::CanonicalUser if text.contains(['*', '?']) => {
            bad(format!("only `AWS` takes a wildcard, found `{text}`"))
        }
        _ => Vec::new(),
    }
}

/// Compiles one text of `Action` or `NotAction`.
pub(super) fn action(text: &str) -> (Pattern, Found) {
    if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
        return (Pattern::action(text), Vec::new());
    }
    let refused = |message| (Pattern::never(text), one(ProblemKind::BadAction, message));
    let Some((service, name)) = text.split_once(':') else {
        return refused(format!(
            "the action `{text}` names no service, expected `service:Action`"
        ));
    };
    if service.is_empty() || name.is_empty() {
        return refused(format!(
            "the action `{text}` is incomplete, expected `service:Action`"
        ));
    }
    if text.contains(|character: char| character.is_whitespace() || character == ',') {
        return refused(format!("the action `{text}` has a space or a comma in it"));
    }
    let pattern = Pattern::action(text);
    if service.contains(['*', '?']) {
        let message =
            format!("the wildcard before the colon of `{text}` grants other services' actions too");
        return (pattern, one(ProblemKind::WildcardInActionPrefix, message));
    }
    (pattern, Vec::new())
}

/// Compiles one text of `Resource` or `NotResource`.
pub(super) fn resource(text: &str, version: Version) -> (Pattern, Found) {
    let mut found = Vec::new();
    let pattern = compile(Syntax::Resource, text, version, &mut found);
    let all = !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    if all || has_unknown(text) {
        return (pattern, found);
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, heads @ ..] = parts.as_slice() else {
        return (pattern, found);
    };
    if !Pattern::glob(arn).matches("arn") {
        found.push((
            ProblemKind::BadResource,
            format!("the resource `{text}` is no ARN and not `*`"),
        ));
    } else if heads.len() < 5 {
        let message = format!("the ARN `{text}` has {} of six parts", parts.len());
        found.push((ProblemKind::ShortArn, message));
    }
    if heads
        .get(1)
        .is_some_and(|service| service.contains(['*', '?']))
    {
        let message = format!("the service part of the ARN `{text}` takes no wildcard");
        found.push((ProblemKind::WildcardInService, message));
    }
    let fixed = heads.iter().take(4).any(|part| part.contains("${"));
    if version.has_variables() && (arn.contains("${") || fixed) {
        let message = format!("variables are not replaced before the fifth colon of `{text}`");
        found.push((ProblemKind::MisplacedVariable, message));
    }
    (pattern, found)
}

fn compile(syntax: Syntax, text: &str, version: Version, found: &mut Found) -> Pattern {
    let pattern = Pattern::with_variables(syntax, text);
    if version.has_variables() {
        return pattern;
    }
    if pattern.variables().any(|it| !is_unknown(&it.key)) {
        let message = format!(
            "the variable in `{text}` is literal text, since the version is not `2012-10-17`"
        );
        found.push((ProblemKind::LiteralVariable, message));
    }
    Pattern::compile(syntax, text)
}

/// Reads one condition value in its operator's type.
pub(super) fn comparand(
    operator: Option<BaseOperator>,
    text: &str,
    version: Version,
) -> (Comparand, Found) {
    let Some(operator) = operator else {
        return (Comparand::Unusable, Vec::new());
    };
    let typed = |value: Option<Comparand>, expected: &str| match value {
        Some(value) => (value, Vec::new()),
        None if has_unknown(text) => (Comparand::Unknown, Vec::new()),
        None => (
            Comparand::Unusable,
            one(
                ProblemKind::BadValue,
                format!("`{}` compares {expected}, found `{text}`", operator.name()),
            ),
        ),
    };
    match operator.family() {
        Family::Text(syntax) => {
            let mut found = Vec::new();
            let pattern = compile(syntax, text, version, &mut found);
            if pattern.is_never() {
                let message = format!(
                    "`{}` compares ARNs of six parts, found `{text}`",
                    operator.name()
                );
                found.push((ProblemKind::BadValue, message));
            }
            (Comparand::Text(pattern), found)
        }
        Family::Number => typed(
            Decimal::parse(text).map(Comparand::Number),
            "decimal numbers",
        ),
        Family::Date => date(operator, text),
        Family::Bytes => typed(base64(text).map(Comparand::Bytes), "base64 text"),
        Family::Network => typed(
            Network::parse(text).map(Comparand::Network),
            "addresses and CIDR ranges",
        ),
        Family::Bool | Family::Presence => {
            let (value, mut found) = typed(boolean(text).map(Comparand::Bool), "`true` or `false`");
            let is_known = !matches!(value, Comparand::Unusable | Comparand::Unknown);
            if is_known && !matches!(text, "true" | "false") {
                let message = format!("`{text}` is not in lower case, as AWS's examples have it");
                found.push((ProblemKind::AmbiguousValue, message));
            }
            (value, found)
        }
    }
}

fn date(operator: BaseOperator, text: &str) -> (Comparand, Found) {
    if has_unknown(text) {
        return (Comparand::Unknown, Vec::new());
    }
    let Some((instant, form)) = Instant::parse(text) else {
        let message = format!(
            "`{}` compares ISO 8601 dates or UNIX seconds, found `{text}`",
            operator.name()
        );
        return (Comparand::Unusable, one(ProblemKind::BadValue, message));
    };
    let found = match form {
        DateForm::Documented => Vec::new(),
        DateForm::BareYear => one(
            ProblemKind::AmbiguousValue,
            format!("`{text}` is taken for a year, but could be read as UNIX seconds"),
        ),
        DateForm::NoZone => one(
            ProblemKind::AmbiguousValue,
            format!("`{text}` has no time zone and is taken for UTC"),
        ),
    };
    (Comparand::Instant(instant), found)
}
