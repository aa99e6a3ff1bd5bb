//! What keeps a client to the list: an interceptor that every client carries. It lets a request pass
//! only while a call of the same operation is under way, and keeps the answer's text for that call.

use std::cell::RefCell;
use std::future::Future;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::operation::Operation;

tokio::task_local! {
    static CALL: Call;
}

/// The call that is under way.
struct Call {
    operation: Operation,
    answer: RefCell<String>,
}

/// The interceptor. The clients inside the credential chain, which log in and assume the profiles'
/// roles, are the SDK's own and carry none.
#[derive(Debug)]
pub(super) struct Guard;

#[dyn_dispatch_hint]
impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "Guard"
    }

    // The earliest hook at which the operation is known, and before anything is sent.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let metadata = config.load::<Metadata>();
        let is_called = |operation: Operation| {
            metadata.is_some_and(|it| {
                it.service() == operation.service() && it.name() == operation.name()
            })
        };
        match CALL.try_with(|call| is_called(call.operation)) {
            Ok(true) => Ok(()),
            _ => Err("trail-lint calls nothing that is not on its list of operations".into()),
        }
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let text = context
            .response()
            .body()
            .bytes()
            .and_then(|bytes| std::str::from_utf8(bytes).ok());
        if let Some(text) = text {
            // Outside a call nothing was sent, so that nothing is to be kept.
            let _ = CALL.try_with(|call| text.clone_into(&mut call.answer.borrow_mut()));
        }
        Ok(())
    }
}

/// Sends a request as a call of this operation; what comes back, and the text that AWS sent.
pub(super) async fn send<R>(operation: Operation, request: impl Future<Output = R>) -> (R, String) {
    let call = Call {
        operation,
        answer: RefCell::default(),
    };
    let sent = async {
        let result = request.await;
        let answer = CALL.with(|call| call.answer.take());
        (result, answer)
    };
    CALL.scope(call, sent).await
}
