"""Builds, cached by the content that was built."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from lab import history
from lab.model import SERVICES
from lab.places import BUILDS, CACHE
from lab.process import run
from lab.say import say

MARKER = ".built"


def build(service: str, repository: Path, commit: str = "HEAD") -> Path:
    """The folder of a commit's build, made where it is missing."""
    tree = history.tree(repository, commit)
    folder = BUILDS / service / tree[:16]
    if (folder / MARKER).exists():
        return folder
    say(f"building {service} {tree[:8]}")
    shutil.rmtree(folder, ignore_errors=True)
    history.export(repository, commit, folder)
    {"maven": _maven, "node": _node, "go": _go, "python": _python}[SERVICES[service].kind](service, folder)
    (folder / MARKER).write_text(tree)
    return folder


def _maven(_service: str, folder: Path) -> None:
    command = ["mvn", "-q", "-B", "package", "-DskipTests", "-Dmaven.test.skip=true"]
    try:
        run([*command, "-o"], folder)
    except RuntimeError:
        run(command, folder)
    for name in ("classes", "generated-sources", "maven-status", "maven-archiver"):
        shutil.rmtree(folder / "target" / name, ignore_errors=True)


def _node(_service: str, folder: Path) -> None:
    # Relative: what was built is still there when the cache has moved.
    modules = os.path.relpath(node_modules(folder), folder)
    (folder / "node_modules").symlink_to(modules)
    run(["node", "node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], folder)


def node_modules(folder: Path) -> Path:
    """What the lock file names, installed once."""
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()[:16]
    modules = CACHE / "node" / digest
    if not (modules / MARKER).exists():
        shutil.rmtree(modules, ignore_errors=True)
        modules.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy2(folder / name, modules / name)
        run(["npm", "ci", "--no-audit", "--no-fund"], modules)
        (modules / MARKER).touch()
    return modules / "node_modules"


def _go(service: str, folder: Path) -> None:
    run(["go", "build", "-trimpath", "-o", f"bin/{service}", f"./cmd/{service}"], folder, {"GOFLAGS": "-buildvcs=false"})


def _python(_service: str, folder: Path) -> None:
    python_for(folder)


def python_for(folder: Path, more: tuple[str, ...] = ()) -> Path:
    """The interpreter that has what the service requires, and more."""
    required = (folder / "requirements.txt").read_bytes() + " ".join(more).encode()
    digest = hashlib.sha256(required).hexdigest()[:16]
    venv = CACHE / "python" / digest
    if not (venv / MARKER).exists():
        shutil.rmtree(venv, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(venv)], folder)
        run([str(venv / "bin" / "python"), "-m", "pip", "-q", "install", "-r", "requirements.txt", *more], folder)
        (venv / MARKER).touch()
    return venv / "bin" / "python"


def command(service: str, folder: Path) -> list[str]:
    parts = list(SERVICES[service].command)
    if parts[0] == "python":
        parts[0] = str(python_for(folder))
    elif parts[0] == "java" and os.environ.get("JAVA_HOME"):
        parts[0] = str(Path(os.environ["JAVA_HOME"]) / "bin" / "java")
    elif parts[0].startswith("bin/"):
        parts[0] = str(folder / parts[0])
    return parts
