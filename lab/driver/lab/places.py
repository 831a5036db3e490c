"""Where things are: the repository, what is cached, what one run leaves."""

import os
import subprocess
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


def build_for_live_stores() -> None:
    """The broker's driver is no part of a usual build."""
    if "WAYLAID" not in os.environ:
        subprocess.run(["cargo", "build", "-q", "-p", "waylaid", "--features", "kafka"], cwd=ROOT, check=True)
        target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        os.environ["WAYLAID"] = str(target / "debug" / "waylaid")


def binary(name: str, variable: str) -> Path:
    """A program of this repository: named by a variable, or the one that was built last, or built now."""
    if os.environ.get(variable):
        return Path(os.environ[variable])
    built = [ROOT / "target" / profile / name for profile in ("release", "debug")]
    if not any(path.exists() for path in built):
        subprocess.run(["cargo", "build", "-q", "-p", name], cwd=ROOT, check=True)
    return max((path for path in built if path.exists()), key=lambda path: path.stat().st_mtime)
