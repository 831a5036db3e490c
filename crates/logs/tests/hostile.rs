//! Logs that are made to hurt: time grows with their length and no faster, memory stays within bounds. The same reader
//! as the product's: lines to events, events to signs of problems, signs to counts, messages to templates.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};
use waylaid_logs::problems::{Collector, Seen, Sign};
use waylaid_logs::{FileProfile, Masked, Tally, find_violations, parse_event, text_of};
use waylaid_model::Reference;

/// Events are read in pieces of at most so many bytes, as those who read files hand them over.
const PIECE: usize = 1 << 20;

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// A word of letters alone: no mask takes it for a variable part.
    fn word(&mut self) -> String {
        (0..4 + self.next() % 6).map(|_| char::from(b'a' + (self.next() % 26) as u8)).collect()
    }
}

/// Reads a log: how many events it has, how many of them report a problem, how many problems and templates they are.
fn read(text: &str) -> (usize, usize, usize, usize) {
    let profile = FileProfile::of(text.as_bytes());
    let mut collector = Collector::default();
    let (mut events, mut failures) = (0, 0);
    let mut event = String::new();
    let mut take = |event: &str| {
        if event.is_empty() {
            return;
        }
        events += 1;
        let parsed = parse_event(event.as_bytes(), &profile);
        find_violations(&text_of(&parsed));
        let Some(sign) = Sign::of(&parsed) else { return };
        failures += 1;
        let at = Reference::LogLine { store: "s".into(), file: "f".into(), line: events as u64 };
        let seen = Seen {
            at: &at,
            order: (0, events as u64),
            service: "s",
            instance: "i",
            target: "f",
            time: parsed.time,
            entities: &[],
            text: &parsed.message,
        };
        collector.add(&sign, &seen);
    };
    for line in text.split_inclusive('\n') {
        if profile.starts_event(line.as_bytes()) || event.len() + line.len() > PIECE {
            take(&event);
            event.clear();
        }
        event.push_str(&line[..line.len().min(PIECE)]);
    }
    take(&event);
    let mut tally = Tally::default();
    tally.add(&Masked::of(text.as_bytes(), &profile), None);
    (events, failures, collector.finish().len(), tally.templates().len())
}

/// The most memory that this process ever had, in MB; `None` where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? / 1024)
}

/// How long this thread has worked: waiting for a processor that others use is not counted where the system tells.
fn worked(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|s| s.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Time for a log and for one sixteen times as long.
fn grows_no_faster(name: &str, make: impl Fn(usize) -> String) {
    let time = |size: usize| {
        let text = make(size);
        let run = || {
            let start = Instant::now();
            let before = worked(start);
            std::hint::black_box(read(&text));
            worked(start).saturating_sub(before)
        };
        (0..2).map(|_| run()).min().unwrap()
    };
    let (short, long) = (time(128 << 10), time(2 << 20));
    // Linear is 16 times as long, quadratic 256 times. Other work on the machine may make it several times as long.
    let limit = short * 80 + Duration::from_millis(300);
    assert!(long < limit, "{name}: {short:?} for 128 KB, {long:?} for 2 MB");
}

fn lines(size: usize, mut line: impl FnMut(usize) -> String) -> String {
    let mut text = String::with_capacity(size + 1024);
    for n in 0.. {
        if text.len() >= size {
            break;
        }
        text += &line(n);
        text.push('\n');
    }
    text
}

fn head(n: usize) -> String {
    format!("2026-11-22 10:{:02}:{:02}.{:03} ERROR picks - ", n / 60_000 % 60, n / 1000 % 60, n % 1000)
}

fn distinct(size: usize) -> String {
    let mut dice = Dice(7);
    lines(size, |n| format!("{}{} {} {} {}", head(n), dice.word(), dice.word(), dice.word(), dice.word()))
}

fn endless_trace(size: usize) -> String {
    let mut text = format!("{}cannot pick\nshop.PickFailed: order 12\n", head(0));
    text += &lines(size, |n| format!("\tat shop.Picks.step{n}(Picks.java:{n})"));
    text
}

#[test]
fn time_grows_with_length_and_no_faster() {
    let mut dice = Dice(3);
    let words: Vec<String> = (0..64).map(|_| dice.word()).collect();
    grows_no_faster("distinct templates", distinct);
    grows_no_faster("a token that never ends", |size| format!("{}{}", head(0), "x".repeat(size)));
    grows_no_faster("words that never end", |size| format!("{}{}", head(0), "failed: ".repeat(size / 8)));
    grows_no_faster("long tokens", |size| lines(size, |n| format!("{}{}", head(n), "ab1-".repeat(8 << 10))));
    grows_no_faster("deep objects", |size| {
        format!("{{\"level\":\"error\",\"message\":\"x\",\"a\":{}", "{\"a\":".repeat(size / 5))
    });
    grows_no_faster("deep lists", |size| format!("{{\"level\":\"error\",\"a\":{}", "[".repeat(size)));
    grows_no_faster("many members", |size| {
        let members: Vec<String> =
            (0..size / 20).map(|n| format!("\"error.cause.k{n}\":{{\"a\":1}}")).collect();
        format!("{{\"level\":\"error\",{}}}", members.join(","))
    });
    grows_no_faster("causes of causes", |size| {
        let depth = size / 40;
        let open = "{\"type\":\"AError\",\"message\":\"b\",\"cause\":".repeat(depth);
        format!("{{\"level\":\"error\",\"err\":{open}null{}}}", "}".repeat(depth))
    });
    grows_no_faster("control sequences", |size| {
        lines(size, |n| {
            format!("{}\u{1b}[31m{}\u{1b}[0m\u{1b}]0;x\u{7}\u{1b}[2J\u{8}", head(n), words[n % 64])
        })
    });
    grows_no_faster("nothing but escapes", |size| format!("{}{}", head(0), "\u{1b}[".repeat(size / 2)));
    grows_no_faster("forged lines", |size| {
        lines(size, |n| format!("{{\"level\":\"error\",\"msg\":\"a\\n{}forged {n}\"}}", head(n)))
    });
    grows_no_faster("a trace that never ends", endless_trace);
    grows_no_faster("causes that never end", |size| {
        let mut text = format!("{}cannot pick\n", head(0));
        text += &lines(size, |n| format!("Caused by: shop.Failed{n}Exception: {n}\n\tat a.b(C.java:1)"));
        text
    });
    grows_no_faster("groups in groups", |size| {
        let mut text =
            format!("{}cannot pick\n  + Exception Group Traceback (most recent call last):\n", head(0));
        text += &lines(size, |n| {
            let rail = " ".repeat(2 + 2 * (n % 50));
            format!("{rail}| ExceptionGroup: x\n{rail}+-+---------------- 1 ----------------")
        });
        text
    });
    grows_no_faster("quotes and brackets", |size| format!("{}{}", head(0), "\"'([{<=".repeat(size / 7)));
    grows_no_faster("violations without an end", |size| {
        lines(size, |n| {
            format!("{}duplicate key value violates unique constraint \"a\" Detail: Key ((((({n}", head(n))
        })
    });
    grows_no_faster("blank lines", |size| format!("{}x\n{}", head(0), "\n".repeat(size)));
    grows_no_faster("pairs", |size| format!("level=error msg=x {}", "a=\"b\\\" ".repeat(size / 8)));
}

#[test]
fn forged_lines_inside_a_value_are_no_events() {
    let text = lines(64 << 10, |n| format!("{{\"level\":\"error\",\"msg\":\"a\\n{}forged\"}}", head(n)));
    let (events, failures, problems, _) = read(&text);
    assert_eq!((events, failures, problems), (text.lines().count(), text.lines().count(), 1));
}

#[test]
fn a_million_distinct_templates_fit_into_bounded_memory() {
    let mut dice = Dice(7);
    let before = peak();
    let mut seen = 0u64;
    let (mut tally, mut collector) = (Tally::default(), Collector::default());
    for round in 0..100 {
        let mut text = String::new();
        for n in 0..10_000 {
            let words = [dice.word(), dice.word(), dice.word(), dice.word(), dice.word()];
            let _ = writeln!(text, "{}{}", head(round * 10_000 + n), words.join(" "));
        }
        let profile = FileProfile::of(text.as_bytes());
        tally.add(&Masked::of(text.as_bytes(), &profile), None);
        for line in text.lines() {
            let event = parse_event(line.as_bytes(), &profile);
            seen += 1;
            let sign = Sign::of(&event).unwrap();
            let at = Reference::LogLine { store: "s".into(), file: "f".into(), line: seen };
            let place = Seen {
                at: &at,
                order: (0, seen),
                service: "s",
                instance: "i",
                target: "f",
                time: event.time,
                entities: &[],
                text: &event.message,
            };
            collector.add(&sign, &place);
        }
    }
    assert_eq!((tally.lines(), seen), (1_000_000, 1_000_000));
    let told_apart = collector.uncounted();
    let groups = collector.finish();
    let counted: u64 = groups.iter().map(|g| g.count).sum();
    assert_eq!(counted + told_apart, 1_000_000, "what found no place is counted, too");
    assert!(groups.len() <= 16_384, "{}", groups.len());
    assert!(tally.templates().len() <= (1 << 17) + 1, "{}", tally.templates().len());
    if let (Some(before), Some(after)) = (before, peak()) {
        // Problems and templates at once, and what the other tests of this file need meanwhile.
        assert!(after - before < 900, "{before} MB before, {after} MB after");
    }
}

#[test]
fn an_endless_trace_keeps_what_tells_of_it() {
    let text = endless_trace(8 << 20);
    let event = parse_event(&text.as_bytes()[..PIECE], &FileProfile::of(text.as_bytes()));
    let sign = Sign::of(&event).unwrap();
    assert_eq!(sign.type_name, "shop.PickFailed");
    assert_eq!(sign.frames, ["shop.Picks.step"]);
}
