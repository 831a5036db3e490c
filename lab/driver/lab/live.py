"""Faults in one running company, and the verdict out of its live stores: Kafka, PostgreSQL, MariaDB, logs.

Nothing is recorded. The expected answer follows from what was injected and from plain queries, as everywhere in the lab.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lab.company import Company
from lab.databases import READER
from lab.drill import dump, seed_of
from lab.expected import expected, stuck_now
from lab.faultfile import Fault, FaultError
from lab.model import SERVICES, STATUSES
from lab.places import build_for_live_stores, run_folder
from lab.record import rules
from lab.say import say
from lab.score import Row, ask
from lab.steps import Steps, timestamp

# What is run where nothing is named: a database, a program and an outside party, in front of four stores.
USUAL = ["seed", "booking-reference", "carrier-silent"]
# So many orders pass before anything goes wrong, and so many more come before the next fault does.
WARM_UP = 60
APART = 45
PER_SECOND = 3.0


def live(faults: list[Fault], engine: str) -> list[Row]:
    """A row for each verdict: out of the files of the logs, and out of the search engine."""
    build_for_live_stores()
    return [row for group in groups(faults) for row in _together(group, engine)]


def groups(faults: list[Fault]) -> list[list[Fault]]:
    """Those that do not spoil each other share a company.

    What stops orders late comes first, as what stops them early leaves nothing for the others."""
    out: list[list[Fault]] = []
    for fault in sorted(faults, key=lambda f: -max(STATUSES.index(s) for s in f.status)):
        if fault.without_logs:
            raise FaultError(f"{fault.name} is about a recording that lacks logs; live they are all there")
        place = next((group for group in out if all(_fit(fault, other) for other in group)), None)
        if place is None:
            out.append([fault])
        else:
            place.append(fault)
    return out


def _fit(one: Fault, other: Fault) -> bool:
    """Orders of the one are no orders of the other, and neither wants the company in another way."""
    if set(one.status) & set(other.status) or not one.causes or not other.causes:
        return False
    if _touched(one) & _touched(other):
        return False
    settings = [*_shared(one.env, other.env), *_shared(one.instances, other.instances)]
    return all(a == b for a, b in settings)


def _touched(fault: Fault) -> set[str]:
    steps = [step.get("service") or step.get("db") for step in fault.steps]
    return {name for name in steps if name} | {patch["service"] for patch in fault.patches.values()}


def _shared(one: dict, other: dict) -> list[tuple]:
    return [(one[name], other[name]) for name in one.keys() & other.keys()]


def _together(faults: list[Fault], engine: str) -> list[Row]:
    names = ", ".join(fault.name for fault in faults)
    say(f"live: {names}")
    faults, orders = one_after_the_other(faults)
    company = Company(
        run_folder("live"),
        {k: v for f in faults for k, v in f.instances.items()},
        {k: v for f in faults for k, v in f.env.items()},
        {"product": _loudest(f.product for f in faults), "customer": _loudest(f.customer for f in faults)},
        [engine],
        seed=seed_of(names),
    )
    steps = [Steps(fault, company) for fault in faults]
    try:
        _run(company, steps, orders)
        say(f"{len(company.load.posted.ids)} orders posted; settling")
        time.sleep(max(fault.settle for fault in faults))
        company.freeze()
        company.shipper.finish()
        now = timestamp()
        return [_verdict(company, *pair, now, engine, logs) for pair in zip(faults, steps, strict=True) for logs in _LOGS]
    finally:
        company.close()


def one_after_the_other(faults: list[Fault]) -> tuple[list[Fault], int]:
    """The faults with their steps moved behind each other, and how many orders that takes."""
    start, out = WARM_UP, []
    for fault in faults:
        begins = [step["at"] for step in fault.steps if step.get("at", 0) > 0]
        first, last = min(begins, default=0), max(begins, default=0)
        moved = [s | {"at": s["at"] - first + start} if s.get("at", 0) > 0 else s for s in fault.steps]
        out.append(replace(fault, steps=moved))
        start += last - first + APART
    return out, start


def _loudest(noises) -> dict[str, float]:
    found: dict[str, float] = {}
    for noise in noises:
        found |= {name: max(share, found.get(name, 0.0)) for name, share in noise.items()}
    return found


def _run(company: Company, steps: list[Steps], orders: int) -> None:
    company.repos()
    for each in steps:
        each.build_ahead()
    company.up()
    company.databases.let_read()
    for each in steps:
        each.start()
    company.load.run(orders, PER_SECOND, lambda: min(each.limit() for each in steps))
    company.load.posted.finish()
    for each in steps:
        each.join()


def _verdict(company: Company, fault: Fault, steps: Steps, now: str, engine: str, logs: str) -> Row:
    name = f"{fault.name} ({logs})"
    folder = company.folder / "asked" / f"{fault.name}-{logs}"
    folder.mkdir(parents=True)
    (folder / "waylaid.toml").write_text(configuration(company, fault, _LOGS[logs](company, engine)))
    stuck = stuck_now(company.databases, fault, now)
    want = expected(company, fault, steps, stuck, now)
    # A machine under load can hold up orders that nobody aimed at; a cause of theirs alone is no wrong answer.
    want["others"] = sorted(map(str, stuck - {int(order) for cause in want["causes"] for order in cause["entities"]}))
    (folder / "expected.json").write_text(dump(want))
    row = ask(folder, want, name, {"LAB_READER": READER})
    if row.wrong:
        say(f"{name} is wrong: {'; '.join(row.wrong)} (question and answer: {folder})")
    return row


def _files(company: Company, _engine: str) -> str:
    return f'[logs.main]\nkind = "files"\npath = {json.dumps(str(company.fleet.logs))}\n'


def _search(company: Company, engine: str) -> str:
    kind = "opensearch" if engine.startswith("opensearch") else "elasticsearch"
    return f'[logs.main]\nkind = "{kind}"\nurl = "{company.servers.places[engine]["url"]}"\nindex = "logs-fernmoor-*"\n'


_LOGS: dict[str, Callable[[Company, str], str]] = {"files": _files, "search": _search}


def configuration(company: Company, fault: Fault, logs: str) -> str:
    """The live stores, read by somebody who may only read."""
    out = ['[system]\nname = "fernmoor"\n', logs]
    out.append(f'[topics.main]\nkind = "kafka"\nbootstrap = "{company.broker.bootstrap}"\n')
    out += [_table(company, s.database, s.dialect) for s in SERVICES.values() if s.database]
    return "\n".join([*out, rules(fault, lambda service: str(company.repositories[service]))])


def _table(company: Company, database: str, dialect: str) -> str:
    if dialect == "sqlite":
        return f'[tables.{database}]\nkind = "sqlite"\npath = {json.dumps(str(company.databases.path(database)))}\n'
    place = company.servers.login(dialect)
    kind = {"postgres": "postgres", "mariadb": "mysql"}[dialect]
    return (
        f'[tables.{database}]\nkind = "{kind}"\nurl = "{kind}://{place.host}:{place.port}/{database}"\n'
        f'user = "{READER}"\npassword = "env:LAB_READER"\n'
    )
