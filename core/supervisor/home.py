"""Which account PostgreSQL runs under on this machine, and where its program and data can lie for that account."""

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.supervisor import account
from core.supervisor.guarded import BARE_PYTHON
from core.supervisor.programs import bin_dir


@dataclass(frozen=True)
class Home:
    """Everything about the place a server lives in: `folder` is its own, `prefix` goes before each of its commands."""

    account: str
    folder: Path
    programs: Path

    def command(self, program: str, *arguments: object) -> list[str]:
        """A command line that runs one of PostgreSQL's server programs under this home's account."""
        line = [str(self.programs / program), *map(str, arguments)]
        return line if self.account == "self" else [*BARE_PYTHON, account.__file__, self.account, *line]


def find_home(data_dir: Path, account_name: str | None = None) -> Home:
    """Choose the account (ourselves, else a namespace, else nobody) and make it a closed folder below `data_dir`."""
    name = account_name or _usable_account(data_dir)
    if name != "nobody":
        return Home(name, _own_folder(data_dir / "server"), bin_dir())
    return Home(name, _nobodys_folder(data_dir), _reachable_programs())


def _usable_account(data_dir: Path) -> str:
    if os.geteuid() != 0:
        return "self"
    looks = f"test -x '{bin_dir()}/postgres' && test -w '{data_dir}' && test -x '{data_dir}'"
    trial = [*BARE_PYTHON, account.__file__, "namespace", "/bin/sh", "-c", looks]
    return "namespace" if subprocess.run(trial, capture_output=True).returncode == 0 else "nobody"


def _own_folder(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _nobodys_folder(data_dir: Path) -> Path:
    """A folder of nobody's: in `data_dir` if nobody can enter that, else in /var/tmp with a link `elsewhere` to it."""
    if _others_may_enter(data_dir):
        folder = _own_folder(data_dir / "server")
    else:
        name = "banyan-" + hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]
        folder = _own_folder(Path("/var/tmp") / name)
        _refuse_a_strangers(folder)
        link = data_dir / "elsewhere"
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
    os.chown(folder, account.NOBODY, account.NOBODY)
    return folder


def _reachable_programs() -> Path:
    """PostgreSQL's programs where nobody may run them: copied once to /var/tmp when they lie behind a closed folder."""
    package = bin_dir().parent.parent
    if _others_may_enter(bin_dir()):
        return bin_dir()
    stamp = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    target = Path("/var/tmp") / f"banyan-postgres-{stamp}"
    if not target.exists():
        unfinished = Path(tempfile.mkdtemp(prefix="banyan-postgres-", dir="/var/tmp"))
        for part in (package, package.with_suffix(".libs")):  # the programs look for their libraries beside the package
            if part.exists():
                shutil.copytree(part, unfinished / part.name, symlinks=True)
        unfinished.chmod(0o755)
        unfinished.rename(target)
    _refuse_a_strangers(target)
    return target / package.name / "pginstall" / "bin"


def _refuse_a_strangers(folder: Path) -> None:
    """What lies under our name in /var/tmp must be a real folder of root's or nobody's, not a link planted there."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (0, account.NOBODY):
        raise PermissionError(f"{folder} belongs to somebody else")


def _others_may_enter(folder: Path) -> bool:
    """Whether every folder down to this one lets other users pass."""
    return all(step.stat().st_mode & 0o001 for step in (folder.resolve(), *folder.resolve().parents))
