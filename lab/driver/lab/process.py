"""Child processes that end when we end."""

import ctypes
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
# A child's "parent" is the thread that made it, so one thread that lives as long as we do makes them all.
_SPAWNER = ThreadPoolExecutor(1)


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def spawn(command: list[str], cwd: Path, env: dict[str, str], output: Path) -> subprocess.Popen:
    """Start a program in a session of its own; what it prints goes to a file."""
    output.parent.mkdir(parents=True, exist_ok=True)

    def begin() -> subprocess.Popen:
        with output.open("ab") as out:
            return subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 (the child only calls prctl)
            )

    return _SPAWNER.submit(begin).result()


def stop(process: subprocess.Popen, how: int = signal.SIGTERM, patience: float = 20) -> None:
    """Send a signal and wait; whoever does not end in time is killed."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGCONT)
    process.send_signal(how)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def run(command: list[str], cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a tool to its end; its output belongs into the error where it fails."""
    merged = os.environ | (env or {})
    done = subprocess.run(command, cwd=cwd, env=merged, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = (done.stdout + done.stderr)[-3000:]
        raise RuntimeError(f"{' '.join(command[:6])} failed with {done.returncode} in {cwd}:\n{tail}")
    return done.stdout


def resident_bytes(pids: list[int]) -> int:
    """What processes and their children hold in memory."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    page = os.sysconf("SC_PAGE_SIZE")
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            sizes[int(entry.name)] = int((entry / "statm").read_text().split()[1]) * page
            parents[int(entry.name)] = int(stat[1])
        except OSError:
            continue
    wanted = set(pids)
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in wanted} - wanted
        wanted |= more
        grown = bool(more)
    return sum(sizes.get(pid, 0) for pid in wanted)
