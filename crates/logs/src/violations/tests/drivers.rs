//! The same violation as drivers and frameworks print it.

use super::show;

fn all(cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let shown = show(text);
        if shown != *expected {
            wrong.push(format!("{text}\n  is  {shown}\n  not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn postgres() {
    let whole = "unique 23505 orders_no_key public.orders (no)=(A-17)";
    let bare = "unique 23505 orders_no_key -.- (no)=(A-17)";
    let name = "unique 23505 orders_no_key -.- ()=()";
    all(&[
        (
            "psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint \"orders_no_key\"\nDETAIL:  Key (no)=(A-17) already exists.\n",
            bare,
        ),
        (
            "asyncpg.exceptions.UniqueViolationError: duplicate key value violates unique constraint \"orders_no_key\"\nDETAIL:  Key (no)=(A-17) already exists.",
            bare,
        ),
        (
            "(psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint \"orders_no_key\"\nDETAIL:  Key (no)=(A-17) already exists.\n\n[SQL: INSERT INTO orders (no, qty) VALUES (%(no)s, %(qty)s) RETURNING orders.id]\n[parameters: {'no': 'A-17', 'qty': 3}]",
            "unique 23505 orders_no_key -.orders (no)=(A-17)",
        ),
        (
            "{\"name\":\"error\",\"length\":204,\"severity\":\"ERROR\",\"code\":\"23505\",\"detail\":\"Key (no)=(A-17) already exists.\",\"schema\":\"public\",\"table\":\"orders\",\"constraint\":\"orders_no_key\",\"routine\":\"_bt_check_unique\"}",
            whole,
        ),
        (
            "error: insert failed {\n  code: '23505',\n  detail: 'Key (no)=(A-17) already exists.',\n  schema: 'public',\n  table: 'orders',\n  constraint: 'orders_no_key',\n}",
            whole,
        ),
        (
            "QueryFailedError: duplicate key value violates unique constraint \"orders_no_key\"\n    at PostgresQueryRunner.query (PostgresQueryRunner.ts:331:19) {\n  query: 'INSERT INTO \"orders\"(\"id\", \"no\") VALUES (DEFAULT, $1) RETURNING \"id\"',\n  parameters: [ 'A-17' ],\n  driverError: error: duplicate key value violates unique constraint \"orders_no_key\"\n    length: 204,\n    code: '23505',\n    detail: 'Key (no)=(A-17) already exists.',\n    schema: 'public',\n    table: 'orders',\n    constraint: 'orders_no_key',\n",
            whole,
        ),
        ("ERROR: duplicate key value violates unique constraint \"orders_no_key\" (SQLSTATE 23505)", name),
        (
            "error returned from database: duplicate key value violates unique constraint \"orders_no_key\"",
            name,
        ),
        (
            "Database(PgDatabaseError { severity: Error, code: \"23505\", message: \"duplicate key value violates unique constraint \\\"orders_no_key\\\"\", detail: Some(\"Key (no)=(A-17) already exists.\"), hint: None, position: None, where: None, schema: Some(\"public\"), table: Some(\"orders\"), column: None, data_type: None, constraint: Some(\"orders_no_key\"), file: Some(\"nbtinsert.c\"), line: Some(666), routine: Some(\"_bt_check_unique\") })",
            whole,
        ),
        (
            "DatabaseError(UniqueViolation, \"duplicate key value violates unique constraint \\\"orders_no_key\\\"\")",
            name,
        ),
        (
            "db error: ERROR: duplicate key value violates unique constraint \"orders_no_key\"\nDETAIL: Key (no)=(A-17) already exists.",
            bare,
        ),
        (
            "Npgsql.PostgresException (0x80004005): 23505: duplicate key value violates unique constraint \"orders_no_key\"\n\nDETAIL: Key (no)=(A-17) already exists.\n   at Npgsql.Internal.NpgsqlConnector.ReadMessageLong()\n  Exception data:\n    Severity: ERROR\n    SqlState: 23505\n    MessageText: duplicate key value violates unique constraint \"orders_no_key\"\n    Detail: Key (no)=(A-17) already exists.\n    SchemaName: public\n    TableName: orders\n    ConstraintName: orders_no_key\n    File: nbtinsert.c",
            whole,
        ),
        (
            "2026-11-22 10:11:12.123 UTC [77] shop@orders ERROR:  duplicate key value violates unique constraint \"orders_no_key\"\n2026-11-22 10:11:12.123 UTC [77] shop@orders DETAIL:  Key (no)=(A-17) already exists.\n2026-11-22 10:11:12.123 UTC [77] shop@orders STATEMENT:  INSERT INTO public.orders (no, qty) VALUES ('A-17', 3)",
            whole,
        ),
        (
            "ERROR: duplicate key value violates unique constraint \"orders_no_key\"\nSQLSTATE: 23505\nDETAIL: Key (no)=(A-17) already exists.\nCONSTRAINT: orders_no_key",
            bare,
        ),
        (
            "PG::UniqueViolation: ERROR:  duplicate key value violates unique constraint \"orders_no_key\"\nDETAIL:  Key (no)=(A-17) already exists.\n",
            bare,
        ),
        (
            "SQLSTATE[23505]: Unique violation: 7 ERROR:  duplicate key value violates unique constraint \"orders_no_key\"\nDETAIL:  Key (no)=(A-17) already exists. (SQL: insert into \"orders\" (\"no\") values (A-17))",
            "unique 23505 orders_no_key -.orders (no)=(A-17)",
        ),
        (
            "ERROR: conflicting key value violates exclusion constraint \"no_overlap\"\nDETAIL: Key (room, during)=(7, [2026-11-22,2026-11-23)) conflicts with existing key (room, during)=(7, [2026-11-21,2026-11-24)).",
            "exclusion 23P01 no_overlap -.- (room|during)=(7|[2026-11-22,2026-11-23))",
        ),
        (
            "ERROR: null value in column \"qty\" of relation \"order_lines\" violates not-null constraint\n  Detail: Failing row contains (17, null, A).",
            "not_null 23502 - -.order_lines (qty)=()",
        ),
        (
            "ERROR: insert on table \"picks\" violates foreign key constraint \"picks_order_id_fkey\"\nSQLSTATE: 23503\nDETAIL: Key (order_id)=(17) is not present in table \"orders\".",
            "foreign_key 23503 picks_order_id_fkey -.picks (order_id)=(17) -> orders",
        ),
        (
            "ERROR: duplicate key value violates unique constraint \"orders_tenant_no_key\"\n  Detail: Key (tenant_id, no)=(null, A-17) already exists.",
            "unique 23505 orders_tenant_no_key -.- (tenant_id|no)=(null|A-17)",
        ),
        (
            "ERROR: duplicate key value violates unique constraint \"orders_pkey\" Detail: Key (id)=(00017) already exists. Where: COPY orders, line 3",
            "unique 23505 orders_pkey -.- (id)=(00017)",
        ),
        (
            "ERROR: duplicate key value violates unique constraint \"customers_name_key\"\n  Detail: Key (name, city)=(Miller, Sons & Co. (Ltd), Bern) already exists.",
            "unique 23505 customers_name_key -.- (name|city)=(Miller, Sons & Co. (Ltd)|Bern)",
        ),
    ]);
}

#[test]
fn mysql() {
    let whole = "unique 1062 uk_no -.orders ()=(A-17)";
    all(&[
        (
            "java.sql.SQLIntegrityConstraintViolationException: Duplicate entry 'A-17' for key 'orders.uk_no'\n\tat com.mysql.cj.jdbc.exceptions.SQLError.createSQLException(SQLError.java:118)",
            whole,
        ),
        (
            "(pymysql.err.IntegrityError) (1062, \"Duplicate entry 'A-17' for key 'orders.uk_no'\")\n[SQL: INSERT INTO orders (no, qty) VALUES (%(no)s, %(qty)s)]\n[parameters: {'no': 'A-17', 'qty': 3}]",
            whole,
        ),
        (
            "django.db.utils.IntegrityError: (1062, \"Duplicate entry 'A-17' for key 'uk_no'\")",
            "unique 1062 uk_no -.- ()=(A-17)",
        ),
        ("MySqlConnector.MySqlException (0x80004005): Duplicate entry 'A-17' for key 'orders.uk_no'", whole),
        ("Error 1062 (23000): Duplicate entry 'A-17' for key 'orders.uk_no'", whole),
        (
            "Error: Duplicate entry 'A-17' for key 'orders.uk_no'\n    at Packet.asError (packet.js:738:17) {\n  code: 'ER_DUP_ENTRY',\n  errno: 1062,\n  sql: \"INSERT INTO `orders` (`no`) VALUES ('A-17')\",\n  sqlState: '23000',\n  sqlMessage: \"Duplicate entry 'A-17' for key 'orders.uk_no'\"\n}",
            whole,
        ),
        (
            "SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry 'A-17' for key 'orders.uk_no' (Connection: mysql, SQL: insert into `orders` (`no`) values (A-17))",
            whole,
        ),
        (
            "could not execute statement [Duplicate entry '17-2' for key 'picks.uk_order_line'] [insert into picks (line,order_id,id) values (?,?,?)]; SQL [insert into picks (line,order_id,id) values (?,?,?)]; constraint [picks.uk_order_line]",
            "unique 1062 uk_order_line -.picks ()=(17|2)",
        ),
        (
            "MySqlDatabaseError { code: Some(\"23000\"), number: 1062, message: \"Duplicate entry 'A-17' for key 'orders.uk_no'\" }",
            whole,
        ),
        ("Mysql2::Error: Duplicate entry 'A-17' for key 'orders.uk_no'", whole),
        (
            "ERROR 1452 (23000): Cannot add or update a child row: a foreign key constraint fails (`shop`.`picks`, CONSTRAINT `fk_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`))",
            "foreign_key 1452 fk_order shop.picks (order_id)=() -> orders",
        ),
        (
            "Cannot delete or update a parent row: a foreign key constraint fails (`shop`.`picks`, CONSTRAINT `fk_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`))",
            "foreign_key 1451 fk_order shop.picks (order_id)=() -> orders",
        ),
        ("(1048, \"Column 'qty' cannot be null\")", "not_null 1048 - -.- (qty)=()"),
        (
            "Error 3819 (HY000): Check constraint 'qty_positive' is violated.",
            "check 3819 qty_positive -.- ()=()",
        ),
        (
            "(conn=12) CONSTRAINT `qty_positive` failed for `shop`.`orders`",
            "check 4025 qty_positive shop.orders ()=()",
        ),
        ("Duplicate entry '' for key 'orders.uk_no'", "unique 1062 uk_no -.orders ()=()"),
        (
            "Duplicate entry 'it's 5 o'clock' for key 'orders.uk_no'",
            "unique 1062 uk_no -.orders ()=(it's 5 o'clock)",
        ),
    ]);
}

#[test]
fn sql_server_and_oracle() {
    all(&[
        (
            "com.microsoft.sqlserver.jdbc.SQLServerException: Violation of UNIQUE KEY constraint 'UQ_no'. Cannot insert duplicate key in object 'dbo.orders'. The duplicate key value is (A-17, 3).",
            "unique 2627 UQ_no dbo.orders ()=(A-17|3)",
        ),
        (
            "('23000', \"[23000] [Microsoft][ODBC Driver 17 for SQL Server][SQL Server]Violation of PRIMARY KEY constraint 'PK_orders'. Cannot insert duplicate key in object 'dbo.orders'. The duplicate key value is (17). (2627) (SQLExecDirectW); [23000] [Microsoft][ODBC Driver 17 for SQL Server][SQL Server]The statement has been terminated. (3621)\")",
            "unique 2627 PK_orders dbo.orders ()=(17)",
        ),
        (
            "Microsoft.EntityFrameworkCore.DbUpdateException: An error occurred while saving the entity changes. See the inner exception for details.\n ---> Microsoft.Data.SqlClient.SqlException (0x80131904): Cannot insert duplicate key row in object 'sales.orders' with unique index 'IX_orders_no'. The duplicate key value is (A-17).\nThe statement has been terminated.\n   at Microsoft.Data.SqlClient.SqlConnection.OnError(SqlException exception)\nError Number:2601,State:1,Class:14",
            "unique 2601 IX_orders_no sales.orders ()=(A-17)",
        ),
        (
            "The DELETE statement conflicted with the REFERENCE constraint \"FK_picks_orders\". The conflict occurred in database \"shop\", table \"dbo.picks\", column 'order_id'.",
            "foreign_key 547 FK_picks_orders dbo.picks (order_id)=()",
        ),
        (
            "The INSERT statement conflicted with the CHECK constraint \"CK_qty\". The conflict occurred in database \"shop\", table \"dbo.orders\", column 'qty'.",
            "check 547 CK_qty dbo.orders (qty)=()",
        ),
        (
            "mssql: Cannot insert the value NULL into column 'qty', table 'shop.dbo.orders'; column does not allow nulls. UPDATE fails.",
            "not_null 515 - dbo.orders (qty)=()",
        ),
        (
            "Verletzung der UNIQUE KEY-Einschränkung \"UQ_no\". Ein doppelter Schlüssel kann in das dbo.orders-Objekt nicht eingefügt werden. Der doppelte Schlüsselwert ist (A-17).",
            "unique 2627 UQ_no dbo.orders ()=(A-17)",
        ),
        (
            "ORA-02290: check constraint (SHOP.QTY_POSITIVE) violated",
            "check ORA-02290 QTY_POSITIVE SHOP.- ()=()",
        ),
        (
            "ORA-02292: integrity constraint (SHOP.PICK_FK) violated - child record found",
            "foreign_key ORA-02292 PICK_FK SHOP.- ()=()",
        ),
        (
            "ORA-01407: cannot update (\"SHOP\".\"ORDERS\".\"CHANNEL\") to NULL",
            "not_null ORA-01407 - SHOP.ORDERS (CHANNEL)=()",
        ),
        ("ORA-00001: Unique Constraint (SHOP.ORDERS_PK) verletzt", "unique ORA-00001 ORDERS_PK SHOP.- ()=()"),
        (
            "java.sql.SQLIntegrityConstraintViolationException: ORA-00001: unique constraint (SHOP.ORDERS_UK) violated on table SHOP.ORDERS columns (TENANT, NO)\nORA-03301: (ORA-00001 details) row with column values (TENANT:7, NO:'A-17') already exists\n\nhttps://docs.oracle.com/error-help/db/ora-00001/",
            "unique ORA-00001 ORDERS_UK SHOP.ORDERS (TENANT|NO)=(7|A-17)",
        ),
    ]);
}

#[test]
fn sqlite() {
    let whole = "unique 2067 - -.orders (no)=()";
    all(&[
        (
            "SqliteError: UNIQUE constraint failed: orders.no\n    at insert (db.js:3:9) {\n  code: 'SQLITE_CONSTRAINT_UNIQUE'\n}",
            whole,
        ),
        (
            "[SQLITE_CONSTRAINT_UNIQUE] A UNIQUE constraint failed (UNIQUE constraint failed: orders.no)",
            whole,
        ),
        (
            "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 19: 'UNIQUE constraint failed: orders.no'.",
            whole,
        ),
        ("constraint failed: UNIQUE constraint failed: orders.no (2067)", whole),
        (
            "SqliteFailure(Error { code: ConstraintViolation, extended_code: 2067 }, Some(\"UNIQUE constraint failed: orders.no\"))",
            whole,
        ),
        (
            "SqliteFailure(Error { code: ConstraintViolation, extended_code: 1555 }, Some(\"UNIQUE constraint failed: orders.id\"))",
            "unique 1555 - -.orders (id)=()",
        ),
        ("sqlite3.IntegrityError: CHECK constraint failed: qty > 0", "check 275 qty > 0 -.- ()=()"),
        (
            "(sqlite3.IntegrityError) UNIQUE constraint failed: picks.order_id, picks.line\n[SQL: INSERT INTO picks (order_id, line, sku) VALUES (?, ?, ?)]\n[parameters: (17, 2, 'AB, \"C\"')]",
            "unique 2067 - -.picks (order_id|line)=(17|2)",
        ),
    ]);
}

#[test]
fn mongodb() {
    let whole = "unique E11000 no_1 shop.orders (no)=(A-17)";
    all(&[
        (
            "MongoServerError: E11000 duplicate key error collection: shop.orders index: no_1 dup key: { no: \"A-17\" }\n    at InsertOneOperation.execute (insert.js:51:19) {\n  index: 0,\n  code: 11000,\n  keyPattern: { no: 1 },\n  keyValue: { no: 'A-17' },\n}",
            whole,
        ),
        (
            "com.mongodb.MongoWriteException: Write operation error on server localhost:27017. Write error: WriteError{code=11000, message='E11000 duplicate key error collection: shop.orders index: no_1 dup key: { no: \"A-17\" }', details={}}.",
            whole,
        ),
        (
            "WriteError: { Category : \"DuplicateKey\", Code : 11000, Message : \"E11000 duplicate key error collection: shop.orders index: no_1 dup key: { no: \\\"A-17\\\" }\" }.",
            whole,
        ),
        (
            "write exception: write errors: [E11000 duplicate key error collection: shop.orders index: no_1 dup key: { no: \"A-17\" }]",
            whole,
        ),
        (
            "pymongo.errors.DuplicateKeyError: E11000 duplicate key error collection: shop.orders index: no_1 dup key: { no: \"A-17\" }, full error: {'index': 0, 'code': 11000, 'errmsg': 'E11000 duplicate key error collection: shop.orders index: no_1 dup key: { no: \"A-17\" }', 'keyPattern': {'no': 1}, 'keyValue': {'no': 'A-17'}}",
            whole,
        ),
        (
            "E11000 duplicate key error collection: shop.orders index: customer.email_1_no_-1 dup key: { customer.email: \"a@b.c\", no: null }",
            "unique E11000 customer.email_1_no_-1 shop.orders (customer.email|no)=(a@b.c|null)",
        ),
        (
            "E11000 duplicate key error collection: shop.events.v2 index: at_1 dup key: { at: new Date(1795342272000) }",
            "unique E11000 at_1 shop.events.v2 (at)=(1795342272000)",
        ),
    ]);
}

#[test]
fn h2_db2_and_frameworks() {
    all(&[
        (
            "Unique index or primary key violation: \"PUBLIC.PRIMARY_KEY_8 ON PUBLIC.ORDERS(ID) VALUES ( /* key:17 */ CAST(17 AS BIGINT), 'A-17', 3)\"; SQL statement:\ninsert into orders (no, id) values (?, ?) [23505-224]",
            "unique 23505 PRIMARY_KEY_8 PUBLIC.ORDERS (ID)=(17)",
        ),
        (
            "NULL not allowed for column \"QTY\"; SQL statement:\ninsert into orders (id, qty) values (?, ?) [23502-224]",
            "not_null 23502 - -.orders (QTY)=()",
        ),
        (
            "[IBM][CLI Driver][DB2/LINUXX8664] SQL0803N  One or more values in the INSERT statement, UPDATE statement, or foreign key update caused by a DELETE statement are not valid because the primary key, unique constraint or unique index identified by \"1\" constrains table \"SHOP.ORDERS\" from having duplicate values for the index key.  SQLSTATE=23505",
            "unique -803 1 SHOP.ORDERS ()=()",
        ),
        (
            "DB2 SQL Error: SQLCODE=-530, SQLSTATE=23503, SQLERRMC=SHOP.PICKS.FK_ORDER, DRIVER=4.26.14",
            "foreign_key -530 FK_ORDER SHOP.PICKS ()=()",
        ),
        (
            "Unique constraint failed on the constraint: `orders_no_key`",
            "unique P2002 orders_no_key -.- ()=()",
        ),
        (
            "Foreign key constraint failed on the field: `picks_order_id_fkey (index)`",
            "foreign_key P2003 picks_order_id_fkey -.- ()=()",
        ),
        (
            "Foreign key constraint violated: `picks_order_id_fkey (index)`",
            "foreign_key P2003 picks_order_id_fkey -.- ()=()",
        ),
        ("Null constraint violation on the fields: (`qty`)", "not_null P2011 - -.- (qty)=()"),
        (
            "PrismaClientKnownRequestError: \nInvalid `prisma.order.create()` invocation:\n\nUnique constraint failed on the fields: (`tenant_id`,`no`)\n    at handle (x.js:1:1) {\n  code: 'P2002',\n  meta: { modelName: 'Order', target: [ 'tenant_id', 'no' ] }\n}",
            "unique P2002 - -.order (tenant_id|no)=()",
        ),
        (
            "SequelizeUniqueConstraintError: Validation error\n  errors: [\n    ValidationErrorItem {\n      message: 'no must be unique',\n      type: 'unique violation',\n      path: 'no',\n      value: 'A-17',\n    }\n  ],\n  parent: error: duplicate key value violates unique constraint \"orders_no_key\"\n    code: '23505',\n    detail: 'Key (no)=(A-17) already exists.',\n    table: 'orders',\n  fields: { no: 'A-17' },",
            "unique 23505 orders_no_key -.orders (no)=(A-17)",
        ),
        (
            "could not execute statement; SQL [n/a]; constraint [orders_no_key]; nested exception is org.hibernate.exception.ConstraintViolationException: could not execute statement",
            "unique - orders_no_key -.- ()=()",
        ),
        (
            "ERROR: null value in column \"qty\" violates not-null constraint; SQL [insert into order_lines (qty, id) values (?, ?)]",
            "not_null 23502 - -.order_lines (qty)=()",
        ),
    ]);
}

#[test]
fn cut_messages_say_so() {
    all(&[
        (
            "duplicate key value violates unique constraint \"orders_no_key\"\nDETAIL:  Key (tenant, no)=(7, A-1...",
            "unique 23505 orders_no_key -.- (tenant|no)=(7|A-1) cut",
        ),
        ("Duplicate entry 'A-17 with a long n", "unique 1062 - -.- ()=(A-17 with a long n) cut"),
        (
            "Violation of PRIMARY KEY constraint 'PK_orders'. Cannot insert duplicate key in object 'dbo.orders'. The duplicate key value is (17, A",
            "unique 2627 PK_orders dbo.orders ()=(17|A) cut",
        ),
        (
            "E11000 duplicate key error collection: shop.orders index: no_1 dup key: { no: \"A-1",
            "unique E11000 no_1 shop.orders (no)=(A-1) cut",
        ),
        (
            "E11000 duplicate key error collection: shop.orders index: no_1 d",
            "unique E11000 no_1 shop.orders (no)=() cut",
        ),
    ]);
}
