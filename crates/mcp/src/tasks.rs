//! Long work for clients that support tasks (the extension of 2026-07-28): they get an id at once, and ask for the answer by
//! it. Everybody else waits for the answer as before.

use crate::tools::Tool;
use crate::{Backend, work};
use rmcp::ErrorData;
use rmcp::model::{CallToolResult, ContentBlock, CreateTaskResult, JsonObject};
use rmcp::task_manager::{TaskExit, TaskManager, TaskOptions};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How long a task may take, and how long its answer is kept after that.
const LIFE: Duration = Duration::from_mins(30);
/// How often a client should ask.
const POLL: Duration = Duration::from_millis(500);
/// Tasks whose answers are kept at the same time; who comes when there are more waits as others do.
const KEPT: usize = 64;

/// The tasks of a server.
#[derive(Clone, Default)]
pub struct Tasks {
    /// Who is asked about them.
    pub manager: TaskManager,
    started: Arc<Mutex<VecDeque<Instant>>>,
}

impl Tasks {
    /// Whether one more may be kept.
    fn has_room(&self) -> bool {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        while started.front().is_some_and(|at| at.elapsed() > LIFE * 2) {
            started.pop_front();
        }
        let has_room = started.len() < KEPT;
        if has_room {
            started.push_back(Instant::now());
        }
        has_room
    }

    /// Starts a call as a task; gives the arguments back when there is no room for it.
    pub fn start(
        &self,
        tool: &'static Tool,
        arguments: JsonObject,
        backend: Arc<dyn Backend>,
        room: Arc<Semaphore>,
    ) -> Result<CreateTaskResult, JsonObject> {
        if !self.has_room() {
            return Err(arguments);
        }
        let options = TaskOptions::new()
            .with_ttl_ms(Some(LIFE.as_millis() as u64))
            .with_poll_interval_ms(POLL.as_millis() as u64)
            .with_status_message("at work; the answer names its case");
        let task = self.manager.spawn(options, move |task| {
            Box::pin(async move {
                let broken = |what: &'static str| TaskExit::Error(ErrorData::internal_error(what, None));
                let _room = tokio::select! {
                    room = room.acquire_owned() => room.map_err(|_| broken("the server is closing"))?,
                    () = task.cancelled() => return Err(TaskExit::Cancelled),
                };
                let call = move |context: &_| tool.call(arguments, backend.as_ref(), context);
                match work::as_task(&task, call).await {
                    _ if task.is_cancel_requested() => Err(TaskExit::Cancelled),
                    Some(answer) => Ok(result(answer)),
                    None => Err(broken("the call broke off; this is a fault of waylaid")),
                }
            })
        });
        Ok(CreateTaskResult::new(task))
    }
}

/// What a tool says, as the protocol has it.
pub fn result(answer: Result<String, String>) -> CallToolResult {
    match answer {
        Ok(text) => CallToolResult::success(vec![ContentBlock::text(text)]),
        Err(text) => CallToolResult::error(vec![ContentBlock::text(text)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_kept_and_no_more() {
        let tasks = Tasks::default();
        assert_eq!((0..100).filter(|_| tasks.has_room()).count(), KEPT);
    }
}
