"""Asks the built binary about recorded cases, and prints how its answers compare with what was injected."""

import csv
import json
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.places import binary

BYTES_PER_TOKEN = 2.98
# An expectation may point at the first line of a statement, and the answer at the frame in its middle.
LINES_OFF = 3
NO = "NO"


@dataclass
class Row:
    case: str
    outcome: str = "-"
    marks: dict[str, str] = field(default_factory=dict)
    tokens: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


COLUMNS = ("outcome", "cause", "service", "hop", "keys", "line", "ruled")


def table(cases: list[Path]) -> tuple[str, bool]:
    """The table of recorded cases, and whether every answer was right."""
    return render([row(case) for case in cases])


def render(rows: list[Row]) -> tuple[str, bool]:
    """A line an answer, and the totals."""
    head = f"{'case':<28}{'found':<14}" + "".join(f"{c:<9}" for c in COLUMNS) + f"{'tokens':>7}{'s':>7}  what is wrong"
    lines = [head, "-" * len(head)]
    for r in rows:
        marks = "".join(f"{r.marks.get(c, '-'):<9}" for c in COLUMNS)
        lines.append(f"{r.case:<28}{r.outcome:<14}{marks}{r.tokens:>7}{r.seconds:>7.2f}  {'; '.join(r.wrong)}")
    lines += ["-" * len(head), _totals(rows)]
    right = sum(not r.wrong for r in rows)
    lines.append(f"{right} passed, {len(rows) - right} failed")
    return "\n".join(lines), right == len(rows)


def _totals(rows: list[Row]) -> str:
    def share(column: str) -> str:
        marks = [r.marks[column] for r in rows if column in r.marks]
        return f"{sum(m != NO for m in marks)}/{len(marks)}"

    tokens = sum(r.tokens for r in rows) // max(1, len(rows))
    seconds = sum(r.seconds for r in rows)
    return f"{'total':<28}{'':<14}" + "".join(f"{share(c):<9}" for c in COLUMNS) + f"{tokens:>7}{seconds:>7.1f}"


def row(case: Path) -> Row:
    want = json.loads((case / "expected.json").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        incident = Path(scratch) / "incident"
        shutil.copytree(case / "incident", incident)
        return ask(incident, want, case.name)


def ask(folder: Path, want: dict[str, Any], name: str, env: dict[str, str] | None = None) -> Row:
    """Diagnoses the system of a folder, and holds the answer against what is wanted; the answer stays in the folder."""
    out = Row(name)
    begin = time.monotonic()
    ran = _diagnose(folder, want, env)
    out.seconds = time.monotonic() - begin
    (folder / "answer.json").write_text(ran.stdout)
    try:
        found = json.loads(ran.stdout)
    except ValueError:
        out.wrong = [(ran.stderr or "nothing was printed").strip().splitlines()[0]]
        out.marks = {c: NO for c in COLUMNS[:5]}
        return out
    out.wrong += [f"{c['store']} {c.get('target', '')}: failed" for c in found["coverage"] if c["status"] == "failed"]
    # As text it is the same answer: no store is asked again.
    text = _waylaid(folder, env, "report", found["case"]).stdout
    (folder / "answer.txt").write_text(text)
    out.tokens = round(len(text.encode()) / BYTES_PER_TOKEN)
    _compare(out, want, found, folder)
    return out


def _diagnose(folder: Path, want: dict[str, Any], env: dict[str, str] | None) -> subprocess.CompletedProcess:
    question = want["question"]
    about = [question["entity"], *question["args"], "--now", question["now"]]
    return _waylaid(folder, env, "diagnose", *about, "--format", "json")


def _waylaid(folder: Path, env: dict[str, str] | None, *arguments: str) -> subprocess.CompletedProcess:
    command = [str(binary("waylaid", "WAYLAID")), *arguments]
    return subprocess.run(command, cwd=folder, env=os.environ | (env or {}), capture_output=True, text=True, check=False)


def _compare(out: Row, want: dict[str, Any], found: dict[str, Any], incident: Path) -> None:
    verdict = found["verdict"]
    out.outcome = verdict["outcome"]
    _mark(out, "outcome", verdict["outcome"] == want["outcome"], f"outcome {verdict['outcome']}, is {want['outcome']}")
    cohort = found.get("cohort", {}).get("count")
    # Who is merely young may be left out of the count.
    if want["outcome"] != "no_fault" and cohort != want["cohort"]:
        out.wrong.append(f"{cohort} stuck, are {want['cohort']}")
    left = list(verdict.get("causes", []))
    for cause in want["causes"]:
        is_ = _closest(cause, left)
        if is_ is None:
            for column in ("cause", "service", "hop", "keys", "line"):
                out.marks[column] = NO
            out.wrong.append(f"no cause {cause['kind']} in {cause.get('service')}")
            continue
        left.remove(is_)
        _compare_cause(out, cause, is_, incident)
    others = set(want.get("others", []))
    left = [c for c in left if not (others and _first_column(incident, c.get("entities")) <= others)]
    if left:
        out.marks["cause"] = NO
        out.wrong += [f"too many: {c['kind']} in {c['service']} at {c['hop']} ({c['explains']})" for c in left]
    for entry in want.get("ruled_out", []):
        there = any(r["kind"] == entry["kind"] and r["service"] == entry["service"] for r in found.get("ruled_out", []))
        _mark(out, "ruled", there, f"not ruled out: {entry['kind']} in {entry['service']}")


def _closest(cause: dict[str, Any], left: list[dict[str, Any]]) -> dict[str, Any] | None:
    def likeness(c: dict[str, Any]) -> int:
        return 4 * (c["hop"] in _hops(cause)) + 2 * (c["service"] == cause.get("service")) + (c["kind"] == cause["kind"])

    return max(left, key=likeness, default=None)


def _hops(cause: dict[str, Any]) -> set[str]:
    return {cause["hop"], cause.get("or_hop", cause["hop"])}


def _compare_cause(out: Row, want: dict[str, Any], found: dict[str, Any], incident: Path) -> None:
    _mark(out, "cause", found["kind"] == want["kind"], f"kind {found['kind']}, is {want['kind']}")
    _mark(out, "service", found["service"] == want.get("service"), f"service {found['service']}, is {want.get('service')}")
    _mark(out, "hop", found["hop"] in _hops(want), f"hop {found['hop']}, is {want['hop']}")
    entities, wanted = _first_column(incident, found.get("entities")), set(want["entities"])
    text = f"{want['kind']}: {len(wanted - entities)} orders missing, {len(entities - wanted)} too many"
    _mark(out, "keys", entities == wanted, text)
    if "keys" in want:
        keys, values = _first_column(incident, found.get("keys")), {str(v) for v in want["keys"]["values"]}
        _mark(out, "keys", keys == values, f"keys: {len(values - keys)} missing, {len(keys - values)} too many")
    if "code" in want:
        _mark_line(out, want["code"], found.get("code", []))


def _mark_line(out: Row, want: dict[str, Any], places: list[dict[str, Any]]) -> None:
    """The place of the expected line among the first three that the cause cites, a few lines off at most."""

    def within(lines: int) -> int | None:
        near = (n for n, p in enumerate(places[:3], 1) if p["path"] == want["path"] and abs(p["line"] - want["line"]) <= lines)
        return next(near, None)

    exact, close = within(0), within(LINES_OFF)
    right = close is not None
    where = f"{places[0]['path']}:{places[0]['line']}" if places else "nothing"
    _mark(out, "line", right, f"line {where}, is {want['path']}:{want['line']}")
    if right and out.marks["line"] != NO:
        out.marks["line"] = f"#{exact}" if exact else f"~{close}"


def _mark(out: Row, column: str, right: bool, problem: str) -> None:
    if right:
        out.marks.setdefault(column, "yes")
    else:
        out.marks[column] = NO
        out.wrong.append(problem)


def _first_column(incident: Path, place: dict[str, Any] | None) -> set[str]:
    path = incident / (place or {}).get("csv", "")
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        return {line[0] for line in list(csv.reader(file))[1:] if line}
