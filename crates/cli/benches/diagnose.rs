//! `waylaid diagnose` on the seed incident many times bigger, beside `rg -z -F -f` for the stuck orders' ids over the
//! same files in the same run.
//!
//! `WAYLAID_BENCH_LINES` and `WAYLAID_BENCH_RECORDS` set the size (1,000,000 and 100,000 by default; ten times as much
//! takes a quarter of an hour to write). The bundle stays in `target/bench/` for the next run. `RG` names the `rg` to
//! run; it is left out where there is none.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use waylaid_sim::Scale;

const RUNS: usize = 3;

fn main() {
    let lines = setting("WAYLAID_BENCH_LINES", 1_000_000);
    let records = setting("WAYLAID_BENCH_RECORDS", 100_000);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench/seed-{lines}-{records}"));
    let bundle = folder.join("seed/incident");
    if !folder.join("written").exists() {
        let written =
            waylaid_sim::write_scaled(Scale::AtLeast { log_lines: lines, records }, false, &folder).unwrap();
        let what = format!(
            "{} log lines, {} records, {} stuck, {} completed, {} kB packed",
            written.log_lines,
            written.records,
            written.stuck,
            written.done,
            written.bytes / 1024
        );
        std::fs::write(folder.join("written"), what).unwrap();
    }
    println!("\n{}\n", std::fs::read_to_string(folder.join("written")).unwrap());
    println!("{:<44} {:>9} {:>11} {:>9}", "best of 3", "seconds", "core-seconds", "peak MB");
    for command in [&["diagnose"][..], &["stuck"], &["flow"]] {
        row(&format!("waylaid {}", command[0]), || {
            let mut run = Command::new(env!("CARGO_BIN_EXE_waylaid"));
            run.args(command).arg("-C").arg(&bundle);
            run
        });
    }
    let ids = folder.join("ids");
    stuck_ids(&folder.join("seed/expected.json"), &ids);
    let rg = std::env::var("RG").unwrap_or_else(|_| "rg".into());
    if Command::new(&rg).arg("--version").output().is_ok() {
        row("rg -z -F -c -f, the ids in logs and topics", || {
            let mut run = Command::new(&rg);
            run.args(["--no-ignore", "-z", "-F", "-c", "-f"]).arg(&ids);
            run.arg(bundle.join("logs")).arg(bundle.join("topics"));
            run
        });
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// The first 10,000 stuck ids, a line each: more and `rg` takes minutes to build its automaton.
fn stuck_ids(expected: &Path, to: &Path) {
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(expected).unwrap()).unwrap();
    let mut out = std::fs::File::create(to).unwrap();
    let causes = expected["causes"].as_array().cloned().unwrap_or_default();
    let ids = causes.iter().filter_map(|c| c["entities"].as_array()).flatten();
    for id in ids.filter_map(|id| id.as_str()).take(10_000) {
        writeln!(out, "{id}").unwrap();
    }
}

fn row(name: &str, command: impl Fn() -> Command) {
    let (mut best, mut least, mut peak) = (Duration::MAX, f64::MAX, 0u64);
    for _ in 0..RUNS {
        let start = Instant::now();
        let child = command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let (cpu, memory) = watch(child);
        best = best.min(start.elapsed());
        least = least.min(cpu);
        peak = peak.max(memory);
    }
    println!("{name:<44} {:>9.2} {least:>11.2} {peak:>9}", best.as_secs_f64());
}

/// Waits for a child; gives its processor seconds and its peak of memory in MB, as last seen (Linux; 0 elsewhere).
fn watch(mut child: Child) -> (f64, u64) {
    let id = child.id();
    let of = |what: &str| std::fs::read_to_string(format!("/proc/{id}/{what}")).unwrap_or_default();
    let (mut cpu, mut memory) = (0.0, 0);
    loop {
        let stat = of("stat");
        let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        cpu = f64::max(cpu, ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0);
        let status = of("status");
        let peak = status
            .lines()
            .find_map(|l| l.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<u64>().ok());
        memory = memory.max(peak.unwrap_or(0) / 1024);
        if child.try_wait().unwrap().is_some() {
            return (cpu, memory);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
