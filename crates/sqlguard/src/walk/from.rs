//! What may stand in FROM: tables, subqueries, functions that return rows, joins.

use super::{Done, Walk};
use crate::{Dialect, Refusal, Why};
use sqlparser::ast::{
    Join, JoinConstraint, JoinOperator, TableAlias, TableAliasColumnDef, TableFactor, TableFunctionArgs,
    TableWithJoins,
};

impl Walk {
    pub(super) fn table_with_joins(&mut self, table: &TableWithJoins) -> Done {
        let TableWithJoins { relation, joins } = table;
        self.factor(relation)?;
        for Join { relation, global, join_operator } in joins {
            if *global {
                return Err(Refusal::form("GLOBAL JOIN"));
            }
            self.join(join_operator, relation)?;
        }
        Ok(())
    }

    fn join(&mut self, operator: &JoinOperator, relation: &TableFactor) -> Done {
        let none = &JoinConstraint::None;
        let (word, constraint) = match operator {
            JoinOperator::CrossApply if self.dialect == Dialect::SqlServer => ("CROSS APPLY ", none),
            JoinOperator::OuterApply if self.dialect == Dialect::SqlServer => ("OUTER APPLY ", none),
            JoinOperator::Join(on) | JoinOperator::Inner(on) => ("JOIN ", on),
            JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => ("LEFT JOIN ", on),
            JoinOperator::Right(on) | JoinOperator::RightOuter(on) => ("RIGHT JOIN ", on),
            JoinOperator::FullOuter(on) => ("FULL JOIN ", on),
            JoinOperator::CrossJoin(on) => ("CROSS JOIN ", on),
            JoinOperator::StraightJoin(on) if self.dialect == Dialect::Mysql => ("STRAIGHT_JOIN ", on),
            _ => return Err(Refusal::form("this kind of JOIN")),
        };
        let by_name = matches!(constraint, JoinConstraint::Natural | JoinConstraint::Using(_));
        if by_name && self.dialect == Dialect::SqlServer {
            let hint = "write JOIN … ON a.x = b.x";
            return Err(Refusal::new(Why::Form, "a join by names of columns is not known here", hint));
        }
        self.push(" ");
        if matches!(constraint, JoinConstraint::Natural) {
            self.push("NATURAL ");
        }
        self.push(word);
        self.factor(relation)?;
        match constraint {
            JoinConstraint::On(condition) => {
                self.push(" ON ");
                self.expr(condition)
            }
            JoinConstraint::Using(columns) => {
                self.push(" USING (");
                self.list(columns, ", ", |walk, column| {
                    let column = walk.object(column)?;
                    walk.quoted(&column)
                })?;
                self.push(")");
                Ok(())
            }
            JoinConstraint::Natural | JoinConstraint::None => Ok(()),
        }
    }

    fn factor(&mut self, factor: &TableFactor) -> Done {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                let clauses = [version.is_some(), json_path.is_some(), sample.is_some()];
                let lists = [with_hints.len(), partitions.len(), index_hints.len()];
                if clauses.contains(&true) || lists.iter().any(|length| *length > 0) {
                    return Err(Refusal::form("a hint, version, partition or sample behind a table"));
                }
                // `t AS a (x)` is an old way to write a hint there.
                let has_columns = alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
                if has_columns && args.is_none() && self.dialect == Dialect::SqlServer {
                    return Err(Refusal::form("something in brackets behind a table's name"));
                }
                match args {
                    None if *with_ordinality => return Err(Refusal::form("WITH ORDINALITY behind a table")),
                    None => self.relation(name)?,
                    Some(TableFunctionArgs { args, settings: None }) => {
                        self.called_in_from(name, args)?;
                        self.ordinality(*with_ordinality)?;
                    }
                    Some(_) => return Err(Refusal::form("settings of a function")),
                }
                self.named(alias.as_ref())
            }
            TableFactor::Derived { lateral, subquery, alias, sample } => {
                if sample.is_some() {
                    return Err(Refusal::form("a sample of a subquery"));
                }
                self.lateral(*lateral)?;
                self.bracketed(subquery)?;
                self.named(alias.as_ref())
            }
            TableFactor::Function { lateral, name, args, with_ordinality, alias } => {
                self.lateral(*lateral)?;
                self.called_in_from(name, args)?;
                self.ordinality(*with_ordinality)?;
                self.named(alias.as_ref())
            }
            TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, with_ordinality } => {
                if *with_offset || with_offset_alias.is_some() || self.dialect != Dialect::Postgres {
                    return Err(Refusal::form("this UNNEST"));
                }
                self.push("UNNEST(");
                self.list(array_exprs, ", ", Self::expr)?;
                self.push(")");
                self.ordinality(*with_ordinality)?;
                self.named(alias.as_ref())
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                self.push("(");
                self.table_with_joins(table_with_joins)?;
                self.push(")");
                self.named(alias.as_ref())
            }
            _ => Err(Refusal::form("this in FROM")),
        }
    }

    /// A table or view, or the name of a common table expression.
    fn relation(&mut self, name: &sqlparser::ast::ObjectName) -> Done {
        let name = self.object(name)?;
        let is_cte = name.schema.is_none() && self.is_cte(&name.name);
        if !is_cte {
            super::super::functions::relation(self.dialect, &name)?;
            self.found.relations.insert(name.clone());
        }
        self.quoted(&name)
    }

    /// Whether a common table expression of that name is seen from here. PostgreSQL tells `A` from `a` in quotes, SQL Server
    /// where the database does.
    fn is_cte(&self, name: &str) -> bool {
        match self.dialect {
            Dialect::Postgres | Dialect::SqlServer => self.ctes.iter().any(|cte| cte == name),
            _ => self.ctes.iter().any(|cte| cte.eq_ignore_ascii_case(name)),
        }
    }

    fn lateral(&mut self, is_lateral: bool) -> Done {
        match (is_lateral, self.dialect) {
            (false, _) => {}
            (true, Dialect::Sqlite | Dialect::SqlServer) => return Err(Refusal::form("LATERAL")),
            (true, _) => self.push("LATERAL "),
        }
        Ok(())
    }

    fn ordinality(&mut self, with_ordinality: bool) -> Done {
        match (with_ordinality, self.dialect) {
            (false, _) => Ok(()),
            (true, Dialect::Postgres) => {
                self.push(" WITH ORDINALITY");
                Ok(())
            }
            (true, _) => Err(Refusal::form("WITH ORDINALITY")),
        }
    }

    /// ` AS name (columns)`, if there is an alias.
    fn named(&mut self, alias: Option<&TableAlias>) -> Done {
        let Some(alias) = alias else { return Ok(()) };
        self.push(" AS ");
        self.alias(alias)
    }

    /// A name with names of columns, which in PostgreSQL may have types: what a function returns.
    pub(super) fn alias(&mut self, alias: &TableAlias) -> Done {
        let TableAlias { explicit: _, name, columns, at } = alias;
        if at.is_some() {
            return Err(Refusal::form("AT behind a name"));
        }
        self.ident(name)?;
        if columns.is_empty() {
            return Ok(());
        }
        self.push(" (");
        self.list(columns, ", ", |walk, column| {
            let TableAliasColumnDef { name, data_type } = column;
            walk.ident(name)?;
            match data_type {
                None => Ok(()),
                Some(data_type) if walk.dialect == Dialect::Postgres => {
                    walk.push(" ");
                    walk.data_type(data_type)
                }
                Some(_) => Err(Refusal::new(Why::Form, "a type behind a column's name", "leave it out")),
            }
        })?;
        self.push(")");
        Ok(())
    }
}
