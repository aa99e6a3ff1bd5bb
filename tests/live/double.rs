//! A double of AWS on loopback that answers every call after the same time, for any number of accounts:
//! what moto, which is a Python program, is too slow for. It counts calls, connections, and calls at once.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

const BUCKET: &str = "example-logs";

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Calls by operation.
    pub(crate) calls: Mutex<BTreeMap<String, usize>>,
    /// Connections that were opened.
    pub(crate) connections: AtomicUsize,
    at_once: AtomicUsize,
    /// The most calls that were under way at one moment.
    pub(crate) most_at_once: AtomicUsize,
}

/// Starts a double; its endpoint, and what it sees.
pub(crate) fn start(latency: Duration) -> (String, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    let seen = Arc::new(Seen::default());
    let shared = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let seen = Arc::clone(&shared);
            seen.connections.fetch_add(1, Ordering::Relaxed);
            std::thread::spawn(move || serve(stream, latency, &seen));
        }
    });
    (endpoint, seen)
}

fn serve(stream: TcpStream, latency: Duration, seen: &Seen) {
    let _ = stream.set_nodelay(true);
    let Ok(mut writer) = stream.try_clone() else {
        return;
    };
    let mut reader = BufReader::new(stream);
    while let Some(request) = Request::read(&mut reader) {
        let now = seen.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most_at_once.fetch_max(now, Ordering::SeqCst);
        let (operation, answer) = request.answer();
        if let Ok(mut calls) = seen.calls.lock() {
            *calls.entry(operation).or_default() += 1;
        }
        std::thread::sleep(latency);
        seen.at_once.fetch_sub(1, Ordering::SeqCst);
        let answer = format!(
            "HTTP/1.1 {}\r\ncontent-type: {}\r\ncontent-length: {}\r\nx-amz-bucket-region: us-east-1\r\n\r\n{}",
            answer.status,
            answer.kind,
            answer.body.len(),
            answer.body
        );
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

struct Request {
    line: String,
    headers: BTreeMap<String, String>,
    body: String,
}

struct Answer {
    status: &'static str,
    kind: &'static str,
    body: String,
}

impl Request {
    fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
        let mut headers = BTreeMap::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(": ") else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let length = headers
            .get("content-length")
            .and_then(|it| it.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = String::from_utf8(body).ok()?;
        Some(Request {
            line,
            headers,
            body,
        })
    }

    /// The account whose keys signed it: `AssumeRole` hands out keys that are called after it.
    fn account(&self) -> String {
        let signed = self
            .headers
            .get("authorization")
            .and_then(|it| it.split("Credential=AKIA").nth(1));
        signed
            .and_then(|it| it.get(..12))
            .unwrap_or("111111111111")
            .to_owned()
    }

    fn answer(&self) -> (String, Answer) {
        let json = |body: Value| Answer {
            status: "200 OK",
            kind: "application/x-amz-json-1.1",
            body: body.to_string(),
        };
        let xml = |body: String| Answer {
            status: "200 OK",
            kind: "text/xml",
            body,
        };
        let account = self.account();
        let arn = format!("arn:aws:cloudtrail:us-east-1:{account}:trail/audit");
        if let Some(target) = self.headers.get("x-amz-target") {
            let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
            let trail = json!({"Name": "audit", "TrailARN": arn, "HomeRegion": "us-east-1", "S3BucketName": BUCKET,
                "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": true, "LogFileValidationEnabled": true,
                "HasCustomEventSelectors": false, "HasInsightSelectors": false, "IsOrganizationTrail": false});
            let answer = match operation.as_str() {
                "ListTrails" => {
                    json!({"Trails": [{"TrailARN": arn, "Name": "audit", "HomeRegion": "us-east-1"}]})
                }
                "DescribeTrails" => json!({"trailList": [trail]}),
                "GetTrailStatus" => {
                    json!({"IsLogging": true, "LatestDeliveryTime": 1_793_490_912.5})
                }
                "GetEventSelectors" => json!({"TrailARN": arn, "EventSelectors": [
                    {"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [], "ExcludeManagementEventSources": []}]}),
                _ => json!({}),
            };
            return (operation, json(answer));
        }
        if self.body.contains("Action=AssumeRole") {
            let entered = self
                .body
                .split("iam%3A%3A")
                .nth(1)
                .and_then(|it| it.get(..12))
                .unwrap_or_default();
            let credentials = format!(
                "<Credentials><AccessKeyId>AKIA{entered}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            );
            let user = format!(
                "<AssumedRoleUser><AssumedRoleId>A:trail-lint</AssumedRoleId><Arn>arn:aws:sts::{entered}:assumed-role/trail-lint/trail-lint</Arn></AssumedRoleUser>"
            );
            let body = format!(
                "<AssumeRoleResponse><AssumeRoleResult>{credentials}{user}</AssumeRoleResult></AssumeRoleResponse>"
            );
            return ("AssumeRole".to_owned(), xml(body));
        }
        if self.body.contains("Action=GetCallerIdentity") {
            let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/audit</Arn><UserId>A</UserId><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
            return ("GetCallerIdentity".to_owned(), xml(body.to_owned()));
        }
        let head = self.line.starts_with("HEAD");
        let missing = "<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message></Error>";
        let answer = if head {
            xml(String::new())
        } else {
            Answer {
                status: "404 Not Found",
                ..xml(missing.to_owned())
            }
        };
        (
            if head { "HeadBucket" } else { "GetBucket…" }.to_owned(),
            answer,
        )
    }
}
