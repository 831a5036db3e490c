//! Keys from a file: one a line, or the first column of a CSV such as a case's own.

use crate::diagnostics::Failure;
use std::io::Read as _;
use std::path::Path;

/// Reads the keys of a file or, for `-`, of standard input. A first line that only names the column is left out.
/// `column` is the column that the keys stand in at home.
pub fn read(path: &Path, entity: &str, column: Option<&str>) -> Result<Vec<String>, Failure> {
    let mut text = String::new();
    let result = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(path).map(|t| text = t)
    };
    result.map_err(|error| {
        Failure::usage(format!("--keys: {} cannot be read: {error}", path.display()))
            .hint("one key a line, or a CSV with the keys in its first column, in UTF-8")
    })?;
    let keys = parse(&text, entity, column);
    if keys.is_empty() {
        return Err(Failure::usage(format!("--keys: {} holds no key", path.display())).hint("one key a line"));
    }
    Ok(keys)
}

fn parse(text: &str, entity: &str, column: Option<&str>) -> Vec<String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut keys: Vec<String> = text.lines().map(first_cell).filter(|k| !k.is_empty()).collect();
    let is_head = |k: &String| {
        let k = k.to_lowercase();
        k == entity.to_lowercase()
            || column.is_some_and(|c| c.eq_ignore_ascii_case(&k))
            || ["key", "id", &format!("{}_id", entity.to_lowercase())].contains(&k.as_str())
    };
    if keys.first().is_some_and(is_head) {
        keys.remove(0);
    }
    keys
}

/// The first cell of a CSV line, unquoted, without the quote that keeps a spreadsheet from computing it.
fn first_cell(line: &str) -> String {
    let line = line.trim();
    let cell = match line.strip_prefix('"') {
        None => line.split([',', ';', '\t']).next().unwrap_or("").trim().to_owned(),
        Some(quoted) => {
            let mut cell = String::new();
            let mut chars = quoted.chars().peekable();
            while let Some(c) = chars.next() {
                if c == '"' && chars.next_if_eq(&'"').is_none() {
                    break;
                }
                cell.push(c);
            }
            cell
        }
    };
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_csv() {
        assert_eq!(
            parse("\u{feff}order\n0012\n\n\"a\"\"b\",x\n'=1+1,2\n'tis\n", "order", None),
            ["0012", "a\"b", "=1+1", "'tis"]
        );
        assert_eq!(parse("1001\r\n1002\r\n", "order", None), ["1001", "1002"]);
        assert_eq!(parse("emp_no,name\nE-1,x\n", "employee", Some("EMP_NO")), ["E-1"]);
    }
}
