//! The names of condition operators: AWS's table, the set operators before it and `IfExists` after it.
//!
//! Source: IAM User Guide, `reference_policies_elements_condition_operators`. What they compare is in
//! `condition`.

use super::pattern::Syntax;

/// A condition operator as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// As written.
    pub name: Box<str>,
    /// Nothing for a name that AWS does not know; such a condition never matches.
    pub base: Option<BaseOperator>,
    /// Whether the name ends in `IfExists`.
    pub if_exists: bool,
    /// The set operator before the name.
    pub quantifier: Quantifier,
}

/// How many of the request's values must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantifier {
    /// No set operator: the key has one value.
    Single,
    /// `ForAllValues:`
    ForAllValues,
    /// `ForAnyValue:`
    ForAnyValue,
}

/// AWS's table of operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the variants are AWS's own names, one for one")]
pub enum BaseOperator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
}

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Text(Syntax),
    Number,
    Date,
    Bool,
    Bytes,
    Network,
    Presence,
}

/// The relation in which a request's value must stand to the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl BaseOperator {
    const ALL: [BaseOperator; 27] = [
        BaseOperator::StringEquals,
        BaseOperator::StringNotEquals,
        BaseOperator::StringEqualsIgnoreCase,
        BaseOperator::StringNotEqualsIgnoreCase,
        BaseOperator::StringLike,
        BaseOperator::StringNotLike,
        BaseOperator::NumericEquals,
        BaseOperator::NumericNotEquals,
        BaseOperator::NumericLessThan,
        BaseOperator::NumericLessThanEquals,
        BaseOperator::NumericGreaterThan,
        BaseOperator::NumericGreaterThanEquals,
        BaseOperator::DateEquals,
        BaseOperator::DateNotEquals,
        BaseOperator::DateLessThan,
        BaseOperator::DateLessThanEquals,
        BaseOperator::DateGreaterThan,
        BaseOperator::DateGreaterThanEquals,
        BaseOperator::Bool,
        BaseOperator::BinaryEquals,
        BaseOperator::IpAddress,
        BaseOperator::NotIpAddress,
        BaseOperator::ArnEquals,
        BaseOperator::ArnLike,
        BaseOperator::ArnNotEquals,
        BaseOperator::ArnNotLike,
        BaseOperator::Null,
    ];

    /// AWS's spelling.
    pub fn name(self) -> &'static str {
        match self {
            BaseOperator::StringEquals => "StringEquals",
            BaseOperator::StringNotEquals => "StringNotEquals",
            BaseOperator::StringEqualsIgnoreCase => "StringEqualsIgnoreCase",
            BaseOperator::StringNotEqualsIgnoreCase => "StringNotEqualsIgnoreCase",
            BaseOperator::StringLike => "StringLike",
            BaseOperator::StringNotLike => "StringNotLike",
            BaseOperator::NumericEquals => "NumericEquals",
            BaseOperator::NumericNotEquals => "NumericNotEquals",
            BaseOperator::NumericLessThan => "NumericLessThan",
            BaseOperator::NumericLessThanEquals => "NumericLessThanEquals",
            BaseOperator::NumericGreaterThan => "NumericGreaterThan",
            BaseOperator::NumericGreaterThanEquals => "NumericGreaterThanEquals",
            BaseOperator::DateEquals => "DateEquals",
            BaseOperator::DateNotEquals => "DateNotEquals",
            BaseOperator::DateLessThan => "DateLessThan",
            BaseOperator::DateLessThanEquals => "DateLessThanEquals",
            BaseOperator::DateGreaterThan => "DateGreaterThan",
            BaseOperator::DateGreaterThanEquals => "DateGreaterThanEquals",
            BaseOperator::Bool => "Bool",
            BaseOperator::BinaryEquals => "BinaryEquals",
            BaseOperator::IpAddress => "IpAddress",
            BaseOperator::NotIpAddress => "NotIpAddress",
            BaseOperator::ArnEquals => "ArnEquals",
            BaseOperator::ArnLike => "ArnLike",
            BaseOperator::ArnNotEquals => "ArnNotEquals",
            BaseOperator::ArnNotLike => "ArnNotLike",
            BaseOperator::Null => "Null",
        }
    }

    /// Whether it asks that none of the policy's values match.
    pub fn is_negated(self) -> bool {
        matches!(
            self,
            BaseOperator::StringNotEquals
                | BaseOperator::StringNotEqualsIgnoreCase
                | BaseOperator::StringNotLike
                | BaseOperator::NumericNotEquals
                | BaseOperator::DateNotEquals
                | BaseOperator::NotIpAddress
                | BaseOperator::ArnNotEquals
                | BaseOperator::ArnNotLike
        )
    }

    pub(super) fn family(self) -> Family {
        match self {
            BaseOperator::StringEquals | BaseOperator::StringNotEquals => {
                Family::Text(Syntax::Literal)
            }
            BaseOperator::StringEqualsIgnoreCase | BaseOperator::StringNotEqualsIgnoreCase => {
                Family::Text(Syntax::LiteralIgnoreCase)
            }
            BaseOperator::StringLike | BaseOperator::StringNotLike => Family::Text(Syntax::Glob),
            BaseOperator::ArnEquals
            | BaseOperator::ArnLike
            | BaseOperator::ArnNotEquals
            | BaseOperator::ArnNotLike => Family::Text(Syntax::Arn),
            BaseOperator::NumericEquals
            | BaseOperator::NumericNotEquals
            | BaseOperator::NumericLessThan
            | BaseOperator::NumericLessThanEquals
            | BaseOperator::NumericGreaterThan
            | BaseOperator::NumericGreaterThanEquals => Family::Number,
            BaseOperator::DateEquals
            | BaseOperator::DateNotEquals
            | BaseOperator::DateLessThan
            | BaseOperator::DateLessThanEquals
            | BaseOperator::DateGreaterThan
            | BaseOperator::DateGreaterThanEquals => Family::Date,
            BaseOperator::Bool => Family::Bool,
            BaseOperator::BinaryEquals => Family::Bytes,
            BaseOperator::IpAddress | BaseOperator::NotIpAddress => Family::Network,
            BaseOperator::Null => Family::Presence,
        }
    }

    pub(super) fn relation(self) -> Relation {
        match self {
            BaseOperator::NumericLessThan | BaseOperator::DateLessThan => Relation::Less,
            BaseOperator::NumericLessThanEquals | BaseOperator::DateLessThanEquals => {
                Relation::LessOrEqual
            }
            BaseOperator::NumericGreaterThan | BaseOperator::DateGreaterThan => Relation::Greater,
            BaseOperator::NumericGreaterThanEquals | BaseOperator::DateGreaterThanEquals => {
                Relation::GreaterOrEqual
            }
            _ => Relation::Equal,
        }
    }
}

impl Operator {
    /// Reads an operator's name. Another case, and `IfExists` after `Null`, are not AWS's names.
    pub fn parse(name: &str) -> Operator {
        let (quantifier, rest) = if let Some(rest) = name.strip_prefix("ForAllValues:") {
            (Quantifier::ForAllValues, rest)
        } else if let Some(rest) = name.strip_prefix("ForAnyValue:") {
            (Quantifier::ForAnyValue, rest)
        } else {
            (Quantifier::Single, name)
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some("Null") => ("", true),
            Some(base) => (base, true),
            None => (rest, false),
        };
        let base = BaseOperator::ALL
            .into_iter()
            .find(|operator| operator.name() == base);
        Operator {
            name: name.into(),
            base,
            if_exists,
            quantifier,
        }
    }

    /// AWS's name that this one equals but for case, for a message.
    pub fn intended(&self) -> Option<String> {
        let folded = self.name.to_ascii_lowercase();
        let prefixes = ["", "ForAllValues:", "ForAnyValue:"];
        let mut names = prefixes.iter().flat_map(|prefix| {
            BaseOperator::ALL.iter().flat_map(move |base| {
                ["", "IfExists"].map(|suffix| format!("{prefix}{}{suffix}", base.name()))
            })
        });
        names.find(|name| name.to_ascii_lowercase() == folded && !name.ends_with("NullIfExists"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let operator = Operator::parse("ForAnyValue:StringNotLikeIfExists");
        assert_eq!(operator.base, Some(BaseOperator::StringNotLike));
        assert!(operator.if_exists);
        assert_eq!(operator.quantifier, Quantifier::ForAnyValue);
    }

    #[test]
    fn only_the_spelling_of_the_table_counts() {
        let others = [
            "stringEquals",
            "Stringequals",
            "NullIfExists",
            "StringMatches",
            "",
            "IfExists",
        ];
        for name in others
            .into_iter()
            .chain(["forAllValues:StringEquals", "BoolIfexists"])
        {
            assert_eq!(Operator::parse(name).base, None, "{name}");
        }
        assert_eq!(
            Operator::parse("boolifexists").intended().as_deref(),
            Some("BoolIfExists")
        );
        assert_eq!(Operator::parse("StringMatches").intended(), None);
    }
}
