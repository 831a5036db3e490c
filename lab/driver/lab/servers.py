"""The real servers, through the program `waylaid-servers`."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.places import binary

NAMES = ["kafka", "postgres", "mariadb"]


@dataclass(frozen=True)
class Login:
    host: str
    port: int
    user: str
    password: str


class Servers:
    """Runs until it is closed: the program stops its servers when its input ends."""

    def __init__(self, folder: Path, more: list[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(binary("waylaid-servers", "WAYLAID_SERVERS")), "up", *NAMES, *more, "--dir", str(folder)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the servers did not start (exit {self._process.wait()}): what they said stands above, their logs below {folder}")
        self.places = json.loads(line)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def bootstrap(self) -> str:
        return self.places["kafka"]["bootstrap"]

    def login(self, dialect: str) -> Login:
        place = self.places[dialect]
        return Login(place["host"], int(place["port"]), place["user"], place.get("password", ""))

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.stdin.close()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.terminate()
                self._process.wait(30)
