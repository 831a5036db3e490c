//! The sweep of 10,000 ids over logs and topic records, beside `rg` and `grep` on the same files in the same run.
//!
//! `WAYLAID_BENCH_MB` sets the size (256 by default); `RG` names the `rg` to run. Every figure is the best of three
//! with the files in the page cache; a core's share is by processor time, so a busy machine shows less in it. Tools that are not installed are left out.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use waylaid_files::{FilesLogs, FilesTopics};
use waylaid_store::{Context, KeySet, LogQuery, LogStore, RecordQuery, Select, TopicStore};

const IDS: usize = 10_000;
const FILES: u64 = 8;
const RUNS: usize = 3;

/// How the ids of a run look.
#[derive(Clone, Copy)]
enum Shape {
    Number,
    Uuid,
}

impl Shape {
    fn id(self, random: &mut SmallRng) -> String {
        match self {
            Self::Number => random.random_range(10_000_000..99_999_999u32).to_string(),
            Self::Uuid => {
                let (a, b): (u64, u64) = (random.random(), random.random());
                format!(
                    "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
                    a >> 32,
                    a >> 16 & 0xffff,
                    a & 0xfff,
                    b >> 48,
                    b & 0xffff_ffff_ffff
                )
            }
        }
    }
}

fn main() {
    let megabytes = std::env::var("WAYLAID_BENCH_MB").ok().and_then(|v| v.parse().ok()).unwrap_or(256u64);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    for (name, shape) in [("8-digit numbers", Shape::Number), ("UUIDs", Shape::Uuid)] {
        let folder = tempfile::tempdir().unwrap();
        let mut random = SmallRng::seed_from_u64(7);
        let ids: Vec<String> = (0..IDS).map(|_| shape.id(&mut random)).collect();
        std::fs::write(folder.path().join("ids"), ids.join("\n") + "\n").unwrap();
        write_logs(&folder.path().join("logs"), megabytes / 2, shape, &ids, &mut random);
        write_topics(&folder.path().join("topics"), megabytes / 2, shape, &ids, &mut random);
        println!("\n{IDS} ids ({name}), {megabytes} MB of logs and records, {cores} cores, best of {RUNS}\n");
        println!("{:<46} {:>9} {:>9} {:>9} {:>10}", "", "seconds", "GB/s", "a core", "matched");
        measure(folder.path(), &Arc::new(KeySet::new(ids)));
        println!("most memory held: {}", peak());
    }
}

fn measure(root: &Path, keys: &Arc<KeySet>) {
    let (logs, topics) = (root.join("logs"), root.join("topics"));
    let (log_bytes, topic_bytes) = (size(&logs), size(&topics));
    let sweep = |select: Select, preceding| {
        let store = FilesLogs::open("logs.main".into(), logs.clone()).unwrap();
        let query = LogQuery { select, preceding, ..LogQuery::default() };
        let count = AtomicU64::new(0);
        store.scan(&query, &Context::new(), &|_| _ = count.fetch_add(1, Ordering::Relaxed)).unwrap();
        count.into_inner()
    };
    let with_failures = || Select { failures: true, ..Select::keys(Arc::clone(keys)) };
    row("waylaid logs: nothing asked (read and count)", log_bytes, || sweep(Select::default(), 0));
    row("waylaid logs: absent ids", log_bytes, || {
        sweep(Select::keys(Arc::new(KeySet::new(absent(keys)))), 0)
    });
    row("waylaid logs: ids", log_bytes, || sweep(Select::keys(Arc::clone(keys)), 0));
    row("waylaid logs: ids and failures", log_bytes, || sweep(with_failures(), 0));
    row("waylaid logs: ids, failures, 3 preceding", log_bytes, || sweep(with_failures(), 3));
    row("waylaid logs: a sample of 100 a file", log_bytes, || sweep(Select::sample(100), 0));
    let records = |store: &FilesTopics| {
        let query = RecordQuery { select: Select::keys(Arc::clone(keys)), ..RecordQuery::default() };
        let count = AtomicU64::new(0);
        store.scan(&query, &Context::new(), &|_| _ = count.fetch_add(1, Ordering::Relaxed)).unwrap();
        count.into_inner()
    };
    let open = || FilesTopics::open("topics.main".into(), topics.clone()).unwrap();
    row("waylaid topics: ids, first scan (with index)", topic_bytes, || records(&open()));
    let warm = open();
    records(&warm);
    row("waylaid topics: ids, later scans", topic_bytes, || records(&warm));
    row("waylaid logs and topics: ids", log_bytes + topic_bytes, || {
        sweep(Select::keys(Arc::clone(keys)), 0) + records(&warm)
    });
    let rg = std::env::var("RG").unwrap_or_else(|_| "rg".into());
    peer("rg -F -f", &rg, &["--no-ignore", "-F", "-c", "--no-filename", "-f"], root, log_bytes + topic_bytes);
    peer(
        "rg -F -w -f (whole words)",
        &rg,
        &["--no-ignore", "-F", "-w", "-c", "--no-filename", "-f"],
        root,
        log_bytes + topic_bytes,
    );
    peer("grep -F -f", "grep", &["-r", "-F", "-c", "-h", "-f"], root, log_bytes + topic_bytes);
}

fn row(name: &str, bytes: u64, run: impl Fn() -> u64) {
    let (mut best, mut least, mut matched) = (Duration::MAX, f64::MAX, 0);
    for _ in 0..RUNS {
        let (start, busy) = (Instant::now(), processor_seconds());
        matched = run();
        best = best.min(start.elapsed());
        least = least.min(processor_seconds() - busy);
    }
    let seconds = best.as_secs_f64();
    let (speed, core) = (bytes as f64 / seconds / 1e9, bytes as f64 / least.max(0.01) / 1e9);
    println!("{name:<46} {seconds:>9.3} {speed:>9.2} {core:>9.2} {matched:>10}");
}

/// Processor time of this process and the children it waited for, where the system tells.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(4);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory this process has held.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}

fn peer(name: &str, program: &str, arguments: &[&str], root: &Path, bytes: u64) {
    if Command::new(program).arg("--version").output().is_err() {
        println!("{name:<46} not installed");
        return;
    }
    row(name, bytes, || {
        let mut command = Command::new(program);
        command.args(arguments).arg(root.join("ids")).arg(root.join("logs")).arg(root.join("topics"));
        let output = command.env("LC_ALL", "C").output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().filter_map(|l| l.parse::<u64>().ok()).sum()
    });
}

/// Ids of the same shape that occur nowhere.
fn absent(keys: &KeySet) -> Vec<String> {
    (0..keys.len() as u32)
        .map(|i| keys.key(i).replace(|c: char| c.is_ascii_digit(), "0") + &format!("{i:05}"))
        .collect()
}

fn size(folder: &Path) -> u64 {
    let mut bytes = 0;
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in std::fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() { open.push(entry.path()) } else { bytes += metadata.len() }
        }
    }
    bytes
}

/// One id of the cohort in a thousand, others of the same shape in between.
fn pick(shape: Shape, ids: &[String], random: &mut SmallRng) -> String {
    if random.random_ratio(1, 1000) {
        ids[random.random_range(0..ids.len())].clone()
    } else {
        shape.id(random)
    }
}

fn write_logs(folder: &Path, megabytes: u64, shape: Shape, ids: &[String], random: &mut SmallRng) {
    for number in 0..FILES {
        let service = folder.join(format!("service-{number}"));
        std::fs::create_dir_all(&service).unwrap();
        let is_json = number % 2 == 1;
        let name = service.join(if is_json { "app.ndjson" } else { "app.log" });
        let mut out = BufWriter::new(File::create(name).unwrap());
        let (mut written, mut line) = (0, 0u64);
        while written < megabytes * 1_000_000 / FILES {
            let id = pick(shape, ids, random);
            let text = if is_json { json_line(line, &id, random) } else { text_line(line, &id, random) };
            out.write_all(text.as_bytes()).unwrap();
            written += text.len() as u64;
            line += 1;
        }
        out.flush().unwrap();
    }
}

fn clock(line: u64) -> String {
    format!(
        "2026-11-20T{:02}:{:02}:{:02}.{:03}",
        line / 3_600_000 % 24,
        line / 60_000 % 60,
        line / 1000 % 60,
        line % 1000
    )
}

/// As Logback writes, one in 200 an error with its stack.
fn text_line(line: u64, id: &str, random: &mut SmallRng) -> String {
    let time = clock(line);
    let thread = random.random_range(1..32);
    match random.random_range(0..200) {
        0 => format!(
            "{time}Z ERROR [http-nio-8080-exec-{thread}] c.s.order.service.EnrichmentService : could not enrich order {id}\n\
             java.lang.IllegalStateException: catalog answered 503\n\
             \tat com.shop.order.client.CatalogClient.get(CatalogClient.java:57)\n\
             \tat com.shop.order.service.EnrichmentService.enrich(EnrichmentService.java:88)\n\
             \tat java.base/java.lang.Thread.run(Thread.java:1583)\n"
        ),
        n if n % 3 == 0 => format!(
            "{time}Z DEBUG [kafka-{thread}] o.s.k.l.KafkaMessageListenerContainer : Received: 12 records, committing offsets for orders.accepted.v1-{thread}\n"
        ),
        _ => format!(
            "{time}Z INFO  [http-nio-8080-exec-{thread}] c.s.order.service.OrderService : order {id} accepted for customer {} with {} lines\n",
            random.random_range(1000..9999),
            thread
        ),
    }
}

/// As pino writes.
fn json_line(line: u64, id: &str, random: &mut SmallRng) -> String {
    let level = if random.random_ratio(1, 200) { 50 } else { 30 };
    format!(
        "{{\"level\":{level},\"time\":{},\"pid\":17,\"hostname\":\"pick-7f9c6d-{}\",\"name\":\"pick-service\",\"orderId\":\"{id}\",\"traceId\":\"{:032x}\",\"msg\":\"pick created for order, waiting for stock\"}}\n",
        1_763_632_800_000 + line,
        random.random_range(0..4),
        random.random::<u128>()
    )
}

fn write_topics(folder: &Path, megabytes: u64, shape: Shape, ids: &[String], random: &mut SmallRng) {
    std::fs::create_dir_all(folder).unwrap();
    for number in 0..FILES / 2 {
        let mut out =
            BufWriter::new(File::create(folder.join(format!("orders.{number}.v1.ndjson"))).unwrap());
        let (mut written, mut offset) = (0, 0u64);
        while written < megabytes * 1_000_000 / (FILES / 2) {
            let id = pick(shape, ids, random);
            let text = format!(
                "{{\"topic\":\"orders.{number}.v1\",\"partition\":{},\"offset\":{},\"tstype\":\"create\",\"ts\":{},\"broker\":1,\"headers\":[\"traceparent\",\"00-{:032x}-01\"],\"key\":\"{id}\",\"payload\":\"{{\\\"orderId\\\":\\\"{id}\\\",\\\"customer\\\":{},\\\"channel\\\":\\\"WEB\\\",\\\"lines\\\":[{{\\\"sku\\\":\\\"A-{}\\\",\\\"quantity\\\":2}}]}}\"}}\n",
                offset % 6,
                offset / 6,
                1_763_632_800_000 + offset,
                random.random::<u128>(),
                random.random_range(1000..9999),
                random.random_range(100..999)
            );
            out.write_all(text.as_bytes()).unwrap();
            written += text.len() as u64;
            offset += 1;
        }
        out.flush().unwrap();
    }
}
