"""Runs the broken programs for real and records what they print: `python3 record.py [PROGRAM…]`.

Each program is copied to a folder that is thrown away, set up, and each of its faults is run there; what it prints goes to
`recorded/<fault>.log` beside the program. Paths of this machine become /srv/<program>, /opt/packages and /usr/lib/toolchain.
It needs the languages themselves, Maven, `PYTHON` (with pytest, fastapi, httpx and python-json-logger) and `NODE_PACKAGES`
(a folder with express, jest, pino, typescript and esbuild). `where` has no part in this: what is at fault stands in
`faults.json`, by the text of its line, since before.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = str(Path.home())


def run(command, folder, environment):
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, timeout=200,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )
    return done.stdout.decode("utf-8", "replace")


def neutral(text, folder, program, environment):
    """Text without paths of this machine, colours and host names of registries."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = "".join(l for l in text.splitlines(True) if not l.startswith("npm warn"))
    text = text.replace(str(folder), f"/srv/{program}")
    text = text.replace(environment["CARGO_TARGET_DIR"], f"/srv/{program}/target")
    for name in ("PYTHON", "NODE_PACKAGES"):
        if name in environment:
            place = environment[name].removesuffix("/bin/python").removesuffix("/bin/python3")
            text = text.replace(place, "/opt/packages")
    text = re.sub(r"[\w/.-]*/registry/src/[^/\s]+/", "/opt/packages/", text)
    text = re.sub(r"[\w/.-]*/\.(pyenv|rustup|sdkman)/(versions|toolchains|candidates)/[^/\s]+", "/usr/lib/toolchain", text)
    text = re.sub(r"[\w/.-]*/go/pkg/mod/", "/opt/packages/", text)
    return text.replace(HOME + "/", "/opt/")


def record(program):
    told = json.loads((program / "faults.json").read_text())
    into = program / "recorded"
    into.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="traces") as made:
        folder = Path(made) / program.name
        shutil.copytree(program, folder, ignore=shutil.ignore_patterns("recorded"))
        environment = {**os.environ, "CARGO_TARGET_DIR": str(Path(made) / "target"), "NO_COLOR": "1", "FORCE_COLOR": "0"}
        for command in told["setup"]:
            print(run(command, folder, environment), end="")
        for fault in told["faults"]:
            printed = neutral(run(fault["run"], folder, environment), folder, program.name, environment)
            (into / f"{fault['name']}.log").write_text(printed)
            print(f"{program.name}/{fault['name']}: {len(printed.splitlines())} lines")


if __name__ == "__main__":
    wanted = sys.argv[1:]
    for program in sorted((HERE / "programs").iterdir()):
        if not wanted or program.name in wanted:
            record(program)
