"""The catalogue: a SQLite file, filled from data/products.csv where it is new."""

import csv
import sqlite3
from dataclasses import dataclass
from pathlib import Path

SEED = Path(__file__).parent.parent / "data" / "products.csv"


@dataclass(frozen=True)
class Product:
    sku: str
    name: str
    weight_grams: int


class Catalogue:
    def __init__(self, path: str, seed: Path = SEED) -> None:
        self._path = path
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute(
                "CREATE TABLE IF NOT EXISTS products"
                " (sku TEXT PRIMARY KEY, name TEXT NOT NULL, weight_grams INTEGER NOT NULL)"
            )
            if db.execute("SELECT count(*) FROM products").fetchone()[0] == 0:
                db.executemany("INSERT INTO products VALUES (:sku, :name, :weight_grams)", _rows(seed))
        db.close()

    def find(self, sku: str) -> Product | None:
        db = sqlite3.connect(self._path)
        try:
            row = db.execute("SELECT sku, name, weight_grams FROM products WHERE sku = ?", (sku,)).fetchone()
        finally:
            db.close()
        return Product(*row) if row else None


def _rows(seed: Path) -> list[dict]:
    with seed.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
