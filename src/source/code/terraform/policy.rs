//! Policies in plans: as text, or as `aws_iam_policy_document` renders them; each part with its place in the
//! `.tf` files, where it can be found there.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::structure::{BlockLabel, Body, Structure};

use super::evaluate::{Scope, open};
use super::reader::Reader;
use super::resources::Resource;
use super::sources::block_spot;
use super::values::{pairs, settled};
use crate::document::InputError;
use crate::iam::unknown::has_unknown;
use crate::json::{self, Node, Span, Value};
use crate::source::code::answers::object;
use crate::written::{Item, SourceFile, Spot, Written};

impl<'a> Reader<'a> {
    /// A policy that an attribute holds; nothing if it holds none. What is known of it is the plan's, and
    /// what the plan leaves open is worked out from the code.
    pub(super) fn policy(
        &self,
        resource: &Resource,
        name: &str,
    ) -> Result<Option<Written>, InputError> {
        let planned = resource.values.get(name);
        let code = self.in_code(resource, name);
        let code_at = code.as_ref().and_then(|code| code.at.clone());
        let code_at = code_at.or_else(|| self.spot_of_block(resource));
        let is_in_code = code.is_some();
        let tree = code
            .and_then(as_tree)
            .or_else(|| self.document_referred(resource, name));
        match planned.map(|planned| (planned, &planned.value)) {
            Some((_, Item::Null)) => Ok(None),
            Some((_, Item::Text(text))) if text.trim().is_empty() => Ok(None),
            Some((planned, Item::Text(_))) => {
                let policy = self.in_plan(planned)?;
                Ok(Some(match (tree, code_at) {
                    (None, None) => policy,
                    (tree, at) => placed(policy, tree.as_ref(), at.as_ref()),
                }))
            }
            Some((planned, _)) => Ok(Some(tree.map_or_else(
                || planned.clone().at(code_at.clone()),
                |tree| {
                    let own = tree.at.clone().or_else(|| code_at.clone());
                    tree.at(own)
                },
            ))),
            // The code gives one that nobody can tell.
            None => Ok(tree.or_else(|| {
                code_at
                    .filter(|_| is_in_code)
                    .map(|at| open(&format!("{}.{name}", resource.address)).at(Some(at)))
            })),
        }
    }

    /// The policy document that the plan's configuration refers to, where there are no `.tf` files.
    fn document_referred(&self, resource: &Resource, name: &str) -> Option<Written> {
        self.referred(resource, name).and_then(as_tree)
    }

    /// A policy's text, parsed where it stands in the plan.
    fn in_plan(&self, planned: &Written) -> Result<Written, InputError> {
        let text = planned.as_text().unwrap_or_default();
        let file = &self.plan.file;
        let read = match &planned.at {
            Some(spot) => {
                let node = Node {
                    span: spot.span,
                    value: Value::String(text.into()),
                };
                json::parse_embedded(file.text(), &node)
            }
            None => json::parse(text),
        };
        let node = read.map_err(|error| InputError {
            path: file.path.clone(),
            at: Some(file.position(error.offset)),
            message: format!("the policy is no JSON: {}", error.message),
            help: Some("AWS would refuse it as well".to_owned()),
        })?;
        Ok(Written::from_json(&node, file))
    }

    /// What `data.aws_iam_policy_document` renders.
    pub(super) fn policy_document(&self, resource: &Resource) -> Written {
        let key = format!("{} document", resource.address);
        self.once(key, &format!("{}.json", resource.address), || {
            let in_code = self.block(resource).map(|(file, block)| {
                let scope = Self::scope(resource, file, Some(block));
                let blocks = self.body(&block.body, &scope, None);
                blocks.at(block_spot(file, block))
            });
            // The files show the parts that a plan leaves open; a plan alone, what it knows.
            let blocks = in_code.unwrap_or_else(|| resource.values.clone());
            let rendered = Self::rendered(&blocks);
            let at = blocks.at.clone().or_else(|| resource.at.clone());
            let rendered = match rendered.value {
                Item::Unknown(_) => self.known_text(resource).unwrap_or(rendered),
                _ => rendered,
            };
            Some(match rendered.value {
                Item::Unknown(_) => rendered.at(at),
                _ => Written::implied(Item::Json(Box::new(rendered.at(at.clone())))).at(at),
            })
        })
    }

    fn known_text(&self, resource: &Resource) -> Option<Written> {
        let text = resource.values.get("json")?;
        text.as_text()?;
        self.in_plan(text).ok()
    }

    /// The blocks of one name in a resource's code, as a plan shows them.
    pub(super) fn blocks_in_code(&self, resource: &Resource, name: &str) -> Option<Written> {
        let (file, block) = self.block(resource)?;
        let is_there = block.body.blocks().any(|inner| {
            inner.has_ident(name) || inner.has_ident("dynamic") && inner.has_exact_labels(&[name])
        });
        let scope = || Self::scope(resource, file, Some(block));
        let all = is_there.then(|| self.body(&block.body, &scope(), Some(name)))?;
        all.get(name).cloned()
    }

    /// The attributes and blocks of a body, as a plan shows them, or blocks of one name only; dynamic blocks are
    /// written out.
    fn body(&self, body: &'a Body, scope: &Scope<'a>, only: Option<&str>) -> Written {
        let mut entries: Vec<(String, Written)> = Vec::new();
        let mut lists: BTreeMap<String, Vec<Written>> = BTreeMap::new();
        let mut unsure = Vec::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) if only.is_none() => {
                    let name = attribute.key.as_str().to_owned();
                    entries.push((name, settled(self.evaluate(&attribute.value, scope))));
                }
                Structure::Block(block) if block.ident.as_str() == "dynamic" => {
                    let name = block.labels.first().map(BlockLabel::as_str);
                    let Some(name) = name.filter(|name| only.is_none_or(|only| only == *name))
                    else {
                        continue;
                    };
                    match self.dynamic(name, &block.body, scope) {
                        Some(all) => {
                            let at = block_spot(scope.file, block);
                            let all = all.into_iter().map(|it| it.at(at.clone()));
                            lists.entry(name.to_owned()).or_default().extend(all);
                        }
                        None => unsure.push(name.to_owned()),
                    }
                }
                Structure::Block(block) if only.is_none_or(|only| block.has_ident(only)) => {
                    let inner = self.body(&block.body, scope, None);
                    let name = block.ident.as_str().to_owned();
                    let all = lists.entry(name).or_default();
                    all.push(inner.at(block_spot(scope.file, block)));
                }
                Structure::Attribute(_) | Structure::Block(_) => {}
            }
        }
        for name in unsure {
            lists.remove(&name);
            entries.push((name.clone(), open(&name)));
        }
        entries.extend(
            lists
                .into_iter()
                .map(|(name, list)| (name, Written::implied(Item::List(list)))),
        );
        Written::implied(Item::Map(entries))
    }

    fn dynamic(&self, name: &str, body: &'a Body, scope: &Scope<'a>) -> Option<Vec<Written>> {
        let all = self.evaluate(&body.get_attribute("for_each")?.value, scope);
        // What is not known of a set may stand for any number, so for none.
        let is_any_number = |it: &Written| matches!(it.value, Item::Unknown(_));
        if matches!(all.value, Item::Set(_)) && all.items().iter().any(is_any_number) {
            return None;
        }
        let iterator = body
            .get_attribute("iterator")
            .map(|it| it.value.to_string().trim().to_owned());
        let iterator = iterator.unwrap_or_else(|| name.to_owned());
        let content = body.get_blocks("content").next()?;
        pairs(&all)?
            .into_iter()
            .map(|(key, value)| {
                let mut inner = self.round(scope)?;
                let pair = vec![("key".to_owned(), key), ("value".to_owned(), value)];
                inner
                    .names
                    .insert(iterator.clone(), Written::implied(Item::Map(pair)));
                Some(self.body(&content.body, &inner, None))
            })
            .collect()
    }

    /// A policy from the arguments of `aws_iam_policy_document` (AWS provider's documentation, read 2026-11).
    fn rendered(blocks: &Written) -> Written {
        let mut statements: Vec<Written> = Vec::new();
        for source in blocks
            .get("source_policy_documents")
            .map_or(&[][..], Written::items)
        {
            match as_tree(source.clone()) {
                Some(tree) => statements.extend(statements_of(&tree)),
                None => return open("a source policy document"),
            }
        }
        let own = blocks.get("statement");
        if let Some(Written {
            value: Item::Unknown(name),
            ..
        }) = own
        {
            return open(name);
        }
        for block in own.map_or(&[][..], Written::items) {
            match statement(block) {
                Some(statement) => replace_or_add(&mut statements, statement),
                None => return open("a statement"),
            }
        }
        for source in blocks
            .get("override_policy_documents")
            .map_or(&[][..], Written::items)
        {
            let Some(tree) = as_tree(source.clone()) else {
                return open("an overriding policy document");
            };
            for statement in statements_of(&tree) {
                replace_or_add(&mut statements, statement);
            }
        }
        let version = blocks.get("version").filter(|it| !it.is_null()).cloned();
        object(vec![
            (
                "Version",
                version.or_else(|| Some(Written::text("2012-10-17"))),
            ),
            ("Statement", Some(Written::implied(Item::List(statements)))),
        ])
    }
}

fn statements_of(policy: &Written) -> Vec<Written> {
    policy
        .get("Statement")
        .map_or(&[][..], Written::items)
        .to_vec()
}

/// A statement takes the place of an earlier one with its `Sid`.
fn replace_or_add(statements: &mut Vec<Written>, new: Written) {
    let sid = |it: &Written| {
        it.get("Sid")
            .and_then(Written::as_text)
            .filter(|sid| !sid.is_empty())
            .map(str::to_owned)
    };
    let same = sid(&new).and_then(|own| {
        statements
            .iter_mut()
            .find(|it| sid(it).as_ref() == Some(&own))
    });
    match same {
        Some(old) => *old = new,
        None => statements.push(new),
    }
}

/// One `statement` block.
fn statement(block: &Written) -> Option<Written> {
    if let Item::Unknown(_) = block.value {
        return None;
    }
    let field = |name: &str| {
        let value = block.get(name).filter(|it| !it.is_null())?;
        let empty = matches!(value.value, Item::List(_)) && value.items().is_empty();
        (!empty).then(|| with_variables(value.clone()))
    };
    let effect = field("effect").filter(|it| it.as_text() != Some(""));
    let mut principals = [None, None];
    for (slot, name) in principals.iter_mut().zip(["principals", "not_principals"]) {
        *slot = principal(block.get(name)).ok()?;
    }
    let [principals, not_principals] = principals;
    let statement = object(vec![
        ("Sid", field("sid").filter(|it| it.as_text() != Some(""))),
        ("Effect", effect.or_else(|| Some(Written::text("Allow")))),
        ("Principal", principals),
        ("NotPrincipal", not_principals),
        ("Action", field("actions")),
        ("NotAction", field("not_actions")),
        ("Resource", field("resources")),
        ("NotResource", field("not_resources")),
        ("Condition", conditions(block.get("condition")).ok()?),
    ]);
    Some(statement.at(block.at.clone()))
}

/// Something that decides about a statement's shape is not known.
struct Open;

/// The principals; nothing if there are none.
fn principal(blocks: Option<&Written>) -> Result<Option<Written>, Open> {
    let mut entries: Vec<(String, Written)> = Vec::new();
    for block in blocks.map_or(&[][..], Written::items) {
        let kind = block.get("type").and_then(Written::as_text).ok_or(Open)?;
        let identifiers = with_variables(block.get("identifiers").cloned().ok_or(Open)?);
        let everyone = identifiers
            .items()
            .iter()
            .any(|it| it.as_text() == Some("*"));
        if kind == "*" && everyone {
            return Ok(Some(Written::text("*").at(block.at.clone())));
        }
        match entries.iter_mut().find(|(known, _)| known == kind) {
            Some((_, known)) => {
                let all = known.items().iter().chain(identifiers.items()).cloned();
                known.value = Item::List(all.collect());
            }
            None => entries.push((kind.to_owned(), identifiers)),
        }
    }
    let at = blocks.and_then(|blocks| blocks.items().first()?.at.clone());
    let all = Written {
        value: Item::Map(entries),
        at,
    };
    Ok(Some(all).filter(|all| !all.entries().is_empty()))
}

fn conditions(blocks: Option<&Written>) -> Result<Option<Written>, Open> {
    let mut tests: Vec<(String, Vec<(String, Written)>)> = Vec::new();
    for block in blocks.map_or(&[][..], Written::items) {
        let known = |name: &str| {
            let text = block.get(name).and_then(Written::as_text);
            text.filter(|text| !has_unknown(text)).ok_or(Open)
        };
        let test = known("test")?;
        let variable = known("variable")?;
        let values = with_variables(block.get("values").cloned().ok_or(Open)?);
        let at = tests.iter().position(|(known, _)| known == test);
        let keys = match at.and_then(|at| tests.get_mut(at)) {
            Some((_, keys)) => keys,
            None => {
                tests.push((test.to_owned(), Vec::new()));
                &mut tests.last_mut().ok_or(Open)?.1
            }
        };
        match keys.iter_mut().find(|(known, _)| known == variable) {
            Some((_, known)) => {
                let all = known.items().iter().chain(values.items()).cloned();
                known.value = Item::List(all.collect());
            }
            None => {
                let at = values.at.clone().or_else(|| block.at.clone());
                keys.push((variable.to_owned(), values.at(at)));
            }
        }
    }
    if let Some(Item::Unknown(_)) = blocks.map(|blocks| &blocks.value) {
        return Err(Open);
    }
    let at = blocks.and_then(|blocks| blocks.items().first()?.at.clone());
    let tests = tests
        .into_iter()
        .map(|(test, keys)| (test, Written::implied(Item::Map(keys))));
    let tests: Vec<_> = tests.collect();
    let all = Written {
        value: Item::Map(tests),
        at,
    };
    Ok(Some(all).filter(|all| !all.entries().is_empty()))
}

/// Policy variables are written `&{…}` in policy documents, as `${…}` is Terraform's own.
fn with_variables(value: Written) -> Written {
    let read = match value.value {
        Item::Text(text) => Item::Text(text.replace("&{", "${")),
        Item::List(items) => Item::List(items.into_iter().map(with_variables).collect()),
        other => other,
    };
    Written {
        value: read,
        at: value.at,
    }
}

/// A policy as a tree: of `jsonencode`, of a policy document, or of a text that holds JSON.
fn as_tree(value: Written) -> Option<Written> {
    match value.value {
        Item::Json(inner) => Some(*inner),
        Item::Text(ref text) if text.trim_start().starts_with('{') => {
            let node = json::parse(text).ok()?;
            let tree = match &value.at {
                Some(at) if is_heredoc(at) => in_heredoc(&node, text, at),
                _ => placed(
                    Written::from_json(&node, &nowhere()),
                    None,
                    value.at.as_ref(),
                ),
            };
            Some(tree)
        }
        _ => None,
    }
}

fn nowhere() -> Arc<SourceFile> {
    Arc::new(SourceFile::new("", String::new()))
}

fn is_heredoc(at: &Spot) -> bool {
    at.file
        .text()
        .get(at.span.start..)
        .is_some_and(|text| text.starts_with("<<"))
}

/// A heredoc's JSON, each part at its line; at its columns too, where no interpolation moves them.
fn in_heredoc(node: &Node, text: &str, at: &Spot) -> Written {
    let evaluated = SourceFile::new("", text.to_owned());
    let (first, _) = at.file.position(at.span.start);
    let lines: Vec<&str> = text.lines().collect();
    let place = |span: Span| {
        let region = evaluated.region(span);
        let line_of = |line: usize| {
            let start = at.file.offset(first + line, 0);
            let raw = at.file.text().get(start..).unwrap_or_default();
            (start, raw.lines().next().unwrap_or_default())
        };
        let offset = |line: usize, column: usize, is_end: bool| {
            let (start, raw) = line_of(line);
            let own = lines.get(line - 1).copied().unwrap_or_default();
            let indent = raw.len() - raw.trim_start().len();
            let own_indent = own.len() - own.trim_start().len();
            if raw.trim() != own.trim() {
                return if is_end {
                    start + raw.trim_end().len()
                } else {
                    start + indent
                };
            }
            let before: usize = own.chars().take(column - 1).map(char::len_utf8).sum();
            start + before.saturating_sub(own_indent) + indent
        };
        Spot {
            file: Arc::clone(&at.file),
            span: Span {
                start: offset(region.line, region.column, false),
                end: offset(region.end_line, region.end_column, true),
            },
        }
    };
    with_places(node, &place)
}

/// A tree of JSON, each part where `place` says.
pub(super) fn with_places(node: &Node, place: &dyn Fn(Span) -> Spot) -> Written {
    let value = match &node.value {
        Value::Null => Item::Null,
        Value::Bool(value) => Item::Bool(*value),
        Value::Number(text) => Item::Number(text.clone()),
        Value::String(text) => Item::Text(text.to_string()),
        Value::Array(items) => {
            Item::List(items.iter().map(|item| with_places(item, place)).collect())
        }
        Value::Object(members) => Item::Map(
            members
                .iter()
                .map(|member| (member.key.to_string(), with_places(&member.value, place)))
                .collect(),
        ),
    };
    Written {
        value,
        at: Some(place(node.span)),
    }
}

/// A value at the places of a tree of the same shape; what has no counterpart there stands where the
/// nearest part that has one does. What is not known is what the tree has for it.
pub(super) fn placed(value: Written, code: Option<&Written>, outer: Option<&Spot>) -> Written {
    let own = code
        .and_then(|code| code.at.clone())
        .or_else(|| outer.cloned());
    let read = match value.value {
        Item::List(items) => {
            let count = items.len();
            let listed = code.map_or(&[][..], Written::items);
            let placed_items = items.into_iter().enumerate().map(|(index, item)| {
                // Rendering may sort a list and leave out what stands there twice.
                let text = item.as_text();
                let same =
                    text.and_then(|text| listed.iter().find(|it| it.as_text() == Some(text)));
                let by_index = listed.get(index).filter(|_| listed.len() == count);
                placed(item, same.or(by_index), own.as_ref())
            });
            Item::List(placed_items.collect())
        }
        Item::Map(entries) => Item::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let inner = code.and_then(|code| code.get(&key));
                    let inner = placed(value, inner, own.as_ref());
                    (key, inner)
                })
                .collect(),
        ),
        Item::Unknown(name) => code.map_or(Item::Unknown(name), |code| code.value.clone()),
        other => other,
    };
    // A list of one may be written as its item.
    let at = match (code.map(|code| &code.value), &read) {
        (Some(Item::List(items)), Item::Text(_)) if items.len() == 1 => {
            items.first().and_then(|item| item.at.clone()).or(own)
        }
        _ => own,
    };
    Written { value: read, at }
}

#[cfg(test)]
mod tests {
    use super::super::sources::{Code, spot};
    use super::*;

    #[test]
    fn a_heredoc_is_placed_by_line_and_by_column_where_nothing_moves_it() {
        let file = Arc::new(SourceFile::new(
            "main.tf",
            "x = <<-EOT\n    {\"Sid\": \"a\",\n     \"R\": \"${b}/c\"}\n  EOT\n".to_owned(),
        ));
        let at = spot(&Code::new(Arc::clone(&file)), Some(4..file.text().len())).unwrap();
        let text = "{\"Sid\": \"a\",\n \"R\": \"bucket/c\"}\n";
        let tree = in_heredoc(&json::parse(text).unwrap(), text, &at);
        let region = |name: &str| tree.get(name).unwrap().at.clone().unwrap().region();
        assert_eq!(
            (
                region("Sid").line,
                region("Sid").column,
                region("Sid").end_column
            ),
            (2, 13, 16)
        );
        assert_eq!(
            (region("R").line, region("R").column, region("R").end_column),
            (3, 6, 20)
        );
    }
}
