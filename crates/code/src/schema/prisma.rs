//! Prisma's schema.

use super::{Constraint, Table};

pub(super) fn read(path: &str, text: &str, out: &mut Vec<Table>) {
    let mut open: Option<Table> = None;
    for (number, line) in text.lines().enumerate() {
        let number = number as u32 + 1;
        let line = line.split("//").next().unwrap_or(line).trim();
        if let Some(name) = line.strip_prefix("model ").and_then(|l| l.split([' ', '{']).next()) {
            let mut table = Table::new(name, path, number, "Prisma");
            name.clone_into(&mut table.entity);
            open = Some(table);
            continue;
        }
        let Some(table) = &mut open else { continue };
        if line == "}" {
            out.extend(open.take());
            continue;
        }
        let listed = |word: &str| {
            let inside = line.strip_prefix(word)?.split('[').nth(1)?.split(']').next()?;
            Some(inside.split(',').map(|c| c.split('(').next().unwrap_or(c).trim().to_lowercase()).collect())
        };
        let quoted = line.split('"').nth(1).unwrap_or_default();
        if line.starts_with("@@map") {
            table.name = quoted.to_lowercase();
        } else if let Some(columns) = listed("@@unique") {
            table.key(Constraint::Unique, quoted, columns, number);
        } else if let Some(columns) = listed("@@id") {
            table.key(Constraint::Primary, quoted, columns, number);
        } else if let Some(name) = line.split_whitespace().next().filter(|n| !n.starts_with('@')) {
            let column = match line.split("@map(\"").nth(1).and_then(|r| r.split('"').next()) {
                Some(mapped) => mapped.to_lowercase(),
                None => name.to_lowercase(),
            };
            if let Some(inside) = line.split("fields: [").nth(1).and_then(|r| r.split(']').next()) {
                let refers =
                    line.split_whitespace().nth(1).unwrap_or_default().trim_end_matches('?').to_lowercase();
                let columns = inside.split(',').map(|c| c.trim().to_lowercase()).collect();
                table.key(Constraint::Foreign, "", columns, number).refers_to = refers;
                continue;
            }
            if line.contains(" @unique") {
                let name = format!("{}_{column}_key", table.name);
                table.key(Constraint::Unique, &name, vec![column.clone()], number);
            } else if line.contains(" @id") {
                table.key(Constraint::Primary, "", vec![column.clone()], number);
            }
            table.columns.push(column);
        }
    }
    out.extend(open);
}
