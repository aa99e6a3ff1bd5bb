//! From a profile, the environment, SSO, a web identity or an instance to credentials that work, and to
//! the account they belong to. Credentials are resolved here, once: what is wrong with them is said once.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::{Builder, Connector, proxy, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::operation::Operation;
use super::reader::{Reader, Run};
use super::refusal::{Refusal, UNREADABLE};
use super::{FALLBACK_REGION, LiveError, Options, profiles, valid};
use crate::model::Arn;

/// Attempts of one call, the first included: throttles and faults of a second or two pass.
const ATTEMPTS: u32 = 4;

/// What the pauses between the attempts may take together: a second, two and four at most, and some room.
const PAUSES: Duration = Duration::from_secs(10);

/// The name of a session in other accounts' logs.
const SESSION: &str = "trail-lint";

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);

/// How long a credential source may take: SSO and instance metadata are a request or two away.
const CREDENTIALS: Duration = Duration::from_secs(30);

/// Credentials that could be had, and the account that they turned out to be of, or why AWS would not say.
pub(super) enum Caller {
    /// AWS told whose they are.
    Known(Box<Reader>),
    /// AWS would not.
    Refused(Refusal),
}

/// The HTTP client of the run. One pool for all accounts: a pool for each would open two connections an
/// account. The ready-made client shares its pool too, but knows neither `HTTPS_PROXY` nor
/// `AWS_CA_BUNDLE`.
pub(super) fn http_client() -> Result<SharedHttpClient, LiveError> {
    let context = tls_context()?;
    Ok(
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = Connector::builder().proxy_config(proxy::ProxyConfig::from_env());
            connector.set_connector_settings(settings.cloned());
            if let Some(components) = components {
                connector.set_sleep_impl(components.sleep_impl());
            }
            connector
                .tls_provider(tls::Provider::Rustls(
                    tls::rustls_provider::CryptoMode::AwsLc,
                ))
                .tls_context(context.clone())
                .build()
        }),
    )
}

/// The certificates that are trusted: the system's, and those of `AWS_CA_BUNDLE`, as behind a proxy that
/// looks into connections.
fn tls_context() -> Result<tls::TlsContext, LiveError> {
    let unusable = |path: &Path, why: String| LiveError::Unusable {
        message: format!("AWS_CA_BUNDLE names `{}`, which {why}", path.display()),
        help: "name a file of certificates in PEM form, or unset the variable".to_owned(),
    };
    let mut trusted = tls::TrustStore::empty().with_native_roots(true);
    let bundle = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
    let bundle = PathBuf::from(bundle.unwrap_or_default());
    if bundle.as_os_str().is_empty() {
        let context = tls::TlsContext::builder().with_trust_store(trusted).build();
        return context.map_err(|error| LiveError::Unusable {
            message: format!("the system's certificates cannot be used: {error}"),
            help: "SSL_CERT_FILE may name others".to_owned(),
        });
    }
    let pem = std::fs::read(&bundle)
        .map_err(|error| unusable(&bundle, format!("cannot be read: {error}")))?;
    if !String::from_utf8_lossy(&pem).contains("BEGIN CERTIFICATE") {
        return Err(unusable(&bundle, "holds no certificate".to_owned()));
    }
    trusted.add_pem_certificate(pem);
    let context = tls::TlsContext::builder().with_trust_store(trusted).build();
    context.map_err(|error| unusable(&bundle, format!("cannot be used: {error}")))
}

/// Finds the credentials of a profile, or those that the environment gives, and whose they are.
pub(super) async fn find(
    profile: Option<&str>,
    options: &Options,
    http: &SharedHttpClient,
    run: &Arc<Run>,
) -> Result<Caller, LiveError> {
    let config = configuration(profile, options, http).await?;
    let provider = config.credentials_provider();
    let provider = provider.ok_or_else(|| profiles::none(profile))?;
    let credentials = tokio::time::timeout(CREDENTIALS, provider.provide_credentials()).await;
    let credentials = match credentials {
        Err(_) => Err(profiles::without_answer(profile)),
        Ok(Err(error)) => Err(profiles::unusable(profile, &error)),
        Ok(Ok(credentials)) => Ok(credentials),
    }?;
    let config = with(&config, credentials);
    // Whose they are is asked with a reader that does not know yet.
    let reader = Reader::new("", "", config.clone(), run);
    let region = reader.region().to_owned();
    let request = reader.sts(&region).get_caller_identity().send();
    let answer = match reader
        .call(Operation::GetCallerIdentity, &region, request)
        .await
    {
        Ok(answer) => answer.output,
        Err(refusal) => return Ok(Caller::Refused(refusal)),
    };
    let (Some(account), Some(arn)) = (answer.account(), answer.arn()) else {
        let message = "the answer names no account";
        return Ok(Caller::Refused(Refusal::new(UNREADABLE, message)));
    };
    Ok(Caller::Known(Box::new(Reader::new(
        account, arn, config, run,
    ))))
}

async fn configuration(
    profile: Option<&str>,
    options: &Options,
    http: &SharedHttpClient,
) -> Result<SdkConfig, LiveError> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT.min(options.timeout))
        .operation_attempt_timeout(options.timeout)
        .operation_timeout(options.timeout * ATTEMPTS + PAUSES)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts);
    let mut region = options.region.clone().map(Region::new);
    if region.is_none() {
        let mut chain = DefaultRegionChain::builder();
        if let Some(profile) = profile {
            chain = chain.profile_name(profile);
        }
        region = chain.build().region().await;
    }
    let region = region.unwrap_or_else(|| Region::from_static(FALLBACK_REGION));
    valid::check_region(region.as_ref())?;
    loader = loader.region(region.clone());
    if let Some(profile) = profile {
        // The name alone would lose to `AWS_ACCESS_KEY_ID`, and the run would look at another account.
        let provider = ProviderConfig::without_region()
            .with_http_client(http.clone())
            .with_region(Some(region));
        let provider = ProfileFileCredentialsProvider::builder()
            .profile_name(profile)
            .configure(&provider)
            .build();
        loader = loader.profile_name(profile).credentials_provider(provider);
    }
    Ok(loader.load().await)
}

fn with(config: &SdkConfig, credentials: Credentials) -> SdkConfig {
    config
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// A role of another account, as it is assumed.
pub(super) struct Role<'a> {
    pub(super) account: &'a str,
    pub(super) name: &'a str,
    pub(super) external_id: Option<&'a str>,
}

impl Role<'_> {
    /// The ARN, in the partition of whoever assumes it.
    pub(super) fn arn(&self, caller: &Reader) -> String {
        let partition = Arn::parse(&caller.principal).map_or("aws", |arn| arn.partition);
        let name = self.name.trim_start_matches('/');
        format!("arn:{partition}:iam::{}:role/{name}", self.account)
    }

    /// Assumes it, once. What is refused here is refused for the whole account.
    pub(super) async fn assume(&self, caller: &Reader) -> Result<Reader, Refusal> {
        let region = caller.region();
        // A retry budget and a place among the calls of the account that is entered, not of the caller.
        let entrance = Reader::new(
            self.account,
            &caller.principal,
            caller.config().clone(),
            caller.run(),
        );
        let request = entrance
            .sts(region)
            .assume_role()
            .role_arn(self.arn(caller))
            .role_session_name(SESSION)
            .set_external_id(self.external_id.map(str::to_owned));
        let answer = entrance
            .call(Operation::AssumeRole, region, request.send())
            .await?;
        let Some(given) = answer.output.credentials() else {
            let message = "the answer holds no credentials";
            return Err(Refusal::new(UNREADABLE, message));
        };
        let credentials = Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            None,
            "trail-lint",
        );
        let principal = answer
            .output
            .assumed_role_user()
            .map(aws_sdk_sts::types::AssumedRoleUser::arn);
        let principal = principal.map_or_else(|| self.arn(caller), str::to_owned);
        let config = with(caller.config(), credentials);
        Ok(Reader::new(self.account, &principal, config, caller.run()))
    }
}
