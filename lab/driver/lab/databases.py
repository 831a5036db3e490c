"""The services' databases: made, asked, changed."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pymysql

from lab.model import SERVICES
from lab.servers import Login, Servers

# Somebody who may read everything and change nothing; the name is the password.
READER = "reader"


def admin_env(service: str, servers: Servers) -> dict[str, str]:
    """What a service's own tests are told: a broker, and a database server where they may make a database."""
    s = SERVICES[service]
    env = {"KAFKA_BOOTSTRAP": servers.bootstrap}
    if s.jdbc or s.dialect not in ("postgres", "mariadb"):
        return env
    place = servers.login(s.dialect)
    scheme = {"postgres": "postgres", "mariadb": "mysql"}[s.dialect]
    path = {"postgres": "/postgres", "mariadb": ""}[s.dialect]
    url = f"{scheme}://{place.host}:{place.port}{path}"
    return env | {"DB_URL": url, "DB_USER": place.user, "DB_PASSWORD": place.password}


class Databases:
    """One for each service that has one; products and customers are SQLite files."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self._servers = servers
        self.folder = folder
        self.dialects = {s.database: s.dialect for s in SERVICES.values() if s.database}
        self._holders: list[threading.Thread] = []
        self._let_go = threading.Event()

    def create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, dialect in self.dialects.items():
            if dialect == "postgres":
                with psycopg.connect(self._postgres("postgres"), autocommit=True) as db:
                    db.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
                    db.execute(f"CREATE DATABASE {name} OWNER {name}")
            elif dialect == "mariadb":
                with closing(self._mariadb(None)) as db, db.cursor() as cursor:
                    cursor.execute(f"CREATE DATABASE {name}")
                    for host in ("%", "localhost", "127.0.0.1"):
                        cursor.execute(f"CREATE USER '{name}'@'{host}' IDENTIFIED BY '{name}'")
                        cursor.execute(f"GRANT ALL ON {name}.* TO '{name}'@'{host}'")

    def let_read(self) -> None:
        """The user that live questions are asked as."""
        with psycopg.connect(self._postgres("postgres"), autocommit=True) as db:
            db.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{READER}'")
            db.execute(f"GRANT pg_read_all_data TO {READER}")
        with closing(self._mariadb(None)) as db, db.cursor() as cursor:
            for host in ("%", "localhost", "127.0.0.1"):
                cursor.execute(f"CREATE USER '{READER}'@'{host}' IDENTIFIED BY '{READER}'")
                cursor.execute(f"GRANT SELECT ON *.* TO '{READER}'@'{host}'")

    def env(self, service: str) -> dict[str, str]:
        """What a service is told of its database."""
        s = SERVICES[service]
        if s.dialect == "sqlite":
            return {"DB_URL": f"sqlite:///{self.path(s.database)}"}
        place = self._servers.login(s.dialect)
        scheme = {"postgres": "postgresql" if s.jdbc else "postgres", "mariadb": "mariadb" if s.jdbc else "mysql"}[s.dialect]
        prefix = "jdbc:" if s.jdbc else ""
        url = f"{prefix}{scheme}://{place.host}:{place.port}/{s.database}"
        return {"DB_URL": url, "DB_USER": s.database, "DB_PASSWORD": s.database}

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.db"

    def query(self, name: str, sql: str) -> list[tuple]:
        with closing(self.connect(name)) as db:
            cursor = db.cursor()
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    def execute(self, name: str, sql: str) -> None:
        """Everything in one transaction."""
        with closing(self.connect(name)) as db:
            self._run(db, name, sql)
            db.commit()

    def hold(self, name: str, sql: str, seconds: float) -> None:
        """Runs SQL and keeps its transaction open in the background, then rolls back."""
        db = self.connect(name)
        self._run(db, name, sql)

        def wait() -> None:
            self._let_go.wait(seconds)
            with closing(db):
                db.rollback()

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        self._holders.append(thread)

    def let_go(self) -> None:
        self._let_go.set()
        for thread in self._holders:
            thread.join(10)

    def connect(self, name: str):
        dialect = self.dialects[name]
        if dialect == "postgres":
            return psycopg.connect(self._postgres(name))
        if dialect == "mariadb":
            return self._mariadb(name)
        return sqlite3.connect(self.path(name))

    def _run(self, db, name: str, sql: str) -> None:
        dialect = self.dialects[name]
        if dialect == "postgres":
            db.execute(sql)
        elif dialect == "sqlite":
            db.executescript(sql)
        else:
            with db.cursor() as cursor:
                for statement in filter(None, (part.strip() for part in sql.split(";\n"))):
                    cursor.execute(statement.rstrip(";"))

    def _postgres(self, name: str) -> str:
        p: Login = self._servers.login("postgres")
        return f"host={p.host} port={p.port} user={p.user} password={p.password} dbname={name}"

    def _mariadb(self, name: str | None):
        p = self._servers.login("mariadb")
        return pymysql.connect(
            host=p.host,
            port=p.port,
            user=p.user,
            password=p.password,
            database=name,
            charset="utf8mb4",
            client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS,
            init_command="SET time_zone = '+00:00'",
        )
