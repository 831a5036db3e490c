//! What passes and how it is written, what is refused and why, and that no text breaks out of what the guard wrote.

mod corpus;

use super::{Accepted, Dialect, Name, Why, check};
use proptest::prelude::*;
use sqlparser::parser::Parser;

const ALL: [Dialect; 3] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];

/// SELECTs that people and agents write, and for which engines they are meant: p, m, s.
const GOOD: &[(&str, &str)] = &[
    ("pms", "SELECT * FROM orders"),
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
];

fn meant(letters: &str) -> Vec<Dialect> {
    ALL.into_iter()
        .filter(|d| letters.contains(['p', 'm', 's'][ALL.iter().position(|a| a == d).unwrap()]))
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
];

/// What stands outside quotes, read by a scanner of our own that knows only how the guard quotes.
fn outside_quotes(sql: &str) -> String {
    let (mut outside, mut inside) = (String::new(), None);
    for c in sql.chars() {
        match inside {
            Some(quote) if c == quote => inside = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"' | '`') => inside = Some(c),
            None => outside.push(c),
        }
    }
    assert_eq!(inside, None, "quotes are closed: {sql}");
    outside
}

fn holds_only_reading(dialect: Dialect, accepted: &Accepted) {
    let outside = outside_quotes(&accepted.sql).to_uppercase();
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
            let spelled = dialect.text(&text).unwrap();
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
