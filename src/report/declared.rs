//! Where the repository declares what AWS has: a file that says so, ARN by ARN, or the code that gives a
//! resource its name. An alert about a policy as AWS has it then stands where somebody can change it.

mod code;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::text;
use crate::document::InputError;

/// Where resources are declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declarations {
    /// By their ARNs.
    places: BTreeMap<String, Declaration>,
    /// By the names that code gives them; nothing where several files give the same.
    names: BTreeMap<code::Name, Option<Declaration>>,
}

/// A line of the repository that declares a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The file, below the repository's root.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The file's text.
    pub text: Arc<str>,
}

/// One entry: the ARN, the path, and the line if it says one.
type Entry<'a> = (&'a str, &'a str, Option<usize>);

impl Declarations {
    /// Reads the lines `ARN PATH` or `ARN PATH:LINE`; blank ones, and those that start with `#`, say
    /// nothing. Without a line it is the first that names the resource. `read` gives a file's text.
    ///
    /// # Errors
    /// A line of another form, an ARN that is named twice, and a place that there is not.
    pub fn parse(
        shown: &str,
        lines: &str,
        read: &dyn Fn(&str) -> io::Result<String>,
    ) -> Result<Declarations, InputError> {
        let mut places = BTreeMap::new();
        for (number, line) in (1..).zip(lines.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |message: String, help: &str| InputError {
                path: shown.to_owned(),
                at: Some((number, 1)),
                message,
                help: Some(help.to_owned()),
            };
            let Some((arn, path, at)) = entry(line) else {
                return Err(wrong(
                    format!("`{line}` says no place of a resource"),
                    "write `ARN PATH` or `ARN PATH:LINE`, with a path below the repository's root",
                ));
            };
            let text = read(path).map_err(|error| {
                let help = "paths count from the folder that the command runs in";
                wrong(format!("`{path}` cannot be read: {error}"), help)
            })?;
            let line = at.unwrap_or_else(|| first_that_names(arn, &text));
            if text::line(&text, line).is_none() {
                return Err(wrong(
                    format!("`{path}` has no line {line}"),
                    "leave the line out, and the first that names the resource is taken",
                ));
            }
            let path = path.to_owned();
            let known = places.insert(
                arn.to_owned(),
                Declaration {
                    path,
                    line,
                    text: text.into(),
                },
            );
            if known.is_some() {
                let help = "one place is what an alert can point to: leave one of them out";
                return Err(wrong(format!("`{arn}` is named twice"), help));
            }
        }
        Ok(Declarations {
            places,
            ..Declarations::default()
        })
    }

    /// Those of infrastructure code: Terraform and templates, each file's path and text. What two files name
    /// is declared in none of them for sure.
    pub fn of_code(files: Vec<(String, String)>) -> Declarations {
        let mut names: BTreeMap<code::Name, Option<Declaration>> = BTreeMap::new();
        for (path, text) in files {
            let text: Arc<str> = text.into();
            for (line, name) in code::names(&path, &text) {
                let known = names.entry(name).or_insert_with(|| {
                    Some(Declaration {
                        path: path.clone(),
                        line,
                        text: Arc::clone(&text),
                    })
                });
                if known.as_ref().is_some_and(|known| known.path != path) {
                    *known = None;
                }
            }
        }
        Declarations {
            names,
            ..Declarations::default()
        }
    }

    /// Where a resource is declared. The answer that holds a key's policy does not tell the Region, which
    /// is `*` then: the key's id is enough.
    pub(super) fn of(&self, arn: Option<&str>) -> Option<&Declaration> {
        let arn = arn?;
        let somewhere = || {
            let (start, end) = arn.split_once(":*:")?;
            let mut places = self.places.iter();
            let (_, place) = places.find(|(known, _)| {
                known.starts_with(start)
                    && known.strip_suffix(end).is_some_and(|it| it.ends_with(':'))
            })?;
            Some(place)
        };
        let named = || self.names.get(&code::of_arn(arn)?)?.as_ref();
        self.places.get(arn).or_else(somewhere).or_else(named)
    }
}

fn entry(line: &str) -> Option<Entry<'_>> {
    let (arn, place) = line.split_once(char::is_whitespace)?;
    let place = place.trim();
    let (path, at) = match place.rsplit_once(':') {
        Some((path, digits)) => (path, Some(digits.parse().ok().filter(|&it| it > 0)?)),
        None => (place, None),
    };
    let leads_out = path.starts_with('/') || path.split('/').any(|name| name == "..");
    (arn.starts_with("arn:") && !path.is_empty() && !leads_out).then_some((arn, path, at))
}

/// The first line that has the name of a resource in it, in quotes if any has; else the first of all.
fn first_that_names(arn: &str, text: &str) -> usize {
    let name = arn.rsplit([':', '/']).next().unwrap_or(arn);
    let position = |wanted: &str| text.lines().position(|line| line.contains(wanted));
    let found = position(&format!("\"{name}\"")).or_else(|| position(name));
    found.map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &str) -> Result<Declarations, InputError> {
        Declarations::parse("map", lines, &|path| match path {
            "infra/bucket.tf" => Ok("# logs\nbucket = \"logs\"\n".to_owned()),
            _ => Err(io::ErrorKind::NotFound.into()),
        })
    }

    #[test]
    fn a_resource_is_where_its_entry_or_its_name_says() {
        let lines = "# who declares what\n\narn:aws:s3:::logs infra/bucket.tf\n\
                     arn:aws:kms:eu-west-1:111111111111:key/k  infra/bucket.tf:1\n";
        let declarations = parse(lines).unwrap();
        let line = |arn| declarations.of(Some(arn)).map(|it| it.line);
        assert_eq!(line("arn:aws:s3:::logs"), Some(2));
        assert_eq!(line("arn:aws:kms:eu-west-1:111111111111:key/k"), Some(1));
        assert_eq!(line("arn:aws:kms:*:111111111111:key/k"), Some(1));
        assert_eq!(line("arn:aws:kms:*:111111111111:key/kk"), None);
        assert_eq!(line("arn:aws:kms:*:222222222222:key/k"), None);
        assert_eq!(line("arn:aws:s3:::other"), None);
    }

    #[test]
    fn code_declares_what_one_file_of_it_names() {
        let terraform = "data \"aws_s3_bucket\" \"old\" {\n  bucket = \"old\"\n}\n\
                         resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs\" # ours\n}\n\
                         resource \"aws_s3_bucket_policy\" \"logs\" {\n  bucket = \"logs\"\n}\n\
                         resource \"aws_cloudtrail\" \"audit\" {\n  name           = \"audit\"\n  s3_bucket_name = \"far\"\n}\n\
                         resource \"aws_iam_role\" \"r\" {\n  name = \"other\"\n  bucket = \"${var.x}\"\n}\n";
        let template = "Resources:\n  Trail:\n    Properties:\n      TrailName: member\n      S3BucketName: far\n  B:\n      BucketName: 'twice'\n";
        let json =
            "{\"Resources\": {\"B\": {\"Properties\": {\n\"BucketName\": \"twice\",\n\"X\": 1}}}}";
        let in_json = "{\n\"data\": {\n\"aws_s3_bucket\": {\n\"o\": {\n\"bucket\": \"json-old\"\n}}},\n\
                       \"resource\": {\n\"aws_s3_bucket\": {\n\"logs\": {\n\"bucket\": \"json-logs\"\n}},\n\
                       \"aws_cloudtrail\": {\n\"a\": {\n\"name\": \"json-audit\",\n\"s3_bucket_name\": \"far\"\n}}}}\n";
        let files = [
            ("infra/more.tf.json", in_json),
            (
                "infra/main.tofu",
                "resource \"aws_sns_topic\" \"t\" {\n  name = \"told\"\n}\n",
            ),
            ("infra/main.tf", terraform),
            ("a.yaml", template),
            ("b.json", json),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let declarations = Declarations::of_code(files.into());
        let place = |arn: &str| {
            let found = declarations.of(Some(arn))?;
            Some((found.path.as_str(), found.line))
        };
        let trail = |name: &str| format!("arn:aws:cloudtrail:eu-west-1:111111111111:trail/{name}");
        assert_eq!(place("arn:aws:s3:::logs"), Some(("infra/main.tf", 5)));
        assert_eq!(place(&trail("audit")), Some(("infra/main.tf", 11)));
        assert_eq!(place(&trail("member")), Some(("a.yaml", 4)));
        let file = "infra/more.tf.json";
        assert_eq!(place("arn:aws:s3:::json-logs"), Some((file, 10)));
        assert_eq!(place(&trail("json-audit")), Some((file, 14)));
        let topic = "arn:aws:sns:eu-west-1:111111111111:told";
        assert_eq!(place(topic), Some(("infra/main.tofu", 2)));
        for unsure in [
            "arn:aws:s3:::json-old",
            "arn:aws:s3:::old",
            "arn:aws:s3:::twice",
            "arn:aws:s3:::far",
            "arn:aws:s3:::audit",
        ] {
            assert_eq!(place(unsure), None, "{unsure}");
        }
        assert_eq!(place(&trail("other")), None);
    }

    #[test]
    fn what_names_no_place_is_an_error_at_its_line() {
        for (lines, says) in [
            ("arn:aws:s3:::logs", "says no place"),
            ("logs infra/bucket.tf", "says no place"),
            ("arn:aws:s3:::logs /etc/passwd", "says no place"),
            ("arn:aws:s3:::logs ../infra/bucket.tf", "says no place"),
            ("arn:aws:s3:::logs infra/bucket.tf:0", "says no place"),
            ("arn:aws:s3:::logs infra/bucket.tf:x", "says no place"),
            ("arn:aws:s3:::logs infra/bucket.tf:9", "has no line 9"),
            ("arn:aws:s3:::logs infra/none.tf", "cannot be read"),
            (
                "arn:aws:s3:::logs infra/bucket.tf\narn:aws:s3:::logs infra/bucket.tf:1",
                "named twice",
            ),
        ] {
            let error = parse(lines).unwrap_err();
            assert!(error.message.contains(says), "{lines}: {error}");
            assert_eq!(error.at, Some((lines.lines().count(), 1)), "{lines}");
        }
    }
}
