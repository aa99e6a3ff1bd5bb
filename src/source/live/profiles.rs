//! Why there are no credentials, in words, with what to try: the SDK says what it tried, and the
//! configuration files what was meant.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

use aws_credential_types::provider::error::CredentialsError;

use super::LiveError;

/// How many profiles are named where one is not there.
const NAMED: usize = 12;

/// The profile that credentials come from, where one is named.
pub(super) fn name(profile: Option<&str>) -> Option<String> {
    let from_environment = || std::env::var("AWS_PROFILE").ok();
    let name = profile.map(str::to_owned).or_else(from_environment);
    name.filter(|name| !name.is_empty())
}

/// No source of credentials at all.
pub(super) fn none(profile: Option<&str>) -> LiveError {
    no_credentials(
        name(profile).as_deref(),
        "none was found",
        &Profiles::read(),
    )
}

/// A source of credentials that does not answer.
pub(super) fn without_answer(profile: Option<&str>) -> LiveError {
    let detail = "no answer in time (timeout)";
    no_credentials(name(profile).as_deref(), detail, &Profiles::read())
}

/// What is wrong with credentials, and what to try.
pub(super) fn unusable(profile: Option<&str>, error: &CredentialsError) -> LiveError {
    let known = Profiles::read();
    match name(profile) {
        Some(named) if !known.0.contains_key(&named) && named != "default" => LiveError::Unusable {
            message: format!("there is no profile `{named}` in AWS's configuration files"),
            help: known.instead_of(&named),
        },
        named => no_credentials(named.as_deref(), &chain(error), &known),
    }
}

/// Credentials that could not be had, and what to try with what they come from.
fn no_credentials(profile: Option<&str>, detail: &str, known: &Profiles) -> LiveError {
    let (whose, named) = match profile {
        Some(name) => (format!("of profile `{name}`"), format!(" --profile {name}")),
        None => ("for AWS".to_owned(), String::new()),
    };
    let words = detail.to_ascii_lowercase();
    let has = |part: &str| words.contains(part);
    let detail = match words.as_str() {
        _ if has("no credentials found in chain") => {
            "none in the environment, in a profile, from a web identity, a container or an instance"
        }
        "the credential provider was not enabled" => "it holds none",
        _ => detail,
    };
    let is_sso = has("sso") || known.has(profile.unwrap_or("default"), "sso_");
    let log_in = format!("log in again: `aws sso login{named}`");
    let network = "check the network, the proxy (HTTPS_PROXY), AWS_ENDPOINT_URL, and that the Region is spelt right";
    let is_of_network = has("dispatch failure") || has("timeout");
    let file = std::env::var("AWS_WEB_IDENTITY_TOKEN_FILE").ok();
    let file = file.filter(|_| profile.is_none() && has("no such file"));
    let help = match (profile, file) {
        _ if is_sso && is_of_network => format!("{network}; if all that is well, {log_in}"),
        _ if is_of_network => network.to_owned(),
        _ if is_sso => log_in,
        _ if has("infinite loop") => {
            "`source_profile` leads from profile to profile and back: name one there that holds credentials".to_owned()
        }
        _ if has("external process") => {
            "the profile's `credential_process` failed: run that command by hand".to_owned()
        }
        _ if has("assumerole") || has("assume") => {
            "the role's trust policy must admit whoever assumes it, and those credentials need `sts:AssumeRole`".to_owned()
        }
        (_, Some(file)) => format!("AWS_WEB_IDENTITY_TOKEN_FILE names `{file}`: check that it is there"),
        (Some(_), None) => format!("`aws sts get-caller-identity{named}` says whether the profile works at all"),
        (None, None) => {
            "name a profile (`--profile NAME` or AWS_PROFILE), log in (`aws sso login`), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned()
        }
    };
    LiveError::Unusable {
        message: format!("there are no credentials {whose}: {detail}"),
        help,
    }
}

/// The profiles in the configuration files, and the settings that each has.
///
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files" (read 2026-11).
struct Profiles(BTreeMap<String, Vec<String>>);

impl Profiles {
    fn read() -> Profiles {
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
        let folder = PathBuf::from(home.unwrap_or_default()).join(".aws");
        let file = |variable: &str, name: &str| {
            let path = std::env::var_os(variable).map_or_else(|| folder.join(name), PathBuf::from);
            std::fs::read_to_string(path).unwrap_or_default()
        };
        let config = file("AWS_CONFIG_FILE", "config");
        let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
        Profiles::parse(&format!("{config}\n{credentials}"))
    }

    fn parse(text: &str) -> Profiles {
        let mut profiles: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut at = None;
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|it| it.split(']').next()) {
                let name = name.trim();
                let is_other = name.starts_with("sso-session ") || name.starts_with("services ");
                let name = name.strip_prefix("profile ").unwrap_or(name).trim();
                at = (!is_other).then(|| name.to_owned());
                if let Some(name) = &at {
                    profiles.entry(name.clone()).or_default();
                }
            } else if let (Some(name), Some((key, _))) = (&at, line.split_once('=')) {
                let settings = profiles.entry(name.clone()).or_default();
                settings.push(key.trim().to_owned());
            }
        }
        Profiles(profiles)
    }

    /// Whether a profile has a setting whose name begins so.
    fn has(&self, profile: &str, begins: &str) -> bool {
        let settings = self.0.get(profile);
        settings.is_some_and(|all| all.iter().any(|name| name.starts_with(begins)))
    }

    /// Which profiles there are, the nearest to what was written first.
    fn instead_of(&self, wanted: &str) -> String {
        let short: String = wanted.chars().take(100).collect();
        let distance = |name: &str| strsim::osa_distance(name, &short);
        let mut names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.sort_by_key(|name| (distance(name), *name));
        let Some(nearest) = names.first() else {
            return "no profile is configured at all; `aws configure sso` makes one".to_owned();
        };
        let begin = if distance(nearest) * 3 <= short.len() + 2 {
            format!("did you mean `{nearest}`? ")
        } else {
            String::new()
        };
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        if more == 0 {
            names.sort_unstable();
        }
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{begin}the profiles there are: {}{more}", names.join(", "))
    }
}

/// An error and what it came from, each once, on one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = vec![error.to_string()];
    let mut at = error;
    while let Some(source) = at.source() {
        let text = source.to_string();
        if !words.iter().any(|known| known.contains(&text)) {
            words.push(text);
        }
        at = source;
    }
    words.join(": ").replace('\n', " ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_profile_is_offered_and_few_are_named() {
        let text = "[default]\nregion = us-east-1\n[profile production]\nsso_session = corp\n[sso-session corp]\nsso_region = x\n[ profile dev ]\n";
        let known = Profiles::parse(text);
        assert_eq!(
            known.instead_of("prodcution"),
            "did you mean `production`? the profiles there are: default, dev, production"
        );
        assert_eq!(
            known.instead_of("something-else"),
            "the profiles there are: default, dev, production"
        );
        assert!(known.has("production", "sso_") && !known.has("default", "sso_"));
        let many: Vec<String> = (0..40)
            .map(|n| format!("[profile account-{n:02}]"))
            .collect();
        let many = many.join(
            "
",
        );
        let named = Profiles::parse(&many).instead_of("acount-07");
        assert!(
            named.starts_with("did you mean `account-07`? the profiles there are: account-07, "),
            "{named}"
        );
        assert!(named.ends_with(" and 28 more"), "{named}");
        assert!(
            Profiles::parse("")
                .instead_of("x")
                .starts_with("no profile is configured at all")
        );
    }

    #[test]
    fn what_to_try_depends_on_what_the_profile_is() {
        let known = Profiles::parse(
            "[profile old]\nsso_start_url = https://x\n[profile role]\nrole_arn = x\n",
        );
        let help = |profile: Option<&str>, detail: &str| {
            let error = no_credentials(profile, detail, &known);
            error.help().unwrap_or_default().to_owned()
        };
        assert_eq!(
            help(Some("old"), "unauthorized"),
            "log in again: `aws sso login --profile old`"
        );
        assert!(
            help(Some("old"), "dispatch failure: dns")
                .ends_with("if all that is well, log in again: `aws sso login --profile old`")
        );
        assert!(
            help(Some("role"), "dispatch failure: dns").ends_with("that the Region is spelt right")
        );
        assert_eq!(
            help(None, "the SSO token has expired"),
            "log in again: `aws sso login`"
        );
        assert!(help(Some("role"), "profile formed an infinite loop").contains("source_profile"));
        assert!(help(Some("role"), "AssumeRole: AccessDenied").contains("trust policy"));
    }
}
