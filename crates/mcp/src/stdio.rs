//! The server on standard input and output, as a client starts it.

use crate::{Backend, Fault, Server};
use rmcp::ServiceExt as _;
use std::sync::Arc;

/// Serves until the client goes away. Standard output belongs to the protocol alone.
pub fn stdio(backend: Arc<dyn Backend>) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(async {
        let (input, output) = rmcp::transport::io::stdio_pipes();
        let running = match Server::new(backend).serve((input, output)).await {
            Ok(running) => running,
            // A client that says nothing at all has gone away.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(Fault::from(error)),
        };
        running.waiting().await?;
        Ok(())
    });
    // A store that hangs keeps its thread; the process does not wait for it.
    runtime.shutdown_background();
    result
}
