//! One account's credentials and clients, and the one way a request is sent: `Reader::call`.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use aws_sdk_cloudtrail::config::retry::RetryPartition;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use super::guard::{self, Guard};
use super::limits::Limits;
use super::operation::Operation;
use super::progress::Progress;
use super::refusal::Refusal;

/// What all accounts of a run share.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) overall: Arc<Semaphore>,
    pub(super) progress: Progress,
}

/// Whoever reads: credentials, whose they are, and how fast they may be used.
#[derive(Debug)]
pub(super) struct Reader {
    /// The account, once it is known.
    pub(super) account: String,
    /// The ARN of the user or role.
    pub(super) principal: String,
    config: SdkConfig,
    /// A retry budget of its own: what one account wastes is no other's.
    retries: RetryPartition,
    limits: Limits,
    run: Arc<Run>,
}

/// What AWS answered: read by the SDK, and the text as it was sent.
pub(super) struct Answer<T> {
    pub(super) output: T,
    pub(super) text: String,
}

/// A constructor of one service's client in one Region.
macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub(super) fn $name(&self, region: &str) -> $sdk::Client {
            let config = self
                .config
                .to_builder()
                .region(Region::new(region.to_owned()))
                .build();
            let config = $sdk::config::Builder::from(&config)
                .retry_partition(self.retries.clone())
                .interceptor(Guard);
            $sdk::Client::from_conf(config.build())
        }
    };
}

impl Reader {
    pub(super) fn new(account: &str, principal: &str, config: SdkConfig, run: &Arc<Run>) -> Reader {
        Reader {
            account: account.to_owned(),
            principal: principal.to_owned(),
            config,
            retries: RetryPartition::new(format!("trail-lint {account} {principal}")),
            limits: Limits::new(Arc::clone(&run.overall)),
            run: Arc::clone(run),
        }
    }

    client!(cloudtrail, aws_sdk_cloudtrail);
    client!(kms, aws_sdk_kms);
    client!(organizations, aws_sdk_organizations);
    client!(sns, aws_sdk_sns);
    client!(sts, aws_sdk_sts);

    /// S3 in one Region. An endpoint that the user names is no host of AWS's: there the bucket stands
    /// in the path, as its name in front of the host would find nobody.
    pub(super) fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let region = Region::new(region.to_owned());
        let config = self.config.to_builder().region(region).build();
        let own_endpoint =
            config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let config = aws_sdk_s3::config::Builder::from(&config)
            .retry_partition(self.retries.clone())
            .force_path_style(own_endpoint)
            .interceptor(Guard);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// The Region that questions about no place in particular go to.
    pub(super) fn region(&self) -> &str {
        self.config
            .region()
            .map_or(super::FALLBACK_REGION, Region::as_ref)
    }

    /// The endpoint that the user has set for a service, if any.
    fn endpoint(&self, operation: Operation) -> Option<String> {
        let service = operation.service().to_ascii_uppercase();
        let own = std::env::var(format!("AWS_ENDPOINT_URL_{service}")).ok();
        own.or_else(|| self.config.endpoint_url().map(str::to_owned))
    }

    /// The configuration, for the credentials of another account.
    pub(super) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// What the run shares.
    pub(super) fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// Sends a request, when it is its turn. A request takes some ten kilobytes while it is under way:
    /// boxed, it takes them only then, and not in the future of every caller.
    pub(super) fn call<'a, T, E>(
        &'a self,
        operation: Operation,
        region: &'a str,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
    ) -> BoxFuture<'a, Result<Answer<T>, Refusal>>
    where
        T: Send + 'a,
        E: ProvideErrorMetadata + Error + Send + 'static,
    {
        Box::pin(async move {
            let _leave = self.limits.leave(operation.service(), region).await;
            self.run.progress.begin(operation);
            let (result, text) = guard::send(operation, request).await;
            self.run.progress.end(operation);
            match result {
                Ok(output) => Ok(Answer { output, text }),
                Err(error) => {
                    let refusal = Refusal::of(operation, &error);
                    Err(refusal.of_place(operation.service(), region, self.endpoint(operation)))
                }
            }
        })
    }
}
