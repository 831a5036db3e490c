"""A recording: the bundle that an investigator gets, out of the live stores."""

import gzip
import io
import json
import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import zstandard

from lab import history, tables
from lab.broker import Broker
from lab.company import Company
from lab.faultfile import Fault
from lab.model import SERVICES, STATUSES
from lab.places import BUILDS, CACHE, ROOT

# Where a service stands in its container image; the driver's own folders are nobody's business.
IMAGE = "/app"


def record(company: Company, fault: Fault, incident: Path) -> None:
    shutil.rmtree(incident, ignore_errors=True)
    incident.mkdir(parents=True)
    _tables(company, incident / "tables")
    _topics(company.broker, incident / "topics")
    _logs(company, fault, incident / "logs")
    for service, repository in company.repositories.items():
        history.export(repository, "HEAD", incident / "code" / service)
    (incident / "waylaid.toml").write_text(configuration(fault))


def _tables(company: Company, folder: Path) -> None:
    for service in SERVICES.values():
        if service.database:
            tables.copy(company.databases, service.database, folder / f"{service.database}.sqlite")


def _topics(broker: Broker, folder: Path) -> None:
    folder.mkdir(parents=True)
    marks = broker.watermarks()
    listed = []
    for topic, partitions in broker.topics().items():
        ends = [{"partition": p, "start": marks[topic, p][0], "end": marks[topic, p][1]} for p in partitions]
        listed.append({"topic": topic, "partitions": ends, "config": {"cleanup.policy": "delete"}})
        lines = sorted(
            (message.timestamp()[1], message.partition(), message.offset(), envelope(message))
            for message in broker.records(topic, marks)
        )
        if lines:
            _write(folder / f"{topic}.ndjson", "".join(line + "\n" for *_, line in lines).encode(), len(listed))
    (folder / "_topics.json").write_text(_one_a_line(listed))
    groups = [
        {"group": group, "topic": topic, "partition": p, "committed": offset, "end": marks[topic, p][1]}
        for group, topic, p, offset in broker.committed()
        if (topic, p) in marks
    ]
    (folder / "_groups.json").write_text(_one_a_line(groups))


def envelope(message) -> str:
    """A record as `kcat -J` prints it."""
    headers: list[str | None] = []
    for name, value in message.headers() or []:
        headers += [name, None if value is None else value.decode("utf-8", "replace")]
    key, value = message.key(), message.value()
    return json.dumps(
        {
            "topic": message.topic(),
            "partition": message.partition(),
            "offset": message.offset(),
            "tstype": "create",
            "ts": message.timestamp()[1],
            "broker": 1,
            **({"headers": headers} if headers else {}),
            "key": None if key is None else key.decode("utf-8", "replace"),
            "payload": None if value is None else value.decode("utf-8", "replace"),
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _logs(company: Company, fault: Fault, folder: Path) -> None:
    for number, path in enumerate(sorted(company.fleet.logs.rglob("*.log"))):
        service = path.parent.name
        if service in fault.without_logs:
            continue
        text = hide_places(path.read_bytes(), company.fleet.builds.get(service, set()))
        _write(folder / service / path.name, text, number)


def hide_places(text: bytes, builds: set[Path]) -> bytes:
    """Names of this machine's folders become those of the image."""
    for build in sorted(builds, key=str):
        text = text.replace(str(build).encode(), IMAGE.encode())
    node = re.escape(str(CACHE / "node").encode()) + rb"/[0-9a-f]+/node_modules"
    text = re.sub(node, f"{IMAGE}/node_modules".encode(), text)
    for place, name in ((BUILDS, IMAGE), (CACHE, "/var/lib/fernmoor"), (ROOT, "/srv")):
        text = text.replace(str(place).encode(), name.encode())
    return text


def _write(path: Path, content: bytes, number: int) -> None:
    """Small ones as they are, large ones packed, one way and the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if len(content) < 8_000:
        path.write_bytes(content)
    elif number % 2:
        path.with_name(path.name + ".zst").write_bytes(zstandard.ZstdCompressor(level=19).compress(content))
    else:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))


def configuration(fault: Fault) -> str:
    """No more than somebody writes who has just heard of the tool."""
    out = [
        '[system]\nname = "fernmoor"\n',
        '[logs.main]\nkind = "files"\npath = "logs"\n',
        '[topics.main]\nkind = "files"\npath = "topics"\n',
    ]
    owned = [s for s in SERVICES.values() if s.database]
    out += [f'[tables.{s.database}]\nkind = "sqlite"\npath = "tables/{s.database}.sqlite"\n' for s in owned]
    return "\n".join([*out, rules(fault, lambda service: f"code/{service}")])


def rules(fault: Fault, code: Callable[[str], str]) -> str:
    """What is the same wherever the stores are: the services, and who is stuck."""
    out = []
    for s in sorted(SERVICES.values(), key=lambda s: s.name):
        lines = [f"[service.{s.name}]"] + ([f'tables = ["{s.database}"]'] if s.database else [])
        out.append("\n".join([*lines, f"code = {json.dumps(code(s.name))}\n"]))
    status = _values(fault.status)
    out.append(
        "[entity.order]\n"
        'tables = [{ column = "orders.orders.id", state = "status" }]\n'
        f'stuck = {{ column = "orders.orders.status", equals = {status}, for = "{fault.stuck_for_text}" }}\n'
        f'done = {{ column = "orders.orders.status", equals = {_values(done(fault))} }}\n'
    )
    return "\n".join(out)


def done(fault: Fault) -> list[str]:
    """All later statuses, where the fault says nothing else."""
    return fault.done or STATUSES[max(STATUSES.index(s) for s in fault.status) + 1 :]


def _values(values: list[str]) -> str:
    quoted = [json.dumps(v) for v in values]
    return quoted[0] if len(quoted) == 1 else "[" + ", ".join(quoted) + "]"


def _one_a_line(items: list[dict]) -> str:
    lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in items)
    return f"[\n{lines}\n]\n"


def packed_size(folder: Path) -> int:
    """What it weighs as one archive, which is how git keeps and sends it."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        archive.add(folder, arcname=".")
    return sink.tell()
