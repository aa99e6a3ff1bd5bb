//! One answer of AWS as text: what it answers, for which resource, where it came from, and its JSON.
//!
//! A document knows lines and columns; it does not know what its values mean (`model` does).

mod error;
mod kind;
mod place;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::iam::unknown::unknown;
use crate::json::{self, Node};
pub use crate::written::Region;
use crate::written::{SourceFile, Spot, Written, line_and_column, line_starts};
pub use error::InputError;
pub use kind::{Kind, Subject};

/// Where a document came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A file that a user can open.
    File,
    /// Flags on the command line: a resource that need not exist yet.
    CommandLine,
    /// Infrastructure code: a resource of a template or a plan. Its values point to where they are
    /// written there, and a change of its text is none of that file.
    Code,
    /// AWS, in this run. The path is where a snapshot would hold it.
    Live,
}

impl Origin {
    /// Whether it is what AWS answered, now or earlier: what it is about exists. Flags and code only say
    /// what is to be.
    pub fn is_answer(self) -> bool {
        match self {
            Origin::File | Origin::Live => true,
            Origin::CommandLine | Origin::Code => false,
        }
    }
}

/// One answer of AWS, read and parsed.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it answers.
    pub kind: Kind,
    /// What it is about.
    pub subject: Subject,
    /// Where it came from.
    pub origin: Origin,
    /// The path as a user would type it, with forward slashes.
    pub path: String,
    text: String,
    byte_order_mark: bool,
    line_starts: Vec<usize>,
    root: Node,
    policy: Option<Node>,
    sources: Option<Sources>,
}

/// What a document of infrastructure code stands for.
#[derive(Debug, Clone)]
struct Sources {
    /// The resource's name in the code: a logical id, or an address.
    label: String,
    /// The file that it is declared in.
    file: Arc<SourceFile>,
    /// Where values are written: of the policy by pointers into it, of all else by pointers into the
    /// answer.
    places: BTreeMap<String, Spot>,
}

/// A document's place in the list of all documents of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub usize);

/// One place in one document, kept symbolic until a report needs line and column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which document.
    pub document: DocumentId,
    /// JSON Pointer into the policy, for documents that hold a policy and places in it; else into
    /// the answer.
    pub pointer: String,
}

/// The error code of a document about something that infrastructure code deletes.
pub const DELETED_BY_CODE: &str = "DeletedByCode";

/// The error code of a document of infrastructure code that only running the code could fill.
pub const KNOWN_AFTER_APPLY: &str = "KnownAfterApply";

/// The error code of a document for which an answer came that is not what its kind says.
pub const UNREADABLE_ANSWER: &str = "UnreadableAnswer";

/// What a Region's trails were asked for, where the account's list names all trails: each is asked for by its
/// name then.
pub const LISTED_TRAILS: &str = "trails that the list names";

/// What an account that was not entered waits for: that it is known who asks.
pub const AFTER_CALLER: &str = "after the caller's own credentials";

/// What a refused list of accounts was asked for, where all of them were to be read.
pub const EVERY_ACCOUNT: &str = "every account of the organization";

/// An answer that AWS refused, as `{"Error": {"Code": …, "Message": …}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The error code.
    pub code: &'a str,
}

impl Document {
    /// Reads a document from the bytes of a file.
    ///
    /// # Errors
    /// Bytes that are not UTF-8, text that is not JSON, and a `Policy` string that holds no JSON.
    pub fn read(
        kind: Kind,
        subject: Subject,
        origin: Origin,
        path: &str,
        bytes: &[u8],
    ) -> Result<Document, InputError> {
        let text = decode(path, bytes)?;
        let byte_order_mark = bytes.starts_with(BYTE_ORDER_MARK);
        let line_starts = line_starts(&text);
        let at = |offset: usize| Some(line_and_column(&text, &line_starts, offset));
        let syntax = |error: json::SyntaxError| InputError {
            path: path.to_owned(),
            at: at(error.offset),
            message: error.message,
            help: Some(format!(
                "{} is the JSON that `aws … {}` prints",
                path,
                kind.name()
            )),
        };
        let root = json::parse(&text).map_err(syntax)?;
        if root.members().is_empty() && root.type_name() != "an object" {
            return Err(InputError {
                path: path.to_owned(),
                at: at(root.span.start),
                message: format!("expected an object, found {}", root.type_name()),
                help: Some(format!(
                    "{} is the JSON that `aws … {}` prints",
                    path,
                    kind.name()
                )),
            });
        }
        let policy = match embedded_policy(kind, &root) {
            // The CLI prints the policies of IAM as JSON, those of other services as text.
            Some(node) if holds_policy_as_json(kind) && !node.members().is_empty() => {
                Some(node.clone())
            }
            Some(node) => Some(json::parse_embedded(&text, node).map_err(syntax)?),
            None => None,
        };
        Ok(Document {
            kind,
            subject,
            origin,
            path: path.to_owned(),
            byte_order_mark,
            line_starts,
            root,
            policy,
            text,
            sources: None,
        })
    }

    /// A document that a resource of infrastructure code stands for: `label` is the resource's name,
    /// `file` declares it, and `answer` is what AWS will answer.
    ///
    /// # Errors
    /// A `Policy` string that holds no JSON.
    pub fn of_code(
        kind: Kind,
        subject: Subject,
        label: &str,
        file: &Arc<SourceFile>,
        answer: &Written,
    ) -> Result<Document, InputError> {
        let (text, places) = answer.to_json(&unknown);
        let document = Document::read(kind, subject, Origin::Code, &file.path, text.as_bytes())?;
        Ok(Document {
            sources: Some(Sources {
                label: label.to_owned(),
                file: Arc::clone(file),
                places,
            }),
            ..document
        })
    }

    /// What a message calls it: its path, and for a resource of infrastructure code its name there.
    pub fn name(&self) -> String {
        match &self.sources {
            Some(sources) => format!("{} ({})", self.path, sources.label),
            None => self.path.clone(),
        }
    }

    /// The same document with another answer. One of infrastructure code keeps the places of what was
    /// written there.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn with_text(&self, text: &str) -> Result<Document, InputError> {
        let subject = self.subject.clone();
        let read = Document::read(self.kind, subject, self.origin, &self.path, text.as_bytes())?;
        Ok(Document {
            byte_order_mark: self.byte_order_mark,
            sources: self.sources.clone(),
            ..read
        })
    }

    /// The bytes of the file that holds this document: the answer, behind the byte order mark that the
    /// file began with.
    pub fn bytes(&self) -> Vec<u8> {
        let mark: &[u8] = if self.byte_order_mark {
            BYTE_ORDER_MARK
        } else {
            b""
        };
        [mark, self.text.as_bytes()].concat()
    }

    /// The string that holds the policy, where the policy is not the answer itself.
    pub fn embedded(&self) -> Option<&Node> {
        self.policy.as_ref()?;
        embedded_policy(self.kind, &self.root)
    }

    /// The answer's JSON.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The policy this document holds: the answer itself where the file is the bare policy, else
    /// what the string `Policy` holds. Nothing for an answer that AWS refused or that holds none.
    pub fn policy(&self) -> Option<&Node> {
        match self.kind {
            _ if self.refusal().is_some() => None,
            Kind::GetBucketPolicy | Kind::GetKeyPolicy | Kind::TopicPolicy => {
                Some(self.policy.as_ref().unwrap_or(&self.root))
            }
            _ => self.policy.as_ref(),
        }
    }

    /// The error AWS answered with, if it did.
    pub fn refusal(&self) -> Option<Refusal<'_>> {
        let code = self.root.get("Error")?.get("Code")?.as_str()?;
        Some(Refusal { code })
    }

    /// What a refused answer was asked for, where it matters.
    pub fn purpose(&self) -> Option<&str> {
        self.root.get("Request")?.get("Purpose")?.as_str()
    }

    /// What AWS said along with its error.
    pub fn refusal_message(&self) -> Option<&str> {
        self.root.get("Error")?.get("Message")?.as_str()
    }

    /// The text that the JSON was read from, without a byte order mark: the spans of all values are in it.
    pub fn answer(&self) -> &str {
        &self.text
    }

    /// The text that a user can open, without a byte order mark: the answer, or of a document of
    /// infrastructure code the file which declares it.
    pub fn text(&self) -> &str {
        match &self.sources {
            Some(sources) => sources.file.text(),
            None => &self.text,
        }
    }

    /// The value at a pointer: in the policy if this document holds one and the pointer is found
    /// there, else in the answer.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        self.policy()
            .and_then(|policy| policy.at(pointer))
            .or_else(|| self.root.at(pointer))
    }
}

fn holds_policy_as_json(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::GetRole | Kind::GetRolePolicy | Kind::GetPolicyVersion
    )
}

/// The policy inside an answer, by the shape the CLI prints: text in a string, or for IAM an object.
fn embedded_policy(kind: Kind, root: &Node) -> Option<&Node> {
    match kind {
        Kind::GetBucketPolicy | Kind::GetKeyPolicy | Kind::TopicPolicy => root.get("Policy"),
        Kind::GetTopicAttributes => root.get("Attributes")?.get("Policy"),
        Kind::GetRole => root.get("Role")?.get("AssumeRolePolicyDocument"),
        Kind::GetRolePolicy => root.get("PolicyDocument"),
        Kind::GetPolicyVersion => root.get("PolicyVersion")?.get("Document"),
        _ => None,
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(crate) fn decode(path: &str, bytes: &[u8]) -> Result<String, InputError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(
            InputError::whole(path, "the file is UTF-16, expected UTF-8")
                .with_help("write it anew as UTF-8: in PowerShell, `| Out-File -Encoding utf8`"),
        );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let text = String::from_utf8_lossy(good);
            Err(InputError {
                path: path.to_owned(),
                at: Some(line_and_column(&text, &line_starts(&text), text.len())),
                message: "bytes that are not UTF-8 text".to_owned(),
                help: Some("expected a JSON text file, as `aws … --output json` prints".to_owned()),
            })
        }
    }
}

/// Line and column of a byte offset of a text, counting from 1.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    line_and_column(text, &line_starts(text), offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(bytes: &[u8]) -> Result<Document, InputError> {
        let subject = Subject::Bucket {
            account: None,
            name: "b".into(),
        };
        Document::read(
            Kind::GetBucketPolicy,
            subject,
            Origin::File,
            "p.json",
            bytes,
        )
    }

    #[test]
    fn lines_and_columns_count_from_one_whatever_ends_a_line() {
        for text in [
            "{\n  \"Sid\": \"é\", \"x\": 1}",
            "{\r\n  \"Sid\": \"é\", \"x\": 1}",
            "\u{FEFF}{\r  \"Sid\": \"é\", \"x\": 1}",
        ] {
            let document = policy(text.as_bytes()).unwrap();
            assert_eq!(
                document.region("/Sid"),
                Region {
                    line: 2,
                    column: 10,
                    end_line: 2,
                    end_column: 13
                }
            );
            assert_eq!(document.region("/x").column, 20);
        }
    }

    #[test]
    fn a_missing_element_is_placed_at_what_encloses_it() {
        let document = policy(b"{\"Statement\": [\n{}]}").unwrap();
        assert_eq!(
            document.region("/Statement/0/Condition/StringEquals").line,
            2
        );
        assert_eq!(document.region("/nothing").line, 1);
    }

    #[test]
    fn a_region_gives_back_its_text() {
        for text in [
            "{\n  \"é\": \"x\u{1F600}\"}\n",
            "{\r\n  \"é\": \"x\u{1F600}\"}\r\n",
        ] {
            let document = policy(text.as_bytes()).unwrap();
            let region = document.region("/é");
            assert_eq!(document.text_of(region), Some("\"x\u{1F600}\""));
            assert_eq!(document.line(2), Some("  \"é\": \"x\u{1F600}\"}"));
            assert_eq!((document.line(0), document.line(4)), (None, None));
            let whole = document.text_of(document.region("")).unwrap();
            assert_eq!(whole, text.trim_end());
        }
    }

    #[test]
    fn a_policy_in_a_string_is_placed_in_the_file() {
        let document = policy(br#"{"Policy": "{\"Statement\": []}"}"#).unwrap();
        assert_eq!(
            document
                .policy()
                .unwrap()
                .at("/Statement")
                .unwrap()
                .type_name(),
            "an array"
        );
        assert_eq!(document.region("/Statement").column, 29);
    }

    #[test]
    fn a_refusal_holds_no_policy() {
        let document =
            policy(br#"{"Error": {"Code": "NoSuchBucketPolicy", "Message": ""}}"#).unwrap();
        assert_eq!(
            document.refusal(),
            Some(Refusal {
                code: "NoSuchBucketPolicy"
            })
        );
        assert!(document.policy().is_none());
    }

    #[test]
    fn unreadable_bytes_are_an_error_with_a_place() {
        assert_eq!(
            policy(b"{\n\"a\": \"\xFF\"}").unwrap_err().to_string(),
            "p.json:2:7: bytes that are not UTF-8 text"
        );
        assert!(
            policy(b"\xFF\xFE{\0}\0")
                .unwrap_err()
                .message
                .contains("UTF-16")
        );
        assert_eq!(
            policy(b"[1]").unwrap_err().message,
            "expected an object, found an array"
        );
        assert!(
            policy(b"{\"Policy\": \"{\"}")
                .unwrap_err()
                .message
                .contains("ends inside")
        );
        assert!(
            policy(b"{\"Policy\": 3}")
                .unwrap_err()
                .message
                .contains("expected a string")
        );
    }
}
