"""Where things are: the repository, what is cached, what one run leaves."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LAB = ROOT / "lab"
SOURCES = LAB / "services"
FAULTS = LAB / "faults"
CASES = LAB / "cases"
CACHE = Path(os.environ.get("LAB_CACHE", ROOT / "target" / "lab"))
BUILDS = CACHE / "builds"
RUNS = CACHE / "runs"


def run_folder(name: str) -> Path:
    return RUNS / name


def binary(name: str, variable: str) -> Path:
    """A program of this repository: named by a variable, or the one that was built last."""
    if os.environ.get(variable):
        return Path(os.environ[variable])
    built = [ROOT / "target" / profile / name for profile in ("release", "debug")]
    there = [path for path in built if path.exists()]
    if not there:
        raise SystemExit(f"{name} is not built: cargo build -p {name} (or set {variable})")
    return max(there, key=lambda path: path.stat().st_mtime)
