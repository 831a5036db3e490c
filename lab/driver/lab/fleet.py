"""The running instances: start, stop, replace."""

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from lab import builds, process
from lab.model import SERVICES
from lab.say import say

START_WITHIN = 120.0
RESTART_WITHIN = 60.0
# The shifted clock of Debian's package faketime; waiting and time-outs stay real.
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


@dataclass
class Instance:
    service: str
    number: int
    build: Path
    port: int
    env: dict[str, str]
    process: subprocess.Popen | None = None
    crashes: int = 0

    @property
    def name(self) -> str:
        return f"{self.service}-{self.number}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Fleet:
    def __init__(self, folder: Path) -> None:
        self.logs = folder / "logs"
        self._output = folder / "output"
        self.instances: dict[str, Instance] = {}
        self._closing = threading.Event()
        # Every build that ever ran, so that a recording can hide where it stood.
        self.builds: dict[str, set[Path]] = {}

    def add(self, service: str, number: int, build: Path, env: dict[str, str]) -> Instance:
        instance = Instance(service, number, build, free_port(), env)
        self.instances[instance.name] = instance
        return instance

    def of(self, service: str, numbers: list[int] | None = None) -> list[Instance]:
        found = [i for i in self.instances.values() if i.service == service]
        chosen = [i for i in found if numbers is None or i.number in numbers]
        if not chosen:
            raise ValueError(f"no instance {numbers or ''} of {service} runs")
        return chosen

    def begin(self, instance: Instance) -> None:
        """Start it; whether it is ready is asked with `wait`."""
        logs = self.logs / instance.service
        logs.mkdir(parents=True, exist_ok=True)
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "JAVA_HOME", "TMPDIR")}
        own = {"PORT": str(instance.port), "INSTANCE": instance.name, "LOG_DIR": str(logs), "TZ": "UTC"}
        env = keep | own | {k: v for k, v in instance.env.items() if v != ""}
        self.builds.setdefault(instance.service, set()).add(instance.build)
        command = builds.command(instance.service, instance.build)
        instance.process = process.spawn(command, instance.build, env, self._output / f"{instance.name}.txt")

    def wait(self, instance: Instance, patience: float = START_WITHIN) -> None:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if instance.process.poll() is not None:
                raise RuntimeError(f"{instance.name} ended with {instance.process.returncode}; {self.last_words(instance)}")
            if is_healthy(instance.url):
                return
            time.sleep(0.25)
        raise RuntimeError(f"{instance.name} was not ready within {patience:.0f} s; {self.last_words(instance)}")

    def start(self, instance: Instance) -> None:
        self.begin(instance)
        self.wait(instance)

    def stop(self, instance: Instance, how: int = signal.SIGTERM) -> None:
        if instance.process is not None:
            process.stop(instance.process, how)
            instance.process = None

    def restart(
        self, instance: Instance, build: Path | None = None, env: dict[str, str] | None = None, must_answer: bool = True
    ) -> None:
        self.stop(instance)
        instance.build = build or instance.build
        instance.env |= env or {}
        say(f"restarting {instance.name}")
        self.begin(instance)
        if must_answer:
            try:
                self.wait(instance, RESTART_WITHIN)
            except RuntimeError as error:
                # Sometimes that is the fault.
                say(f"{instance.name} is not ready: {str(error)[:300]}")

    def pause(self, instance: Instance) -> None:
        os.killpg(instance.process.pid, signal.SIGSTOP)

    def resume(self, instance: Instance) -> None:
        os.killpg(instance.process.pid, signal.SIGCONT)

    def last_words(self, instance: Instance) -> str:
        paths = [self._output / f"{instance.name}.txt", self.logs / instance.service / f"{instance.name}.log"]
        ends = (f"{p} ends with\n{p.read_text(errors='replace')[-1500:]}" for p in paths if p.exists())
        return "\n".join(ends) or f"it left nothing in {paths[0]}"

    def pids(self) -> list[int]:
        return [i.process.pid for i in self.instances.values() if i.process is not None]

    def supervise(self) -> None:
        """What ends by itself is started again after a while, as a company's platform does."""
        threading.Thread(target=self._supervise, daemon=True).start()

    def _supervise(self) -> None:
        due: dict[str, float] = {}
        while not self._closing.wait(1):
            for instance in list(self.instances.values()):
                process_ = instance.process
                if process_ is None or process_.poll() is None:
                    due.pop(instance.name, None)
                    continue
                now = time.monotonic()
                if now >= due.setdefault(instance.name, now + min(5 * 2 ** (instance.crashes), 80)):
                    say(f"{instance.name} ended with {process_.returncode}; the platform starts it again")
                    instance.crashes += 1
                    due.pop(instance.name)
                    self.begin(instance)

    def rest(self) -> None:
        """From here on nobody is started any more."""
        self._closing.set()

    def stop_all(self) -> None:
        """Those who call before those who are called."""
        self.rest()
        order = list(SERVICES)
        running = [i for i in self.instances.values() if i.process is not None]
        for instance in running:
            if instance.process.poll() is None:
                os.killpg(instance.process.pid, signal.SIGCONT)
                instance.process.terminate()
        for instance in sorted(running, key=lambda i: -order.index(i.service)):
            self.stop(instance)


def is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def shifted_clock(offset: str) -> dict[str, str]:
    if not Path(FAKETIME).exists():
        raise RuntimeError("a shifted clock needs Debian's package faketime")
    return {
        "LD_PRELOAD": FAKETIME,
        "FAKETIME": offset,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
