//! Queries: WITH, SELECT, set operations, ORDER BY, LIMIT. No INTO, no locks.

use super::{Done, Walk};
use crate::{Dialect, Refusal, Why};
use sqlparser::ast::{
    Cte, CteAsMaterialized, Distinct, Expr, Fetch, GroupByExpr, GroupByWithModifier, LimitClause,
    NamedWindowExpr, Offset, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort, Query, Select,
    SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SelectModifiers, SetExpr, SetOperator,
    SetQuantifier, Top, TopQuantity, Values, WildcardAdditionalOptions, With,
};

impl Walk {
    pub(super) fn query(&mut self, query: &Query) -> Done {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        if !locks.is_empty() {
            let hint = "leave it out: rows are read without locks";
            return Err(Refusal::new(Why::Form, "FOR UPDATE or FOR SHARE locks rows", hint));
        }
        if for_clause.is_some() || settings.is_some() || format_clause.is_some() || !pipe_operators.is_empty()
        {
            return Err(Refusal::form("a clause behind the SELECT"));
        }
        let seen = self.ctes.len();
        if let Some(with) = with {
            self.with(with)?;
        }
        self.body(body)?;
        if let Some(order) = order_by {
            self.order_by(order)?;
        }
        if let Some(limit) = limit_clause {
            self.limit(limit)?;
        }
        if let Some(fetch) = fetch {
            self.fetch(fetch)?;
        }
        self.ctes.truncate(seen);
        Ok(())
    }

    /// A query in brackets.
    pub(super) fn bracketed(&mut self, query: &Query) -> Done {
        self.push("(");
        self.query(query)?;
        self.push(")");
        Ok(())
    }

    fn with(&mut self, with: &With) -> Done {
        let With { with_token: _, recursive, cte_tables } = with;
        let says_so = *recursive && self.dialect != Dialect::SqlServer;
        self.push(if says_so { "WITH RECURSIVE " } else { "WITH " });
        for (at, cte) in cte_tables.iter().enumerate() {
            let Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
            if from.is_some() {
                return Err(Refusal::form("FROM behind a WITH query"));
            }
            if at > 0 {
                self.push(", ");
            }
            let name = self.name_of(&alias.name)?;
            // Only a recursive query sees itself; one that is not reads a table of the same name.
            if *recursive {
                self.ctes.push(name.clone());
            }
            self.alias(alias)?;
            self.push(" AS ");
            match (materialized, self.dialect) {
                (None, _) => {}
                (_, Dialect::Mysql | Dialect::SqlServer) => return Err(Refusal::form("MATERIALIZED")),
                (Some(CteAsMaterialized::Materialized), _) => self.push("MATERIALIZED "),
                (Some(CteAsMaterialized::NotMaterialized), _) => self.push("NOT MATERIALIZED "),
            }
            self.bracketed(query)?;
            if !*recursive {
                self.ctes.push(name);
            }
        }
        self.push(" ");
        Ok(())
    }

    fn body(&mut self, body: &SetExpr) -> Done {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::Query(query) => self.bracketed(query),
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                self.side(left, true)?;
                self.push(match op {
                    SetOperator::Union => " UNION ",
                    SetOperator::Except | SetOperator::Minus => " EXCEPT ",
                    SetOperator::Intersect => " INTERSECT ",
                });
                self.push(match set_quantifier {
                    SetQuantifier::All => "ALL ",
                    SetQuantifier::Distinct => "DISTINCT ",
                    SetQuantifier::None => "",
                    SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => {
                        return Err(Refusal::form("UNION BY NAME"));
                    }
                });
                self.side(right, false)
            }
            SetExpr::Values(values) => self.values(values),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                let hint = "only SELECT is allowed, also inside WITH";
                Err(Refusal::new(Why::NoSelect, "a statement that writes stands where a SELECT should", hint))
            }
            SetExpr::Table(_) => {
                Err(Refusal::new(Why::Form, "TABLE is not allowed", "write SELECT * FROM it"))
            }
        }
    }

    /// One side of a set operation. A chain goes from left to right by itself; what stands in brackets of its own is
    /// kept there. SQLite knows no brackets here.
    fn side(&mut self, side: &SetExpr, is_left: bool) -> Done {
        let is_bare = match side {
            SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => true,
            SetExpr::SetOperation { .. } => is_left && self.dialect == Dialect::Sqlite,
            _ => false,
        };
        if is_bare {
            return self.body(side);
        }
        self.push("(");
        self.body(side)?;
        self.push(")");
        Ok(())
    }

    fn values(&mut self, values: &Values) -> Done {
        let Values { explicit_row: _, value_keyword: _, rows } = values;
        self.push("VALUES ");
        let row = if self.dialect == Dialect::Mysql { "ROW(" } else { "(" };
        self.list(rows, ", ", |walk, cells| {
            walk.push(row);
            walk.list(&cells.content, ", ", Self::expr)?;
            walk.push(")");
            Ok(())
        })
    }

    fn select(&mut self, select: &Select) -> Done {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        if into.is_some() {
            let hint = "leave INTO out: rows come back as the answer, nothing is stored";
            return Err(Refusal::new(Why::Form, "SELECT INTO writes", hint));
        }
        if !optimizer_hints.is_empty() || select_modifiers.as_ref().is_some_and(SelectModifiers::is_any_set) {
            return Err(Refusal::form("a hint or modifier behind SELECT"));
        }
        let foreign = [
            exclude.is_some(),
            prewhere.is_some(),
            qualify.is_some(),
            top.is_some() && self.dialect != Dialect::SqlServer,
            value_table_mode.is_some(),
        ];
        let lists =
            [lateral_views.len(), connect_by.len(), cluster_by.len(), distribute_by.len(), sort_by.len()];
        if foreign.contains(&true)
            || lists.iter().any(|length| *length > 0)
            || *flavor != SelectFlavor::Standard
        {
            return Err(Refusal::form("a clause that this engine does not have"));
        }
        self.push("SELECT ");
        if let Some(distinct) = distinct {
            self.distinct(distinct)?;
        }
        if let Some(top) = top {
            self.top(top)?;
        }
        self.list(projection, ", ", Self::item)?;
        if !from.is_empty() {
            self.push(" FROM ");
            self.list(from, ", ", Self::table_with_joins)?;
        }
        self.clause(" WHERE ", selection.as_ref())?;
        self.group_by(group_by)?;
        self.clause(" HAVING ", having.as_ref())?;
        if !named_window.is_empty() {
            self.push(" WINDOW ");
            self.list(named_window, ", ", |walk, window| {
                walk.ident(&window.0)?;
                walk.push(" AS ");
                match &window.1 {
                    NamedWindowExpr::WindowSpec(spec) => walk.window(spec),
                    NamedWindowExpr::NamedWindow(_) => Err(Refusal::form("a window that is another's name")),
                }
            })?;
        }
        Ok(())
    }

    /// `TOP (n)`, in brackets whatever it is.
    fn top(&mut self, top: &Top) -> Done {
        let Top { with_ties, percent, quantity } = top;
        self.push("TOP (");
        match quantity {
            Some(TopQuantity::Constant(number)) => self.push(&number.to_string()),
            Some(TopQuantity::Expr(expr)) => self.expr(expr)?,
            None => return Err(Refusal::form("TOP without a number")),
        }
        self.push(if *percent { ") PERCENT " } else { ") " });
        self.push(if *with_ties { "WITH TIES " } else { "" });
        Ok(())
    }

    fn clause(&mut self, word: &str, expr: Option<&Expr>) -> Done {
        let Some(expr) = expr else { return Ok(()) };
        self.push(word);
        self.expr(expr)
    }

    fn distinct(&mut self, distinct: &Distinct) -> Done {
        match distinct {
            Distinct::All => self.push("ALL "),
            Distinct::Distinct => self.push("DISTINCT "),
            Distinct::On(columns) if self.dialect == Dialect::Postgres => {
                self.push("DISTINCT ON (");
                self.list(columns, ", ", Self::expr)?;
                self.push(") ");
            }
            Distinct::On(_) => return Err(Refusal::form("DISTINCT ON")),
        }
        Ok(())
    }

    fn item(&mut self, item: &SelectItem) -> Done {
        match item {
            SelectItem::UnnamedExpr(expr) => self.expr(expr),
            SelectItem::ExprWithAlias { expr, alias } => {
                self.expr(expr)?;
                self.push(" AS ");
                self.ident(alias)
            }
            SelectItem::Wildcard(options) => {
                plain(options)?;
                self.push("*");
                Ok(())
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                plain(options)?;
                let name = self.object(name)?;
                self.quoted(&name)?;
                self.push(".*");
                Ok(())
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(_), _) => {
                Err(Refusal::form("all parts of an expression"))
            }
            SelectItem::ExprWithAliases { .. } => Err(Refusal::form("several names for one column")),
        }
    }

    fn group_by(&mut self, group: &GroupByExpr) -> Done {
        let GroupByExpr::Expressions(columns, modifiers) = group else {
            return Err(Refusal::form("GROUP BY ALL"));
        };
        if !columns.is_empty() {
            self.push(" GROUP BY ");
            self.list(columns, ", ", Self::grouped)?;
        }
        match (modifiers.as_slice(), self.dialect) {
            ([], _) => {}
            ([GroupByWithModifier::Rollup], Dialect::Mysql) => self.push(" WITH ROLLUP"),
            _ => return Err(Refusal::form("a modifier of GROUP BY")),
        }
        Ok(())
    }

    /// What may stand in GROUP BY beside expressions.
    fn grouped(&mut self, expr: &Expr) -> Done {
        let (word, sets) = match expr {
            Expr::GroupingSets(sets) => ("GROUPING SETS (", sets),
            Expr::Cube(sets) => ("CUBE (", sets),
            Expr::Rollup(sets) => ("ROLLUP (", sets),
            other => return self.expr(other),
        };
        if !matches!(self.dialect, Dialect::Postgres | Dialect::SqlServer) {
            return Err(Refusal::form(word.trim_end_matches(" (")));
        }
        self.push(word);
        self.list(sets, ", ", |walk, set| {
            walk.push("(");
            walk.list(set, ", ", Self::expr)?;
            walk.push(")");
            Ok(())
        })?;
        self.push(")");
        Ok(())
    }

    fn order_by(&mut self, order: &OrderBy) -> Done {
        let OrderBy { kind, interpolate } = order;
        let OrderByKind::Expressions(columns) = kind else { return Err(Refusal::form("ORDER BY ALL")) };
        if interpolate.is_some() {
            return Err(Refusal::form("INTERPOLATE"));
        }
        self.push(" ORDER BY ");
        self.ordered(columns)
    }

    /// Columns with their directions.
    pub(super) fn ordered(&mut self, columns: &[OrderByExpr]) -> Done {
        self.list(columns, ", ", |walk, column| {
            let OrderByExpr { expr, options, with_fill } = column;
            let OrderByOptions { sort, nulls_first } = options;
            if with_fill.is_some() {
                return Err(Refusal::form("WITH FILL"));
            }
            walk.expr(expr)?;
            walk.push(match sort {
                None => "",
                Some(OrderBySort::Asc) => " ASC",
                Some(OrderBySort::Desc) => " DESC",
                Some(OrderBySort::Using(_)) => return Err(Refusal::form("ORDER BY USING")),
            });
            walk.push(match nulls_first {
                None => "",
                Some(_) if walk.dialect == Dialect::SqlServer => {
                    return Err(Refusal::form("NULLS FIRST or NULLS LAST, which SQL Server does not have,"));
                }
                Some(true) => " NULLS FIRST",
                Some(false) => " NULLS LAST",
            });
            Ok(())
        })
    }

    fn limit(&mut self, limit: &LimitClause) -> Done {
        let (limit, offset) = match limit {
            LimitClause::LimitOffset { limit, offset, limit_by } => {
                if !limit_by.is_empty() {
                    return Err(Refusal::form("LIMIT BY"));
                }
                let offset = offset.as_ref().map(|Offset { value, rows: _ }| value);
                (limit.as_ref(), offset)
            }
            LimitClause::OffsetCommaLimit { offset, limit } => (Some(limit), Some(offset)),
        };
        if self.dialect == Dialect::SqlServer {
            return self.skipped(limit, offset);
        }
        self.clause(" LIMIT ", limit)?;
        self.clause(" OFFSET ", offset)
    }

    /// SQL Server's way to leave out the first rows.
    fn skipped(&mut self, limit: Option<&Expr>, offset: Option<&Expr>) -> Done {
        if limit.is_some() {
            let hint = "write SELECT TOP (10) …, or ORDER BY … OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY";
            return Err(Refusal::new(Why::Form, "SQL Server has no LIMIT", hint));
        }
        let Some(offset) = offset else { return Ok(()) };
        self.push(" OFFSET ");
        self.operand(offset)?;
        self.push(" ROWS");
        Ok(())
    }

    fn fetch(&mut self, fetch: &Fetch) -> Done {
        let Fetch { with_ties, percent, quantity } = fetch;
        // The parser knows nothing but a literal there.
        let Some(quantity @ Expr::Value(_)) = quantity.as_ref().filter(|_| !with_ties && !percent) else {
            return Err(Refusal::form("this FETCH"));
        };
        if self.dialect == Dialect::SqlServer {
            self.push(" FETCH NEXT ");
            self.expr(quantity)?;
            self.push(" ROWS ONLY");
            return Ok(());
        }
        self.push(" LIMIT ");
        self.expr(quantity)
    }
}

/// A star and nothing behind it.
pub(super) fn plain(options: &WildcardAdditionalOptions) -> Done {
    let WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let given = [opt_ilike.is_some(), opt_exclude.is_some(), opt_except.is_some(), opt_replace.is_some()];
    if given.contains(&true) || opt_rename.is_some() || opt_alias.is_some() {
        return Err(Refusal::form("something behind a star"));
    }
    Ok(())
}
