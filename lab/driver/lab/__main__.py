"""The lab: a company's order flow, running for real, breaking for real.

lab/run up                 start everything and keep it until Ctrl-C
lab/run load [N]           in another terminal: N orders for the company that is up
lab/run faults             the faults, a line each
lab/run fault NAME…        run faults live, from start to verdict
lab/run record NAME…       the same, and keep each as lab/cases/NAME
lab/run live [NAME…]       faults in one running company, and the verdict from its live stores
lab/run test [SERVICE…]    the services' own tests, against real servers
lab/run score [NAME…]      how the built binary answers the recorded cases
lab/run down               end a company that was left behind
"""

import argparse
import json
import os
import signal
import sys
import threading
import traceback

from lab import live, score, servicetests
from lab.company import Company
from lab.drill import drill, keep
from lab.expected import ExpectationError
from lab.faultfile import FaultError, names, read
from lab.load import Load
from lab.places import CASES, run_folder
from lab.say import say

STATE = run_folder("up") / "state.json"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="lab/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--with",
        dest="more",
        action="append",
        default=[],
        metavar="SERVER",
        help="another server beside the three, such as elasticsearch-9.2",
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up")
    verbs.add_parser("down")
    verbs.add_parser("faults")
    load = verbs.add_parser("load")
    load.add_argument("orders", type=int, nargs="?", default=200)
    load.add_argument("--per-second", type=float, default=4.0)
    verbs.add_parser("live").add_argument("names", nargs="*")
    verbs.add_parser("test").add_argument("names", nargs="*")
    for verb in ("fault", "record", "score"):
        sub = verbs.add_parser(verb)
        sub.add_argument("names", nargs="*")
        sub.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    try:
        return globals()[f"do_{arguments.verb}"](arguments)
    except (FaultError, ExpectationError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def do_up(arguments: argparse.Namespace) -> int:
    ends = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ends.set())
    company = Company(run_folder("up"), more_servers=arguments.more)
    try:
        company.repos()
        company.up()
        (company.folder / "pid").write_text(str(os.getpid()))
        print(json.dumps(json.loads(STATE.read_text()), indent=2))
        ends.wait()
    finally:
        say("stopping")
        company.close()
    return 0


def do_down(_arguments: argparse.Namespace) -> int:
    path = run_folder("up") / "pid"
    if not STATE.exists() or not path.exists():
        say("nothing is up")
        return 0
    os.kill(int(path.read_text()), signal.SIGTERM)
    return 0


def do_load(arguments: argparse.Namespace) -> int:
    if not STATE.exists():
        raise RuntimeError("nothing is up: lab/run up")
    services = json.loads(STATE.read_text())["services"]
    urls = [url for name, url in services.items() if name.startswith("order-service-")]
    load = Load(lambda: urls, 11, services["product-service-1"], services["customer-service-1"])
    load.run(arguments.orders, arguments.per_second)
    say(f"{len(load.posted.ids)} orders posted, {min(load.posted.ids)} to {max(load.posted.ids)}")
    return 0


def do_faults(_arguments: argparse.Namespace) -> int:
    for name in names():
        print(f"{name:<28}{read(name).title}")
    return 0


def do_fault(arguments: argparse.Namespace) -> int:
    return _drills(arguments, to_keep=False)


def do_record(arguments: argparse.Namespace) -> int:
    return _drills(arguments, to_keep=True)


def do_live(arguments: argparse.Namespace) -> int:
    engine = next((name for name in arguments.more if "search" in name), "elasticsearch-9.2")
    rows = live.live([read(name) for name in arguments.names or live.USUAL], engine)
    text, right = score.render(rows)
    print(text)
    return 0 if right else 1


def do_test(arguments: argparse.Namespace) -> int:
    text, right = servicetests.run(arguments.names)
    print(text)
    return 0 if right else 1


def _drills(arguments: argparse.Namespace, to_keep: bool) -> int:
    chosen = names() if arguments.all else arguments.names
    faults = [read(name) for name in chosen]
    cases, failed = [], []
    for fault in faults:
        try:
            case = drill(fault, arguments.more)
        except Exception as error:  # noqa: BLE001 (the next fault shall still run)
            traceback.print_exc()
            failed.append(f"{fault.name}: {error}")
            continue
        if to_keep:
            keep(case, CASES / fault.name)
        cases.append((fault.name, CASES / fault.name if to_keep else _named(case, fault.name)))
    right = True
    if cases:
        text, right = score.table([case for _, case in cases])
        print(text)
    for line in failed:
        print(f"could not be run: {line}", file=sys.stderr)
    return 0 if right and not failed else 1


def _named(case, name):
    target = case.parent / name
    keep(case, target)
    return target


def do_score(arguments: argparse.Namespace) -> int:
    chosen = arguments.names or sorted(p.parent.name for p in CASES.glob("*/expected.json"))
    text, right = score.table([CASES / name for name in chosen])
    print(text)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
