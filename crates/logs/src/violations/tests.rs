use super::*;
use std::fmt::Write as _;

mod drivers;
mod languages;
mod systems;

/// A violation in one line.
fn line(v: &Violation) -> String {
    let text = |o: &Option<String>| o.clone().unwrap_or_else(|| "-".into());
    let mut out = format!(
        "{} {} {} {}.{} ({})=({})",
        v.sub.as_str(),
        text(&v.vendor_code),
        text(&v.constraint),
        text(&v.schema),
        text(&v.table),
        v.columns.join("|"),
        v.values.join("|")
    );
    if let Some(r) = &v.referenced_table {
        let _ = write!(out, " -> {r}");
    }
    if v.truncated {
        out += " cut";
    }
    out
}

fn show(text: &str) -> String {
    find_violations(text).iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn postgres_unique() {
    let expected = "unique 23505 picks_pkey -.- (order_id|line)=(1001|3)";
    for text in [
        "ERROR:  duplicate key value violates unique constraint \"picks_pkey\"\nDETAIL:  Key (order_id, line)=(1001, 3) already exists.",
        "org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint \"picks_pkey\"\n  Detail: Key (order_id, line)=(1001, 3) already exists.",
        "Npgsql.PostgresException (0x80004005): 23505: duplicate key value violates unique constraint \"picks_pkey\"\n\nDETAIL: Key (order_id, line)=(1001, 3) already exists.",
        "{\"err\":\"duplicate key value violates unique constraint \\\"picks_pkey\\\"\\nKey (order_id, line)=(1001, 3) already exists.\"}",
        "FEHLER:  doppelter Schlüsselwert verletzt Unique-Constraint »picks_pkey«\nDETAIL:  Schlüssel »(order_id, line)=(1001, 3)« existiert bereits.",
        "ERREUR: la valeur d'une clé dupliquée rompt la contrainte unique « picks_pkey »\nDétail : La clé « (order_id, line)=(1001, 3) » existe déjà.",
        "ERROR: llave duplicada viola restricción de unicidad «picks_pkey»\nDETALLE: Ya existe la llave (order_id, line)=(1001, 3).",
        "ERRO: duplicar valor da chave viola a restrição de unicidade \"picks_pkey\"\nDETALHE: Chave (order_id, line)=(1001, 3) já existe.",
        "ERROR: 重複したキー値は一意性制約\"picks_pkey\"違反となります\n詳細: キー (order_id, line)=(1001, 3) はすでに存在します。",
        "错误: 重复键违反唯一约束\"picks_pkey\"\n描述: 键值\"(order_id, line)=(1001, 3)\" 已经存在",
    ] {
        assert_eq!(show(text), expected, "{text}");
    }
}

#[test]
fn postgres_values_as_written() {
    let with = |key: &str| {
        format!("duplicate key value violates unique constraint \"a\"\nDETAIL: Key {key} already exists.")
    };
    assert_eq!(show(&with("(name)=(Smith, John (jr.))")), "unique 23505 a -.- (name)=(Smith, John (jr.))");
    assert_eq!(
        show(&with("(id, name, no)=(7, a, b, c, 9)")),
        "unique 23505 a -.- (id|name|no)=(7|a, b, c|9)"
    );
    assert_eq!(show(&with("(lower(email))=(a@b.c)")), "unique 23505 a -.- (lower(email))=(a@b.c)");
    assert_eq!(show(&with("(\"OrderId\")=(0012)")), "unique 23505 a -.- (OrderId)=(0012)");
    assert_eq!(
        show("duplicate key value violates unique constraint \"a\"\nDETAIL: Key (id)=(123"),
        "unique 23505 a -.- (id)=(123) cut"
    );
    assert_eq!(
        show("pq: duplicate key value violates unique constraint \"orders_no_key\""),
        "unique 23505 orders_no_key -.- ()=()"
    );
    assert_eq!(
        show(
            "error: duplicate key value violates unique constraint \"a\" {\n  code: '23505',\n  detail: 'Key (id)=(7) already exists.',\n  schema: 'public',\n  table: 'orders',\n}"
        ),
        "unique 23505 a public.orders (id)=(7)"
    );
}

#[test]
fn postgres_others() {
    assert_eq!(
        show(
            "ERROR: insert or update on table \"picks\" violates foreign key constraint \"picks_order_fk\"\nDETAIL: Key (order_id)=(7) is not present in table \"orders\"."
        ),
        "foreign_key 23503 picks_order_fk -.picks (order_id)=(7) -> orders"
    );
    assert_eq!(
        show(
            "ERROR: update or delete on table \"orders\" violates foreign key constraint \"picks_order_fk\" on table \"picks\"\n  Detail: Key (id)=(7) is still referenced from table \"picks\"."
        ),
        "foreign_key 23503 picks_order_fk -.picks (id)=(7) -> orders"
    );
    assert_eq!(
        show(
            "FEHLER: Einfügen oder Aktualisieren in Tabelle »picks« verletzt Fremdschlüssel-Constraint »fk«\nDETAIL: Schlüssel (order_id)=(7) ist nicht in Tabelle »orders« vorhanden."
        ),
        "foreign_key 23503 fk -.picks (order_id)=(7) -> orders"
    );
    assert_eq!(
        show(
            "null value in column \"channel\" of relation \"orders\" violates not-null constraint\nDETAIL: Failing row contains (1, null)."
        ),
        "not_null 23502 - -.orders (channel)=()"
    );
    assert_eq!(
        show("リレーション\"orders\"の列\"channel\"のNULL値が非NULL制約に違反しています"),
        "not_null 23502 - -.orders (channel)=()"
    );
    assert_eq!(
        show("new row for relation \"orders\" violates check constraint \"qty_positive\""),
        "check 23514 qty_positive -.orders ()=()"
    );
}

#[test]
fn spring_repeats_are_one() {
    assert_eq!(
        show(
            "org.springframework.dao.DuplicateKeyException: PreparedStatementCallback; SQL [INSERT INTO picks (id,sku) VALUES (?,?)]; ERROR: duplicate key value violates unique constraint \"picks_pkey\" Detail: Key (id)=(7) already exists.; nested exception is org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint \"picks_pkey\" Detail: Key (id)=(7) already exists."
        ),
        "unique 23505 picks_pkey -.picks (id)=(7)"
    );
    assert_eq!(
        show(
            "could not execute batch; SQL [insert into orders (id) values (?)]; constraint [PRIMARY]; nested exception is x"
        ),
        "unique - PRIMARY -.orders ()=()"
    );
    assert_eq!(show("could not execute statement; SQL [n/a]; constraint [null]"), "unknown - - -.- ()=()");
}

#[test]
fn mysql() {
    assert_eq!(
        show("Duplicate entry '1001-3' for key 'picks.PRIMARY'"),
        "unique 1062 PRIMARY -.picks (  )=(1001|3)".replace("(  )", "()")
    );
    assert_eq!(show("Duplicate entry 'O'Hara' for key 'uk_name'"), "unique 1062 uk_name -.- ()=(O'Hara)");
    assert_eq!(
        show("Duplicate entry '2026-11-22' for key 'uk_day'"),
        "unique 1062 uk_day -.- ()=(2026-11-22)"
    );
    assert_eq!(show("Duplicate entry '7' for key 1"), "unique 1062 1 -.- ()=(7)");
    assert_eq!(
        show("ERROR 1062 (23000): Doppelter Eintrag '7' für Schlüssel 'uk_no'"),
        "unique 1062 uk_no -.- ()=(7)"
    );
    assert_eq!(
        show("SQLSTATE[23000]: 1062 Entrada duplicada '7' para la clave 'uk_no'"),
        "unique 1062 uk_no -.- ()=(7)"
    );
    assert_eq!(
        show("ERROR 1062 (23000): '7' は索引 'uk_no' で重複しています。"),
        "unique 1062 uk_no -.- ()=(7)"
    );
    assert_eq!(
        show(
            "Cannot add or update a child row: a foreign key constraint fails (`shop`.`picks`, CONSTRAINT `fk_order` FOREIGN KEY (`order_id`, `line`) REFERENCES `orders` (`id`, `line`))"
        ),
        "foreign_key 1452 fk_order shop.picks (order_id|line)=() -> orders"
    );
    assert_eq!(show("Column 'channel' cannot be null"), "not_null 1048 - -.- (channel)=()");
    assert_eq!(
        show(
            "SQL [INSERT INTO orders (id) VALUES (?)]; Field 'channel' doesn't have a default value; nested exception is java.sql.SQLException: Field 'channel' doesn't have a default value"
        ),
        "not_null 1364 - -.orders (channel)=()"
    );
    assert_eq!(show("Check constraint 'qty_chk' is violated."), "check 3819 qty_chk -.- ()=()");
}

#[test]
fn sqlserver() {
    assert_eq!(
        show(
            "Violation of PRIMARY KEY constraint 'PK_picks'. Cannot insert duplicate key in object 'dbo.picks'. The duplicate key value is (1001, <NULL>).\r\nThe statement has been terminated."
        ),
        "unique 2627 PK_picks dbo.picks ()=(1001|NULL)"
    );
    assert_eq!(
        show(
            "Cannot insert duplicate key row in object 'dbo.orders' with unique index 'IX_no'. The duplicate key value is (A-7)."
        ),
        "unique 2601 IX_no dbo.orders ()=(A-7)"
    );
    assert_eq!(
        show(
            "The INSERT statement conflicted with the FOREIGN KEY constraint \"FK_picks_orders\". The conflict occurred in database \"shop\", table \"dbo.orders\", column 'id'."
        ),
        "foreign_key 547 FK_picks_orders -.- (id)=() -> dbo.orders"
    );
    assert_eq!(
        show(
            "Cannot insert the value NULL into column 'channel', table 'shop.dbo.orders'; column does not allow nulls. INSERT fails."
        ),
        "not_null 515 - dbo.orders (channel)=()"
    );
}

#[test]
fn oracle() {
    assert_eq!(
        show("ORA-00001: unique constraint (SHOP.ORDERS_PK) violated"),
        "unique ORA-00001 ORDERS_PK SHOP.- ()=()"
    );
    assert_eq!(
        show(
            "ORA-00001: unique constraint (SHOP.ORDERS_PK) violated on table SHOP.ORDERS columns (ID)\nORA-03301: (ORA-00001 details) row with column values (ID:7) already exists"
        ),
        "unique ORA-00001 ORDERS_PK SHOP.ORDERS (ID)=(7)"
    );
    assert_eq!(
        show("ORA-02291: integrity constraint (SHOP.PICK_FK) violated - parent key not found"),
        "foreign_key ORA-02291 PICK_FK SHOP.- ()=()"
    );
    assert_eq!(
        show("ORA-01400: cannot insert NULL into (\"SHOP\".\"ORDERS\".\"CHANNEL\")"),
        "not_null ORA-01400 - SHOP.ORDERS (CHANNEL)=()"
    );
}

#[test]
fn sqlite_and_its_parameters() {
    assert_eq!(
        show("UNIQUE constraint failed: picks.order_id, picks.line"),
        "unique 2067 - -.picks (order_id|line)=()"
    );
    assert_eq!(
        show(
            "(sqlite3.IntegrityError) UNIQUE constraint failed: orders.no [SQL: INSERT INTO orders (id, no) VALUES (?, ?)] [parameters: (7, 'A, 1')]"
        ),
        "unique 2067 - -.orders (no)=(A, 1)"
    );
    assert_eq!(show("NOT NULL constraint failed: orders.no"), "not_null 1299 - -.orders (no)=()");
    assert_eq!(show("FOREIGN KEY constraint failed"), "foreign_key 787 - -.- ()=()");
}

#[test]
fn mongodb() {
    assert_eq!(
        show(
            "E11000 duplicate key error collection: shop.picks index: no_1_lot_1 dup key: { no: \"A, 1\", lot: 7 }"
        ),
        "unique E11000 no_1_lot_1 shop.picks (no|lot)=(A, 1|7)"
    );
    assert_eq!(
        show(
            "E11000 duplicate key error index: shop.picks.$no_1  dup key: { : ObjectId('63701d24f03239c72c00018e') }"
        ),
        "unique E11000 no_1 shop.picks (no)=(63701d24f03239c72c00018e)"
    );
}

#[test]
fn h2_and_db2() {
    assert_eq!(
        show(
            "Unique index or primary key violation: \"PUBLIC.UK_INDEX_5 ON PUBLIC.PICKS(ORDER_ID NULLS FIRST, SKU NULLS FIRST) VALUES ( /* 3 */ 7, 'a, b' )\"; SQL statement:"
        ),
        "unique 23505 UK_INDEX_5 PUBLIC.PICKS (ORDER_ID|SKU)=(7|a, b)"
    );
    assert_eq!(
        show(
            "Referential integrity constraint violation: \"FK_O: PUBLIC.PICKS FOREIGN KEY(ORDER_ID) REFERENCES PUBLIC.ORDERS(ID) (CAST(7 AS BIGINT))\"; SQL"
        ),
        "foreign_key 23506 FK_O PUBLIC.PICKS (ORDER_ID)=(7) -> PUBLIC.ORDERS"
    );
    assert_eq!(
        show("DB2 SQL Error: SQLCODE=-803, SQLSTATE=23505, SQLERRMC=2;SHOP.ORDERS, DRIVER=4.19"),
        "unique -803 2 SHOP.ORDERS ()=()"
    );
}

#[test]
fn prisma() {
    assert_eq!(
        show(
            "Invalid `prisma.pick.create()` invocation:\n\nUnique constraint failed on the fields: (`order_id`,`line`)"
        ),
        "unique P2002 - -.pick (order_id|line)=()"
    );
}

#[test]
fn nothing_where_nothing_is_violated() {
    for text in
        ["", "order 12 picked", "adding unique constraint \"a\" to orders", "NULL", "duplicate order ignored"]
    {
        assert_eq!(show(text), "", "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in r#"([()\[\]{}:'"`,.é«»\\ \n]|duplicate key value violates unique constraint|Key \(a\)=\(|Duplicate entry '|' for key |E11000 duplicate key error|dup key: \{|ORA-00001: |UNIQUE constraint failed: |foreign key constraint|violates|NULL|1062|SQLCODE=-803|insert into a |\) already exists|values|[a-z]{1,3}){0,30}"#) {
        find_violations(&text);
    }
}

#[test]
fn a_conflict_that_is_cut_before_a_line_end_is_cut() {
    let text = "The INSERT statement conflicted with the FOREIGN KEY constraint \"FK_picks_orders\". The conflict occurred in data\n";
    for text in [text, text.trim_end()] {
        let found = super::find_violations(text);
        assert!(found[0].truncated, "{found:?}");
    }
}
