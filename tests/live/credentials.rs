//! Where credentials come from: a container, an instance, a web identity, SSO; each once with success,
//! against a double of whoever hands them out, and moto for the rest.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::Test;
use crate::aws::{calls, endpoint};
use crate::estate::{self, Estate};
use crate::run::{bare, credentials, expect, unseen, verdicts};

pub(crate) const TESTS: &[Test] = &[
    (
        "a_container_hands_out_credentials",
        a_container_hands_out_credentials,
    ),
    (
        "an_instance_hands_out_credentials",
        an_instance_hands_out_credentials,
    ),
    (
        "a_web_identity_is_exchanged_for_credentials",
        a_web_identity_is_exchanged_for_credentials,
    ),
    (
        "a_session_of_sso_is_exchanged_for_credentials",
        a_session_of_sso_is_exchanged_for_credentials,
    ),
];

/// A double of all who hand out credentials over HTTP: those of an account. Its address.
fn double(account: &str) -> String {
    let of = |name: &str| {
        let given = credentials(account);
        given
            .into_iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
    };
    let (id, secret, token) = (
        of("aws_access_key_id"),
        of("aws_secret_access_key"),
        of("aws_session_token"),
    );
    // Names as a container and an instance spell them, and as SSO does.
    let keys = json!({
        "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z", "Expiration": "2099-01-01T00:00:00Z",
        "AccessKeyId": id, "SecretAccessKey": secret, "Token": token,
    });
    let of_sso = json!({"roleCredentials": {
        "accessKeyId": id, "secretAccessKey": secret, "sessionToken": token, "expiration": 4_070_908_800_000_u64,
    }});
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = format!("http://{}", listener.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().expect("a socket has two ends"));
            let _ = reader.read_line(&mut line);
            let mut header = String::new();
            while reader.read_line(&mut header).is_ok_and(|read| read > 2) {
                header.clear();
            }
            let answer = answer(&line, &keys, &of_sso);
            let (status, body) =
                answer.map_or(("404 Not Found", String::new()), |it| ("200 OK", it));
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nx-aws-ec2-metadata-token-ttl-seconds: 600\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all((head + &body).as_bytes());
            let _ = reader.read_to_string(&mut String::new());
        }
    });
    address
}

fn answer(line: &str, keys: &Value, of_sso: &Value) -> Option<String> {
    let mut words = line.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    match path.split('?').next()? {
        "/latest/api/token" if method == "PUT" => Some("token".to_owned()),
        "/latest/meta-data/iam/security-credentials/" => Some("reader".to_owned()),
        "/latest/meta-data/placement/region" => Some(estate::REGION.to_owned()),
        "/latest/meta-data/iam/security-credentials/reader" | "/container" => {
            Some(keys.to_string())
        }
        "/federation/credentials" => Some(of_sso.to_string()),
        _ => None,
    }
}

/// The audit account's credentials were found, and everything was read with them.
fn delivers(estate: &Estate, command: &mut Command) {
    let [one, _] = &estate.sources;
    command.env("AWS_ENDPOINT_URL", endpoint());
    command.args(["check", "--live", "--accounts", one, "-f", "json"]);
    let report = expect(0, command).json();
    assert_eq!(verdicts(&report), [format!("{one} audit delivers")]);
    assert_eq!(unseen(&report), [""; 0]);
}

fn a_container_hands_out_credentials() {
    let estate = estate::sound();
    let uri = format!("{}/container", double(&estate.audit));
    delivers(
        &estate,
        bare(&[]).env("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri),
    );
}

fn an_instance_hands_out_credentials() {
    let estate = estate::sound();
    // The Region is the instance's, too.
    let mut command = bare(&[]);
    command
        .env_remove("AWS_EC2_METADATA_DISABLED")
        .env_remove("AWS_REGION")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", double(&estate.audit));
    delivers(&estate, &mut command);
}

fn a_web_identity_is_exchanged_for_credentials() {
    let estate = estate::sound();
    let mut token = tempfile::NamedTempFile::new().unwrap();
    token.write_all(b"eyJhbGciOiJub25lIn0.e30.x").unwrap();
    let role = format!("arn:aws:iam::{}:role/pipeline", estate.audit);
    let mut command = bare(&[]);
    command
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", token.path())
        .env("AWS_ROLE_ARN", role);
    delivers(&estate, &mut command);
    let of_audit = calls(&[&estate.audit]);
    assert!(
        of_audit
            .iter()
            .any(|(name, ..)| name == "STS.GetCallerIdentity")
    );
}

fn a_session_of_sso_is_exchanged_for_credentials() {
    let estate = estate::sound();
    let home = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        ".aws/config",
        &format!(
            "[profile corp]\nsso_session = corp\nsso_account_id = {}\nsso_role_name = Reader\nregion = us-east-1\n\
             [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n",
            estate.audit
        ),
    );
    // `aws sso login` leaves its token in a file that is called after the SHA-1 of the session's name.
    let token = json!({"accessToken": "t", "expiresAt": "2099-01-01T00:00:00Z", "region": "us-east-1",
                       "startUrl": "https://example.awsapps.com/start"});
    write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        &token.to_string(),
    );
    let sso = double(&estate.audit);
    for profile in [&["--profile", "corp"][..], &[]] {
        let mut command = bare(&[]);
        command
            .env("HOME", home.path())
            .env("AWS_ENDPOINT_URL_SSO", &sso)
            .env("AWS_PROFILE", "corp");
        command.args([
            "check",
            "--live",
            "--accounts",
            &estate.sources[0],
            "-f",
            "json",
        ]);
        command.args(profile).env("AWS_ENDPOINT_URL", endpoint());
        let report = expect(0, &mut command).json();
        assert_eq!(
            verdicts(&report),
            [format!("{} audit delivers", estate.sources[0])]
        );
    }
    // A session that has ended says how to begin one.
    write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        &token.to_string().replace("2099", "2020"),
    );
    let mut command = bare(&["check", "--live", "--profile", "corp"]);
    let told = expect(2, command.env("HOME", home.path())).stderr;
    assert!(
        told.contains("help: log in again: `aws sso login --profile corp`"),
        "{told}"
    );
}
