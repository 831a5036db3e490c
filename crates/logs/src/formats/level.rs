//! Severity words and numbers.

use serde_json::Value;
use waylaid_model::Level;

/// No word for a level is longer.
const LONGEST: usize = 13;

/// The level that a word names, in any case and in some languages; `None` for other words.
pub(crate) fn of_word(word: &str) -> Option<Level> {
    if !(1..=LONGEST).contains(&word.len()) {
        return None;
    }
    let mut low = [0u8; LONGEST];
    let low = &mut low[..word.len()];
    low.copy_from_slice(word.as_bytes());
    low.make_ascii_lowercase();
    Some(match &*low {
        b"trace" | b"trac" | b"trc" | b"trce" | b"verbose" | b"vrb" | b"finest" | b"finer" | b"silly" => {
            Level::Trace
        }
        b"debug" | b"dbg" | b"dbug" | b"debu" | b"fine" | b"debug1" | b"debug2" | b"debug3" | b"debug4"
        | b"debug5" => Level::Debug,
        b"info" | b"infos" | b"inf" | b"information" | b"hinweis" | b"notice" | b"config" | b"note"
        | b"system" | b"http" => Level::Info,
        b"warn" | b"warning" | b"wrn" | b"warnung" | b"avertissement" | b"advertencia" | b"aviso" => {
            Level::Warn
        }
        b"error" | b"err" | b"eror" | b"erro" | b"severe" | b"fail" | b"fehler" | b"erreur" | b"errore"
        | b"schwerwiegend" | b"grave" => Level::Error,
        b"fatal" | b"fata" | b"pani" | b"panik" | b"ftl" | b"crit" | b"critical" | b"crt" | b"emerg"
        | b"emergency" | b"alert" | b"panic" | b"dpanic" => Level::Fatal,
        _ => return None,
    })
}

/// The level of a word that is written as a level in a text header: in capitals, as Serilog's and .NET's short forms.
pub(crate) fn of_header_word(word: &str) -> Option<Level> {
    let capitals = word.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let excluded =
        matches!(word, "SYSTEM" | "HTTP" | "CONFIG" | "NOTE" | "FAIL" | "ALERT" | "GRAVE" | "PANI" | "FATA");
    // On a terminal logrus cuts them at four letters, a bracket behind them: told there.
    if capitals && !excluded { of_word(word) } else { None }
}

/// The lower-case prefixes of the .NET console logger (`info: Logger[0]`).
pub(crate) fn of_dotnet_prefix(word: &str) -> Option<Level> {
    matches!(word, "trce" | "dbug" | "info" | "warn" | "fail" | "crit").then(|| of_word(word)).flatten()
}

/// The level of the single letters that klog and Android write.
pub(crate) fn of_letter(letter: u8) -> Option<Level> {
    Some(match letter {
        b'V' | b'T' => Level::Trace,
        b'D' => Level::Debug,
        b'I' => Level::Info,
        b'W' => Level::Warn,
        b'E' => Level::Error,
        b'F' => Level::Fatal,
        _ => return None,
    })
}

/// The level of a JSON value under a level's name: words, pino's and bunyan's 10 to 60, syslog's 0 to 7.
pub(crate) fn of_value(value: &Value) -> Option<Level> {
    match value {
        Value::String(s) => of_word(s.trim()).or_else(|| of_number(s.trim().parse().ok()?)),
        Value::Number(n) => of_number(n.as_i64()?),
        _ => None,
    }
}

fn of_number(n: i64) -> Option<Level> {
    Some(match n {
        60.. => Level::Fatal,
        50..=59 => Level::Error,
        40..=49 => Level::Warn,
        30..=39 => Level::Info,
        20..=29 => Level::Debug,
        10..=19 => Level::Trace,
        0..=2 => Level::Fatal,
        3 => Level::Error,
        4 => Level::Warn,
        5 | 6 => Level::Info,
        7 => Level::Debug,
        _ => return None,
    })
}

/// The level of an OpenTelemetry severity number, 1 to 24.
pub(crate) fn of_otel_number(n: i64) -> Option<Level> {
    Some(match n {
        1..=4 => Level::Trace,
        5..=8 => Level::Debug,
        9..=12 => Level::Info,
        13..=16 => Level::Warn,
        17..=20 => Level::Error,
        21..=24 => Level::Fatal,
        _ => return None,
    })
}

/// The level of a syslog priority (`facility * 8 + severity`).
pub(crate) fn of_syslog_priority(priority: u64) -> Option<Level> {
    of_number((priority % 8) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_numbers() {
        assert_eq!(of_word("Warning"), Some(Level::Warn));
        assert_eq!(of_word("Orders"), None);
        assert_eq!(of_header_word("ERR"), Some(Level::Error));
        assert_eq!(of_header_word("Error"), None);
        assert_eq!(of_value(&json!(50)), Some(Level::Error));
        assert_eq!(of_value(&json!("30")), Some(Level::Info));
        assert_eq!(of_otel_number(17), Some(Level::Error));
        assert_eq!(of_syslog_priority(13), Some(Level::Info));
    }
}
