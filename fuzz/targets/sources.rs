//! Source files and configuration of every kind: outlines, statements, frames, topics, tables, jobs, routes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waylaid_code::{SourceFile, Sources, TopicRole, locate};
use waylaid_model::LogEvent;

/// The first byte says what kind of file it is.
const PATHS: &[&str] = &[
    "src/com/acme/A.java",
    "src/A.kt",
    "src/A.cs",
    "src/a.ts",
    "src/a.tsx",
    "src/a.js",
    "src/a.py",
    "src/a.go",
    "src/a.rs",
    "src/a.rb",
    "src/a.php",
    "src/application.yml",
    "src/application.properties",
    "src/appsettings.json",
    ".env",
    "db/migration/V1__a.sql",
    "db/changelog/a.xml",
    "prisma/schema.prisma",
    "deploy/crontab",
    "deploy/a.timer",
];

fuzz_target!(|data: &[u8]| {
    let Some((kind, text)) = data.split_first() else { return };
    let path = PATHS[usize::from(*kind) % PATHS.len()].to_owned();
    let text = String::from_utf8_lossy(text).into_owned();
    let line = text.lines().next().unwrap_or_default().to_owned();
    let sources = Sources::of_files("fuzzed", vec![SourceFile { path, text: text.clone() }]);
    let event = LogEvent { message: line, exception: Some(text.clone()), ..LogEvent::default() };
    locate(&[&sources], &event, &text);
    sources.topics().may_handle(None);
    sources.topics().of("a").iter().filter(|u| u.role == TopicRole::Handles).count();
    (sources.schema(), sources.jobs(), sources.routes(), sources.unread());
});
