"""What of the driver needs no server."""

import datetime
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab import expected, faultfile, live, tables
from lab.drill import dump
from lab.faultfile import FaultError
from lab.record import configuration, done, envelope, hide_places
from lab.score import Row, _compare
from lab.shipper import events, to_ecs

FAULT = {
    "name": "f",
    "title": "t",
    "story": "s",
    "outcome": "confirmed",
    "stuck": {"status": "ACCEPTED", "for": "30s"},
}


def parse(**more):
    return faultfile.parse("f", Path("."), FAULT | more)


def test_every_fault_in_the_repository_can_be_read():
    assert len([faultfile.read(name) for name in faultfile.names()]) >= 24


def test_every_fault_says_what_of_its_noise_is_not_the_cause():
    # The dependencies are slow or away for a share of the calls in every run, so that something else always fails, too.
    for name in faultfile.names():
        fault = faultfile.read(name)
        causes = [(cause["kind"], cause.get("service")) for cause in fault.causes]
        innocent = [(entry["kind"], entry["service"]) for entry in fault.ruled_out]
        assert innocent, f"{name}: no ruled_out"
        assert not set(innocent) & set(causes), name


def test_an_unknown_key_is_an_error_that_names_the_known():
    with pytest.raises(FaultError, match="unknown key settel"):
        parse(settel="45s")
    with pytest.raises(FaultError, match="step 1: do must be one of"):
        parse(steps=[{"do": "explode"}])
    with pytest.raises(FaultError, match="there is no service stock-service"):
        parse(steps=[{"do": "stop", "service": "stock-service"}])


def test_lengths_of_time():
    assert [faultfile.seconds(t) for t in ("250ms", "45s", "5m", "1h", 7)] == [0.25, 45, 300, 3600, 7]


def test_later_statuses_are_done():
    fault = parse()
    assert done(fault) == ["READY_TO_PICK", "IN_SHIPMENT", "SHIPPED"]
    assert 'equals = "ACCEPTED", for = "30s"' in configuration(fault)


class Record:
    def topic(self):
        return "t"

    def partition(self):
        return 2

    def offset(self):
        return 7

    def timestamp(self):
        return (1, 1700000000000)

    def headers(self):
        return [("source", b"x"), ("none", None)]

    def key(self):
        return None

    def value(self):
        return '{"näme":1}'.encode()


def test_the_envelope_is_that_of_kcat():
    assert json.loads(envelope(Record())) == {
        "topic": "t",
        "partition": 2,
        "offset": 7,
        "tstype": "create",
        "ts": 1700000000000,
        "broker": 1,
        "headers": ["source", "x", "none", None],
        "key": None,
        "payload": '{"näme":1}',
    }


def test_values_for_sqlite():
    berlin = datetime.timezone(datetime.timedelta(hours=1))
    assert tables.plain(datetime.datetime(2026, 3, 1, 12, 0, 0, 5000, berlin)) == "2026-03-01T11:00:00.005000Z"
    assert tables.plain(datetime.datetime(2026, 3, 1, 12, 0, 0, 5000)) == "2026-03-01 12:00:00.005"
    assert tables.plain(True) == 1
    assert tables.plain({"a": 1}) == '{"a": 1}'


def test_a_table_keeps_its_keys():
    table = tables.Table("t", [("id", "bigint", False), ("no", "text", True)], ["id"], [("t_no_key", ["no"])])
    ddl = tables._ddl(table)
    assert 'PRIMARY KEY ("id")' in ddl and 'CONSTRAINT "t_no_key" UNIQUE ("no")' in ddl and '"id" INTEGER NOT NULL' in ddl


def test_folders_of_this_machine_are_not_told():
    text = hide_places(b"at /x/builds/packing/ab12/src/a.ts:3", {Path("/x/builds/packing/ab12")})
    assert text == b"at /app/src/a.ts:3"


def test_sets_are_worked_from_left_to_right():
    databases = SimpleNamespace(query=lambda _db, sql: [(int(n),) for n in sql.split()])
    posted = SimpleNamespace(ids=[1, 2, 3, 4], tags={"x": [9]})
    company = SimpleNamespace(databases=databases, load=SimpleNamespace(posted=posted))

    class Steps:
        def fill(self, text):
            return text

    parts = [{"from": "stuck"}, {"op": "minus", "db": "d", "sql": "2"}, {"op": "or", "tag": "x"}]
    assert expected._entities(company, Steps(), parts, {1, 2, 3}) == {1, 3, 9}


def test_lists_of_keys_stay_on_one_line():
    answer = {"causes": [{"entities": ["1", "2"], "keys": {"values": [3, 4]}}]}
    text = dump(answer)
    assert '["1", "2"]' in text and "[3, 4]" in text
    assert json.loads(text) == answer


def test_a_wrong_answer_is_marked(tmp_path):
    (tmp_path / "c.csv").write_text("order\n1\n2\n")
    want = {
        "outcome": "confirmed",
        "cohort": 2,
        "ruled_out": [],
        "causes": [
            {
                "kind": "duplicate_key",
                "service": "a",
                "hop": "x -> y",
                "or_hop": "x -> z",
                "entities": ["1", "2"],
                "code": {"path": "p", "line": 3},
            }
        ],
    }
    found = {
        "cohort": {"count": 2},
        "verdict": {
            "outcome": "likely",
            "causes": [
                {
                    "kind": "duplicate_key",
                    "service": "b",
                    "hop": "x -> z",
                    "explains": 2,
                    "entities": {"csv": "c.csv"},
                    "code": [{"path": "p", "line": 9}, {"path": "p", "line": 3}],
                }
            ],
        },
    }
    row = Row("case")
    _compare(row, want, found, tmp_path)
    assert row.marks == {"outcome": "NO", "cause": "yes", "service": "NO", "hop": "yes", "keys": "yes", "line": "#2"}


def test_every_dialect_becomes_ecs():
    pino = '{"level":50,"time":1700000000000,"orderId":7,"err":{"type":"Error","message":"m","stack":"s"},"msg":"x"}'
    found = to_ecs(pino, "packing-service", "packing-service-1")
    assert found["@timestamp"] == "2023-11-14T22:13:20.000+00:00"
    assert (found["log.level"], found["message"], found["error.type"], found["labels"]) == (
        "ERROR",
        "x",
        "Error",
        {"orderId": 7},
    )
    slog = '{"time":"2026-03-01T10:00:00Z","level":"WARN","msg":"y","shipment":"S1"}'
    assert to_ecs(slog, "s", "s-1")["labels"] == {"shipment": "S1"}
    assert to_ecs("{half", "s", "s-1") is None


def test_a_stack_trace_belongs_to_its_line_and_local_time_to_its_zone():
    text = "01.07.2026 12:00:00,250 SEVERE  InvoiceConsumer: No invoice\njava.sql.SQLException: x\n\tat A.b(A.java:3)\n"
    (event,) = events(text)
    found = to_ecs(event, "invoice-legacy", "invoice-legacy-1")
    assert found["@timestamp"] == "2026-07-01T10:00:00.250+00:00"
    assert found["log.level"] == "ERROR" and found["error.stack_trace"].startswith("java.sql.SQLException")


def test_faults_that_spoil_each_other_do_not_share_a_company():
    groups = live.groups([faultfile.read(n) for n in ("seed", "booking-reference", "carrier-silent", "batch-lost")])
    assert [[f.name for f in group] for group in groups] == [["carrier-silent", "booking-reference", "seed"], ["batch-lost"]]


def test_faults_that_share_a_company_come_one_after_the_other():
    faults, orders = live.one_after_the_other([faultfile.read(n) for n in ("carrier-silent", "batch-lost", "seed")])
    begins = [[step.get("at") for step in fault.steps] for fault in faults]
    assert begins == [[60], [105, 125, 155, 185], [0, 230]]
    assert orders == 275


def test_a_key_over_several_columns_stays_one():
    keys = []
    for column, other in (("a", "x"), ("b", "y")):
        tables._add_foreign(keys, tables.ForeignKey("t_fk", [column], "u", [other]))
    table = tables.Table("t", [("a", "int", True), ("b", "int", True)], [], [], keys)
    assert 'CONSTRAINT "t_fk" FOREIGN KEY ("a", "b") REFERENCES "u" ("x", "y")' in tables._ddl(table)


def test_a_cause_of_others_is_no_wrong_answer(tmp_path):
    (tmp_path / "c.csv").write_text("order\n7\n")
    found = {
        "cohort": {"count": 1},
        "verdict": {
            "outcome": "confirmed",
            "causes": [{"kind": "k", "service": "s", "hop": "x -> y", "explains": 1, "entities": {"csv": "c.csv"}}],
        },
    }
    for others, right in ((["7"], True), (["8"], False), ([], False)):
        row = Row("case")
        _compare(row, {"outcome": "confirmed", "cohort": 1, "causes": [], "others": others}, found, tmp_path)
        assert (row.wrong == []) is right
