"""The services' own tests, each with its ecosystem's tool, against real servers; and those of the driver."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab import builds, history
from lab.databases import admin_env
from lab.model import SERVICES
from lab.places import LAB, run_folder
from lab.process import run as run_tool
from lab.say import say
from lab.servers import Servers


DRIVER = "driver"


def run(names: list[str]) -> tuple[str, bool]:
    """A line a service, and whether all passed."""
    known = [DRIVER, *SERVICES]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RuntimeError(f"there is no service {unknown[0]}; there is {', '.join(known)}")
    chosen = names or known
    folder = run_folder("test")
    failed, lines = 0, []
    servers = Servers(folder / "servers", [])
    try:
        for name in chosen:
            begin = time.monotonic()
            problem = _test(name, folder / "repos" / name, servers)
            failed += problem is not None
            lines.append(f"{name:<20}{'ok' if problem is None else 'FAILED':<8}{time.monotonic() - begin:>6.1f} s")
            if problem:
                say(problem)
    finally:
        servers.close()
    return "\n".join([*lines, f"{len(chosen) - failed} passed, {failed} failed"]), failed == 0


def _test(name: str, repository: Path, servers: Servers) -> str | None:
    say(f"testing {name}")
    if name == DRIVER:
        return _problem(lambda: run_tool([sys.executable, "-m", "pytest", "-q"], LAB / "driver"))
    history.create(name, repository)
    kinds: dict[str, Callable[[Path, dict[str, str]], None]] = {
        "maven": _maven,
        "node": _node,
        "go": _go,
        "python": _python,
    }
    return _problem(lambda: kinds[SERVICES[name].kind](repository, admin_env(name, servers)))


def _problem(test: Callable[[], object]) -> str | None:
    try:
        test()
    except RuntimeError as error:
        return str(error)
    return None


def _maven(repository: Path, _env: dict[str, str]) -> None:
    """They bring a broker of their own, and a database in memory."""
    run_tool(["mvn", "-q", "-B", "test"], repository)


def _node(repository: Path, env: dict[str, str]) -> None:
    (repository / "node_modules").symlink_to(builds.node_modules(repository))
    run_tool(["npm", "test", "--silent"], repository, env)


def _go(repository: Path, env: dict[str, str]) -> None:
    run_tool(["go", "test", "./..."], repository, {"GOFLAGS": "-buildvcs=false"} | env)


def _python(repository: Path, _env: dict[str, str]) -> None:
    python = builds.python_for(repository, ("pytest", "httpx"))
    run_tool([str(python), "-m", "pytest", "-q"], repository)
