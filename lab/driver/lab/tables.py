"""A service's database as a SQLite copy: names, keys and values kept, types as close as SQLite has them."""

import datetime
import decimal
import json
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.databases import Databases

# What migration tools keep for themselves.
_BOOKKEEPING = {"flyway_schema_history", "schema_history", "schema_migrations"}


@dataclass
class Table:
    name: str
    columns: list[tuple[str, str, bool]]  # name, type, nullable
    primary: list[str]
    unique: list[tuple[str, list[str]]]  # constraint's name, columns
    foreign: list["ForeignKey"] = field(default_factory=list)


@dataclass
class ForeignKey:
    name: str
    columns: list[str]
    table: str
    referenced: list[str]


# A line a column, in the order of the key: table, constraint, column, referenced table, referenced column.
_FOREIGN_KEYS = {
    "postgres": "SELECT t.relname, c.conname, a.attname, r.relname, b.attname FROM pg_constraint c"
    " JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid"
    " JOIN pg_namespace n ON n.oid = t.relnamespace"
    " CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (own, other, place)"
    " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.own"
    " JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = k.other"
    " WHERE n.nspname = %s AND c.contype = 'f' ORDER BY t.relname, c.conname, k.place",
    "mariadb": "SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name"
    " FROM information_schema.key_column_usage"
    " WHERE table_schema = %s AND referenced_table_name IS NOT NULL"
    " ORDER BY table_name, constraint_name, ordinal_position",
}


def copy(databases: Databases, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    dialect = databases.dialects[name]
    if dialect == "sqlite":
        with closing(sqlite3.connect(databases.path(name))) as source, closing(sqlite3.connect(target)) as out:
            source.backup(out)
            out.execute("PRAGMA journal_mode = DELETE")
        return
    with closing(databases.connect(name)) as source, closing(sqlite3.connect(target)) as out:
        for table in _tables(source, name, dialect):
            out.execute(_ddl(table))
            quoted = ", ".join(_quote(c, dialect) for c, _, _ in table.columns)
            order = ", ".join(_quote(c, dialect) for c in table.primary) or "1"
            cursor = source.cursor()
            cursor.execute(f"SELECT {quoted} FROM {_quote(table.name, dialect)} ORDER BY {order}")
            places = ", ".join("?" * len(table.columns))
            rows = ([plain(value) for value in row] for row in cursor)
            out.executemany(f'INSERT INTO "{table.name}" VALUES ({places})', rows)
        out.commit()
        out.execute("VACUUM")


def plain(value: Any) -> Any:
    """A value as SQLite keeps it; moments as ISO 8601 in UTC where the database knows the zone."""
    convert: dict[type, Callable[[Any], Any]] = {
        bool: int,
        decimal.Decimal: lambda v: int(v) if v == v.to_integral_value() else str(v),
        datetime.datetime: _moment,
        datetime.date: lambda v: v.isoformat(),
        datetime.timedelta: str,
        uuid.UUID: str,
        dict: json.dumps,
        list: json.dumps,
        memoryview: bytes,
    }
    return convert.get(type(value), lambda v: v)(value)


def _moment(value: datetime.datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat(sep=" ", timespec="milliseconds")
    return value.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _tables(source: Any, database: str, dialect: str) -> list[Table]:
    cursor = source.cursor()
    schema = "public" if dialect == "postgres" else database
    cursor.execute(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = %s ORDER BY table_name, ordinal_position",
        (schema,),
    )
    tables: dict[str, Table] = {}
    for table, column, kind, nullable in cursor.fetchall():
        tables.setdefault(table, Table(table, [], [], [])).columns.append((column, kind, nullable == "YES"))
    cursor.execute(
        "SELECT c.table_name, c.constraint_name, c.constraint_type, k.column_name"
        " FROM information_schema.table_constraints c JOIN information_schema.key_column_usage k"
        " ON k.constraint_schema = c.constraint_schema AND k.constraint_name = c.constraint_name"
        " AND k.table_name = c.table_name"
        " WHERE c.table_schema = %s AND c.constraint_type IN ('PRIMARY KEY', 'UNIQUE')"
        " ORDER BY c.table_name, c.constraint_name, k.ordinal_position",
        (schema,),
    )
    for table, constraint, kind, column in cursor.fetchall():
        if table not in tables:
            continue
        if kind == "PRIMARY KEY":
            tables[table].primary.append(column)
        elif tables[table].unique and tables[table].unique[-1][0] == constraint:
            tables[table].unique[-1][1].append(column)
        else:
            tables[table].unique.append((constraint, [column]))
    cursor.execute(_FOREIGN_KEYS[dialect], (schema,))
    for table, constraint, column, other, referenced in cursor.fetchall():
        if table in tables:
            _add_foreign(tables[table].foreign, ForeignKey(constraint, [column], other, [referenced]))
    # MariaDB lists its sequences as tables; they have no key and are no data.
    sequences = {n for n, t in tables.items() if any(c == "next_not_cached_value" for c, _, _ in t.columns)}
    return [t for n, t in sorted(tables.items()) if n not in _BOOKKEEPING | sequences]


def _add_foreign(keys: list[ForeignKey], key: ForeignKey) -> None:
    """A key over several columns comes as a line for each."""
    if keys and keys[-1].name == key.name:
        keys[-1].columns += key.columns
        keys[-1].referenced += key.referenced
    else:
        keys.append(key)


def _ddl(table: Table) -> str:
    lines = [f'"{name}" {_type(kind)}{"" if nullable else " NOT NULL"}' for name, kind, nullable in table.columns]
    if table.primary:
        lines.append(f"PRIMARY KEY ({_list(table.primary)})")
    lines += [f'CONSTRAINT "{name}" UNIQUE ({_list(columns)})' for name, columns in table.unique]
    lines += [
        f'CONSTRAINT "{k.name}" FOREIGN KEY ({_list(k.columns)}) REFERENCES "{k.table}" ({_list(k.referenced)})'
        for k in table.foreign
    ]
    return f'CREATE TABLE "{table.name}" (\n  ' + ",\n  ".join(lines) + "\n)"


def _type(kind: str) -> str:
    kind = kind.lower()
    if kind in ("bigint", "integer", "int", "smallint", "tinyint", "mediumint", "boolean"):
        return "INTEGER"
    if kind in ("double precision", "real", "double", "float"):
        return "REAL"
    if kind in ("bytea", "blob", "longblob", "varbinary"):
        return "BLOB"
    return "NUMERIC" if kind in ("numeric", "decimal") else "TEXT"


def _list(columns: list[str]) -> str:
    return ", ".join(f'"{c}"' for c in columns)


def _quote(name: str, dialect: str) -> str:
    return f'"{name}"' if dialect == "postgres" else f"`{name}`"
