//! The formats that real logging libraries write.

use std::io::Write;

use anyhow::Result;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::{Level, Line, Who};
use crate::kafka::text;
use crate::time::{iso, print};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fmt {
    /// Logback, `%d{yyyy-MM-dd HH:mm:ss.SSS} [%thread] %-5level %logger{36} [%X] - %msg%n`: local time, no zone.
    Logback,
    /// Spring Boot 3's own pattern: ISO time with zone.
    Boot,
    /// logstash-logback-encoder.
    Logstash,
    /// Elastic's ECS encoder for Logback.
    Ecs,
    /// pino, with kafkajs' own JSON lines in between.
    Pino,
    /// Go's slog, JSON handler.
    SlogJson,
    /// Go's slog, text handler.
    SlogText,
    /// Python's logging with `%(asctime)s %(levelname)s [%(threadName)s] %(name)s: %(message)s`: local time, no zone.
    Python,
    /// Serilog's compact JSON (CLEF).
    Clef,
    /// Serilog's text template: local time with offset.
    Serilog,
}

impl Fmt {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Logback | Self::Boot | Self::SlogText | Self::Python | Self::Serilog => "log",
            Self::Logstash | Self::Ecs | Self::Pino | Self::SlogJson | Self::Clef => "ndjson",
        }
    }

    pub fn is_java(self) -> bool {
        matches!(self, Self::Logback | Self::Boot | Self::Logstash | Self::Ecs)
    }

    pub fn web_thread(self, number: i64) -> String {
        match self {
            Self::Python => format!("ThreadPoolExecutor-0_{number}"),
            _ => format!("http-nio-8080-exec-{number}"),
        }
    }

    pub fn listener_thread(self, lane: usize) -> String {
        match self {
            Self::Python => "MainThread".to_owned(),
            _ => format!("org.springframework.kafka.KafkaListenerEndpointContainer#0-{lane}-C-1"),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a renderer sees everything a pattern may ask for")]
    pub fn render(
        self,
        out: &mut Vec<u8>,
        ms: i64,
        zone: &TimeZone,
        service: &str,
        who: &Who,
        pod: &str,
        line: &Line,
    ) -> Result<()> {
        if let Some(raw) = &line.raw {
            writeln!(out, "{raw}")?;
            return Ok(());
        }
        match self {
            Self::Logback => logback(out, ms, zone, who, line),
            Self::Boot => boot(out, ms, zone, service, who, line),
            Self::Logstash => json_line(out, logstash(ms, zone, who, line)),
            Self::Ecs => json_line(out, ecs(ms, service, who, line)),
            Self::Pino => json_line(out, pino(ms, service, pod, who, line)),
            Self::SlogJson => json_line(out, slog_json(ms, who, line)),
            Self::SlogText => slog_text(out, ms, zone, who, line),
            Self::Python => python(out, ms, zone, who, line),
            Self::Clef => json_line(out, clef(ms, who, line)),
            Self::Serilog => serilog(out, ms, zone, who, line),
        }
    }
}

fn json_line(out: &mut Vec<u8>, value: Map<String, Value>) -> Result<()> {
    writeln!(out, "{}", Value::Object(value))?;
    Ok(())
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn upper(level: Level) -> &'static str {
    match level {
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    }
}

fn fields<'a>(who: &'a Who, line: &'a Line) -> impl Iterator<Item = (&'static str, &'a Value)> {
    who.mdc.iter().chain(&line.fields).map(|(name, value)| (*name, value))
}

/// Shortens a logger's name as Logback does: `c.s.order.OrderService`.
fn abbreviate(logger: &str, length: usize) -> String {
    let mut parts: Vec<String> = logger.split('.').map(str::to_owned).collect();
    for index in 0..parts.len().saturating_sub(1) {
        if parts.join(".").len() <= length {
            break;
        }
        parts[index] = parts[index].chars().take(1).collect();
    }
    parts.join(".")
}

fn exc_text(out: &mut Vec<u8>, line: &Line) -> Result<()> {
    if let Some(exc) = &line.exc {
        writeln!(out, "{}", exc.text)?;
    }
    Ok(())
}

/// Logback ends a cause with `... 23 common frames omitted` where the JDK says `... 23 more`.
fn logback_frames(line: &Line) -> Option<String> {
    let exc = line.exc.as_ref()?;
    let lines: Vec<String> = exc
        .text
        .lines()
        .map(|line| match line.strip_prefix("\t... ").and_then(|rest| rest.strip_suffix(" more")) {
            Some(count) => format!("\t... {count} common frames omitted"),
            None => line.to_owned(),
        })
        .collect();
    Some(lines.join("\n"))
}

fn logback(out: &mut Vec<u8>, ms: i64, zone: &TimeZone, who: &Who, line: &Line) -> Result<()> {
    let mdc: Vec<String> = who.mdc.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
    let mdc = if mdc.is_empty() { String::new() } else { format!(" [{}]", mdc.join(", ")) };
    writeln!(
        out,
        "{} [{}] {:<5} {}{mdc} - {}",
        print(ms, zone, "%Y-%m-%d %H:%M:%S.%3f"),
        who.thread,
        upper(line.level),
        abbreviate(&line.logger, 36),
        line.message
    )?;
    if let Some(frames) = logback_frames(line) {
        writeln!(out, "{frames}")?;
    }
    Ok(())
}

fn boot(out: &mut Vec<u8>, ms: i64, zone: &TimeZone, service: &str, who: &Who, line: &Line) -> Result<()> {
    let mut moment = print(ms, zone, "%Y-%m-%dT%H:%M:%S.%3f%:z");
    if moment.ends_with("+00:00") {
        moment = moment.replace("+00:00", "Z");
    }
    let thread: String = {
        let skip = who.thread.chars().count().saturating_sub(15);
        who.thread.chars().skip(skip).collect()
    };
    writeln!(
        out,
        "{moment} {:>5} 1 --- [{service}] [{thread:>15}] {:<40} : {}",
        upper(line.level),
        abbreviate(&line.logger, 39),
        line.message
    )?;
    exc_text(out, line)
}

fn logstash(ms: i64, zone: &TimeZone, who: &Who, line: &Line) -> Map<String, Value> {
    let level_value = match line.level {
        Level::Debug => 10_000,
        Level::Info => 20_000,
        Level::Warn => 30_000,
        Level::Error => 40_000,
    };
    let mut moment = print(ms, zone, "%Y-%m-%dT%H:%M:%S.%3f%:z");
    if moment.ends_with("+00:00") {
        moment = moment.replace("+00:00", "Z");
    }
    let mut map = object(json!({"@timestamp": moment, "@version": "1", "message": line.message,
        "logger_name": line.logger, "thread_name": who.thread, "level": upper(line.level), "level_value": level_value}));
    if let Some(frames) = logback_frames(line) {
        map.insert("stack_trace".to_owned(), json!(format!("{frames}\n")));
    }
    for (name, value) in fields(who, line) {
        map.insert(name.to_owned(), value.clone());
    }
    map
}

fn ecs(ms: i64, service: &str, who: &Who, line: &Line) -> Map<String, Value> {
    let mut map =
        object(json!({"@timestamp": iso(ms), "log.level": upper(line.level), "message": line.message,
        "ecs.version": "1.2.0", "service.name": service, "event.dataset": service,
        "process.thread.name": who.thread, "log.logger": line.logger}));
    for (name, value) in fields(who, line) {
        map.insert(name.to_owned(), value.clone());
    }
    if let Some(exc) = &line.exc {
        map.insert("error.type".to_owned(), json!(exc.class));
        map.insert("error.message".to_owned(), json!(exc.message));
        map.insert("error.stack_trace".to_owned(), json!(exc.text));
    }
    map
}

fn pino(ms: i64, service: &str, pod: &str, who: &Who, line: &Line) -> Map<String, Value> {
    let level = match line.level {
        Level::Debug => 20,
        Level::Info => 30,
        Level::Warn => 40,
        Level::Error => 50,
    };
    let mut map = object(json!({"level": level, "time": ms, "pid": 1, "hostname": pod, "name": service}));
    for (name, value) in fields(who, line) {
        map.insert(name.to_owned(), value.clone());
    }
    if let Some(exc) = &line.exc {
        map.insert("err".to_owned(), json!({"type": exc.class, "message": exc.message, "stack": exc.text}));
    }
    map.insert("msg".to_owned(), json!(line.message));
    map
}

/// Nanoseconds that a Go clock would add to the milliseconds, the same for the same line.
fn nanos(ms: i64) -> i64 {
    (ms.wrapping_mul(2_654_435_761) >> 7).rem_euclid(1_000_000)
}

fn slog_json(ms: i64, who: &Who, line: &Line) -> Map<String, Value> {
    let moment = iso(ms);
    let moment = format!("{}{:06}Z", moment.trim_end_matches('Z'), nanos(ms));
    let mut map = object(json!({"time": moment, "level": upper(line.level), "msg": line.message}));
    for (name, value) in fields(who, line) {
        map.insert(name.to_owned(), value.clone());
    }
    if let Some(exc) = &line.exc {
        map.insert("error".to_owned(), json!(exc.text));
    }
    map
}

fn slog_text(out: &mut Vec<u8>, ms: i64, zone: &TimeZone, who: &Who, line: &Line) -> Result<()> {
    let mut moment = print(ms, zone, "%Y-%m-%dT%H:%M:%S.%3f%:z");
    if moment.ends_with("+00:00") {
        moment = moment.replace("+00:00", "Z");
    }
    write!(out, "time={moment} level={} msg={}", upper(line.level), quoted(&line.message))?;
    for (name, value) in fields(who, line) {
        write!(out, " {name}={}", quoted(&text(value)))?;
    }
    if let Some(exc) = &line.exc {
        write!(out, " error={}", quoted(&exc.text))?;
    }
    writeln!(out)?;
    Ok(())
}

fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_graphic() && c != '"' && c != '=');
    if plain { value.to_owned() } else { Value::String(value.to_owned()).to_string() }
}

fn python(out: &mut Vec<u8>, ms: i64, zone: &TimeZone, who: &Who, line: &Line) -> Result<()> {
    let level = if line.level == Level::Warn { "WARNING" } else { upper(line.level) };
    writeln!(
        out,
        "{} {level} [{}] {}: {}",
        print(ms, zone, "%Y-%m-%d %H:%M:%S,%3f"),
        who.thread,
        line.logger,
        line.message
    )?;
    exc_text(out, line)
}

/// Fills the `{Holes}` of a Serilog template from the line's fields.
fn fill(line: &Line, who: &Who) -> String {
    let mut message = line.message.clone();
    for (name, value) in fields(who, line) {
        message = message.replace(&format!("{{{name}}}"), &text(value));
    }
    message
}

fn clef(ms: i64, who: &Who, line: &Line) -> Map<String, Value> {
    let moment = iso(ms);
    let moment = format!("{}{:04}Z", moment.trim_end_matches('Z'), nanos(ms) / 100);
    let mut map = object(json!({"@t": moment, "@mt": line.message}));
    match line.level {
        Level::Debug => map.insert("@l".to_owned(), json!("Debug")),
        Level::Warn => map.insert("@l".to_owned(), json!("Warning")),
        Level::Error => map.insert("@l".to_owned(), json!("Error")),
        Level::Info => None,
    };
    if let Some(exc) = &line.exc {
        map.insert("@x".to_owned(), json!(exc.text));
    }
    for (name, value) in fields(who, line) {
        map.insert(name.to_owned(), value.clone());
    }
    map.insert("SourceContext".to_owned(), json!(line.logger));
    map
}

fn serilog(out: &mut Vec<u8>, ms: i64, zone: &TimeZone, who: &Who, line: &Line) -> Result<()> {
    let level = match line.level {
        Level::Debug => "DBG",
        Level::Info => "INF",
        Level::Warn => "WRN",
        Level::Error => "ERR",
    };
    writeln!(out, "{} [{level}] {}", print(ms, zone, "%Y-%m-%d %H:%M:%S.%3f %:z"), fill(line, who))?;
    exc_text(out, line)
}
