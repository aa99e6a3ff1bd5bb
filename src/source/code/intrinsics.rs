//! CloudFormation's functions, evaluated as far as a template tells.
//!
//! Source: AWS CloudFormation User Guide, "Intrinsic function reference" (read 2026-11). What only a
//! deployment can tell becomes an unknown; what CloudFormation would refuse is an error.

use super::answers::is_account;
use super::template::Stack;
use crate::document::InputError;
use crate::iam::unknown::{has_unknown, unknown};
use crate::written::{Item, Spot, Written};

/// The longest text that functions may make, far longer than any policy.
const LONGEST: usize = 1 << 20;

/// How many values make a list long.
const LONG_LIST: usize = 1_000;

/// The most values of long lists that functions may give in all.
const MOST_VALUES: usize = 5_000_000;

/// How a dynamic reference begins.
const DYNAMIC: &str = "{{resolve:";

/// Yes, no, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    Open,
}

impl Answer {
    fn of(value: bool) -> Answer {
        if value { Answer::Yes } else { Answer::No }
    }
}

/// The function that a value calls, and its argument.
pub(super) fn call(value: &Written) -> Option<(&str, &Written)> {
    match value.entries() {
        [(name, argument)]
            if name.starts_with("Fn::") || matches!(name.as_str(), "Ref" | "Condition") =>
        {
            Some((name, argument))
        }
        _ => None,
    }
}

/// How many values there are in a value.
fn size(value: &Written) -> usize {
    match &value.value {
        Item::List(items) => items.iter().map(size).sum::<usize>() + 1,
        Item::Map(entries) => entries.iter().map(|(_, value)| size(value)).sum::<usize>() + 1,
        Item::Json(inner) => size(inner),
        _ => 1,
    }
}

impl Stack<'_> {
    /// A value with its functions evaluated; `AWS::NoValue` takes an entry away.
    ///
    /// # Errors
    /// What CloudFormation would refuse, with its place.
    pub(super) fn evaluate(&self, value: &Written) -> Result<Written, InputError> {
        if let Some((name, argument)) = call(value)
            && let Some(result) = self.call(name, argument, value.at.as_ref())?
        {
            // What a function chose stands where it was written, all else where the function stands.
            let at = match name {
                "Fn::If" | "Fn::FindInMap" => result.at.clone().or_else(|| value.at.clone()),
                // Of a text and a map, the text.
                "Fn::Sub" => argument.items().first().and_then(|text| text.at.clone()),
                _ => value.at.clone(),
            };
            self.note_size(&result, at.as_ref())?;
            return Ok(self.with_dynamic(result).at(at));
        }
        let read = match &value.value {
            Item::List(items) => {
                let mut read = Vec::with_capacity(items.len());
                for item in items {
                    let item = self.evaluate(item)?;
                    if !item.is_null() {
                        read.push(item);
                    }
                }
                Item::List(read)
            }
            Item::Map(entries) => {
                let mut read = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let value = self.evaluate(value)?;
                    if !value.is_null() {
                        read.push((key.clone(), value));
                    }
                }
                Item::Map(read)
            }
            Item::Text(_) => return Ok(self.with_dynamic(value.clone())),
            other => other.clone(),
        };
        Ok(Written {
            value: read,
            at: value.at.clone(),
        })
    }

    /// Each use of a long list is a copy of it.
    fn note_size(&self, value: &Written, at: Option<&Spot>) -> Result<(), InputError> {
        let size = size(value);
        if size < LONG_LIST {
            return Ok(());
        }
        let all = self.budget.values.get().saturating_add(size);
        self.budget.values.set(all);
        if all <= MOST_VALUES {
            return Ok(());
        }
        let message = format!(
            "long lists are used so often that they come to more than {MOST_VALUES} values"
        );
        Err(self.error(at, message))
    }

    /// A text in which dynamic references are not known: only Systems Manager or Secrets Manager has what they
    /// stand for.
    fn with_dynamic(&self, value: Written) -> Written {
        let Item::Text(text) = &value.value else {
            return value;
        };
        if !text.contains(DYNAMIC) {
            return value;
        }
        let mut read = String::new();
        let mut rest = text.as_str();
        while let Some((before, from)) = rest.split_once(DYNAMIC) {
            let Some((name, after)) = from.split_once("}}") else {
                break;
            };
            read.push_str(before);
            read.push_str(&unknown(&format!("{}{name}", self.label)));
            rest = after;
        }
        read.push_str(rest);
        Written {
            value: Item::Text(read),
            at: value.at,
        }
    }

    /// The result of a function; nothing for what only looks like one, as a policy's `Condition`.
    fn call(
        &self,
        name: &str,
        argument: &Written,
        at: Option<&Spot>,
    ) -> Result<Option<Written>, InputError> {
        Ok(Some(match name {
            "Ref" => {
                let name = self.text_of(argument, "Ref")?;
                self.reference(&name, at)?
            }
            "Fn::GetAtt" => self.get_att(argument, at)?,
            "Fn::Sub" => self.sub(argument, at)?,
            "Fn::Join" => self.join(argument, at)?,
            "Fn::If" => self.choose(argument, at)?,
            "Fn::FindInMap" => self.find_in_map(argument, at)?,
            "Fn::Select" => self.select(argument, at)?,
            "Fn::Split" => self.split(argument, at)?,
            "Fn::ImportValue" => match self.of_another(name, argument)? {
                Some(value) => value,
                None => match self.evaluate(argument)?.as_text() {
                    Some(name) => self.open(name),
                    None => self.opened("import", argument),
                },
            },
            "Fn::GetStackOutput" => match self.of_another(name, argument)? {
                Some(value) => value,
                None => self.opened("output", argument),
            },
            "Fn::ToJsonString" => {
                let value = self.evaluate(argument)?;
                // A text in a text in a text doubles what escapes its quotes each time.
                self.check_length(value.to_json(&unknown).0.len(), at)?;
                Written::implied(Item::Json(Box::new(value)))
            }
            "Fn::Length" => self.length(argument)?,
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
                match self.condition(argument, name, at)? {
                    Answer::Open => self.opened(name, argument),
                    answer => Written::implied(Item::Bool(answer == Answer::Yes)),
                }
            }
            "Condition" => return Ok(None),
            // Functions that ask AWS, that transforms bring, or that no policy of CloudTrail's needs.
            other => self.opened(other, argument),
        }))
    }

    /// A value that is not known, under a name that tells this stack's from another's.
    pub(super) fn open(&self, name: &str) -> Written {
        Written::implied(Item::Unknown(format!("{}{name}", self.label)))
    }

    /// What a function makes of arguments that do not tell. The name holds the arguments, since two calls of one
    /// function need not give the same.
    fn opened(&self, function: &str, arguments: &Written) -> Written {
        let text = arguments.to_json(&unknown).0;
        self.open(&super::named_for(function, &text))
    }

    fn error(&self, at: Option<&Spot>, message: String) -> InputError {
        self.template.error(at, message)
    }

    /// A text that must be known, as names in functions are.
    fn text_of(&self, value: &Written, function: &str) -> Result<String, InputError> {
        let text = value.as_text().map(str::to_owned);
        text.ok_or_else(|| self.error(value.at.as_ref(), format!("`{function}` takes a name here")))
    }

    fn list<'a>(
        &self,
        argument: &'a Written,
        function: &str,
        at: Option<&Spot>,
        least: usize,
    ) -> Result<&'a [Written], InputError> {
        match &argument.value {
            Item::List(items) if items.len() >= least => Ok(items),
            _ => Err(self.error(
                at,
                format!("`{function}` takes a list of {least} or more values"),
            )),
        }
    }

    fn get_att(&self, argument: &Written, at: Option<&Spot>) -> Result<Written, InputError> {
        let (resource, attribute) = match &argument.value {
            Item::Text(text) => {
                let (resource, attribute) = text.split_once('.').ok_or_else(|| {
                    self.error(at, "`Fn::GetAtt` takes `RESOURCE.ATTRIBUTE`".to_owned())
                })?;
                (resource.to_owned(), attribute.to_owned())
            }
            _ => match self.list(argument, "Fn::GetAtt", at, 2)? {
                [resource, attribute, ..] => {
                    let attribute = self.evaluate(attribute)?;
                    (
                        self.text_of(resource, "Fn::GetAtt")?,
                        attribute.as_text().unwrap_or("attribute").to_owned(),
                    )
                }
                _ => return Ok(self.open("GetAtt")),
            },
        };
        self.attribute(&resource, &attribute, at)
    }

    fn sub(&self, argument: &Written, at: Option<&Spot>) -> Result<Written, InputError> {
        let (text, own) = match &argument.value {
            Item::List(items) => match items.as_slice() {
                [text, own] => (text, own.entries()),
                _ => {
                    let message = "`Fn::Sub` takes a text, or a text and a map".to_owned();
                    return Err(self.error(at, message));
                }
            },
            _ => (argument, &[][..]),
        };
        let text = self.text_of(text, "Fn::Sub")?;
        let mut result = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                result.push_str("${");
                rest = after;
                continue;
            };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str("${");
                result.push_str(literal);
                result.push('}');
                continue;
            }
            let name = name.trim();
            let value = match own.iter().find(|(key, _)| key == name) {
                Some((_, value)) => self.evaluate(value)?,
                None => match name.split_once('.') {
                    Some((resource, attribute)) => self.attribute(resource, attribute, at)?,
                    None => self.reference(name, at)?,
                },
            };
            self.push(&mut result, &value, at)?;
        }
        result.push_str(rest);
        Ok(Written::text(result))
    }

    /// Adds a value to a text; one that is not known stands in it under its name.
    fn push(
        &self,
        text: &mut String,
        value: &Written,
        at: Option<&Spot>,
    ) -> Result<(), InputError> {
        match (&value.value, value.as_text()) {
            (Item::Unknown(name), _) => text.push_str(&unknown(name)),
            (_, Some(part)) => text.push_str(part),
            _ => return Err(self.error(at, "expected a text, found a list or a map".to_owned())),
        }
        self.check_length(text.len(), at)
    }

    fn check_length(&self, length: usize, at: Option<&Spot>) -> Result<(), InputError> {
        if length <= LONGEST {
            return Ok(());
        }
        let message = format!("this makes a text of more than {LONGEST} bytes");
        Err(self.error(at, message))
    }

    /// How many values a list has.
    fn length(&self, argument: &Written) -> Result<Written, InputError> {
        let list = self.evaluate(argument)?;
        Ok(match &list.value {
            Item::List(items) => Written::implied(Item::Number(items.len().to_string().into())),
            _ => self.opened("Length", argument),
        })
    }

    fn join(&self, argument: &Written, at: Option<&Spot>) -> Result<Written, InputError> {
        let items = self.list(argument, "Fn::Join", at, 2)?;
        let [delimiter, list, ..] = items else {
            return Ok(self.opened("Join", argument));
        };
        let delimiter = self.text_of(delimiter, "Fn::Join")?;
        let list = self.evaluate(list)?;
        if let Item::Unknown(_) = &list.value {
            return Ok(self.opened("Join", argument));
        }
        let mut result = String::new();
        for (index, item) in list.items().iter().enumerate() {
            if index > 0 {
                result.push_str(&delimiter);
            }
            self.push(&mut result, item, at)?;
        }
        Ok(Written::text(result))
    }

    fn choose(&self, argument: &Written, at: Option<&Spot>) -> Result<Written, InputError> {
        let [name, yes, no, ..] = self.list(argument, "Fn::If", at, 3)? else {
            return Ok(self.opened("If", argument));
        };
        let condition = self.text_of(name, "Fn::If")?;
        match self.named_condition(&condition, at)? {
            Answer::Yes => self.evaluate(yes),
            Answer::No => self.evaluate(no),
            Answer::Open => {
                let (yes, no) = (self.evaluate(yes)?, self.evaluate(no)?);
                let same = yes.to_json(&unknown).0 == no.to_json(&unknown).0;
                if same {
                    return Ok(yes);
                }
                let both = Written::implied(Item::List(vec![yes, no]));
                Ok(self.opened(&condition, &both))
            }
        }
    }

    fn find_in_map(&self, argument: &Written, at: Option<&Spot>) -> Result<Written, InputError> {
        let items = self.list(argument, "Fn::FindInMap", at, 3)?;
        let mut keys = Vec::new();
        for key in items.iter().take(3) {
            let key = self.evaluate(key)?;
            match key.as_text().filter(|text| !has_unknown(text)) {
                Some(text) => keys.push(text.to_owned()),
                None => return Ok(self.opened("mapping", argument)),
            }
        }
        let path: Vec<&str> = keys.iter().map(String::as_str).collect();
        let found = self
            .template
            .section("Mappings")
            .and_then(|all| all.path(&path));
        let default = items.get(3).and_then(|options| options.get("DefaultValue"));
        match (found, default) {
            (Some(value), _) | (None, Some(value)) => self.evaluate(value),
            (None, None) => {
                Err(self.error(at, format!("there is no mapping `{}`", keys.join("."))))
            }
        }
    }

    fn select(&self, argument: &Written, at: Option<&Spot>) -> Result<Written, InputError> {
        let [index, list, ..] = self.list(argument, "Fn::Select", at, 2)? else {
            return Ok(self.opened("Select", argument));
        };
        let (index, list) = (self.evaluate(index)?, self.evaluate(list)?);
        if let Item::Unknown(_) = &list.value {
            return Ok(self.opened("Select", argument));
        }
        let Some(text) = index.as_text().filter(|text| !has_unknown(text)) else {
            return Ok(self.opened("Select", argument));
        };
        let chosen = text
            .parse()
            .ok()
            .and_then(|index: usize| list.items().get(index));
        chosen.cloned().ok_or_else(|| {
            let count = list.items().len();
            self.error(
                at,
                format!("`Fn::Select` asks for item {text} of a list of {count}"),
            )
        })
    }

    fn split(&self, argument: &Written, at: Option<&Spot>) -> Result<Written, InputError> {
        let [delimiter, text, ..] = self.list(argument, "Fn::Split", at, 2)? else {
            return Ok(self.opened("Split", argument));
        };
        let delimiter = self.text_of(delimiter, "Fn::Split")?;
        let text = self.evaluate(text)?;
        match text.as_text() {
            // How many parts an unknown has is not known either.
            Some(text) if !has_unknown(text) && !delimiter.is_empty() => {
                let parts = text.split(&*delimiter).map(Written::text);
                Ok(Written::implied(Item::List(parts.collect())))
            }
            _ => Ok(self.opened("Split", argument)),
        }
    }

    /// Evaluates a condition function.
    pub(super) fn condition(
        &self,
        argument: &Written,
        name: &str,
        at: Option<&Spot>,
    ) -> Result<Answer, InputError> {
        match name {
            "Condition" => {
                let name = self.text_of(argument, "Condition")?;
                self.named_condition(&name, at)
            }
            "Fn::Equals" => {
                let [one, other, ..] = self.list(argument, name, at, 2)? else {
                    return Ok(Answer::Open);
                };
                let (one, other) = (self.evaluate(one)?, self.evaluate(other)?);
                Ok(match equals(&one, &other) {
                    Answer::Open if self.differ(&one, &other) || self.differ(&other, &one) => {
                        Answer::No
                    }
                    answer => answer,
                })
            }
            "Fn::Not" => {
                let items = self.list(argument, name, at, 1)?;
                let Some(item) = items.first() else {
                    return Ok(Answer::Open);
                };
                Ok(match self.condition_value(item)? {
                    Answer::Yes => Answer::No,
                    Answer::No => Answer::Yes,
                    Answer::Open => Answer::Open,
                })
            }
            "Fn::And" | "Fn::Or" => {
                let decisive = if name == "Fn::And" {
                    Answer::No
                } else {
                    Answer::Yes
                };
                let mut open = false;
                for item in self.list(argument, name, at, 1)? {
                    let answer = self.condition_value(item)?;
                    if answer == decisive {
                        return Ok(decisive);
                    }
                    open |= answer == Answer::Open;
                }
                Ok(match (open, decisive) {
                    (true, _) => Answer::Open,
                    (false, Answer::No) => Answer::Yes,
                    (false, _) => Answer::No,
                })
            }
            _ => Ok(Answer::Open),
        }
    }

    /// Whether the Region or the account of the stack, though not known, is certainly not a text: the partition
    /// is known, or taken for the public one, and an account id is twelve digits.
    fn differ(&self, own: &Written, other: &Written) -> bool {
        let (Some(own), Some(other)) = (own.as_text(), other.as_text()) else {
            return false;
        };
        let is_other_partition = *own == *self.place.region
            && super::partition_of(other) != self.place.partition.as_str();
        let is_no_account = *own == *self.place.account && !is_account(other);
        !has_unknown(other) && (is_other_partition || is_no_account)
    }

    /// Evaluates what stands where a condition is expected.
    pub(super) fn condition_value(&self, value: &Written) -> Result<Answer, InputError> {
        match call(value) {
            Some((name, argument)) => self.condition(argument, name, value.at.as_ref()),
            None => Ok(value.as_bool().map_or(Answer::Open, Answer::of)),
        }
    }
}

fn equals(one: &Written, other: &Written) -> Answer {
    match (&one.value, &other.value) {
        (Item::Unknown(one), Item::Unknown(other)) if one == other => Answer::Yes,
        (Item::Unknown(_), _) | (_, Item::Unknown(_)) => Answer::Open,
        _ => match (one.as_text(), other.as_text()) {
            (Some(one), Some(other)) if one == other => Answer::Yes,
            (Some(one), Some(other)) if has_unknown(one) || has_unknown(other) => Answer::Open,
            (Some(_), Some(_)) => Answer::No,
            _ => Answer::Open,
        },
    }
}
