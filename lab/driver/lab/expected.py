"""The expected answer of a fault, derived from what was injected and from the stores; Waylaid is never asked."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lab.company import Company
from lab.databases import Databases
from lab.faultfile import Fault
from lab.steps import Steps


class ExpectationError(Exception):
    """The fault did not do what its file says it does."""


def expected(company: Company, fault: Fault, steps: Steps, stuck: set[int], now: str) -> dict[str, Any]:
    causes = [_cause(company, fault, steps, cause, stuck) for cause in fault.causes]
    explained = {order for cause in causes for order in map(int, cause["entities"])}
    if fault.outcome != "no_fault" and not stuck:
        raise ExpectationError("nobody is stuck: the fault did not show")
    for cause in causes:
        if not cause["entities"]:
            raise ExpectationError(f"nobody is stuck of {cause['kind']}: the fault did not show")
    return {
        "question": {"entity": "order", "args": [], "now": now},
        "outcome": fault.outcome,
        "cohort": len(stuck),
        "causes": causes,
        "unexplained": 0 if fault.outcome == "no_fault" else len(stuck - explained),
        "ruled_out": fault.ruled_out,
        "notes": " ".join(fault.story.split()),
    }


def stuck_recorded(orders: Path, fault: Fault, now: str) -> set[int]:
    """By the rule of the case's waylaid.toml, with a plain query of the recorded table."""
    with closing(sqlite3.connect(orders)) as db:
        rows = db.execute(_in_status(fault)).fetchall()
    return _long_enough([(number, datetime.fromisoformat(at)) for number, at in rows], fault, now)


def stuck_now(databases: Databases, fault: Fault, now: str) -> set[int]:
    """The same of the live table."""
    return _long_enough(databases.query("orders", _in_status(fault)), fault, now)


def _in_status(fault: Fault) -> str:
    states = ", ".join(f"'{status}'" for status in fault.status)
    return f"SELECT id, status_changed_at FROM orders WHERE status IN ({states})"


def _long_enough(rows: list[tuple], fault: Fault, now: str) -> set[int]:
    limit = datetime.fromisoformat(now) - timedelta(seconds=fault.stuck_for)
    return {number for number, at in rows if at <= limit}


def _cause(company: Company, fault: Fault, steps: Steps, cause: dict[str, Any], stuck: set[int]) -> dict[str, Any]:
    # Whatever else a cause hit and what was repaired since: only the stuck are asked about.
    orders = stuck & _entities(company, steps, cause.get("entities", [{"from": "stuck"}]), stuck)
    out: dict[str, Any] = {k: cause[k] for k in ("kind", "service", "hop", "or_hop", "origin") if k in cause}
    out["explains"] = len(orders)
    out["entities"] = [str(order) for order in sorted(orders)]
    if "keys" in cause:
        out["keys"] = _keys(company, steps, cause["keys"], orders)
    if "code" in cause:
        out["code"] = _code(company, cause["code"], cause["service"])
    return out


def _entities(company: Company, steps: Steps, parts: list[dict[str, Any]], stuck: set[int]) -> set[int]:
    operations: dict[str, Callable[[set[int], set[int]], set[int]]] = {
        "and": set.intersection,
        "minus": set.difference,
        "or": set.union,
    }
    result: set[int] = set()
    for number, part in enumerate(parts):
        these = _set(company, steps, part, stuck)
        result = these if number == 0 else operations[part["op"]](result, these)
    return result


def _set(company: Company, steps: Steps, part: dict[str, Any], stuck: set[int]) -> set[int]:
    posted = company.load.posted
    if part.get("from") == "stuck":
        return set(stuck)
    if part.get("from") == "posted":
        return set(posted.ids)
    if "tag" in part:
        return set(posted.tags.get(part["tag"], []))
    if "sql" in part:
        return {int(row[0]) for row in company.databases.query(part["db"], steps.fill(part["sql"]))}
    if "topic" in part:
        return _of_topic(company, part)
    raise ExpectationError(f"a set without a source: {part}")


def _of_topic(company: Company, part: dict[str, Any]) -> set[int]:
    """The order ids that are the keys of a topic's records, or what stands at orderId where the key is another."""
    found = set()
    for message in company.broker.records(part["topic"], company.broker.watermarks()):
        if "partition" in part and message.partition() != part["partition"]:
            continue
        headers = {k: (v or b"").decode("utf-8", "replace") for k, v in message.headers() or []}
        if any(headers.get(k) != v for k, v in part.get("headers", {}).items()):
            continue
        if "path" in part and _at(message.value(), part["path"]) != part["equals"]:
            continue
        key = (message.key() or b"").decode("utf-8", "replace")
        if re.fullmatch(r"\d+", key):
            found.add(int(key))
    return found


def _at(value: bytes | None, path: str) -> Any:
    try:
        node = json.loads(value or b"null")
    except ValueError:
        return None
    for name in path.removeprefix("$.").split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _keys(company: Company, steps: Steps, keys: dict[str, Any], orders: set[int]) -> dict[str, Any]:
    if "log" in keys:
        values = _in_log(company, keys["log"], orders)
        found = [int(v) if re.fullmatch(r"\d+", v) else v for v in values]
    else:
        found = [row[0] for row in company.databases.query(keys["db"], steps.fill(keys["sql"]))]
    return {"table": keys["table"], "columns": keys["columns"], "values": sorted(found, key=lambda v: (str(type(v)), v))}


_COORDINATES = re.compile(r"([\w.]+)-(\d+)@(\d+)")


def _in_log(company: Company, log: dict[str, str], orders: set[int]) -> set[str]:
    """What the pattern captures in a service's log, less the lines about the records of orders that are not stuck."""
    pattern = re.compile(log["pattern"])
    owners = _owners(company)
    values: set[str] = set()
    for path in (company.fleet.logs / log["service"]).glob("*.log"):
        for line in path.read_text(errors="replace").splitlines():
            named = [owners[place] for place in _COORDINATES.findall(line) if place in owners]
            if not named or any(order in orders for order in named):
                values |= set(pattern.findall(line))
    return values


def _owners(company: Company) -> dict[tuple[str, str, str], int]:
    """Whose record it is, for every record whose key is an order's number."""
    marks = company.broker.watermarks()
    return {
        (topic, str(message.partition()), str(message.offset())): int(message.key())
        for topic in company.broker.topics()
        for message in company.broker.records(topic, marks)
        if re.fullmatch(rb"\d+", message.key() or b"")
    }


def _code(company: Company, code: dict[str, Any], service: str) -> dict[str, Any]:
    path = company.repositories[code.get("service", service)] / code["path"]
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if code["contains"] in line]
    if len(found) != 1:
        raise ExpectationError(f"{code['path']}: {len(found)} lines contain {code['contains']!r}")
    return {"path": code["path"], "line": found[0]}
