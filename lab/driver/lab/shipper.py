"""The log shipper: follows the services' files and indexes their lines as ECS, into Elasticsearch and OpenSearch alike."""

import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from lab.say import say

_PINO = {10: "TRACE", 20: "DEBUG", 30: "INFO", 40: "WARN", 50: "ERROR", 60: "FATAL"}
_PLAIN = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d),(\d{3}) (\w+)\s+(\w+): (.*)", re.DOTALL)
# Where each ecosystem puts what ECS has a name for.
_NAMES = {
    "@timestamp": "@timestamp", "timestamp": "@timestamp", "time": "@timestamp",
    "message": "message", "msg": "message", "event": "message",
    "log.level": "log.level", "level": "log.level",
    "log.logger": "log.logger", "logger_name": "log.logger", "logger": "log.logger",
    "thread_name": "process.thread.name", "process.thread.name": "process.thread.name",
    "service.name": "service.name", "service": "service.name",
    "service.node.name": "service.node.name", "instance": "service.node.name",
    "service.version": "service.version", "version": "service.version",
    "stack_trace": "error.stack_trace", "error.stack_trace": "error.stack_trace", "stack": "error.stack_trace",
    "exception": "error.stack_trace", "error.type": "error.type", "error.message": "error.message",
    "trace.id": "trace.id", "traceId": "trace.id", "trace_id": "trace.id", "span.id": "span.id", "spanId": "span.id",
}  # fmt: skip
_DROPPED = {"@version", "level_value", "ecs.version", "event.dataset", "pid", "hostname"}
_MAPPING = {
    "mappings": {
        "dynamic_templates": [{"texts": {"match_mapping_type": "string", "mapping": {"type": "keyword", "ignore_above": 8000}}}],
        "properties": {
            "@timestamp": {"type": "date"},
            "message": {"type": "text"},
            "error": {"properties": {"stack_trace": {"type": "text"}, "message": {"type": "text"}}},
        },
    }
}  # fmt: skip


class Shipper:
    def __init__(self, logs: Path, urls: list[str]) -> None:
        self._logs = logs
        self._urls = urls
        self._read: dict[Path, int] = {}
        self._client = httpx.Client(timeout=30)
        self._known: set[str] = set()
        self._batch: list[tuple[str, dict[str, Any]]] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def finish(self) -> None:
        """Everything that is written can be searched from here on; nothing more is shipped."""
        self.close()
        for url in self._urls:
            self._client.post(f"{url}/_refresh").raise_for_status()

    def _work(self) -> None:
        while not self._ends.wait(1):
            self.ship()
        self.ship()

    def ship(self) -> None:
        """What was written since the last time."""
        for path in sorted(self._logs.rglob("*.log")):
            for service, document in self._documents(path):
                self._batch.append((f"logs-fernmoor-{service}", document))
        self._flush()

    def _documents(self, path: Path):
        text = path.read_bytes()[self._read.get(path, 0) :]
        whole = text.rfind(b"\n") + 1
        self._read[path] = self._read.get(path, 0) + whole
        for event in events(text[:whole].decode("utf-8", "replace")):
            document = to_ecs(event, path.parent.name, path.stem)
            if document is not None:
                document["log.file.path"] = f"/var/log/fernmoor/{path.name}"
                yield path.parent.name, document

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        for start in range(0, len(batch), 1000):
            part = batch[start : start + 1000]
            lines = [json.dumps(x) for index, document in part for x in ({"create": {"_index": index}}, document)]
            for url in self._urls:
                self._prepare(url, {index for index, _ in part})
                self._post(url, "\n".join(lines) + "\n")

    def _prepare(self, url: str, indices: set[str]) -> None:
        for index in indices:
            if f"{url}/{index}" not in self._known:
                self._client.put(f"{url}/{index}", json=_MAPPING)
                self._known.add(f"{url}/{index}")

    def _post(self, url: str, body: str) -> None:
        try:
            answer = self._client.post(
                f"{url}/_bulk", content=body.encode(), headers={"content-type": "application/x-ndjson"}
            )
            if answer.status_code != 200 or answer.json().get("errors"):
                say(f"some lines were refused by {url}: {answer.text[:300]}")
        except httpx.HTTPError as error:
            say(f"lines are lost to {url}: {error!r}")


def events(text: str) -> list[str]:
    """Lines; what follows a dated plain line without a date of its own belongs to it."""
    out: list[str] = []
    for line in text.split("\n"):
        if line.startswith("{") or _PLAIN.match(line) or not out:
            out.append(line)
        elif line:
            out[-1] += "\n" + line
    return [event for event in out if event]


def to_ecs(event: str, service: str, instance: str) -> dict[str, Any] | None:
    document = _of_json(event) if event.startswith("{") else _of_plain(event)
    if document is None:
        return None
    return {"service.name": service, "service.node.name": instance, "ecs.version": "8.11"} | document


def _of_json(event: str) -> dict[str, Any] | None:
    try:
        fields = json.loads(event)
    except ValueError:
        return None
    document: dict[str, Any] = {}
    labels: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _DROPPED:
            continue
        if name == "err" and isinstance(value, dict):
            document |= {f"error.{to}": value[of] for of, to in _ERR.items() if of in value}
        elif name in _NAMES and isinstance(value, str | int | float):
            document[_NAMES[name]] = value
        else:
            labels[name] = value if isinstance(value, str | int | float | bool) else json.dumps(value)
    if labels:
        document["labels"] = labels
    level, moment = document.get("log.level"), document.get("@timestamp")
    document["log.level"] = _PINO.get(level, str(level or "INFO").upper())
    if isinstance(moment, int):
        document["@timestamp"] = datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds")
    return document


_ERR = {"type": "type", "message": "message", "stack": "stack_trace", "code": "code"}


def _of_plain(event: str) -> dict[str, Any] | None:
    """invoice-legacy: local time without a zone, a level in words, the class, the text, perhaps a stack trace."""
    match = _PLAIN.match(event)
    if match is None:
        return None
    day, month, year, clock, millis, level, logger, text = match.groups()
    local = datetime.fromisoformat(f"{year}-{month}-{day}T{clock}.{millis}").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    message, _, trace = text.partition("\n")
    levels = {"SEVERE": "ERROR", "WARNING": "WARN", "FINE": "DEBUG"}
    document = {
        "@timestamp": local.astimezone(UTC).isoformat(timespec="milliseconds"),
        "log.level": levels.get(level, level),
        "log.logger": logger,
        "message": message,
    }
    return document | ({"error.stack_trace": trace} if trace else {})
