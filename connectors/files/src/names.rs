//! What a file's name says: whether it is a log, whose, and which instance of the service wrote it.

const LOG_ENDINGS: [&str; 5] = [".log", ".ndjson", ".json", ".txt", ".out"];
const PACKED_ENDINGS: [&str; 4] = [".gz", ".zst", ".gzip", ".zstd"];
/// Folders that only say that what lies in them is old or a log.
pub(crate) const PLAIN_FOLDERS: [&str; 8] =
    ["archive", "archived", "archives", "old", "backup", "rotated", "log", "logs"];

/// A log file's name taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LogName {
    /// Service: the first folder, or the stem of a file that lies in the root.
    pub service: String,
    /// Instance: the stem without date and rotation, below the folders that tell hosts apart.
    pub instance: String,
}

/// Takes a path relative to the root apart; `None` when it is no log by its name.
pub(crate) fn log_name(relative: &str) -> Option<LogName> {
    let mut folders: Vec<&str> = relative.split('/').collect();
    let stem = stem(folders.pop()?)?;
    let Some(service) = folders.first().map(|s| (*s).to_owned()) else {
        return Some(LogName { service: stem.clone(), instance: stem });
    };
    let telling: Vec<&str> = folders[1..].iter().copied().filter(|f| !is_plain_folder(f)).collect();
    let is_number = stem.bytes().all(|b| b.is_ascii_digit());
    let instance = match telling.join("/") {
        hosts if hosts.is_empty() => stem,
        hosts if is_number => hosts,
        hosts => format!("{hosts}/{stem}"),
    };
    Some(LogName { service, instance })
}

/// The topic that a file's name stands for: `orders.v1.ndjson`, `orders.v1.0.ndjson.gz`.
pub(crate) fn topic_name(relative: &str) -> Option<String> {
    let file = relative.rsplit('/').next()?;
    if file.starts_with('_') || file.starts_with('.') {
        return None;
    }
    let name = without_packing(file);
    let name = [".ndjson", ".jsonl", ".json"].iter().find_map(|e| name.strip_suffix(e))?;
    let topic = match name.rsplit_once('.') {
        Some((topic, ordinal)) if is_ordinal(ordinal) => topic,
        _ => name,
    };
    (!topic.is_empty()).then(|| topic.to_owned())
}

/// A log file's stem, without packing, rotation and date: `pick-1` of `pick-1.log.1.gz`, `app` of
/// `app-2026-11-20.0.log`.
fn stem(file: &str) -> Option<String> {
    let name = without_rotation(without_packing(file));
    let name = LOG_ENDINGS.iter().find_map(|e| name.strip_suffix(e))?;
    let stem = match name.rsplit_once('.') {
        Some((rest, ordinal)) if is_ordinal(ordinal) && !ends_in_number(rest) => rest,
        Some((rest, ordinal)) if is_ordinal(ordinal) && strip_date(rest).is_some() => rest,
        _ => name,
    };
    let stem = strip_date(stem).unwrap_or(stem);
    // `app.json.log` says its format twice.
    let stem = LOG_ENDINGS.iter().find_map(|e| stem.strip_suffix(e)).unwrap_or(stem);
    (!stem.is_empty() && !stem.starts_with('.')).then(|| stem.to_owned())
}

fn without_packing(file: &str) -> &str {
    PACKED_ENDINGS.iter().find_map(|e| file.strip_suffix(e)).unwrap_or(file)
}

/// Takes what log rotation hangs behind the ending: `.1`, `-20261120`, `.2026-11-20`, `.2026-11-20.1`.
fn without_rotation(name: &str) -> &str {
    let mut name = name;
    loop {
        if LOG_ENDINGS.iter().any(|e| name.ends_with(e)) {
            return name;
        }
        let shorter = match name.rsplit_once('.') {
            Some((rest, ordinal)) if is_ordinal(ordinal) => Some(rest),
            _ => strip_date(name),
        };
        match shorter {
            Some(rest) if !rest.is_empty() => name = rest,
            _ => return name,
        }
    }
}

fn is_ordinal(text: &str) -> bool {
    (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn ends_in_number(text: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(_, last)| is_ordinal(last)) || strip_date(text).is_some()
}

fn is_plain_folder(folder: &str) -> bool {
    let lower = folder.to_ascii_lowercase();
    PLAIN_FOLDERS.contains(&lower.as_str()) || is_date(folder)
}

/// The text before a date at its end and the sign between: `app` of `app-2026-11-20`, `app.20261120`,
/// `app-2026-11-20-13`.
fn strip_date(text: &str) -> Option<&str> {
    [16, 13, 10, 8].into_iter().find_map(|length| {
        let at = text.len().checked_sub(length).filter(|at| text.is_char_boundary(*at))?;
        let (rest, date) = text.split_at(at);
        let rest = rest.strip_suffix(['-', '.', '_'])?;
        (is_date(date) && !rest.is_empty()).then_some(rest)
    })
}

/// `2026-11-20`, `20261120`, with an hour or hour and minute behind it or without.
fn is_date(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let known = ["0000-00-00", "00000000", "0000_00_00", "0000.00.00"];
    let with_hour =
        ["0000-00-00-00", "0000-00-00_00", "0000-00-00T00", "0000-00-00-00-00", "0000-00-00_00-00"];
    let plausible = text.starts_with("19") || text.starts_with("20");
    plausible && (known.contains(&shape.as_str()) || with_hour.contains(&shape.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_logs() {
        let cases = [
            ("pick/pick-1.log", "pick", "pick-1"),
            ("pick/pick-1.log.1.gz", "pick", "pick-1"),
            ("pick/pick-1.1.log", "pick", "pick-1"),
            ("pick/app-2026-11-20.0.log", "pick", "app"),
            ("pick/app.2026-11-20.log.zst", "pick", "app"),
            ("pick/app.log.2026-11-20", "pick", "app"),
            ("pick/app.log-20261120.gz", "pick", "app"),
            ("pick/app-7f9c.json.log", "pick", "app-7f9c"),
            ("pick/10.0.0.1.log", "pick", "10.0.0.1"),
            ("pick/host-a/app.ndjson", "pick", "host-a/app"),
            ("pick/archive/2026-11-20/app.log.3.gz", "pick", "app"),
            ("pick/pod-7f9c/0.log", "pick", "pod-7f9c"),
            ("order-service.log.1.gz", "order-service", "order-service"),
            ("catalina.out", "catalina", "catalina"),
        ];
        for (path, service, instance) in cases {
            let name = log_name(path).unwrap_or_else(|| panic!("{path} is a log"));
            assert_eq!((name.service.as_str(), name.instance.as_str()), (service, instance), "{path}");
        }
    }

    #[test]
    fn other_files_are_no_logs() {
        for path in ["pick/README.md", "pick/.log", "pick/core", "pick/a.gz", "pick/1", ""] {
            assert_eq!(log_name(path), None, "{path}");
        }
    }

    #[test]
    fn names_of_topics() {
        assert_eq!(topic_name("orders.accepted.v1.ndjson").as_deref(), Some("orders.accepted.v1"));
        assert_eq!(topic_name("orders.accepted.v1.0.ndjson.gz").as_deref(), Some("orders.accepted.v1"));
        assert_eq!(topic_name("_topics.json"), None);
        assert_eq!(topic_name("notes.txt"), None);
    }
}
