//! What frameworks say in their own words: Hibernate and Spring, Prisma, Sequelize, GORM, Ecto.

use super::{Hit, SubKind, Violation, values};
use regex::Regex;
use std::sync::LazyLock;

static PRISMA: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(Unique|Foreign key|Null) constraint (?:failed|violation|violated) on the (fields|field|constraint|index)s?: (\([^)\n]+\)|`[^`\n]+`|[^\n.;]+)",
        r"|(Foreign key) constraint violated: `([^`\n]+)`|(Unique|Foreign key) constraint (?:failed|violated) on the \(not available\)",
    ))
    .ok()
});

static HIBERNATE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"; constraint \[([^\]]*)\]").ok());

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    prisma(text, hits);
    prisma_object(text, hits);
    hibernate(text, hits);
    sequelize(text, hits);
    short(text, hits);
}

fn prisma(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = PRISMA.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        // One name that is a constraint's: `picks_order_fkey (index)`.
        if let Some(name) = found.get(5) {
            let mut violation = Violation::new(SubKind::ForeignKey, Some("P2003"));
            violation.constraint = name.as_str().split(' ').next().map(str::to_owned);
            violation.table = prisma_model(text);
            hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
            continue;
        }
        if let Some(sort) = found.get(6) {
            let is_unique = sort.as_str() == "Unique";
            let sub = if is_unique { SubKind::Unique } else { SubKind::ForeignKey };
            let mut violation = Violation::new(sub, Some(if is_unique { "P2002" } else { "P2003" }));
            violation.table = prisma_model(text);
            hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
            continue;
        }
        let (sub, code) = match &found[1] {
            "Unique" => (SubKind::Unique, "P2002"),
            "Null" => (SubKind::NotNull, "P2011"),
            _ => (SubKind::ForeignKey, "P2003"),
        };
        let mut violation = Violation::new(sub, Some(code));
        let names = values::columns(found[3].trim_matches(['(', ')', ' ']));
        let is_column = found[2].starts_with("field") && !found[3].contains("(index)");
        if is_column {
            violation.columns = names;
        } else {
            violation.constraint =
                names.first().map(|n| values::unquote(n.split(' ').next().unwrap_or_default()).to_owned());
        }
        violation.table = prisma_model(text);
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}

static PRISMA_OBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"['"](P2002|P2003)['"][^\n]*?['"]?(?:(target|field_name|constraint))['"]?: ?(?:\[([^\]\n]*)\]|['"]([^'"\n]+)['"])"#).ok()
});

/// The error as an object, where a logger printed nothing else: `"code":"P2002","meta":{"target":["no"]}`.
fn prisma_object(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = PRISMA_OBJECT.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let sub = if &found[1] == "P2002" { SubKind::Unique } else { SubKind::ForeignKey };
        let mut violation = Violation::new(sub, Some(&found[1]));
        if let Some(columns) = found.get(3) {
            violation.columns = values::columns(columns.as_str());
        }
        let name = found.get(4).map(|n| n.as_str().split(' ').next().unwrap_or_default().to_owned());
        violation.constraint = name;
        violation.table = prisma_model(text);
        hits.push(Hit { at: found.get(0).map_or(0, |m| m.start()), is_wrapper: true, violation });
    }
}

/// ``Invalid `prisma.order.create()` invocation``, `modelName: 'Order'`.
fn prisma_model(text: &str) -> Option<String> {
    let by_call = crate::scan::between(text, "`prisma.", "(").and_then(|(call, _)| call.split('.').next());
    let by_meta = || {
        let dumped = crate::scan::between(text, "modelName: '", "'");
        dumped.or_else(|| crate::scan::between(text, "\"modelName\":\"", "\"")).map(|(name, _)| name)
    };
    by_call.filter(|m| !m.is_empty()).or_else(by_meta).map(str::to_owned)
}

/// `could not execute batch; SQL [insert into …]; constraint [orders_pkey]`.
fn hibernate(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = HIBERNATE.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let name = found[1].trim();
        // H2's own message, which is read as such.
        if name.starts_with('"') {
            continue;
        }
        let low = name.to_ascii_lowercase();
        // The name is all there is to tell the sort by.
        let sub = if low.starts_with("fk") || low.contains("_fk") || low.contains("foreign") {
            SubKind::ForeignKey
        } else if low.starts_with("ck_") || low.contains("_check") || low.contains("_chk") {
            SubKind::Check
        } else if low.contains("primary")
            || ["pk", "uk", "uq", "uniq", "_key", "idx", "ix"].iter().any(|p| low.contains(p))
        {
            SubKind::Unique
        } else {
            SubKind::Unknown
        };
        let mut violation = Violation::new(sub, None);
        if !matches!(low.as_str(), "null" | "n/a" | "") {
            // MySQL's `orders.PRIMARY` and SQL Server's names with dots look alike: only the former is split.
            match name.rsplit_once('.').filter(|(_, key)| *key == "PRIMARY") {
                Some((table, key)) => {
                    violation.set_table(table);
                    violation.constraint = Some(key.to_owned());
                }
                None => violation.constraint = Some(name.to_owned()),
            }
        }
        let at = found.get(0).map_or(0, |m| m.start());
        hits.push(Hit { at, is_wrapper: true, violation });
    }
}

/// `SequelizeUniqueConstraintError` with `fields: { email: 'a' }`, or `fields: [ 'email' ]` and each value beside its path.
fn sequelize(text: &str, hits: &mut Vec<Hit>) {
    let Some(at) = text.find("SequelizeUniqueConstraintError") else { return };
    let mut violation = Violation::new(SubKind::Unique, None);
    let text = &text[at..];
    if let Some((inner, _)) = crate::scan::between(text, "fields: {", "}") {
        for part in values::split_list(inner).into_iter().filter(|p| !p.is_empty()) {
            if let Some((name, value)) = part.split_once(':') {
                violation.columns.push(values::unquote(name).to_owned());
                violation.values.push(values::literal(value));
            }
        }
    } else if let Some((inner, _)) = crate::scan::between(text, "fields: [", "]") {
        violation.columns = values::columns(inner);
        let told = violation.columns.iter().map(|c| value_of_path(text, c)).collect::<Option<Vec<_>>>();
        violation.values = told.unwrap_or_default();
    }
    hits.push(Hit { at, is_wrapper: true, violation });
}

/// The value of a Sequelize error item: `path: 'no', value: 'A-17'`.
fn value_of_path(text: &str, column: &str) -> Option<String> {
    let after = text.split_once(&format!("path: '{column}'"))?.1;
    let line = after.trim_start_matches([',', ' ', '\n', '\r']).lines().next()?;
    Some(values::literal(line.strip_prefix("value: ")?.trim_end_matches(',')))
}

static SHORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"\* "?([\w.$-]+)"? \((unique|foreign_key|check|exclusion)_constraint\)"#,
        r"|(duplicated key not allowed)",
        r"|notNull Violation: (\w+)\.(\w+) cannot be null",
        r"|not-null property references a (?:null or )?transient value ?: ?([\w.$]+)",
    ))
    .ok()
});

/// Ecto, GORM, Sequelize's and Hibernate's own checks.
fn short(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = SHORT.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let group = |n: usize| found.get(n).map(|m| m.as_str());
        let sub = match group(2) {
            Some("unique") => SubKind::Unique,
            Some("foreign_key") => SubKind::ForeignKey,
            Some("check") => SubKind::Check,
            Some(_) => SubKind::Exclusion,
            None if group(3).is_some() => SubKind::Unique,
            None => SubKind::NotNull,
        };
        let mut violation = Violation::new(sub, None);
        violation.constraint = group(1).map(str::to_owned);
        violation.table = group(4).map(str::to_owned);
        let property = group(6).and_then(|p| p.rsplit('.').next());
        violation.columns = group(5).or(property).map(str::to_owned).into_iter().collect();
        hits.push(Hit { at: found.get(0).map_or(0, |m| m.start()), is_wrapper: true, violation });
    }
}
