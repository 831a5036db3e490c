"""Carries out the steps of a fault on the running company."""

import json
import math
import re
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab import builds, history
from lab.company import Company
from lab.databases import Databases
from lab.faultfile import Fault, patches_of, seconds
from lab.fleet import shifted_clock
from lab.model import CARRIER
from lab.say import say

# So many orders may come in while a step is carried out.
AHEAD = 20
_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")


def timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Steps:
    def __init__(self, fault: Fault, company: Company) -> None:
        self._fault = fault
        self._company = company
        self._finished: list[str] = []
        self._finished_at: list[float] = []
        self._failure: BaseException | None = None
        self._begun_at: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def build_ahead(self) -> None:
        """Building takes the machine away from the services, so every commit that a step needs is built before."""
        scratch = self._company.folder / "ahead"
        for service in {p["service"] for p in self._fault.patches.values()}:
            history.create(service, scratch / service)
        for step in self._fault.steps:
            for name in patches_of(step):
                patch = self._fault.patches[name]
                history.apply(scratch / patch["service"], self._fault.folder / patch["file"])
                builds.build(patch["service"], scratch / patch["service"])

    def start(self) -> None:
        """What stands before the first order is done at once, the rest beside the load."""
        self._thread.start()
        while self._thread.is_alive() and self._waits_for_nobody():
            time.sleep(0.05)
        self.check()

    def _waits_for_nobody(self) -> bool:
        done = len(self._finished)
        return done < len(self._fault.steps) and self._fault.steps[done].get("at", 0) == 0 and not self._failure

    def limit(self) -> float:
        """How many orders may be posted by now: the load does not run away from a step that takes its time."""
        done = len(self._finished)
        if self._failure or done == len(self._fault.steps):
            return math.inf
        if self._begun_at is not None:
            return self._begun_at + AHEAD
        return math.inf

    def join(self) -> None:
        self._thread.join()
        self.check()

    def check(self) -> None:
        if self._failure:
            number = len(self._finished) + 1
            raise RuntimeError(f"{self._fault.name}, step {number}: {self._failure!r}") from self._failure

    def _run(self) -> None:
        try:
            for number, step in enumerate(self._fault.steps, 1):
                self._await(step)
                self._begun_at = len(self._company.load.posted.ids)
                say(f"step {number}: {step['do']} {step.get('service', step.get('db', step.get('topic', '')))}")
                getattr(self, f"_{step['do']}")(self._filled(step))
                self._finished.append(timestamp())
                self._finished_at.append(time.monotonic())
                self._begun_at = None
        except BaseException as error:  # noqa: BLE001 (told by whoever waits for us)
            self._failure = error

    def _await(self, step: dict[str, Any]) -> None:
        before = self._finished_at[-1] if self._finished_at else time.monotonic()
        self._company.load.posted.wait_for(step.get("at", 0))
        time.sleep(max(0.0, before + seconds(step.get("after", 0)) - time.monotonic()))

    # -- the steps -------------------------------------------------------------------------------------------------

    def _deploy(self, step: dict[str, Any]) -> None:
        named = [self._fault.patches[name] for name in patches_of(step)]
        service = step.get("service") or named[0]["service"]
        repository = self._company.repositories[service]
        for patch in named:
            history.apply(repository, self._fault.folder / patch["file"])
        build = builds.build(service, repository)
        for instance in self._company.fleet.of(service, step.get("instances")):
            self._company.fleet.restart(instance, build, step.get("env"), step.get("wait_ready", True))

    def _env(self, step: dict[str, Any]) -> None:
        for instance in self._company.fleet.of(step["service"], step.get("instances")):
            self._company.fleet.restart(instance, env=step["set"], must_answer=step.get("wait_ready", True))

    def _stop(self, step: dict[str, Any]) -> None:
        if step["service"] == CARRIER:
            self._company.carrier.fall_silent()
            return
        how = step.get("signal", "TERM")
        for instance in self._company.fleet.of(step["service"], step.get("instances")):
            if how == "STOP":
                self._company.fleet.pause(instance)
            else:
                self._company.fleet.stop(instance, getattr(signal, f"SIG{how}"))

    def _start(self, step: dict[str, Any]) -> None:
        if step["service"] == CARRIER:
            self._company.carrier.answer_again()
            return
        for instance in self._company.fleet.of(step["service"], step.get("instances")):
            if instance.process is not None:
                self._company.fleet.resume(instance)
            else:
                self._company.fleet.start(instance)

    def _sql(self, step: dict[str, Any]) -> None:
        self._company.databases.execute(step["db"], self._text(step))

    def _lock(self, step: dict[str, Any]) -> None:
        self._company.databases.hold(step["db"], step["sql"], seconds(step["hold"]))

    def _publish(self, step: dict[str, Any]) -> None:
        for _ in range(step.get("count", 1)):
            self._company.broker.publish(
                step["topic"], step.get("key"), step["value"], step.get("partition"), step.get("headers")
            )

    def _topic(self, step: dict[str, Any]) -> None:
        config = {k: str(v) for k, v in step.get("config", {}).items()}
        self._company.broker.create({step["name"]: step.get("partitions", 3)}, config)

    def _products(self, step: dict[str, Any]) -> None:
        _change(self._company.databases, "products", "products", "sku", step, {"weightGrams": "weight_grams"})

    def _customers(self, step: dict[str, Any]) -> None:
        _change(self._company.databases, "customers", "customers", "customer_id", step, {"customerId": "customer_id"})

    def _clock(self, step: dict[str, Any]) -> None:
        for instance in self._company.fleet.of(step["service"], step.get("instances")):
            self._company.fleet.restart(instance, env=shifted_clock(step["offset"]))

    def _post(self, step: dict[str, Any]) -> None:
        for _ in range(step.get("count", 1)):
            for order in step["orders"]:
                self._company.load.post(order, step.get("tag", "posted by the fault"))

    def _wait(self, step: dict[str, Any]) -> None:
        pass

    # -- placeholders ----------------------------------------------------------------------------------------------

    def _text(self, step: dict[str, Any]) -> str:
        return step["sql"] if "sql" in step else self.fill(Path(self._fault.folder / step["file"]).read_text())

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, dict):
            return {k: self._filled(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._filled(v) for v in value]
        return value

    def fill(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: self._value(match[1]), text)

    def _value(self, name: str) -> str:
        ids = self._company.load.posted.ids
        if name == "now":
            return timestamp()
        if name in ("first_id", "last_id"):
            return str(min(ids) if name == "first_id" else max(ids))
        if match := re.fullmatch(r"step\.(\d+)\.time", name):
            return self._finished[int(match[1]) - 1]
        if match := re.fullmatch(r"order\.(\d+)", name):
            return str(ids[int(match[1]) - 1])
        raise ValueError(f"unknown placeholder {name}")


def _change(databases: Databases, db: str, table: str, key: str, step: dict[str, Any], renamed: dict[str, str]) -> None:
    if "sql" in step:
        databases.execute(db, step["sql"])
    for value in step.get("remove", []):
        databases.execute(db, f"DELETE FROM {table} WHERE {key} = '{value}'")
    for row in step.get("add", []):
        columns = ", ".join(renamed.get(name, name) for name in row)
        values = ", ".join(
            json.dumps(v) if isinstance(v, int) else "'" + str(v).replace("'", "''") + "'" for v in row.values()
        )
        databases.execute(db, f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({values})")
