//! Calls of functions, with what may stand in and behind their brackets.

use super::{Done, Walk, queries};
use crate::{Dialect, Name, Refusal, Why, functions};
use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgOperator,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, ObjectName, WindowFrame,
    WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType,
};

/// What PostgreSQL has as a part of its language: quoted, these would be functions that do not exist.
const WORDS: [&str; 7] = ["coalesce", "greatest", "least", "nullif", "grouping", "row", "array"];
/// What is called without brackets.
const BARE: [&str; 9] = [
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "current_user",
    "session_user",
    "current_catalog",
    "current_schema",
];

impl Walk {
    pub(super) fn function(&mut self, function: &Function) -> Done {
        let Function { name, uses_odbc_syntax, parameters, args, within_group, filter, null_treatment, over } =
            function;
        if *uses_odbc_syntax || !matches!(parameters, FunctionArguments::None) {
            return Err(Refusal::form("this way to call a function"));
        }
        if null_treatment.is_some() {
            return Err(Refusal::form("IGNORE NULLS"));
        }
        let name = self.object(name)?;
        match args {
            FunctionArguments::None => return self.bare(&name),
            FunctionArguments::Subquery(query) => {
                if !(self.dialect == Dialect::Postgres && name.schema.is_none() && name.name == "array") {
                    return Err(Refusal::form(
                        "a subquery as a function's argument without brackets of its own",
                    ));
                }
                self.push("ARRAY");
                return self.bracketed(query);
            }
            FunctionArguments::List(list) => {
                self.function_name(&name)?;
                self.push("(");
                match list.args.split_first() {
                    Some((part, rest)) if self.takes_part(&name) => self.dated(part, rest, list)?,
                    _ => self.arguments(list)?,
                }
                self.push(")");
            }
        }
        if !within_group.is_empty() {
            self.push(" WITHIN GROUP (ORDER BY ");
            self.ordered(within_group)?;
            self.push(")");
        }
        if let Some(filter) = filter {
            self.push(" FILTER (WHERE ");
            self.expr(filter)?;
            self.push(")");
        }
        match over {
            None => Ok(()),
            Some(WindowType::NamedWindow(window)) => {
                self.push(" OVER ");
                self.ident(window)
            }
            Some(WindowType::WindowSpec(spec)) => {
                self.push(" OVER ");
                self.window(spec)
            }
        }
    }

    /// Whether the first thing in a function's brackets is the name of a part of time.
    fn takes_part(&self, name: &Name) -> bool {
        self.dialect == Dialect::SqlServer && functions::takes_part(&name.name)
    }

    /// What stands in the brackets of such a function. In quotes the part would be a column.
    fn dated(&mut self, part: &FunctionArg, rest: &[FunctionArg], list: &FunctionArgumentList) -> Done {
        let known = match part {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(part)))
                if part.quote_style.is_none() =>
            {
                functions::part(&part.value)
            }
            _ => None,
        };
        let is_plain = list.duplicate_treatment.is_none() && list.clauses.is_empty();
        let Some(part) = known.filter(|_| is_plain) else {
            let hint = "write the part of time bare, such as day, hour or second";
            return Err(Refusal::new(Why::Form, "no part of time comes first in the brackets", hint));
        };
        self.push(part);
        rest.iter().try_for_each(|argument| {
            self.push(", ");
            self.argument(argument)
        })
    }

    /// A function in FROM.
    pub(super) fn called_in_from(&mut self, name: &ObjectName, args: &[FunctionArg]) -> Done {
        let name = self.object(name)?;
        if self.dialect == Dialect::SqlServer {
            functions::returns_rows(&name)?;
        }
        self.function_name(&name)?;
        self.push("(");
        self.list(args, ", ", Self::argument)?;
        self.push(")");
        Ok(())
    }

    /// What is called without brackets, such as `current_date`.
    fn bare(&mut self, name: &Name) -> Done {
        let word = name.name.to_ascii_lowercase();
        let Some(word) = BARE.into_iter().find(|bare| name.schema.is_none() && *bare == word) else {
            return Err(Refusal::form(format!("`{name}` without brackets")));
        };
        self.push(&word.to_uppercase());
        Ok(())
    }

    /// The name in front of the brackets, noted down. Where all names are known, they need no quotes.
    fn function_name(&mut self, name: &Name) -> Done {
        let is_word = name.schema.is_none() && WORDS.contains(&name.name.as_str());
        if self.dialect == Dialect::Postgres && is_word {
            self.push(&name.name.to_uppercase());
            // They compare what they are given.
            self.found.operators.extend(["=".to_owned(), "<".to_owned()]);
            return Ok(());
        }
        self.found.functions.insert(name.clone());
        if self.dialect == Dialect::Postgres {
            return self.quoted(name);
        }
        let is_plain = name.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.schema.is_some() || !is_plain {
            let hint = "only the engine's own functions are allowed, called by their bare names";
            return Err(Refusal::new(Why::Function, format!("the function {name} is not allowed"), hint));
        }
        self.push(&name.name);
        Ok(())
    }

    fn arguments(&mut self, list: &FunctionArgumentList) -> Done {
        let FunctionArgumentList { duplicate_treatment, args, clauses } = list;
        self.push(match duplicate_treatment {
            None => "",
            Some(DuplicateTreatment::Distinct) => "DISTINCT ",
            Some(DuplicateTreatment::All) => "ALL ",
        });
        self.list(args, ", ", Self::argument)?;
        for clause in clauses {
            match clause {
                FunctionArgumentClause::OrderBy(columns) => {
                    self.push(" ORDER BY ");
                    self.ordered(columns)?;
                }
                FunctionArgumentClause::Separator(separator) if self.dialect == Dialect::Mysql => {
                    self.push(" SEPARATOR ");
                    self.value(separator)?;
                }
                FunctionArgumentClause::Limit(limit) if self.dialect == Dialect::Mysql => {
                    self.push(" LIMIT ");
                    self.expr(limit)?;
                }
                _ => return Err(Refusal::form("this clause inside a function's brackets")),
            }
        }
        Ok(())
    }

    fn argument(&mut self, argument: &FunctionArg) -> Done {
        let value = match argument {
            FunctionArg::Unnamed(value) => value,
            FunctionArg::Named {
                name,
                arg,
                operator: FunctionArgOperator::RightArrow | FunctionArgOperator::Assignment,
            } if self.dialect == Dialect::Postgres => {
                self.ident(name)?;
                self.push(" => ");
                arg
            }
            FunctionArg::ExprNamed {
                name: Expr::Identifier(name),
                arg,
                operator: FunctionArgOperator::RightArrow | FunctionArgOperator::Assignment,
            } if self.dialect == Dialect::Postgres => {
                self.ident(name)?;
                self.push(" => ");
                arg
            }
            _ => return Err(Refusal::form("this kind of named argument")),
        };
        match value {
            FunctionArgExpr::Expr(expr) => self.expr(expr),
            FunctionArgExpr::Wildcard => {
                self.push("*");
                Ok(())
            }
            FunctionArgExpr::WildcardWithOptions(options) => {
                queries::plain(options)?;
                self.push("*");
                Ok(())
            }
            FunctionArgExpr::QualifiedWildcard(name) => {
                let name = self.object(name)?;
                self.quoted(&name)?;
                self.push(".*");
                Ok(())
            }
        }
    }

    pub(super) fn window(&mut self, spec: &WindowSpec) -> Done {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = spec;
        self.push("(");
        if let Some(name) = window_name {
            self.ident(name)?;
        }
        if !partition_by.is_empty() {
            self.push(" PARTITION BY ");
            self.list(partition_by, ", ", Self::expr)?;
        }
        if !order_by.is_empty() {
            self.push(" ORDER BY ");
            self.ordered(order_by)?;
        }
        if let Some(WindowFrame { units, start_bound, end_bound }) = window_frame {
            self.push(match units {
                WindowFrameUnits::Rows => " ROWS ",
                WindowFrameUnits::Range => " RANGE ",
                WindowFrameUnits::Groups => " GROUPS ",
            });
            if end_bound.is_some() {
                self.push("BETWEEN ");
            }
            self.bound(start_bound)?;
            if let Some(end) = end_bound {
                self.push(" AND ");
                self.bound(end)?;
            }
        }
        self.push(")");
        Ok(())
    }

    fn bound(&mut self, bound: &WindowFrameBound) -> Done {
        let (distance, word) = match bound {
            WindowFrameBound::CurrentRow => {
                self.push("CURRENT ROW");
                return Ok(());
            }
            WindowFrameBound::Preceding(distance) => (distance, " PRECEDING"),
            WindowFrameBound::Following(distance) => (distance, " FOLLOWING"),
        };
        match distance {
            Some(distance) => self.expr(distance)?,
            None => self.push("UNBOUNDED"),
        }
        self.push(word);
        Ok(())
    }
}
