//! The allow-list. Each form that may pass is taken apart field by field and written anew; a form, or a field with
//! something in it, that is not named here is refused. Structures are taken apart without `..`: a field that a new version
//! of the parser adds does not compile until somebody has decided about it.

mod calls;
mod expressions;
mod from;
mod queries;
mod types;

use crate::{Accepted, Dialect, Name, Refusal, Why, functions};
use sqlparser::ast::{Expr, Ident, ObjectName, ObjectNamePart, Statement, UtilityOption};

type Done = Result<(), Refusal>;

/// Writes the statement anew while it walks over it.
struct Walk {
    dialect: Dialect,
    out: String,
    found: Accepted,
    /// Names of common table expressions that are seen from here.
    ctes: Vec<String>,
}

/// Checks a statement and writes it.
pub(crate) fn statement(dialect: Dialect, statement: &Statement) -> Result<Accepted, Refusal> {
    let mut walk = Walk { dialect, out: String::new(), found: Accepted::default(), ctes: Vec::new() };
    match statement {
        Statement::Query(query) => walk.query(query)?,
        Statement::Explain {
            describe_alias: _,
            analyze,
            verbose,
            query_plan,
            estimate,
            statement,
            format,
            options,
        } => {
            let Statement::Query(query) = statement.as_ref() else { return Err(no_select(statement)) };
            if *estimate {
                return Err(Refusal::form("EXPLAIN ESTIMATE"));
            }
            walk.found.is_explain = true;
            walk.explain(
                *analyze,
                *verbose,
                *query_plan,
                format.as_ref().map(ToString::to_string),
                options.as_deref(),
            )?;
            walk.query(query)?;
        }
        other => return Err(no_select(other)),
    }
    let Walk { out, mut found, dialect, .. } = walk;
    found.sql = out;
    functions::judge(dialect, &found.functions)?;
    Ok(found)
}

/// Checks the query of a statement that makes a view.
pub(crate) fn view(dialect: Dialect, statement: &Statement) -> Result<Accepted, Refusal> {
    match statement {
        Statement::CreateView(made) => self::statement(dialect, &Statement::Query(made.query.clone())),
        other => self::statement(dialect, other),
    }
}

fn no_select(statement: &Statement) -> Refusal {
    let text: String = statement.to_string().chars().take(200).collect();
    let word = text.split_whitespace().next().unwrap_or("this").to_uppercase();
    let hint = match word.as_str() {
        "INSERT" | "REPLACE" => "nothing is ever written here: SELECT shows the rows that there are",
        "UPDATE" | "DELETE" | "MERGE" | "TRUNCATE" => {
            "nothing is ever written here: SELECT, with the same conditions, shows the rows that it is about"
        }
        _ => "only SELECT, and EXPLAIN of a SELECT, are allowed",
    };
    Refusal::new(Why::NoSelect, format!("{word} is no SELECT"), hint)
}

impl Walk {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Writes items with something between them.
    fn list<T>(&mut self, items: &[T], between: &str, mut each: impl FnMut(&mut Self, &T) -> Done) -> Done {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.push(between);
            }
            each(self, item)?;
        }
        Ok(())
    }

    fn explain(
        &mut self,
        analyze: bool,
        verbose: bool,
        query_plan: bool,
        format: Option<String>,
        options: Option<&[UtilityOption]>,
    ) -> Done {
        match self.dialect {
            Dialect::Sqlite if query_plan => self.push("EXPLAIN QUERY PLAN "),
            _ if query_plan => return Err(Refusal::form("EXPLAIN QUERY PLAN")),
            Dialect::Sqlite => self.push("EXPLAIN "),
            Dialect::SqlServer => return Err(Refusal::form("EXPLAIN, which SQL Server does not have,")),
            Dialect::Mysql => {
                if verbose || options.is_some() {
                    return Err(Refusal::form("an option of EXPLAIN"));
                }
                self.push(if analyze { "EXPLAIN ANALYZE " } else { "EXPLAIN " });
                if let Some(format) = format {
                    let format =
                        format.trim_start_matches("FORMAT").trim_start_matches([' ', '=']).to_uppercase();
                    self.push(&format!("FORMAT={} ", one_of(&format, &["JSON", "TRADITIONAL", "TREE"])?));
                }
            }
            Dialect::Postgres => {
                let mut words = Vec::new();
                words.extend(analyze.then(|| "ANALYZE".to_owned()));
                words.extend(verbose.then(|| "VERBOSE".to_owned()));
                for UtilityOption { name, arg } in options.unwrap_or_default() {
                    words.push(explain_option(name, arg.as_ref())?);
                }
                self.push("EXPLAIN ");
                if !words.is_empty() {
                    self.push(&format!("({}) ", words.join(", ")));
                }
            }
        }
        Ok(())
    }

    /// A name of one part.
    fn ident(&mut self, ident: &Ident) -> Done {
        let name = self.name_of(ident)?;
        let quoted = self.dialect.identifier(&name)?;
        self.push(&quoted);
        Ok(())
    }

    /// What the engine takes an identifier for.
    fn name_of(&self, ident: &Ident) -> Result<String, Refusal> {
        let Ident { value, quote_style, span: _ } = ident;
        if quote_style.is_none() && value.starts_with(['@', '$', ':', '?', '#']) {
            let hint = "variables of the session cannot be read or set";
            return Err(Refusal::new(Why::Form, format!("`{value}` is not allowed"), hint));
        }
        Ok(self.dialect.folded(value, quote_style.is_some()))
    }

    /// A name of a schema's thing: one part or two. The third would be another database.
    fn object(&self, name: &ObjectName) -> Result<Name, Refusal> {
        let mut parts = Vec::new();
        for part in &name.0 {
            match part {
                ObjectNamePart::Identifier(ident) => parts.push(self.name_of(ident)?),
                ObjectNamePart::Function(_) => return Err(Refusal::form("a name that is computed")),
            }
        }
        match (parts.pop(), parts.pop(), parts.is_empty()) {
            (Some(name), schema, true) => Ok(Name { schema, name }),
            _ => Err(Refusal::new(
                Why::Relation,
                format!("`{name}` has more than two parts"),
                "write it as schema.name; other databases are not read",
            )),
        }
    }

    fn quoted(&mut self, name: &Name) -> Done {
        if let Some(schema) = &name.schema {
            let schema = self.dialect.identifier(schema)?;
            self.push(&schema);
            self.push(".");
        }
        let quoted = self.dialect.identifier(&name.name)?;
        self.push(&quoted);
        Ok(())
    }
}

fn explain_option(name: &Ident, arg: Option<&Expr>) -> Result<String, Refusal> {
    const SWITCHES: [&str; 7] = ["ANALYZE", "VERBOSE", "COSTS", "BUFFERS", "TIMING", "SUMMARY", "SETTINGS"];
    let name = name.value.to_uppercase();
    let value = arg.map(|arg| arg.to_string().to_uppercase());
    if name == "FORMAT" {
        let value = value.unwrap_or_default();
        return Ok(format!("FORMAT {}", one_of(&value, &["TEXT", "JSON", "YAML", "XML"])?));
    }
    let name = one_of(&name, &SWITCHES)?;
    Ok(match value {
        Some(value) => format!("{name} {}", one_of(&value, &["ON", "OFF", "TRUE", "FALSE"])?),
        None => name.to_owned(),
    })
}

/// The same word, out of a list.
fn one_of<'w>(word: &str, known: &[&'w str]) -> Result<&'w str, Refusal> {
    known.iter().find(|k| **k == word).copied().ok_or_else(|| Refusal::form(format!("EXPLAIN with {word}")))
}
