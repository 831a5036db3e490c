"""The services' git repositories: what is in lab/services, with the past that such a repository has."""

import fnmatch
import os
import shutil
import subprocess
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lab.places import ROOT, SOURCES
from lab.process import run

PASTS = Path(__file__).parent / "history.toml"


def git(repository: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    settings = ["-c", "user.name=ci", "-c", "user.email=ci@fernmoor.example", "-c", "commit.gpgsign=false"]
    return run(["git", *settings, "-c", "init.defaultBranch=main", *arguments], repository, env).strip()


def files_of(service: str) -> list[str]:
    """What belongs to the service's repository: what git would take here."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", f"lab/services/{service}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    prefix = f"lab/services/{service}/"
    return sorted(name.removeprefix(prefix) for name in listed if name and (ROOT / name).is_file())


def create(service: str, repository: Path) -> str:
    """Make the repository with its past, and return its newest commit."""
    shutil.rmtree(repository, ignore_errors=True)
    repository.mkdir(parents=True)
    git(repository, "init", "-q")
    left = files_of(service)
    past = tomllib.loads(PASTS.read_text())[service]
    now = datetime.now(UTC)
    for number, step in enumerate(past):
        last = number == len(past) - 1
        chosen = left if last else [f for f in left if any(fnmatch.fnmatch(f, g) for g in step["files"])]
        left = [f for f in left if f not in chosen]
        for name in chosen:
            target = repository / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(SOURCES / service / name, target)
        git(repository, "add", "-A")
        commit(repository, step["message"], step["author"], now - timedelta(days=step["days"], minutes=37 * number % 240))
    return git(repository, "rev-parse", "HEAD")


def commit(repository: Path, message: str, author: str, at: datetime) -> None:
    mail = author.lower().replace(" ", ".") + "@fernmoor.example"
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S +0000")
    env = {
        "GIT_AUTHOR_DATE": stamp,
        "GIT_COMMITTER_DATE": stamp,
        "GIT_AUTHOR_NAME": author,
        "GIT_AUTHOR_EMAIL": mail,
        "GIT_COMMITTER_NAME": author,
        "GIT_COMMITTER_EMAIL": mail,
    }
    git(repository, "commit", "-q", "--allow-empty", "-m", message, env=env)


def apply(repository: Path, patch: Path) -> str:
    """A patch in the form of `git format-patch` becomes the newest commit, dated now."""
    git(repository, "am", "-q", "--keep-non-patch", "--3way", str(patch))
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S +0000")
    git(repository, "commit", "-q", "--amend", "--no-edit", "--date", stamp)
    return git(repository, "rev-parse", "HEAD")


def tree(repository: Path, commit_: str = "HEAD") -> str:
    return git(repository, "rev-parse", f"{commit_}^{{tree}}")


def export(repository: Path, commit_: str, folder: Path) -> None:
    """The files of a commit, without git's own."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = subprocess.Popen(["git", "archive", commit_], cwd=repository, stdout=subprocess.PIPE, env=os.environ)
    subprocess.run(["tar", "-x", "-C", str(folder)], stdin=archive.stdout, check=True)
    if archive.wait() != 0:
        raise RuntimeError(f"git archive failed in {repository}")
