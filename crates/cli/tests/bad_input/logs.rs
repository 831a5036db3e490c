//! Broken logs.

use crate::common::{Ran, command};
use crate::incident::{CHECKOUT_LOG, Incident, NOON, STUCK, SUBMITTED, incident};
use std::fs;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn a_folder_that_is_missing() {
    let incident = incident();
    fs::remove_dir_all(incident.path("logs")).unwrap();
    incident.diagnose().is_partial().says("logs.main", "failed", "not found");
    incident.bears_every_command();
}

#[test]
fn a_folder_that_is_a_file() {
    let incident = incident();
    fs::remove_dir_all(incident.path("logs")).unwrap();
    incident.write("logs", "no folder");
    incident.diagnose().is_partial().says("logs.main", "failed", "Not a directory");
}

#[test]
#[cfg(unix)]
fn a_file_that_cannot_be_read() {
    let incident = incident();
    std::os::unix::fs::symlink("nowhere", incident.path("logs/checkout/gone.ndjson")).unwrap();
    fs::create_dir(incident.path("logs/other")).unwrap();
    std::os::unix::fs::symlink("nowhere", incident.path("logs/other/gone.ndjson")).unwrap();
    let answer = incident.diagnose();
    answer.is_partial().says(
        "checkout",
        "partial",
        "checkout/gone.ndjson: a symbolic link that cannot be resolved",
    );
    answer.says("other", "failed", "other/gone.ndjson");
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_not_waited_for() {
    let incident = incident();
    fs::create_dir(incident.path("logs/checkout/folder.log")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(incident.path("logs/checkout/pipe.log")).status();
    assert!(pipe.is_ok_and(|s| s.success()));
    incident.diagnose().is_whole();
}

#[test]
fn lines_that_are_malformed_or_cut() {
    let incident = incident();
    let line = format!("{{\"bask {STUCK}\n");
    incident.append(CHECKOUT_LOG, "{\"level\":30,\"time\":17713,\nno json at all\n{}\n[]\n\"x\"\n\n");
    incident.append(CHECKOUT_LOG, line);
    incident.append(CHECKOUT_LOG, format!("{{\"level\":30,\"time\":{NOON},\"basketRef\":\"{STUCK}\",\"ms"));
    incident.diagnose().is_whole().says("checkout", "searched", "1 lines of broken JSON, searched as text");
    let found = incident.run(&["search", STUCK, "--format", "json"]).stdout;
    assert!(found.contains(&format!("bask {STUCK}")), "what is broken is still found: {found}");
}

#[test]
fn several_formats_in_one_file() {
    let incident = incident();
    incident.append(
        CHECKOUT_LOG,
        "2026-02-17 11:00:00.000 INFO 1 --- [main] c.e.Basket : looked at 2BY661Q9\n\
         ts=2026-02-17T11:00:00Z level=info msg=\"basket 2BY661Q9\"\n\
         <30>Feb 17 11:00:00 host app: 2BY661Q9\n\
         127.0.0.1 - - [17/Feb/2026:11:00:00 +0000] \"GET /2BY661Q9 HTTP/1.1\" 200 5\n\
         java.lang.IllegalStateException: 2BY661Q9\n\tat a.b.C.d(C.java:1)\n",
    );
    incident.diagnose().is_whole();
    let found = incident.run(&["search", STUCK, "--limit", "50"]).stdout;
    assert!(found.contains("looked at 2BY661Q9") && found.contains("GET /2BY661Q9"), "{found}");
}

#[test]
fn bytes_that_are_no_text() {
    let incident = incident();
    incident
        .append(CHECKOUT_LOG, b"{\"level\":30,\"time\":1771326024960,\"msg\":\"b\xff\xfe\xc3 2BY661Q9\"}\n");
    incident.append(CHECKOUT_LOG, b"\xff\xfe\x00\x01\n\x00\x00\x00\n\x1b[2J\x07 2BY661Q9\n");
    incident.diagnose().is_whole();
    let follow = incident.run(&["follow", "basket", STUCK]).stdout;
    assert!(!follow.contains(['\u{1b}', '\u{7}', '\0']), "{follow:?}");
}

#[test]
fn a_value_that_is_nested_ten_thousand_times() {
    let incident = incident();
    let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let text = deep.replace('"', "\\\"");
    for value in
        [deep.as_str(), &format!("\"{text}\""), &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))]
    {
        let line = format!(
            "{{\"level\":30,\"time\":{NOON},\"basketRef\":\"{STUCK}\",\"msg\":\"x\",\"x\":{value}}}\n"
        );
        incident.append(CHECKOUT_LOG, line);
    }
    incident.diagnose().has_its_cause();
    incident.bears_every_command();
}

/// Runs a diagnosis and watches the most memory it ever has.
fn measured(incident: &Incident) -> (Ran, u64) {
    let mut command = command(&incident.path("."), &["diagnose", "--format", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let watch = std::thread::spawn(move || {
        let mut peak = 0;
        while let Some(now) = fs::read_to_string(&status).ok().as_deref().and_then(high_water) {
            peak = peak.max(now);
            std::thread::sleep(Duration::from_millis(2));
        }
        peak
    });
    let output = child.wait_with_output().unwrap();
    let ran = Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    (ran, watch.join().unwrap())
}

/// `VmHWM`, in kilobytes; gone once the process has ended.
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

const MEGABYTES: usize = 100;

#[test]
fn a_line_of_100_megabytes_takes_bounded_memory() {
    let filler = "basket 2BY661Q9, ".repeat((MEGABYTES << 20) / 17);
    for (name, line) in [
        (CHECKOUT_LOG, format!("{{\"level\":30,\"time\":{NOON},\"msg\":\"{filler}\"}}\n")),
        (
            SUBMITTED,
            format!(
                "{{\"topic\":\"basket-submitted\",\"partition\":0,\"offset\":5814,\"tstype\":\"create\",\
                 \"ts\":{NOON},\"key\":\"{STUCK}\",\"payload\":\"{filler}\"}}\n"
            ),
        ),
    ] {
        let incident = incident();
        incident.append(name, line);
        let (ran, peak) = measured(&incident);
        let answer = incident.answer(&ran);
        answer.is_whole();
        let target = if name == SUBMITTED { "basket-submitted" } else { "checkout" };
        answer.says(target, "searched", "delivered without");
        if cfg!(target_os = "linux") {
            assert!((1_000..512 << 10).contains(&peak), "{target}: {} MB", peak >> 10);
        }
    }
}
