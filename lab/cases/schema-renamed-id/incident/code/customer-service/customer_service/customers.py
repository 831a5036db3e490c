"""The customers: a SQLite file, filled from data/customers.csv where it is new."""

import csv
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

SEED = Path(__file__).parent.parent / "data" / "customers.csv"


class Customer(NamedTuple):
    customer_id: str
    name: str
    tier: str


def prepare(path: str, seed: Path = SEED) -> None:
    """Create the table and fill it where it is empty."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(
            "CREATE TABLE IF NOT EXISTS customers"
            " (customer_id TEXT PRIMARY KEY, name TEXT NOT NULL, tier TEXT NOT NULL)"
        )
        if db.execute("SELECT 1 FROM customers LIMIT 1").fetchone() is None:
            with seed.open(encoding="utf-8", newline="") as file:
                db.executemany(
                    "INSERT INTO customers VALUES (:customer_id, :name, :tier)", csv.DictReader(file)
                )


def find(path: str, customer_id: str) -> Customer | None:
    with closing(sqlite3.connect(path)) as db:
        row = db.execute(
            "SELECT customer_id, name, tier FROM customers WHERE customer_id = ?", (customer_id,)
        ).fetchone()
    return Customer(*row) if row else None
