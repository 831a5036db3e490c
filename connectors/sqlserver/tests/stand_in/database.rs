//! Tables in memory behind the stand-in: what the connector's own statements are answered with. Values are compared as
//! loosely as the real server compares them: case and blanks at the end do not matter.

use crate::tds::{Cell, Kind, Reply};
use std::cmp::Ordering;

/// A column: its name, its type as the catalogue has it, whether it is part of the key.
pub struct Column {
    pub name: &'static str,
    pub data_type: &'static str,
    pub kind: Kind,
    pub is_key: bool,
}

pub fn column(name: &'static str, data_type: &'static str, kind: Kind) -> Column {
    Column { name, data_type, kind, is_key: false }
}

pub fn key(name: &'static str, data_type: &'static str, kind: Kind) -> Column {
    Column { is_key: true, ..column(name, data_type, kind) }
}

#[derive(Default)]
pub struct Table {
    pub name: &'static str,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

/// What else there is, and SELECTs of somebody's own with what they answer.
#[derive(Default)]
pub struct Database {
    pub tables: Vec<Table>,
    /// Name, kind, whether it is external, what it is made of.
    pub others: Vec<(&'static str, &'static str, i64, Option<&'static str>)>,
    pub selects: Vec<(&'static str, Reply)>,
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// An answer whose columns are numbers (`i`) and texts (`t`).
fn rows(kinds: &str, rows: Vec<Vec<Cell>>) -> Reply {
    let kind = |(at, kind)| (format!("c{at}"), if kind == 'i' { Kind::Int } else { Kind::Text });
    Reply::Rows(kinds.chars().enumerate().map(kind).collect(), rows)
}

/// The name in the first brackets, and what follows.
fn bracketed(sql: &str) -> (String, &str) {
    let start = sql.find('[').unwrap() + 1;
    let (mut name, mut rest) = (String::new(), sql[start..].char_indices().peekable());
    while let Some((at, c)) = rest.next() {
        match c {
            ']' if rest.peek().is_some_and(|(_, next)| *next == ']') => {
                name.push(']');
                rest.next();
            }
            ']' => return (name, &sql[start + at + 1..]),
            other => name.push(other),
        }
    }
    panic!("a bracket that is not closed: {sql}")
}

/// All names in brackets.
fn names(mut sql: &str) -> Vec<String> {
    let mut names = Vec::new();
    while sql.contains('[') {
        let (name, rest) = bracketed(sql);
        names.push(name);
        sql = rest;
    }
    names
}

impl Database {
    pub fn answer(&self, sql: &str, parameters: &[Option<String>]) -> Reply {
        let starts = |start: &str| sql.starts_with(start);
        let parameter = |at: usize| parameters.get(at).cloned().flatten();
        if let Some((_, reply)) = self.selects.iter().find(|(known, _)| *known == sql) {
            return reply.clone();
        }
        if starts("SET ") {
            return Reply::Nothing;
        }
        if starts("SELECT CAST(snapshot_isolation_state") || sql == "SELECT 1" {
            return rows("i", vec![vec![Cell::Int(1)]]);
        }
        if starts("SELECT SCHEMA_NAME()") {
            let is_known =
                parameter(0).map_or(Cell::Null, |name| if name == "dbo" { Cell::Int(1) } else { Cell::Null });
            return rows("tii", vec![vec![text("dbo"), is_known, Cell::Int(1)]]);
        }
        if starts("SELECT s.name, o.name, RTRIM(o.type)") {
            return self.object(&parameter(0).unwrap(), &[parameter(1).unwrap(), parameter(2).unwrap()]);
        }
        if starts("SELECT name, system_type_name, error_message") {
            return self.described(&parameter(0).unwrap());
        }
        if starts("SELECT COUNT_BIG(*)") {
            let table = names(sql)[1].clone();
            return rows("i", vec![vec![Cell::Int(self.table(&table).rows.len() as i64)]]);
        }
        self.catalogue(sql, parameter(1).as_deref()).unwrap_or_else(|| self.select(sql, parameters))
    }

    fn table(&self, name: &str) -> &Table {
        self.tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"))
    }

    /// Tables, columns, indexes, keys that point elsewhere: a row for each, with the table's number first.
    fn catalogue(&self, sql: &str, only: Option<&str>) -> Option<Reply> {
        let tables = (1..).zip(&self.tables);
        let tables =
            tables.filter(|(_, table)| only.is_none_or(|name| table.name.eq_ignore_ascii_case(name)));
        let int = |flag: bool| Cell::Int(i64::from(flag));
        if sql.starts_with("SELECT CAST(t.object_id AS int), t.name,") {
            let row = |(number, table): (i64, &Table)| {
                let count = Cell::Int(table.rows.len() as i64);
                vec![
                    Cell::Int(number),
                    text(table.name),
                    count,
                    int(table.name == "elsewhere"),
                    int(table.name != "secret"),
                ]
            };
            return Some(rows("itiii", tables.map(row).collect()));
        }
        if sql.starts_with("SELECT CAST(c.object_id AS int)") {
            let row = |number: i64, column: &Column| {
                let (name, size) = column.data_type.split_once('(').unwrap_or((column.data_type, "0)"));
                let mut sizes =
                    size.trim_end_matches(')').split(", ").map(|n| n.parse::<i64>().unwrap_or(-1));
                let (first, second) = (sizes.next().unwrap_or(0), sizes.next().unwrap_or(0));
                let length = if name.starts_with('n') && first > 0 { first * 2 } else { first };
                let scale = if name == "datetime2" { first } else { second };
                let cells = [length, first, scale, i64::from(!column.is_key)].map(Cell::Int);
                [vec![Cell::Int(number), text(column.name), text(name)], cells.to_vec()].concat()
            };
            let all = tables.flat_map(|(number, table)| table.columns.iter().map(move |c| row(number, c)));
            return Some(rows("ittiiii", all.collect()));
        }
        if sql.starts_with("SELECT CAST(i.object_id AS int)") {
            let row = |number: i64, column: &Column| {
                vec![Cell::Int(number), text("PK"), Cell::Int(1), Cell::Int(1), text(column.name)]
            };
            let keys = |(number, table): (i64, &'_ Table)| {
                table.columns.iter().filter(|c| c.is_key).map(|c| row(number, c)).collect::<Vec<_>>()
            };
            return Some(rows("itiit", tables.flat_map(keys).collect()));
        }
        if sql.starts_with("SELECT CAST(f.parent_object_id AS int)") {
            let row = vec![Cell::Int(1), text("FK"), text("name"), text("b"), text("x")];
            return Some(rows("itttt", vec![row]));
        }
        if sql.starts_with("SELECT CAST(SERVERPROPERTY") {
            let row = vec![text("16.0.4100.1"), text("reader"), Cell::Int(1), Cell::Int(0)];
            return Some(rows("ttii", vec![row]));
        }
        if sql.starts_with("SELECT r.name FROM (VALUES") {
            return Some(rows("t", vec![vec![text("db_datawriter")], vec![text("db_owner")]]));
        }
        if sql.starts_with("SELECT entity_name, permission_name") {
            let right = |on: &str, right: &str| vec![text(on), text(right)];
            let rights = vec![
                right("server", "CONTROL SERVER"),
                right("database", "EXECUTE"),
                right("database", "INSERT"),
            ];
            return Some(rows("tt", rights));
        }
        if sql.starts_with("SELECT CAST(found.what AS int)") {
            return Some(rows("iit", vec![vec![Cell::Int(1), Cell::Int(2), text("dbo.a")]]));
        }
        None
    }

    /// What a name means, as the catalogue has it.
    fn object(&self, name: &str, schemas: &[String; 2]) -> Reply {
        let mut found = Vec::new();
        if schemas.iter().any(|schema| schema == "dbo") {
            let tables = self.tables.iter().map(|table| (table.name, "U", 0, None));
            for (known, kind, external, made_of) in tables.chain(self.others.iter().copied()) {
                if known == name {
                    let made_of = made_of.map_or(Cell::Null, text);
                    found.push(vec![text("dbo"), text(known), text(kind), Cell::Int(external), made_of]);
                }
            }
        }
        rows("tttit", found)
    }

    /// Columns of a SELECT of somebody's own.
    fn described(&self, sql: &str) -> Reply {
        let known = self.selects.iter().find(|(known, _)| *known == sql);
        match known {
            Some((_, Reply::Rows(columns, _) | Reply::HangsUp(columns, _))) => {
                let row = |(name, kind): &(String, Kind)| {
                    vec![text(name.as_str()), text(format!("{kind:?}").to_lowercase()), Cell::Null]
                };
                rows("ttt", columns.iter().map(row).collect())
            }
            Some(_) => rows("ttt", vec![vec![text("n"), text("int"), Cell::Null]]),
            None => rows("ttt", vec![vec![Cell::Null, Cell::Null, text("Invalid column name 'x'.")]]),
        }
    }

    /// The rows of a table: `SELECT [TOP (n)] … FROM [dbo].[t] [WHERE … IN (…)] [ORDER BY …]`.
    fn select(&self, sql: &str, parameters: &[Option<String>]) -> Reply {
        let rest = sql.strip_prefix("SELECT ").unwrap_or_else(|| panic!("{sql}"));
        let (limit, rest) = match rest.strip_prefix("TOP (") {
            Some(rest) => rest.split_once(") ").map(|(n, rest)| (n.parse().unwrap(), rest)).unwrap(),
            None => (usize::MAX, rest),
        };
        let (selected, rest) = rest.split_once(" FROM [dbo].").unwrap_or_else(|| panic!("{sql}"));
        let (table, rest) = bracketed(rest);
        let table = self.table(&table);
        let (condition, order) = rest.split_once(" ORDER BY ").unwrap_or((rest, ""));
        let place = |name: &String| table.columns.iter().position(|c| c.name == name).unwrap();
        let mut found: Vec<&Vec<Cell>> = table.rows.iter().collect();
        if let Some((column, _)) = condition.strip_prefix(" WHERE ").and_then(|c| c.split_once(" IN (")) {
            let at = place(&bracketed(column).0);
            let digits = match table.columns[at].kind {
                Kind::Decimal(digits) => digits,
                _ => 0,
            };
            found.retain(|row| parameters.iter().flatten().any(|p| equals(&row[at], p, digits)));
        }
        let order: Vec<usize> = names(order).iter().map(place).collect();
        found.sort_by(|a, b| {
            let by = order.iter().map(|at| compared(&a[*at], &b[*at]));
            by.fold(Ordering::Equal, Ordering::then)
        });
        let places: Vec<usize> = names(selected).iter().map(place).collect();
        let columns = places.iter().map(|at| (table.columns[*at].name.to_owned(), table.columns[*at].kind));
        let row = |row: &Vec<Cell>| places.iter().map(|at| row[*at].clone()).collect();
        Reply::Rows(columns.collect(), found.into_iter().take(limit).map(row).collect())
    }
}

fn loose(text: &str) -> String {
    text.trim_end().to_lowercase()
}

fn equals(cell: &Cell, given: &str, digits: u8) -> bool {
    match cell {
        Cell::Null => false,
        Cell::Int(number) => given.parse() == Ok(*number),
        Cell::Text(text) => loose(text) == loose(given),
        Cell::Bit(flag) => given == flag.to_string(),
        Cell::Decimal(number) => {
            let scaled = given.parse::<f64>().map(|given| (given * 10_f64.powi(i32::from(digits))).round());
            scaled.is_ok_and(|scaled| scaled as i128 == *number)
        }
        Cell::Moment(text) => text == given,
        Cell::Guid(text) => text.eq_ignore_ascii_case(given),
        Cell::Bytes(bytes) => {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            digits.concat().eq_ignore_ascii_case(given)
        }
    }
}

fn compared(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Int(a), Cell::Int(b)) => a.cmp(b),
        (Cell::Decimal(a), Cell::Decimal(b)) => a.cmp(b),
        (Cell::Text(a), Cell::Text(b)) => loose(a).cmp(&loose(b)),
        (Cell::Null, Cell::Null) => Ordering::Equal,
        (Cell::Null, _) => Ordering::Less,
        (_, Cell::Null) => Ordering::Greater,
        (a, b) => format!("{a:?}").cmp(&format!("{b:?}")),
    }
}
