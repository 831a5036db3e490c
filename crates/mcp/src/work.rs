//! A call at work: on a thread of its own, with progress for the client, and stopped in the stores when it is cancelled.

use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::RequestContext;
use rmcp::task_manager::TaskContext;
use std::sync::Arc;
use std::time::Duration;
use waylaid_store::Context;

/// Between two words on progress.
const TICK: Duration = Duration::from_millis(500);

/// Cancels a question that nobody waits for any more.
struct Abandoned(Arc<Context>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Does the work and hands over what came of it; `None` when it broke off in a way that it should not.
pub async fn run<T: Send + 'static>(
    request: &RequestContext<RoleServer>,
    work: impl FnOnce(&Arc<Context>) -> T + Send + 'static,
) -> Option<T> {
    let context = Arc::new(Context::new());
    let _abandoned = Abandoned(Arc::clone(&context));
    let on_thread = Arc::clone(&context);
    let mut task = tokio::task::spawn_blocking(move || work(&on_thread));
    let token = request.meta.get_progress_token();
    let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
    let mut said = 0;
    loop {
        tokio::select! {
            done = &mut task => return done.ok(),
            () = request.ct.cancelled(), if !context.is_cancelled() => context.cancel(),
            _ = tick.tick() => {
                if let Some(token) = &token {
                    said = tell(request, token, &context, said).await;
                }
            }
        }
    }
}

/// The same for a task, whose client asks when it wants to know how far it is.
pub async fn as_task<T: Send + 'static>(
    task: &TaskContext,
    work: impl FnOnce(&Arc<Context>) -> T + Send + 'static,
) -> Option<T> {
    let context = Arc::new(Context::new());
    let _abandoned = Abandoned(Arc::clone(&context));
    let on_thread = Arc::clone(&context);
    let mut thread = tokio::task::spawn_blocking(move || work(&on_thread));
    let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
    let mut said = 0;
    loop {
        tokio::select! {
            done = &mut thread => return done.ok(),
            () = task.cancelled(), if !context.is_cancelled() => context.cancel(),
            _ = tick.tick() => {
                let read = context.bytes_read();
                if read > said {
                    task.set_status_message(format!("{read} bytes read; the answer names its case"));
                    said = read;
                }
            }
        }
    }
}

/// Says how far it is, when that is further than what was said; returns what is said now.
async fn tell(
    request: &RequestContext<RoleServer>,
    token: &ProgressToken,
    context: &Context,
    said: u64,
) -> u64 {
    let read = context.bytes_read();
    if read <= said {
        return said;
    }
    let mut progress = ProgressNotificationParam::new(token.clone(), read as f64).with_message("bytes read");
    if context.bytes_expected() >= read {
        progress = progress.with_total(context.bytes_expected() as f64);
    }
    // A client that no longer listens is noticed elsewhere.
    let _ = request.peer.notify_progress(progress).await;
    read
}
