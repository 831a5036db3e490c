//! A bar on standard error while stores are read, only on a terminal; and Ctrl-C.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use waylaid_store::Context;

const TICK: Duration = Duration::from_millis(100);

/// The bar; it goes away when dropped.
pub struct Progress {
    done: Arc<AtomicBool>,
    doing: Arc<Mutex<String>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts the bar, fed from what the connectors count.
pub fn start(context: &Arc<Context>) -> Progress {
    let done = Arc::new(AtomicBool::new(false));
    let doing = Arc::new(Mutex::new("reading".to_owned()));
    let visible = std::io::stderr().is_terminal();
    let thread = visible.then(|| {
        let (context, done, doing) = (Arc::clone(context), Arc::clone(&done), Arc::clone(&doing));
        std::thread::spawn(move || draw(&context, &done, &doing))
    });
    Progress { done, doing, thread }
}

impl Progress {
    /// What is being done from now on.
    pub fn say(&self, doing: String) {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) = doing;
    }
}

fn draw(context: &Context, done: &AtomicBool, doing: &Mutex<String>) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let known =
        ProgressStyle::with_template("{spinner} {msg} [{bar:30}] {bytes} of {total_bytes}  {bytes_per_sec}");
    let unknown = ProgressStyle::with_template("{spinner} {msg} {bytes}  {bytes_per_sec}");
    if let (Ok(known), Ok(unknown)) = (known, unknown) {
        bar.set_style(unknown);
        let mut switched = false;
        while !done.load(Ordering::Relaxed) {
            std::thread::sleep(TICK);
            let expected = context.bytes_expected();
            if expected > 0 {
                bar.set_length(expected.max(context.bytes_read()));
                if !std::mem::replace(&mut switched, true) {
                    bar.set_style(known.clone());
                }
            }
            bar.set_message(doing.lock().unwrap_or_else(PoisonError::into_inner).clone());
            bar.set_position(context.bytes_read());
            bar.tick();
        }
    }
    bar.finish_and_clear();
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

static RUNNING: OnceLock<Arc<Context>> = OnceLock::new();

/// The context of this process: Ctrl-C cancels it, a second Ctrl-C ends the process at once.
pub fn context() -> Arc<Context> {
    let context = RUNNING.get_or_init(|| Arc::new(Context::new()));
    let cancelled = Arc::clone(context);
    let _ = ctrlc::set_handler(move || {
        if cancelled.is_cancelled() {
            stop_now();
        }
        cancelled.cancel();
    });
    Arc::clone(context)
}

#[expect(clippy::exit, reason = "asked for twice by the person")]
fn stop_now() {
    std::process::exit(i32::from(crate::exit::Exit::Interrupted.code()));
}
