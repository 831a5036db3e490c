//! What services log all day beside their business: health checks, other endpoints, periodic jobs, warnings and errors
//! that hit nobody, rebalances. A pack a language, so that each service sounds like its stack.

use crate::log::{Fmt, Level, Line, debug, error, info, warn};
use crate::time::{MINUTE, SECOND};
use crate::world::World;

type Sound = (u32, Level, &'static str, &'static str);

const JAVA: &[Sound] = &[
    (24, Level::Info, "access", "GET /actuator/health/readiness 200 {ms} ms"),
    (9, Level::Info, "access", "GET /api/v1/metadata/{n} 200 {ms} ms"),
    (3, Level::Info, "access", "GET /api/v1/metadata/{n} 404 {ms} ms"),
    (
        4,
        Level::Info,
        "com.netflix.discovery.DiscoveryClient",
        "DiscoveryClient heartbeat: registered, {n} instances in local registry",
    ),
    (
        3,
        Level::Info,
        "org.apache.kafka.clients.NetworkClient",
        "[AdminClient clientId=adminclient-{d}] Node -1 disconnected.",
    ),
    (
        1,
        Level::Warn,
        "org.apache.kafka.clients.NetworkClient",
        "[Producer clientId=producer-{d}] Bootstrap broker kafka-{d}:9092 (id: -{d} rack: null) disconnected",
    ),
    (
        1,
        Level::Warn,
        "com.zaxxer.hikari.pool.HikariPool",
        "HikariPool-1 - Thread starvation or clock leap detected (housekeeper delta=47s{n}ms).",
    ),
    (
        1,
        Level::Warn,
        "org.springframework.web.servlet.mvc.support.DefaultHandlerExceptionResolver",
        "Resolved [org.springframework.web.HttpRequestMethodNotSupportedException: Request method 'GET' is not supported]",
    ),
    (
        1,
        Level::Error,
        "org.apache.coyote.http11.Http11Processor",
        "Error parsing HTTP request header from {ip}: Invalid character found in method name [0x160x030x01]. HTTP method names must be tokens",
    ),
    (2, Level::Info, "io.micrometer.core.instrument.push.PushMeterRegistry", "pushed {n} metrics in {ms} ms"),
];

const NODE: &[Sound] = &[
    (24, Level::Info, "http", "request completed GET /healthz 200"),
    (6, Level::Info, "http", "request completed GET /v1/catalog/{n} 200"),
    (2, Level::Info, "http", "request completed GET /v1/catalog/{n} 304"),
    (2, Level::Info, "metrics", "event loop lag {ms} ms, heap used {n} MB"),
    (
        1,
        Level::Warn,
        "process",
        "(node:1) MaxListenersExceededWarning: Possible EventEmitter memory leak detected. 11 close listeners added to [TLSSocket]",
    ),
    (1, Level::Warn, "http", "request aborted by client {ip}"),
    (1, Level::Error, "redis", "Redis connection lost, reconnecting in {ms} ms: read ECONNRESET"),
    (1, Level::Info, "redis", "Redis connection ready"),
];

const GO: &[Sound] = &[
    (24, Level::Info, "", "http request method=GET path=/livez status=200"),
    (5, Level::Info, "", "http request method=GET path=/v1/rates/{n} status=200"),
    (2, Level::Info, "", "cache refreshed entries={n}"),
    (1, Level::Warn, "", "slow query, duration {n}ms"),
    (
        1,
        Level::Warn,
        "",
        "otel: exporter export timeout: rpc error: code = DeadlineExceeded desc = context deadline exceeded",
    ),
    (1, Level::Error, "", "http: TLS handshake error from {ip}:4{n}: EOF"),
    (1, Level::Info, "", "gc stats pause={ms}ms"),
];

const PYTHON: &[Sound] = &[
    (20, Level::Info, "uvicorn.access", "{ip}:5{n} - \"GET /health HTTP/1.1\" 200"),
    (6, Level::Info, "uvicorn.access", "{ip}:5{n} - \"GET /v2/forms/{n} HTTP/1.1\" 200"),
    (
        2,
        Level::Info,
        "apscheduler.executors.default",
        "Job \"refresh_cache (trigger: interval[0:05:00])\" executed successfully",
    ),
    (
        1,
        Level::Warn,
        "apscheduler.scheduler",
        "Execution of job \"export_metrics\" skipped: maximum number of running instances reached (1)",
    ),
    (
        1,
        Level::Warn,
        "urllib3.connectionpool",
        "Connection pool is full, discarding connection: minio.internal. Connection pool size: 10",
    ),
    (1, Level::Error, "asyncio", "Unclosed client session"),
    (
        1,
        Level::Info,
        "aiokafka.consumer.group_coordinator",
        "Metadata for topic has changed from {d} to {d}. ",
    ),
];

const DOTNET: &[Sound] = &[
    (
        24,
        Level::Info,
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Request finished HTTP/1.1 GET /health/ready - 200",
    ),
    (
        6,
        Level::Info,
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Request finished HTTP/1.1 GET /api/limits/{n} - 200",
    ),
    (2, Level::Info, "Quartz.Core.QuartzSchedulerThread", "Batch acquisition of {d} triggers"),
    (
        1,
        Level::Warn,
        "Microsoft.AspNetCore.Server.Kestrel",
        "As of \"{ms}\", the heartbeat has been running for \"00:00:01.{n}\" which is longer than \"00:00:01\"",
    ),
    (
        1,
        Level::Warn,
        "Polly",
        "Execution attempt. Result: 200, Handled: false, Attempt: 1, Execution Time: {n}",
    ),
    (
        1,
        Level::Error,
        "Microsoft.AspNetCore.Server.Kestrel",
        "Connection id \"0HN{n}\" bad request data: Invalid request line",
    ),
    (
        1,
        Level::Info,
        "Microsoft.EntityFrameworkCore.Infrastructure",
        "Entity Framework Core initialized with {d} models",
    ),
];

fn pack(fmt: Fmt) -> &'static [Sound] {
    match fmt {
        Fmt::Pino => NODE,
        Fmt::SlogJson | Fmt::SlogText => GO,
        Fmt::Python => PYTHON,
        Fmt::Clef | Fmt::Serilog => DOTNET,
        _ => JAVA,
    }
}

impl World {
    /// Everyday lines of a service from start to end, one every `gap` seconds or so.
    pub fn noise(&mut self, service: &'static str, gap: i64) {
        let from = self.start;
        let to = self.end;
        let mut at = from;
        while at < to {
            at += self.between(gap * SECOND / 4, gap * SECOND * 2) / (self.scale * self.chatter) + 1;
            self.at(at, move |w| w.everyday(service));
        }
        if self.services.get(service).is_some_and(|service| service.fmt.is_java()) {
            let moment = from + self.between(20 * MINUTE, 50 * MINUTE);
            self.at(moment, move |w| w.rebalance(service));
        }
    }

    fn everyday(&mut self, service: &'static str) {
        let Some(fmt) = self.services.get(service).map(|service| service.fmt) else { return };
        let sounds = pack(fmt);
        let total: u32 = sounds.iter().map(|sound| sound.0).sum();
        let mut ticket = self.between(0, i64::from(total) - 1) as u32;
        let Some(sound) = sounds.iter().find(|sound| {
            let hit = ticket < sound.0;
            ticket = ticket.saturating_sub(sound.0);
            hit
        }) else {
            return;
        };
        let message = sound
            .3
            .replace("{ms}", &self.between(1, 38).to_string())
            .replace("{n}", &self.between(100, 999).to_string())
            .replace("{d}", &self.between(1, 4).to_string())
            .replace("{ip}", &format!("10.4.{}.{}", self.between(0, 20), self.between(2, 250)));
        let who = self.web(service);
        let line: fn(&str, String) -> Line = match sound.1 {
            Level::Debug => debug,
            Level::Info => info,
            Level::Warn => warn,
            Level::Error => error,
        };
        self.log(&who, line(sound.2, message));
    }

    fn rebalance(&mut self, service: &'static str) {
        let who = self.listener(service, 0);
        let logger = "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";
        for message in [
            "Request joining group due to: group is already rebalancing",
            "Revoke previously assigned partitions",
            "Successfully joined group with generation Generation{generationId=41, protocol='range'}",
            "Adding newly assigned partitions",
        ] {
            self.spend(20, 900);
            let message = format!("[Consumer clientId=consumer-{service}-1, groupId={service}] {message}");
            self.log(&who, info(logger, message));
        }
    }

    /// The lines a Java service writes when it starts, with its version.
    pub fn boot_lines(&mut self, service: &'static str, pod: usize, version: &str, main_class: &str) {
        let who = self.worker(service, pod, "main");
        let short = main_class.rsplit('.').next().unwrap_or(main_class).to_owned();
        let lines = [
            format!(
                "Starting {short} v{version} using Java 21.0.4 with PID 1 (/app/{service}.jar started by app in /app)"
            ),
            "The following 1 profile is active: \"prod\"".to_owned(),
        ];
        for message in lines {
            self.log(&who, info(main_class, message));
            self.spend(2, 40);
        }
        self.spend(1900, 2600);
        self.log(&who, info("com.zaxxer.hikari.HikariDataSource", "HikariPool-1 - Start completed."));
        self.spend(1500, 2500);
        let port = "Tomcat started on port 8080 (http) with context path '/'";
        self.log(&who, info("org.springframework.boot.web.embedded.tomcat.TomcatWebServer", port));
        self.spend(10, 60);
        let seconds = self.between(4200, 6900) as f64 / 1000.0;
        let message =
            format!("Started {short} in {seconds} seconds (process running for {:.3})", seconds + 0.8);
        self.log(&who, info(main_class, message));
    }
}
