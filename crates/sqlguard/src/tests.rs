//! What passes and how it is written, what is refused and why, and that no text breaks out of what the guard wrote.

mod corpus;

use super::{Accepted, Dialect, Name, Why, check, check_view};
use proptest::prelude::*;
use sqlparser::parser::Parser;

const ALL: [Dialect; 4] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite, Dialect::SqlServer];

/// SELECTs that people and agents write, and for which engines they are meant: p, m, s, t (Transact-SQL).
const GOOD: &[(&str, &str)] = &[
    ("pmst", "SELECT * FROM orders"),
    (
        "pmst",
        "SELECT a.id FROM a LEFT JOIN b ON a.id = b.a_id WHERE b.id IS NULL AND NOT (a.x BETWEEN 1 AND 2)",
    ),
    ("pmst", "WITH late AS (SELECT id FROM orders WHERE at < '2026-01-01') SELECT * FROM late"),
    ("pmst", "SELECT id, row_number() OVER (PARTITION BY state ORDER BY at DESC) AS n FROM orders"),
    (
        "pms",
        "select o.id, o.state from orders o where o.state in ('ACCEPTED', 'SENT') order by o.id desc limit 10",
    ),
    (
        "pms",
        "SELECT count(*), sum(CASE WHEN state = 'x' THEN 1 ELSE 0 END) n FROM orders GROUP BY state HAVING count(*) > 1",
    ),
    (
        "pms",
        "WITH late AS (SELECT id FROM orders WHERE at < '2026-01-01') SELECT * FROM late JOIN picks USING (id)",
    ),
    ("pms", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n"),
    (
        "pms",
        "SELECT a.id FROM a LEFT JOIN b ON a.id = b.a_id WHERE b.id IS NULL AND NOT (a.x BETWEEN 1 AND 2)",
    ),
    (
        "pms",
        "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a = a.id) OR id NOT IN (SELECT a FROM c)",
    ),
    ("pms", "SELECT id, row_number() OVER (PARTITION BY state ORDER BY at DESC) AS n FROM orders"),
    (
        "pms",
        "SELECT lower(name), coalesce(x, 0), cast(id AS char(10)) FROM t WHERE name LIKE '%o''brien%' ESCAPE '!'",
    ),
    ("pms", "SELECT 1 UNION SELECT 2 UNION ALL SELECT 3"),
    ("pms", "-- a remark\nSELECT /* another */ 1;"),
    ("pms", "EXPLAIN SELECT * FROM orders WHERE id = 7"),
    ("pms", "SELECT (SELECT max(id) FROM orders) AS newest, current_timestamp"),
    ("pms", "SELECT DISTINCT state FROM (SELECT state FROM orders) AS t"),
    ("p", "SELECT DISTINCT ON (state) * FROM orders ORDER BY state, at DESC NULLS LAST"),
    (
        "p",
        "SELECT payload->>'id', payload #>> '{a,b}', tags @> ARRAY['x'], id::text FROM orders WHERE id = ANY('{1,2}'::int[])",
    ),
    (
        "p",
        "SELECT date_trunc('hour', at), at AT TIME ZONE 'UTC', now() - interval '1 hour', extract(epoch from at) FROM t",
    ),
    (
        "p",
        "SELECT string_agg(x, ',' ORDER BY x) FILTER (WHERE x <> ''), percentile_cont(0.5) WITHIN GROUP (ORDER BY y) FROM t",
    ),
    ("p", "SELECT * FROM generate_series(1, 10) AS g(i), LATERAL (SELECT * FROM t WHERE t.id = g.i) q"),
    (
        "p",
        "SELECT ARRAY(SELECT id FROM t), make_interval(hours => 2), x IS DISTINCT FROM y, 'a' ~* 'b' FROM t",
    ),
    ("p", "SELECT (j).a, xs[1], xs[1:2] FROM t"),
    ("p", "SELECT * FROM json_to_recordset('[]') AS x(a int, b text)"),
    ("p", "SELECT state, count(*) FROM orders GROUP BY ROLLUP (state)"),
    ("p", "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT 1"),
    ("p", "VALUES (1, 'a'), (2, 'b')"),
    (
        "p",
        "SELECT trim(both ' ' from x), substring(x from 1 for 2), position('a' in x), ceil(1.5), E'a\\nb' FROM t",
    ),
    (
        "m",
        "SELECT IFNULL(a, \"x\"), DATE_SUB(NOW(), INTERVAL 1 DAY), GROUP_CONCAT(DISTINCT b ORDER BY b SEPARATOR '|') FROM `t`",
    ),
    (
        "m",
        "SELECT a <=> b, a DIV 2, a REGEXP '^x', j->>'$.id', CONVERT(a USING utf8mb4) FROM t GROUP BY a WITH ROLLUP",
    ),
    ("m", "SELECT * FROM t WHERE name LIKE 'a\\'b' LIMIT 5, 10"),
    ("m", "EXPLAIN FORMAT=JSON SELECT * FROM t"),
    ("s", "SELECT * FROM t, json_each(t.tags) WHERE name GLOB 'a*' AND typeof(x) = 'text'"),
    ("s", "EXPLAIN QUERY PLAN SELECT * FROM t"),
    (
        "t",
        "SELECT TOP 10 o.[Id], [State] FROM dbo.[Order Lines] AS o WHERE o.State = N'zurück' ORDER BY o.Id DESC",
    ),
    ("t", "SELECT DISTINCT TOP (5) WITH TIES state FROM orders ORDER BY state"),
    ("t", "SELECT TOP (10) PERCENT * FROM orders"),
    ("t", "SELECT id FROM orders ORDER BY id OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY"),
    (
        "t",
        "SELECT DATEADD(day, -1, GETDATE()), DATEDIFF(second, a, b), DATEPART(hour, a), ISNULL(x, 0), IIF(a > b, 1, 2) FROM t",
    ),
    (
        "t",
        "SELECT CONVERT(varchar(30), at, 126), TRY_CAST(x AS decimal(9, 2)), CAST(y AS nvarchar(max)), TRY_CONVERT(uniqueidentifier, z) FROM t",
    ),
    (
        "t",
        "SELECT a.id, s.value FROM a CROSS APPLY STRING_SPLIT(a.tags, ',') AS s OUTER APPLY (SELECT 1 AS one) q",
    ),
    (
        "t",
        "SELECT state, COUNT_BIG(*), STRING_AGG(id, ',') WITHIN GROUP (ORDER BY id) FROM orders GROUP BY ROLLUP (state)",
    ),
    ("t", "SELECT n = id, total = a + b, 0xAB12, CAST(at AS datetime2(3)) AT TIME ZONE 'UTC' FROM dbo.t"),
    ("t", "SELECT t.name, c.name FROM sys.tables t JOIN sys.columns c ON c.object_id = t.object_id"),
    (
        "t",
        "SELECT JSON_VALUE(doc, '$.a') FROM t WHERE name LIKE 'a!%' ESCAPE '!' COLLATE Latin1_General_BIN2",
    ),
];

fn meant(letters: &str) -> Vec<Dialect> {
    ALL.into_iter()
        .filter(|d| letters.contains(['p', 'm', 's', 't'][ALL.iter().position(|a| a == d).unwrap()]))
        .collect()
}

#[test]
fn what_people_ask_passes_and_stays_itself() {
    for (letters, sql) in GOOD {
        for dialect in meant(letters) {
            let first = check(dialect, sql).unwrap_or_else(|refusal| panic!("{dialect:?} {sql}\n{refusal}"));
            let again =
                check(dialect, &first.sql).unwrap_or_else(|refusal| panic!("{}\n{refusal}", first.sql));
            assert_eq!(again.relations, first.relations, "{}", first.sql);
            assert_eq!(again.functions, first.functions, "{}", first.sql);
        }
    }
}

fn passes(dialect: Dialect, sql: &str) -> Accepted {
    check(dialect, sql).unwrap_or_else(|refusal| panic!("{sql}: {refusal}"))
}

fn refused(dialect: Dialect, sql: &str) -> Why {
    match check(dialect, sql) {
        Ok(accepted) => panic!("{sql} passed as {}", accepted.sql),
        Err(refusal) => {
            assert!(!refusal.hint.is_empty(), "{sql}: {refusal}");
            refusal.why
        }
    }
}

#[test]
fn what_is_sent_is_written_anew() {
    let postgres = |sql| passes(Dialect::Postgres, sql).sql;
    assert_eq!(postgres("SELECT Id, \"Id\" FROM Orders"), r#"SELECT "id", "Id" FROM "orders""#);
    assert_eq!(postgres("SELECT 1 + 2 * 3, -x FROM t"), r#"SELECT 1 + (2 * 3), - "x" FROM "t""#);
    assert_eq!(postgres(r"SELECT 'a\'"), r"SELECT E'a\\'");
    assert_eq!(postgres("SELECT 1 /* ; DROP */ -- x"), "SELECT 1");
    assert_eq!(passes(Dialect::Mysql, r#"SELECT "a" FROM t"#).sql, "SELECT 'a' FROM `t`");
    assert_eq!(passes(Dialect::Mysql, r"SELECT 'a\\b'").sql, "SELECT _utf8mb4 X'615c62'");
    assert_eq!(passes(Dialect::Sqlite, r#"SELECT "a" FROM t"#).sql, "SELECT `a` FROM `t`");
}

#[test]
fn relations_and_functions_are_told() {
    let name = |name: &str| Name { schema: None, name: name.to_owned() };
    let accepted = passes(
        Dialect::Postgres,
        "WITH a AS (SELECT * FROM b), b AS (SELECT f(x) FROM a) SELECT * FROM b, s.C, a, g(1) WHERE a.z = 1",
    );
    let relations: Vec<String> = accepted.relations.iter().map(ToString::to_string).collect();
    // The first `b` stands before there is a query of that name: it is a table.
    assert_eq!(relations, ["b", "s.c"]);
    assert_eq!(accepted.functions, [name("f"), name("g")].into());
    assert!(accepted.attributes.contains("z") && accepted.operators.contains("="));
    let shadowed = passes(Dialect::Postgres, "WITH v AS (SELECT * FROM v) SELECT * FROM v");
    assert_eq!(shadowed.relations, [name("v")].into(), "a query does not hide the table that it reads");
    let inner = passes(Dialect::Postgres, "SELECT * FROM (WITH v AS (SELECT 1) SELECT * FROM v) x, v");
    assert_eq!(inner.relations, [name("v")].into(), "a query is seen only where it stands");
}

#[test]
fn nothing_but_a_select_passes() {
    for sql in [
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "DROP TABLE t",
        "CREATE TABLE t (a int)",
        "BEGIN",
        "COMMIT",
        "SET x = 1",
        "EXPLAIN DELETE FROM t",
        "EXPLAIN ANALYZE INSERT INTO t VALUES (1)",
        "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
        "WITH d AS (SELECT 1) DELETE FROM t",
    ] {
        for dialect in ALL {
            let why = refused(dialect, sql);
            assert!(matches!(why, Why::NoSelect | Why::Syntax | Why::Form), "{sql}: {why:?}");
        }
    }
    assert_eq!(refused(Dialect::Postgres, "SELECT 1; SELECT 2"), Why::Several);
    assert_eq!(refused(Dialect::Postgres, "  -- nothing"), Why::NoSelect);
    assert_eq!(refused(Dialect::Postgres, "SELECT * INTO a FROM b"), Why::Form);
    assert_eq!(refused(Dialect::Postgres, "SELECT * FROM a FOR UPDATE"), Why::Form);
    assert_eq!(refused(Dialect::Mysql, "SELECT @@version"), Why::Form);
    assert_eq!(refused(Dialect::Postgres, "SELECT a FROM db.s.t"), Why::Relation);
    assert_eq!(refused(Dialect::Postgres, "SELECT a OPERATOR(s.+) b FROM t"), Why::Custom);
    assert_eq!(refused(Dialect::Mysql, "SELECT db.f(1)"), Why::Function);
    assert_eq!(refused(Dialect::Mysql, "SELECT `sleep`(1)"), Why::Function);
}

#[test]
fn transact_sql_is_written_so_that_it_means_one_thing() {
    let written = |sql| passes(Dialect::SqlServer, sql).sql;
    assert_eq!(written("SELECT TOP 3 \"a]b\", 'é' FROM dbo.t"), "SELECT TOP (3) [a]]b], N'é' FROM [dbo].[t]");
    assert_eq!(written("SELECT DATEADD(dd, 1, x) FROM t"), "SELECT DATEADD(DD, 1, [x]) FROM [t]");
    assert_eq!(written("SELECT TRUE FROM t"), "SELECT [TRUE] FROM [t]");
    assert_eq!(
        written("SELECT a FROM t ORDER BY a OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY"),
        "SELECT [a] FROM [t] ORDER BY [a] OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY"
    );
    let no = |sql| refused(Dialect::SqlServer, sql);
    assert_eq!(no("SELECT 1; SELECT 2"), Why::Several);
    assert_eq!(no("SELECT 1 DROP TABLE t"), Why::Syntax);
    assert_eq!(no("SELECT * FROM t (UPDLOCK)"), Why::Function);
    assert_eq!(no("SELECT * FROM t WITH (TABLOCKX)"), Why::Form);
    assert_eq!(no("SELECT dbo.f(1)"), Why::Function);
    assert_eq!(no("SELECT * FROM a LIMIT 3"), Why::Form);
    assert_eq!(no("SELECT * FROM other.dbo.t"), Why::Relation);
    assert_eq!(no("SELECT * FROM sys.sql_logins"), Why::Relation);
    assert_eq!(no("SELECT DATEADD([day], 1, x) FROM t"), Why::Form);
}

#[test]
fn what_a_view_is_made_of_is_checked() {
    let made = |sql| check_view(Dialect::SqlServer, sql);
    let accepted = made("CREATE VIEW dbo.v (a, b) AS SELECT x, y FROM dbo.t").unwrap();
    assert_eq!(accepted.relations, [Name { schema: Some("dbo".into()), name: "t".into() }].into());
    for sql in [
        "CREATE VIEW v AS SELECT * FROM OPENQUERY(linked, 'DELETE FROM t')",
        "CREATE VIEW v AS SELECT dbo.f(x) AS y FROM t",
        "CREATE VIEW v AS SELECT * FROM other.dbo.t",
        "CREATE PROCEDURE v AS DELETE FROM t",
        "",
    ] {
        assert!(made(sql).is_err(), "{sql}");
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let chain = format!("SELECT {}", vec!["1"; 5_000].join("+"));
    assert_eq!(refused(Dialect::Postgres, &chain), Why::Size);
    let brackets = format!("SELECT {}1{}", "(".repeat(1_200), ")".repeat(1_200));
    assert!(matches!(refused(Dialect::Postgres, &brackets), Why::Syntax | Why::Size));
    let long = format!("SELECT '{}'", "x".repeat(300_000));
    assert_eq!(refused(Dialect::Postgres, &long), Why::Size);
    for link in ["+1", " OR a", "::int", " IS NULL", " UNION SELECT 1", "[1]", " COLLATE c", "->'a'"] {
        let sql = format!("SELECT a{}", link.repeat(950));
        for dialect in ALL {
            let _ = check(dialect, &sql);
        }
    }
    let keys: Vec<String> = (0..20_000).map(|i| i.to_string()).collect();
    assert!(check(Dialect::Postgres, &format!("SELECT * FROM t WHERE id IN ({})", keys.join(","))).is_ok());
}

/// Pieces that attempts are made of.
const PIECES: &[&str] = &[
    ";",
    "--",
    "/*",
    "*/",
    "/*!50000",
    "#",
    "'",
    "\"",
    "`",
    "\\",
    "$$",
    "$a$",
    "(",
    ")",
    ",",
    " ",
    "\n",
    "\0",
    "::",
    "@",
    "@@",
    "INTO OUTFILE '/tmp/x'",
    "FOR UPDATE",
    "INTO x",
    "DELETE FROM t",
    "pg_sleep(9)",
    "SLEEP(9)",
    "nextval('s')",
    "COMMIT",
    "UNION",
    "SELECT",
    "FROM",
    "t",
    "1",
    "WITH d AS (DELETE FROM t RETURNING *)",
    "LIMIT",
    "AS",
    "E'\\''",
    "U&'\\0041'",
    "x'41'",
    "N'a'",
    "_utf8'a'",
    "PROCEDURE ANALYSE()",
    "LOCK IN SHARE MODE",
    ":=",
    "?",
    "$1",
    "é",
    "\u{202e}",
    "＇",
];

/// Words that no statement written by the guard may hold outside quotes.
const BANNED: &[&str] = &[
    "INSERT",
    "UPDATE",
    "DELETE",
    "INTO",
    "OUTFILE",
    "DUMPFILE",
    "COMMIT",
    "ROLLBACK",
    "BEGIN",
    "DROP",
    "CREATE",
    "ALTER",
    "LOCK",
    "CALL",
    "EXECUTE",
    "PROCEDURE",
    "SET",
    "COPY",
    "GRANT",
    "TRUNCATE",
    "SHARE",
    "PG_SLEEP",
    "SLEEP",
    "NEXTVAL",
    "EXEC",
    "MERGE",
    "DECLARE",
    "WAITFOR",
    "OPTION",
    "OPENROWSET",
    "OPENQUERY",
];

/// What stands outside quotes, read by a scanner of our own that knows only how the guard quotes.
fn outside_quotes(dialect: Dialect, sql: &str) -> String {
    let (mut outside, mut inside) = (String::new(), None);
    let mut characters = sql.chars().peekable();
    while let Some(c) = characters.next() {
        match inside {
            // A bracket that closes, twice, is one inside the name.
            Some(']') if c == ']' && characters.peek() == Some(&']') => drop(characters.next()),
            Some(quote) if c == quote => inside = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"' | '`') => inside = Some(c),
            None if c == '[' && dialect == Dialect::SqlServer => inside = Some(']'),
            None => outside.push(c),
        }
    }
    assert_eq!(inside, None, "quotes are closed: {sql}");
    outside
}

fn holds_only_reading(dialect: Dialect, accepted: &Accepted) {
    let outside = outside_quotes(dialect, &accepted.sql).to_uppercase();
    for sign in [";", "--", "/*", "#", "@@", "$$", "\\"] {
        let is_operator = dialect == Dialect::Postgres && matches!(sign, "#" | "@@");
        assert!(is_operator || !outside.contains(sign), "{sign} in {}", accepted.sql);
    }
    for word in outside.split(|c: char| !c.is_alphanumeric() && c != '_') {
        assert!(!BANNED.contains(&word), "{word} in {}", accepted.sql);
    }
    let parsed = Parser::parse_sql(dialect.parser(), &accepted.sql).unwrap();
    assert_eq!(parsed.len(), 1, "{}", accepted.sql);
}

fn mutated() -> impl Strategy<Value = (usize, Vec<(prop::sample::Index, u8, &'static str)>)> {
    let change = (any::<prop::sample::Index>(), 0..4_u8, prop::sample::select(PIECES));
    (0..GOOD.len(), prop::collection::vec(change, 1..5))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn mutations_of_what_passes_stay_reading((which, changes) in mutated()) {
        let (letters, sql) = GOOD[which];
        let mut characters: Vec<char> = sql.chars().collect();
        for (place, change, piece) in changes {
            let at = place.index(characters.len() + 1);
            match change {
                0 if at < characters.len() => drop(characters.remove(at)),
                1 if at < characters.len() => characters[at] = piece.chars().next().unwrap(),
                2 => drop(characters.splice(at..at, format!(" {piece} ").chars())),
                _ => drop(characters.splice(at..at, piece.chars())),
            }
        }
        let text: String = characters.into_iter().collect();
        for dialect in meant(letters) {
            if let Ok(accepted) = check(dialect, &text) {
                holds_only_reading(dialect, &accepted);
            }
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        for dialect in ALL {
            let _ = check(dialect, &text);
        }
    }

    #[test]
    fn a_literal_stays_a_literal(text in "[^\0]{0,30}") {
        for dialect in ALL {
            let Ok(spelled) = dialect.text(&text) else {
                assert!(dialect == Dialect::SqlServer && text.contains('\\'), "{text}");
                continue;
            };
            let accepted = check(dialect, &format!("SELECT {spelled}"));
            if let Ok(accepted) = accepted {
                holds_only_reading(dialect, &accepted);
            }
            let name = dialect.identifier(&format!("x{text}"));
            if let Ok(accepted) = name.and_then(|name| check(dialect, &format!("SELECT {name} FROM t"))) {
                holds_only_reading(dialect, &accepted);
            }
        }
    }
}
