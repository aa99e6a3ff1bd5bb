//! Breaking a snapshot at random, one small and realistic change at a time. What the changes do to the
//! delivery is not known here; `faults` holds the report against the laws.

mod slips;

use serde_json::{Map, Value, json};

use slips::{altered, deny_conditions};

/// A small generator (xorshift64*), so that a seed gives the same changes on every machine.
pub(crate) struct Random(u64);

impl Random {
    /// A generator for one case; neighbouring seeds give unlike sequences.
    pub(crate) fn new(seed: u64) -> Random {
        let mut state = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        Random(state | 1)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap() % bound
    }

    /// One of several.
    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// A snapshot whose documents can be changed. Policies stand as JSON here even where the answer holds
/// them as text.
pub(crate) struct Snapshot {
    documents: Vec<(String, Value)>,
}

const BUCKET: &str = "get-bucket-policy.json";
const KEY: &str = "get-key-policy.json";
const TOPIC: &str = "get-topic-attributes.json";
const POLICIES: &[&str] = &[BUCKET, BUCKET, KEY, TOPIC];

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

impl Snapshot {
    /// Reads the documents of a snapshot.
    pub(crate) fn read(files: &[(String, String)]) -> Snapshot {
        let mut documents: Vec<(String, Value)> = files
            .iter()
            .map(|(path, text)| (path.clone(), serde_json::from_str(text).unwrap()))
            .collect();
        for (_, topic) in documents
            .iter_mut()
            .filter(|(path, _)| path.ends_with(TOPIC))
        {
            let policy = topic.pointer_mut("/Attributes/Policy").unwrap();
            *policy = serde_json::from_str(policy.as_str().unwrap()).unwrap();
        }
        Snapshot { documents }
    }

    /// The documents as files.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let file = |(path, answer): &(String, Value)| {
            let mut answer = answer.clone();
            if path.ends_with(TOPIC) && answer["Attributes"]["Policy"].is_object() {
                answer["Attributes"]["Policy"] = answer["Attributes"]["Policy"].to_string().into();
            }
            (path.clone(), format!("{answer:#}\n"))
        };
        self.documents.iter().map(file).collect()
    }

    /// Changes one thing at random and says what.
    pub(crate) fn break_something(&mut self, random: &mut Random) -> String {
        // Policies are where people make mistakes; the settings are few.
        let policy = random.one(POLICIES);
        let done = match random.below(16) {
            0 => self.delete_statement(policy, random),
            1 | 2 => self.delete_element(policy, random),
            3 => self.delete_condition(policy, random),
            4..=7 => self.alter_text(policy, random),
            8..=10 => self.add_deny(policy, random),
            11 => self.replace_operator(policy, random),
            12 => self.replace_element(policy, random),
            13 => self.negate_element(policy, random),
            14 => self.change_trail(random),
            _ => self.change_resource(random),
        };
        done.unwrap_or_else(|| "nothing: there was nothing left to change".to_owned())
    }

    fn answer(&mut self, name: &str) -> &mut Value {
        let found = self
            .documents
            .iter_mut()
            .find(|(path, _)| path.ends_with(&format!("/{name}")));
        &mut found
            .unwrap_or_else(|| panic!("the baseline has no {name}"))
            .1
    }

    /// The statements; nothing where an earlier change left no policy.
    fn statements(&mut self, policy: &str) -> Option<&mut Vec<Value>> {
        let pointer = if policy == TOPIC {
            "/Attributes/Policy/Statement"
        } else {
            "/Statement"
        };
        self.answer(policy).pointer_mut(pointer)?.as_array_mut()
    }

    /// A random statement and where it stands.
    fn statement(
        &mut self,
        policy: &str,
        random: &mut Random,
    ) -> Option<(String, &mut Map<String, Value>)> {
        let statements = self.statements(policy)?;
        if statements.is_empty() {
            return None;
        }
        let index = random.below(statements.len());
        let statement = statements[index].as_object_mut().unwrap();
        Some((format!("{policy} /Statement/{index}"), statement))
    }

    fn delete_statement(&mut self, policy: &str, random: &mut Random) -> Option<String> {
        let statements = self.statements(policy)?;
        if statements.is_empty() {
            return None;
        }
        let index = random.below(statements.len());
        statements.remove(index);
        Some(format!("{policy}: delete /Statement/{index}"))
    }

    fn delete_element(&mut self, policy: &str, random: &mut Random) -> Option<String> {
        let (place, statement) = self.statement(policy, random)?;
        let element = some_key(statement, random)?;
        statement.shift_remove(&element);
        Some(format!("{place}: delete {element}"))
    }

    fn delete_condition(&mut self, policy: &str, random: &mut Random) -> Option<String> {
        let (place, statement) = self.statement(policy, random)?;
        let condition = statement.get_mut("Condition")?.as_object_mut()?;
        let operator = some_key(condition, random)?;
        let keys = condition[&operator].as_object_mut()?;
        let key = some_key(keys, random)?;
        keys.shift_remove(&key);
        if keys.is_empty() {
            condition.shift_remove(&operator);
        }
        Some(format!("{place}: delete the condition {operator} {key}"))
    }

    fn alter_text(&mut self, policy: &str, random: &mut Random) -> Option<String> {
        let (place, statement) = self.statement(policy, random)?;
        let elements: Vec<&mut Value> = statement
            .iter_mut()
            .filter(|(name, _)| *name != "Sid")
            .map(|(_, element)| element)
            .collect();
        let mut texts = Vec::new();
        for element in elements {
            collect_texts(element, &mut texts);
        }
        if texts.is_empty() {
            return None;
        }
        let index = random.below(texts.len());
        let before = texts[index].as_str()?.to_owned();
        let after = altered(&before, random);
        *texts[index] = after.clone().into();
        Some(format!("{place}: `{before}` becomes `{after}`"))
    }

    fn add_deny(&mut self, policy: &str, random: &mut Random) -> Option<String> {
        let bucket = "arn:aws:s3:::example-logs";
        let (actions, resources) = match policy {
            BUCKET => (
                vec![
                    json!("s3:*"),
                    json!("s3:PutObject"),
                    json!("s3:GetBucketAcl"),
                    json!(["s3:Delete*", "s3:PutBucketPolicy"]),
                ],
                vec![
                    json!([bucket, format!("{bucket}/*")]),
                    json!(format!("{bucket}/AWSLogs/*")),
                    json!(format!("{bucket}/AWSLogs/222222222222/CloudTrail-Digest/*")),
                    json!(format!(
                        "{bucket}/AWSLogs/222222222222/CloudTrail/eu-west-1/*"
                    )),
                    json!(format!("{bucket}/*.json.gz")),
                ],
            ),
            KEY => (
                vec![
                    json!("kms:*"),
                    json!("kms:GenerateDataKey*"),
                    json!(["kms:Decrypt", "kms:DescribeKey"]),
                ],
                vec![json!("*")],
            ),
            _ => (
                vec![json!("SNS:Publish"), json!("sns:*")],
                vec![json!("arn:aws:sns:us-east-1:222222222222:trail-events")],
            ),
        };
        let principals = [
            json!("*"),
            json!("*"),
            json!({ "AWS": "*" }),
            json!({ "Service": CLOUDTRAIL }),
        ];
        let mut statement = json!({
            "Effect": "Deny",
            "Principal": random.one(&principals),
            "Action": random.one(&actions),
            "Resource": random.one(&resources),
        });
        let condition = random.one(&deny_conditions(policy));
        if condition != json!({}) {
            statement["Condition"] = condition;
        }
        let done = format!("{policy}: add {statement}");
        self.statements(policy)?.push(statement);
        Some(done)
    }

    fn replace_operator(&mut self, policy: &str, random: &mut Random) -> Option<String> {
        let (place, statement) = self.statement(policy, random)?;
        let condition = statement.get_mut("Condition")?.as_object_mut()?;
        let before = some_key(condition, random)?;
        let after = random.one(&[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringEqualsIfExists",
            "ArnEquals",
            "ArnLike",
            "ArnNotLike",
            "ForAllValues:StringEquals",
            "ForAnyValue:StringLike",
            "Null",
            "Bool",
            "NumericEquals",
            "stringequals",
            "StringMatches",
        ]);
        let keys = condition.shift_remove(&before)?;
        condition.insert(after.to_owned(), keys);
        Some(format!("{place}: {before} becomes {after}"))
    }

    fn replace_element(&mut self, policy: &str, random: &mut Random) -> Option<String> {
        let principals = [
            json!("*"),
            json!({ "AWS": "*" }),
            json!({ "AWS": "arn:aws:iam::222222222222:root" }),
            json!({ "AWS": "arn:aws:iam::086441151436:root" }),
            json!({ "AWS": CLOUDTRAIL }),
            json!({ "Service": ["config.amazonaws.com", "delivery.logs.amazonaws.com"] }),
            json!({ "Service": ["config.amazonaws.com", CLOUDTRAIL] }),
            json!({ "Service": "cloudtrail.us-east-1.amazonaws.com" }),
        ];
        let actions = [
            json!("*"),
            json!("s3:*"),
            json!("s3:Put*"),
            json!("s3:PutObjectAcl"),
            json!("S3:PUTOBJECT"),
            json!(["s3:GetBucketAcl", "s3:PutObject"]),
            json!("kms:Encrypt"),
            json!("kms:*"),
            json!(["kms:GenerateDataKey", "kms:Decrypt"]),
            json!("sns:*"),
            json!([]),
        ];
        let (place, statement) = self.statement(policy, random)?;
        let (element, value) = match random.below(2) {
            0 => ("Principal", random.one(&principals)),
            _ => ("Action", random.one(&actions)),
        };
        let done = format!("{place}: {element} becomes {value}");
        statement.insert(element.to_owned(), value);
        Some(done)
    }

    fn negate_element(&mut self, policy: &str, random: &mut Random) -> Option<String> {
        let (place, statement) = self.statement(policy, random)?;
        let element = random.one(&["Principal", "Action", "Resource", "Effect"]);
        if element == "Effect" {
            let after = if statement.get("Effect")? == "Allow" {
                "Deny"
            } else {
                "Allow"
            };
            statement.insert("Effect".to_owned(), after.into());
            return Some(format!("{place}: Effect becomes {after}"));
        }
        let value = statement.shift_remove(element)?;
        statement.insert(format!("Not{element}"), value);
        Some(format!("{place}: {element} becomes Not{element}"))
    }

    fn change_trail(&mut self, random: &mut Random) -> Option<String> {
        let choice = random.below(9);
        if choice == 8 {
            self.answer("get-trail-status.json")["IsLogging"] = false.into();
            return Some("the trail is stopped".to_owned());
        }
        if choice == 7 {
            let answer = json!({ "Organization": { "Id": "o-exampleorgid", "MasterAccountId": "222222222222" } });
            self.documents.push((
                "organizations/describe-organization.json".to_owned(),
                answer,
            ));
        }
        let trail = &mut self.answer("get-trail.json")["Trail"];
        let renamed = |trail: &Value, from: &str, to: &str| {
            Value::from(trail["TrailARN"].as_str().unwrap().replace(from, to))
        };
        let done = match choice {
            0 => {
                let prefix = random.one(&["logs", "a/b", "logs/", "/logs", "Logs"]);
                trail["S3KeyPrefix"] = prefix.into();
                format!("the trail has the prefix `{prefix}`")
            }
            1 => {
                trail.as_object_mut()?.shift_remove("KmsKeyId");
                "the trail has no key".to_owned()
            }
            2 => {
                let name = random.one(&["trail/Audit", "trail/audit2", "trail/management-events"]);
                trail["TrailARN"] = renamed(trail, "trail/audit", name);
                format!("the trail is {name}")
            }
            3 => {
                trail["TrailARN"] = renamed(trail, "us-east-1", "eu-west-1");
                trail["HomeRegion"] = "eu-west-1".into();
                "the trail's home Region is eu-west-1".to_owned()
            }
            4 => {
                trail["LogFileValidationEnabled"] = false.into();
                "the trail writes no digests".to_owned()
            }
            5 => {
                trail["IsMultiRegionTrail"] = false.into();
                "the trail is of one Region".to_owned()
            }
            6 => {
                trail["HasInsightSelectors"] = true.into();
                "the trail writes Insights files".to_owned()
            }
            _ => {
                trail["IsOrganizationTrail"] = true.into();
                "the trail is the organization's".to_owned()
            }
        };
        Some(done)
    }

    fn change_resource(&mut self, random: &mut Random) -> Option<String> {
        let (document, pointer, value) = random.one(&[
            (
                "describe-key.json",
                "/KeyMetadata/KeyState",
                json!("Disabled"),
            ),
            (
                "describe-key.json",
                "/KeyMetadata/KeyState",
                json!("PendingDeletion"),
            ),
            (
                "describe-key.json",
                "/KeyMetadata/KeyState",
                json!("PendingImport"),
            ),
            (
                "describe-key.json",
                "/KeyMetadata/KeyState",
                json!("Unavailable"),
            ),
            (
                "describe-key.json",
                "/KeyMetadata/KeySpec",
                json!("RSA_2048"),
            ),
            (
                "describe-key.json",
                "/KeyMetadata/KeyUsage",
                json!("SIGN_VERIFY"),
            ),
            ("describe-key.json", "/KeyMetadata/KeyManager", json!("AWS")),
            ("head-bucket.json", "/BucketRegion", json!("eu-west-1")),
            ("head-bucket.json", "", refused("404")),
            ("get-bucket-policy.json", "", refused("NoSuchBucketPolicy")),
            ("get-bucket-policy.json", "", refused("AccessDenied")),
            ("get-key-policy.json", "", refused("AccessDeniedException")),
            ("get-topic-attributes.json", "", refused("NotFound")),
            (
                "get-bucket-request-payment.json",
                "/Payer",
                json!("Requester"),
            ),
            (
                "get-bucket-encryption.json",
                "/ServerSideEncryptionConfiguration/Rules/0/BucketKeyEnabled",
                json!(true),
            ),
        ]);
        *self.answer(document).pointer_mut(pointer)? = value.clone();
        Some(format!("{document} {pointer} becomes {value}"))
    }
}

/// The texts below a value, each where it can be changed.
fn collect_texts<'a>(value: &'a mut Value, texts: &mut Vec<&'a mut Value>) {
    match value {
        Value::String(_) => texts.push(value),
        Value::Array(items) => items.iter_mut().for_each(|item| collect_texts(item, texts)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| collect_texts(member, texts)),
        _ => {}
    }
}

fn some_key(members: &Map<String, Value>, random: &mut Random) -> Option<String> {
    (!members.is_empty()).then(|| {
        members
            .keys()
            .nth(random.below(members.len()))
            .unwrap()
            .clone()
    })
}

fn refused(code: &str) -> Value {
    json!({ "Error": { "Code": code, "Message": "" } })
}
