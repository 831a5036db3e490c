//! Expressions. Every operand that is more than a name, a literal or a call is written in brackets of its own, so that the
//! engine's idea of what binds stronger does not matter.

use super::{Done, Walk};
use crate::{Dialect, Refusal, Why};
use sqlparser::ast::{
    AccessExpr, Array, BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DateTimeField, Expr, Ident,
    Interval, Subscript, TrimWhereField, TypedString, UnaryOperator, Value, ValueWithSpan,
};

impl Walk {
    pub(super) fn expr(&mut self, expr: &Expr) -> Done {
        match expr {
            Expr::Identifier(ident) => self.ident(ident),
            Expr::CompoundIdentifier(parts) => self.compound(parts),
            Expr::Value(value) => self.value(value),
            Expr::TypedString(typed) => self.typed_string(typed),
            Expr::Nested(inner) => {
                self.push("(");
                self.expr(inner)?;
                self.push(")");
                Ok(())
            }
            Expr::Subquery(query) => self.bracketed(query),
            Expr::Exists { subquery, negated } => {
                self.push(if *negated { "NOT EXISTS " } else { "EXISTS " });
                self.bracketed(subquery)
            }
            Expr::Function(function) => self.function(function),
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Tuple(cells) => {
                self.push("(");
                self.list(cells, ", ", Self::expr)?;
                self.push(")");
                Ok(())
            }
            Expr::UnaryOp { op, expr } => {
                let op = self.unary(*op)?;
                self.push(op);
                self.operand(expr)
            }
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::AnyOp { left, compare_op, right, is_some: _ } => {
                self.quantified(left, compare_op, " ANY ", right)
            }
            Expr::AllOp { left, compare_op, right } => self.quantified(left, compare_op, " ALL ", right),
            other => self.predicate(other),
        }
    }

    /// Tests: IS, IN, BETWEEN, LIKE.
    fn predicate(&mut self, expr: &Expr) -> Done {
        match expr {
            Expr::IsFalse(e) => self.after(e, " IS FALSE"),
            Expr::IsNotFalse(e) => self.after(e, " IS NOT FALSE"),
            Expr::IsTrue(e) => self.after(e, " IS TRUE"),
            Expr::IsNotTrue(e) => self.after(e, " IS NOT TRUE"),
            Expr::IsNull(e) => self.after(e, " IS NULL"),
            Expr::IsNotNull(e) => self.after(e, " IS NOT NULL"),
            Expr::IsUnknown(e) => self.after(e, " IS UNKNOWN"),
            Expr::IsNotUnknown(e) => self.after(e, " IS NOT UNKNOWN"),
            Expr::IsDistinctFrom(a, b) => self.between(a, " IS DISTINCT FROM ", b),
            Expr::IsNotDistinctFrom(a, b) => self.between(a, " IS NOT DISTINCT FROM ", b),
            Expr::InList { expr, list, negated } => {
                self.after(expr, if *negated { " NOT IN (" } else { " IN (" })?;
                self.list(list, ", ", Self::expr)?;
                self.push(")");
                Ok(())
            }
            Expr::InSubquery { expr, subquery, negated } => {
                self.after(expr, if *negated { " NOT IN " } else { " IN " })?;
                self.bracketed(subquery)
            }
            Expr::Between { expr, negated, low, high } => {
                self.after(expr, if *negated { " NOT BETWEEN " } else { " BETWEEN " })?;
                self.between(low, " AND ", high)
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, *negated, "LIKE", pattern, escape_char.as_deref())
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char }
                if self.dialect == Dialect::Postgres =>
            {
                self.like(expr, *negated, "ILIKE", pattern, escape_char.as_deref())
            }
            Expr::SimilarTo { negated, expr, pattern, escape_char } if self.dialect == Dialect::Postgres => {
                self.like(expr, *negated, "SIMILAR TO", pattern, escape_char.as_deref())
            }
            Expr::RLike { negated, expr, pattern, regexp: _ } if self.dialect == Dialect::Mysql => {
                self.like(expr, *negated, "REGEXP", pattern, None)
            }
            other => self.converted(other),
        }
    }

    /// Forms that are calls with words inside, and those with types.
    fn converted(&mut self, expr: &Expr) -> Done {
        match expr {
            Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, format: None } => {
                self.push("CAST(");
                self.expr(expr)?;
                self.push(" AS ");
                self.data_type(data_type)?;
                self.push(")");
                Ok(())
            }
            Expr::Convert { is_try: false, expr, data_type, charset, target_before_value: false, styles }
                if styles.is_empty() && self.dialect == Dialect::Mysql =>
            {
                self.push("CONVERT(");
                self.expr(expr)?;
                match (data_type, charset) {
                    (Some(data_type), None) => {
                        self.push(", ");
                        self.data_type(data_type)?;
                    }
                    (None, Some(charset)) => {
                        let charset = word(&charset.to_string())?;
                        self.push(&format!(" USING {charset}"));
                    }
                    _ => return Err(Refusal::form("this CONVERT")),
                }
                self.push(")");
                Ok(())
            }
            Expr::Cast { kind: CastKind::TryCast, expr, data_type, format: None }
                if self.dialect == Dialect::SqlServer =>
            {
                self.push("TRY_CAST(");
                self.expr(expr)?;
                self.push(" AS ");
                self.data_type(data_type)?;
                self.push(")");
                Ok(())
            }
            Expr::Convert {
                is_try,
                expr,
                data_type: Some(data_type),
                charset: None,
                target_before_value: true,
                styles,
            } if self.dialect == Dialect::SqlServer => {
                self.push(if *is_try { "TRY_CONVERT(" } else { "CONVERT(" });
                self.data_type(data_type)?;
                self.push(", ");
                self.expr(expr)?;
                styles.iter().try_for_each(|style| {
                    self.push(", ");
                    self.expr(style)
                })?;
                self.push(")");
                Ok(())
            }
            Expr::AtTimeZone { timestamp, time_zone }
                if matches!(self.dialect, Dialect::Postgres | Dialect::SqlServer) =>
            {
                self.between(timestamp, " AT TIME ZONE ", time_zone)
            }
            Expr::Extract { field, syntax: _, expr } if self.dialect != Dialect::SqlServer => {
                let field = unit(field)?;
                self.push(&format!("EXTRACT({field} FROM "));
                self.expr(expr)?;
                self.push(")");
                Ok(())
            }
            Expr::Ceil { expr, field } if self.dialect == Dialect::SqlServer => {
                self.rounded("CEILING(", expr, field)
            }
            Expr::Ceil { expr, field } => self.rounded("CEIL(", expr, field),
            Expr::Floor { expr, field } => self.rounded("FLOOR(", expr, field),
            Expr::Position { expr, r#in } if self.dialect != Dialect::SqlServer => {
                self.push("POSITION(");
                self.between(expr, " IN ", r#in)?;
                self.push(")");
                Ok(())
            }
            Expr::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                self.push("SUBSTRING(");
                self.expr(expr)?;
                self.push(", ");
                match substring_from {
                    Some(from) => self.expr(from)?,
                    None => self.push("1"),
                }
                if let Some(length) = substring_for {
                    self.push(", ");
                    self.expr(length)?;
                }
                self.push(")");
                Ok(())
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                self.trim(trim_where.as_ref(), trim_what.as_deref(), expr, trim_characters.as_deref())
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for }
                if self.dialect == Dialect::Postgres =>
            {
                self.push("OVERLAY(");
                self.between(expr, " PLACING ", overlay_what)?;
                self.push(" FROM ");
                self.operand(overlay_from)?;
                if let Some(length) = overlay_for {
                    self.push(" FOR ");
                    self.operand(length)?;
                }
                self.push(")");
                Ok(())
            }
            Expr::Collate { expr, collation } => {
                self.after(expr, " COLLATE ")?;
                let collation = self.object(collation)?;
                if self.dialect == Dialect::Postgres {
                    return self.quoted(&collation);
                }
                let collation = word(&collation.to_string())?;
                self.push(&collation);
                Ok(())
            }
            Expr::Array(Array { elem, named: true }) if self.dialect == Dialect::Postgres => {
                self.push("ARRAY[");
                self.list(elem, ", ", Self::expr)?;
                self.push("]");
                Ok(())
            }
            Expr::Interval(interval) => self.interval(interval),
            // Written by MySQL itself into the definitions of views: the text's own letters, which we send in UTF-8.
            Expr::Prefixed { prefix, value } if self.dialect == Dialect::Mysql && is_unicode(prefix) => {
                match value.as_ref() {
                    Expr::Value(text @ ValueWithSpan { value: Value::SingleQuotedString(_), .. }) => {
                        self.value(text)
                    }
                    _ => Err(Refusal::form("a text in another encoding")),
                }
            }
            Expr::CompoundFieldAccess { root, access_chain } if self.dialect == Dialect::Postgres => {
                self.access(root, access_chain)
            }
            other => {
                let text: String = other.to_string().chars().take(60).collect();
                Err(Refusal::form(format!("the expression `{text}`")))
            }
        }
    }

    pub(super) fn operand(&mut self, expr: &Expr) -> Done {
        let is_simple = matches!(
            expr,
            Expr::Identifier(_)
                | Expr::CompoundIdentifier(_)
                | Expr::Value(_)
                | Expr::Nested(_)
                | Expr::Subquery(_)
                | Expr::Tuple(_)
                | Expr::Function(_)
                | Expr::Cast { .. }
                | Expr::Array(_)
                | Expr::TypedString(_)
                | Expr::Interval(_)
        );
        if is_simple {
            return self.expr(expr);
        }
        self.push("(");
        self.expr(expr)?;
        self.push(")");
        Ok(())
    }

    fn after(&mut self, expr: &Expr, text: &str) -> Done {
        self.operand(expr)?;
        self.push(text);
        Ok(())
    }

    fn between(&mut self, left: &Expr, text: &str, right: &Expr) -> Done {
        self.after(left, text)?;
        self.operand(right)
    }

    fn like(
        &mut self,
        expr: &Expr,
        negated: bool,
        verb: &str,
        pattern: &Expr,
        escape: Option<&Expr>,
    ) -> Done {
        let verb = format!(" {}{verb} ", if negated { "NOT " } else { "" });
        self.between(expr, &verb, pattern)?;
        if let Some(escape) = escape {
            self.push(" ESCAPE ");
            self.operand(escape)?;
        }
        Ok(())
    }

    fn binary(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr) -> Done {
        let text = self.operator(op)?;
        self.between(left, &format!(" {text} "), right)
    }

    fn quantified(&mut self, left: &Expr, op: &BinaryOperator, word: &str, right: &Expr) -> Done {
        let text = self.operator(op)?;
        self.after(left, &format!(" {text}{word}"))?;
        match right {
            Expr::Subquery(query) => self.bracketed(query),
            other => {
                self.push("(");
                self.expr(other)?;
                self.push(")");
                Ok(())
            }
        }
    }

    /// An operator of the list, as text. Those with a name of somebody's own are refused.
    fn operator(&mut self, op: &BinaryOperator) -> Result<&'static str, Refusal> {
        use BinaryOperator as B;
        let everywhere = match op {
            B::Plus => "+",
            B::Minus => "-",
            B::Multiply => "*",
            B::Divide => "/",
            B::Modulo => "%",
            B::Gt => ">",
            B::Lt => "<",
            B::GtEq => ">=",
            B::LtEq => "<=",
            B::Eq => "=",
            B::NotEq => "<>",
            B::And => "AND",
            B::Or => "OR",
            B::BitwiseOr => "|",
            B::BitwiseAnd => "&",
            B::StringConcat => "||",
            B::Arrow if self.dialect != Dialect::SqlServer => "->",
            B::LongArrow if self.dialect != Dialect::SqlServer => "->>",
            _ => "",
        };
        let own = match (self.dialect, op) {
            (Dialect::Mysql, B::Xor) => "XOR",
            (Dialect::Mysql, B::Spaceship) => "<=>",
            (Dialect::Mysql, B::MyIntegerDivide) => "DIV",
            (Dialect::Mysql | Dialect::SqlServer, B::BitwiseXor) => "^",
            (Dialect::Mysql, B::Regexp) => "REGEXP",
            (Dialect::Mysql | Dialect::Sqlite, B::PGBitwiseShiftLeft) => "<<",
            (Dialect::Mysql | Dialect::Sqlite, B::PGBitwiseShiftRight) => ">>",
            (Dialect::Sqlite, B::Glob) => "GLOB",
            (Dialect::Postgres, op) => postgres_operator(op),
            _ => "",
        };
        match (everywhere, own) {
            ("", "") => {
                let hint = "use the operators of the standard, and those for JSON, arrays and patterns";
                Err(Refusal::new(Why::Custom, format!("the operator {op} is not allowed"), hint))
            }
            ("", text) | (text, _) => {
                self.found.operators.insert(text.to_owned());
                Ok(text)
            }
        }
    }

    fn unary(&mut self, op: UnaryOperator) -> Result<&'static str, Refusal> {
        let text = match (op, self.dialect) {
            (UnaryOperator::Plus, _) => "+ ",
            (UnaryOperator::Minus, _) => "- ",
            (UnaryOperator::Not, _) => return Ok("NOT "),
            (UnaryOperator::BangNot, Dialect::Mysql) => return Ok("NOT "),
            (UnaryOperator::BitwiseNot, _) => "~ ",
            _ => {
                return Err(Refusal::new(
                    Why::Custom,
                    format!("the operator {op} is not allowed"),
                    "use a function",
                ));
            }
        };
        self.found.operators.insert(text.trim().to_owned());
        Ok(text)
    }

    fn case(&mut self, operand: Option<&Expr>, conditions: &[CaseWhen], otherwise: Option<&Expr>) -> Done {
        self.push("CASE");
        if let Some(operand) = operand {
            self.push(" ");
            self.operand(operand)?;
            // It is compared with each of the values.
            self.found.operators.insert("=".to_owned());
        }
        for CaseWhen { condition, result } in conditions {
            self.push(" WHEN ");
            self.between(condition, " THEN ", result)?;
        }
        if let Some(otherwise) = otherwise {
            self.push(" ELSE ");
            self.operand(otherwise)?;
        }
        self.push(" END");
        Ok(())
    }

    /// `table.column`. In PostgreSQL the last part may be a function that is given the row.
    fn compound(&mut self, parts: &[Ident]) -> Done {
        if let Some(last) = parts.last() {
            let name = self.name_of(last)?;
            self.found.attributes.insert(name);
        }
        self.list(parts, ".", Self::ident)
    }

    fn access(&mut self, root: &Expr, chain: &[AccessExpr]) -> Done {
        self.push("(");
        self.expr(root)?;
        self.push(")");
        for access in chain {
            match access {
                AccessExpr::Dot(Expr::Identifier(part)) => {
                    let name = self.name_of(part)?;
                    self.found.attributes.insert(name);
                    self.push(".");
                    self.ident(part)?;
                }
                AccessExpr::Dot(_) => return Err(Refusal::form("this part of a value")),
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    self.push("[");
                    self.expr(index)?;
                    self.push("]");
                }
                AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride: None }) => {
                    self.push("[");
                    lower_bound.iter().try_for_each(|bound| self.operand(bound))?;
                    self.push(":");
                    upper_bound.iter().try_for_each(|bound| self.operand(bound))?;
                    self.push("]");
                }
                AccessExpr::Subscript(Subscript::Slice { .. }) => return Err(Refusal::form("a stride")),
            }
        }
        Ok(())
    }

    fn rounded(&mut self, word: &str, expr: &Expr, field: &CeilFloorKind) -> Done {
        if !matches!(field, CeilFloorKind::DateTimeField(DateTimeField::NoDateTime)) {
            return Err(Refusal::form("rounding to a unit"));
        }
        self.push(word);
        self.expr(expr)?;
        self.push(")");
        Ok(())
    }

    fn trim(
        &mut self,
        side: Option<&TrimWhereField>,
        what: Option<&Expr>,
        expr: &Expr,
        characters: Option<&[Expr]>,
    ) -> Done {
        self.push("TRIM(");
        if let Some(side) = side {
            self.push(match side {
                TrimWhereField::Both => "BOTH ",
                TrimWhereField::Leading => "LEADING ",
                TrimWhereField::Trailing => "TRAILING ",
            });
        }
        if let Some(what) = what {
            self.operand(what)?;
            self.push(" ");
        }
        if side.is_some() || what.is_some() {
            self.push("FROM ");
        }
        self.operand(expr)?;
        for character in characters.unwrap_or_default() {
            self.push(", ");
            self.operand(character)?;
        }
        self.push(")");
        Ok(())
    }

    fn interval(&mut self, interval: &Interval) -> Done {
        let Interval { value, leading_field, leading_precision, last_field, fractional_seconds_precision } =
            interval;
        if leading_precision.is_some() || last_field.is_some() || fractional_seconds_precision.is_some() {
            return Err(Refusal::form("an interval with a precision"));
        }
        self.push("INTERVAL ");
        match (self.dialect, value.as_ref(), leading_field) {
            (
                Dialect::Postgres,
                Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(_), .. }),
                _,
            ) => {
                self.expr(value)?;
            }
            (Dialect::Mysql, _, Some(_)) => self.operand(value)?,
            _ => return Err(Refusal::form("this INTERVAL")),
        }
        if let Some(field) = leading_field {
            let field = unit(field)?;
            self.push(&format!(" {field}"));
        }
        Ok(())
    }

    fn typed_string(&mut self, typed: &TypedString) -> Done {
        let TypedString { data_type, value, uses_odbc_syntax: _ } = typed;
        self.push("CAST(");
        self.value(value)?;
        self.push(" AS ");
        self.data_type(data_type)?;
        self.push(")");
        Ok(())
    }

    pub(super) fn value(&mut self, value: &ValueWithSpan) -> Done {
        let text = match &value.value {
            Value::Number(number, false) => number_text(number)?.to_owned(),
            Value::SingleQuotedString(text) => self.dialect.text(text)?,
            // MySQL alone takes double quotes for a text; our session has it so.
            Value::DoubleQuotedString(text) if self.dialect == Dialect::Mysql => self.dialect.text(text)?,
            Value::EscapedStringLiteral(text) if self.dialect == Dialect::Postgres => {
                self.dialect.text(text)?
            }
            Value::NationalStringLiteral(text) if self.dialect == Dialect::SqlServer => {
                self.dialect.text(text)?
            }
            Value::HexStringLiteral(digits)
                if self.dialect == Dialect::SqlServer && digits.chars().all(|c| c.is_ascii_hexdigit()) =>
            {
                format!("0x{digits}")
            }
            Value::HexStringLiteral(digits) if digits.chars().all(|c| c.is_ascii_hexdigit()) => {
                format!("X'{digits}'")
            }
            Value::Boolean(true) => "TRUE".to_owned(),
            Value::Boolean(false) => "FALSE".to_owned(),
            Value::Null => "NULL".to_owned(),
            Value::Placeholder(_) => {
                let hint = "write the value itself: nothing is filled in";
                return Err(Refusal::new(Why::Form, "a placeholder", hint));
            }
            other => {
                let text: String = other.to_string().chars().take(40).collect();
                return Err(Refusal::new(
                    Why::Form,
                    format!("the literal {text} is not allowed"),
                    "write texts in single quotes",
                ));
            }
        };
        self.push(&text);
        Ok(())
    }
}

/// PostgreSQL's own operators.
fn postgres_operator(op: &BinaryOperator) -> &'static str {
    use BinaryOperator as B;
    match op {
        B::PGBitwiseXor => "#",
        B::PGBitwiseShiftLeft => "<<",
        B::PGBitwiseShiftRight => ">>",
        B::PGExp => "^",
        B::PGOverlap => "&&",
        B::PGRegexMatch => "~",
        B::PGRegexIMatch => "~*",
        B::PGRegexNotMatch => "!~",
        B::PGRegexNotIMatch => "!~*",
        B::PGLikeMatch => "~~",
        B::PGILikeMatch => "~~*",
        B::PGNotLikeMatch => "!~~",
        B::PGNotILikeMatch => "!~~*",
        B::PGStartsWith => "^@",
        B::HashArrow => "#>",
        B::HashLongArrow => "#>>",
        B::AtAt => "@@",
        B::AtArrow => "@>",
        B::ArrowAt => "<@",
        B::HashMinus => "#-",
        B::AtQuestion => "@?",
        B::Question => "?",
        B::QuestionAnd => "?&",
        B::QuestionPipe => "?|",
        B::Overlaps => "OVERLAPS",
        B::LtDashGt => "<->",
        _ => "",
    }
}

/// Whether a text behind this name is in UTF-8.
fn is_unicode(prefix: &Ident) -> bool {
    ["_utf8mb4", "_utf8mb3", "_utf8"].iter().any(|known| prefix.value.eq_ignore_ascii_case(known))
}

/// A number as engines write it, and nothing else.
fn number_text(number: &str) -> Result<&str, Refusal> {
    let is_plain = number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
        && number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if is_plain { Ok(number) } else { Err(Refusal::form(format!("the number {number}"))) }
}

/// A word of letters, digits and underscores.
fn word(text: &str) -> Result<String, Refusal> {
    let is_word = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_word { Ok(text.to_owned()) } else { Err(Refusal::form(format!("the name `{text}`"))) }
}

/// A unit of time.
fn unit(field: &DateTimeField) -> Result<String, Refusal> {
    match field {
        DateTimeField::Custom(_) => Err(Refusal::form(format!("the unit {field}"))),
        known => word(&known.to_string()),
    }
}
