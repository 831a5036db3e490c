"""Runs what a schedule asks for."""

import asyncio
import logging
import sys

from pythonjsonlogger import jsonlogger

from ledger import statements
from ledger.accounts import Account, Accounts
from ledger.booking import BookingService
from ledger.rates import RateTable

log = logging.getLogger("ledger.main")


def json_logs():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(jsonlogger.JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO)


def main(what):
    accounts = Accounts()
    accounts.add(Account("A-1", "Ines", 500))
    accounts.add(Account("A-2", "Timo"))
    accounts.add(Account("A-3", "Vera", 0))
    service = BookingService(accounts, RateTable())
    every = [accounts.find(n) for n in ("A-1", "A-2")]
    if what == "unknown-currency":
        service.book("A-1", 1200, "NOK")
    elif what == "no-limit":
        service.withdraw("A-2", 30)
    elif what == "undo-nothing":
        logging.basicConfig(level=logging.INFO)
        service.undo("A-1")
    elif what == "fee-without-limit":
        json_logs()
        try:
            service.transfer("A-1", "A-3", 100)
        except Exception:
            log.exception("Transfer from %s failed", "A-1")
    elif what == "task-group":
        asyncio.run(statements.render_all(every))
    elif what == "gather":
        asyncio.run(statements.gather_all(every))
    elif what == "thread-pool":
        statements.totals(every)
    elif what == "endless":
        statements.shorten("Statement of June", 10)
    elif what in ("http-none", "http-model"):
        http(what)


def http(what):
    from fastapi.testclient import TestClient

    from ledger.api import app

    client = TestClient(app)
    if what == "http-none":
        client.post("/accounts/A-9/bookings?cents=100")
    else:
        client.get("/accounts/A-1")


if __name__ == "__main__":
    main(sys.argv[1])
