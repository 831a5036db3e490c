"""Reads lab/faults/NAME/fault.toml; what it does not know is an error."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.model import CARRIER, SERVICES
from lab.places import FAULTS

_TOP = {
    "name",
    "title",
    "story",
    "outcome",
    "stuck",
    "load",
    "settle",
    "instances",
    "env",
    "product",
    "customer",
    "patches",
    "steps",
    "expected",
    "without",
}
_STEP = {
    "deploy": {"service", "patch", "patches", "instances", "env", "wait_ready"},
    "env": {"service", "instances", "set", "wait_ready"},
    "stop": {"service", "instances", "signal"},
    "start": {"service", "instances"},
    "sql": {"db", "sql", "file"},
    "lock": {"db", "sql", "hold"},
    "publish": {"topic", "key", "value", "partition", "headers", "count"},
    "topic": {"name", "partitions", "config"},
    "products": {"sql", "remove", "add"},
    "customers": {"sql", "remove", "add"},
    "clock": {"service", "instances", "offset"},
    "post": {"orders", "count", "tag"},
    "wait": set(),
}
_CAUSE = {"kind", "service", "hop", "or_hop", "origin", "code", "entities", "keys", "from_step"}
_SET = {"op", "from", "tag", "db", "sql", "topic", "partition", "headers", "path", "equals"}
_RULED_OUT = {"kind", "service"}


class FaultError(Exception):
    """The fault file cannot be used; the text says why."""


@dataclass
class Fault:
    name: str
    folder: Path
    title: str
    story: str
    outcome: str
    status: list[str]
    stuck_for: float
    stuck_for_text: str
    done: list[str] | None
    orders: int = 240
    per_second: float = 4.0
    settle: float = 40.0
    instances: dict[str, int] = field(default_factory=dict)
    env: dict[str, dict[str, str]] = field(default_factory=dict)
    product: dict[str, float] = field(default_factory=dict)
    customer: dict[str, float] = field(default_factory=dict)
    patches: dict[str, dict[str, str]] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    causes: list[dict[str, Any]] = field(default_factory=list)
    ruled_out: list[dict[str, Any]] = field(default_factory=list)
    without_logs: list[str] = field(default_factory=list)


def seconds(text: str | float) -> float:
    """`90`, `45s`, `5m`, `1h`."""
    if isinstance(text, int | float):
        return float(text)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?", text.strip())
    if match is None:
        raise FaultError(f"not a length of time: {text!r}")
    return float(match[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600, None: 1}[match[2]]


def names() -> list[str]:
    return sorted(path.parent.name for path in FAULTS.glob("*/fault.toml"))


def read(name: str) -> Fault:
    folder = FAULTS / name
    path = folder / "fault.toml"
    if not path.exists():
        raise FaultError(f"there is no fault {name}; there is {', '.join(names())}")
    try:
        return parse(name, folder, tomllib.loads(path.read_text(encoding="utf-8")))
    except (FaultError, tomllib.TOMLDecodeError, KeyError) as error:
        raise FaultError(f"{path}: {error!r}") from error


def parse(name: str, folder: Path, raw: dict[str, Any]) -> Fault:
    _known("fault.toml", raw, _TOP)
    if raw["name"] != name:
        raise FaultError(f"it is called {raw['name']}")
    stuck, load, expected = raw["stuck"], raw.get("load", {}), raw.get("expected", {})
    _known("stuck", stuck, {"status", "for", "done"})
    _known("load", load, {"orders", "per_second"})
    _known("expected", expected, {"causes", "ruled_out"})
    status = stuck["status"]
    fault = Fault(
        name,
        folder,
        raw["title"],
        raw["story"],
        raw["outcome"],
        status if isinstance(status, list) else [status],
        seconds(stuck["for"]),
        stuck["for"],
        stuck.get("done"),
        instances=raw.get("instances", {}),
        env=raw.get("env", {}),
        product=raw.get("product", {}),
        customer=raw.get("customer", {}),
        patches=raw.get("patches", {}),
        steps=raw.get("steps", []),
        causes=expected.get("causes", []),
        ruled_out=expected.get("ruled_out", []),
        without_logs=raw.get("without", {}).get("logs", []),
    )
    fault.orders = load.get("orders", fault.orders)
    fault.per_second = load.get("per_second", fault.per_second)
    fault.settle = seconds(raw.get("settle", fault.settle))
    _check(fault)
    return fault


def _check(fault: Fault) -> None:
    if fault.outcome not in ("confirmed", "likely", "inconclusive", "no_fault"):
        raise FaultError(f"no such outcome: {fault.outcome}")
    for service in [*fault.instances, *fault.env, *fault.without_logs]:
        _service(service)
    for name, patch in fault.patches.items():
        _known(f"patches.{name}", patch, {"service", "file"})
        _service(patch["service"])
        if not (fault.folder / patch["file"]).exists():
            raise FaultError(f"there is no {patch['file']}")
    for number, step in enumerate(fault.steps, 1):
        _check_step(fault, number, step)
    for cause in fault.causes:
        _known("expected.causes", cause, _CAUSE)
        for part in cause.get("entities", []):
            _known("expected.causes.entities", part, _SET)
        _known("expected.causes.keys", cause.get("keys", {}), {"table", "columns", "db", "sql", "log"})
    for entry in fault.ruled_out:
        _known("expected.ruled_out", entry, _RULED_OUT)


def _check_step(fault: Fault, number: int, step: dict[str, Any]) -> None:
    where = f"step {number}"
    do = step.get("do")
    if do not in _STEP:
        raise FaultError(f"{where}: do must be one of {', '.join(_STEP)}, is {do}")
    _known(f"{where} ({do})", step, _STEP[do] | {"do", "at", "after"})
    if "service" in step and step["service"] != CARRIER:
        _service(step["service"])
    for patch in patches_of(step):
        if patch not in fault.patches:
            raise FaultError(f"{where}: there is no patch {patch}")


def patches_of(step: dict[str, Any]) -> list[str]:
    return step.get("patches") or ([step["patch"]] if "patch" in step else [])


def _service(name: str) -> None:
    if name not in SERVICES:
        raise FaultError(f"there is no service {name}; there is {', '.join(SERVICES)}")


def _known(where: str, table: dict[str, Any], allowed: set[str]) -> None:
    for key in table:
        if key not in allowed:
            raise FaultError(f"{where}: unknown key {key}; known are {', '.join(sorted(allowed))}")
