"""One fault from beginning to end: company up, load and fault, settling, recording, company down."""

import json
import shutil
import time
from pathlib import Path

from lab.company import Company
from lab.expected import ExpectationError, expected, stuck_recorded
from lab.faultfile import Fault
from lab.places import run_folder
from lab.record import packed_size, record
from lab.say import say
from lab.steps import Steps, timestamp

LIMIT = 1_000_000
HEALS_WITHIN = 120.0


def drill(fault: Fault, more_servers: list[str] | None = None) -> Path:
    """Runs it for real and returns the folder of its case, below the run's folder."""
    say(f"fault {fault.name}: {fault.title}")
    noise = {"product": fault.product, "customer": fault.customer}
    company = Company(run_folder(fault.name), fault.instances, fault.env, noise, more_servers, seed=seed_of(fault.name))
    steps = Steps(fault, company)
    try:
        company.repos()
        steps.build_ahead()
        company.up()
        steps.start()
        company.load.run(fault.orders, fault.per_second, steps.limit)
        last_order = time.monotonic()
        company.load.posted.finish()
        steps.join()
        say(f"{len(company.load.posted.ids)} orders posted; settling")
        time.sleep(max(0.0, last_order + fault.settle - time.monotonic()))
        return _case(company, fault, steps)
    finally:
        company.close()


def _case(company: Company, fault: Fault, steps: Steps) -> Path:
    case = company.folder / "case"
    # Whoever is in the middle of something stands still meanwhile, so that all stores tell of one moment.
    company.freeze()
    now = timestamp()
    record(company, fault, case / "incident")
    stuck = stuck_recorded(case / "incident" / "tables" / "orders.sqlite", fault, now)
    answer = expected(company, fault, steps, stuck, now)
    (case / "expected.json").write_text(dump(answer))
    if fault.outcome == "no_fault":
        _heals(company, fault, stuck)
    size = packed_size(case)
    say(f"recorded: {answer['cohort']} stuck, {[c['explains'] for c in answer['causes']]} explained, {size // 1000} kB")
    if size > LIMIT:
        raise RuntimeError(f"the case has {size} bytes, more than {LIMIT}")
    return case


def _heals(company: Company, fault: Fault, waiting: set[int]) -> None:
    """Nothing was wrong only if whoever waited gets on, once the company goes on."""
    company.thaw()
    end = time.monotonic() + HEALS_WITHIN
    states = ", ".join(f"'{status}'" for status in fault.status)
    while waiting and time.monotonic() < end:
        time.sleep(2)
        waiting &= {row[0] for row in company.databases.query("orders", f"SELECT id FROM orders WHERE status IN ({states})")}
    if waiting:
        raise ExpectationError(f"something was wrong after all: {sorted(waiting)[:5]} did not get on")


def dump(answer: dict) -> str:
    """Readable, with lists of keys on one line."""
    text = json.dumps(answer, indent=2, ensure_ascii=False)
    lists = {id(v): v for c in answer["causes"] for v in (c["entities"], c.get("keys", {}).get("values")) if v}
    for values in lists.values():
        for depth in (6, 8):
            pad = " " * depth
            long = "[\n" + ",\n".join(f"{pad}  {json.dumps(v)}" for v in values) + f"\n{pad}]"
            text = text.replace(long, json.dumps(values))
    return text + "\n"


def keep(case: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(case, target)


def seed_of(name: str) -> int:
    return sum(ord(c) * (n + 1) for n, c in enumerate(name))
