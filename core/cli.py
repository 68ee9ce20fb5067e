"""The `banyan` command. Each verb is a module of `core/commands`; an installed plugin adds `banyan <plugin> <name>`.

Exit codes: 0 done · 1 done, and something is wrong (audit, doctor) · 2 refused, with the reason · 130 interrupted.
With `--json` standard output holds one JSON value and nothing else; logs go to standard error.
"""

import argparse
import asyncio
import inspect
import sys
from collections.abc import Sequence
from importlib import import_module

import msgspec

from core import logs
from core.commands.terminal import refuse
from core.errors import InvalidRequest, PlatformError
from core.settings import Settings

VERBS = {
    "run": ("run", "start everything on this machine with the demo clients; Ctrl-C stops it"),
    "web": ("web", "serve the application (a child of run; any number in production)"),
    "worker": ("worker", "do what is due and long work (a child of run; any number in production)"),
    "sandbox": ("sandbox", "serve the simulated outside world"),
    "migrate": ("migrate", "bring the database to the newest tables"),
    "db": ("db", "draft a migration, or spread the tables over a Citus cluster"),
    "tenants": ("tenants", "apply tenants/<client>/tenant.toml, list clients"),
    "demo": ("demo", "load the demo clients and show their log-ins"),
    "import": ("imports", "import a file, row by row, as the upload page does"),
    "statements": ("statements", "import a file of a channel, a bank or a business system, and judge every row"),
    "reconcile": ("reconcile", "compare a client's day on all sides and list every difference"),
    "trace": ("trace", "the whole life of the money behind any number"),
    "jobs": ("jobs", "long work: list, show, follow, resume"),
    "audit": ("audit", "prove every invariant of every client; exit code 1 when one fails"),
    "backup": ("backup", "write the whole database to a file"),
    "restore": ("restore", "bring a backup into a fresh database"),
    "keys": ("keys", "rotate the keys that protect personal data"),
    "bench": ("bench", "measure; writes bench.json"),
    "doctor": ("doctor", "look at everything this machine needs, with a remedy for each fault"),
    "shell": ("shell", "a Python prompt with the platform at hand"),
}


class SettingsWrong(InvalidRequest):
    code = "SETTINGS_WRONG"
    message = "环境变量有误：{fault}；可用 banyan doctor 逐项检查"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; answers the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    chosen = next((word for word in given if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(prog="banyan", description="Banyan (榕): a bank collects money for its clients.")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, (module, summary) in VERBS.items():
        made = verbs.add_parser(verb, help=summary, description=summary)
        if verb == chosen:
            command = import_module(f"core.commands.{module}")
            command.configure(made)
            made.set_defaults(run=command.run)
    if chosen not in VERBS:
        from core.commands import plugin_verbs

        plugin_verbs.configure(verbs)
    args = parser.parse_args(given)
    logs.configure("warning")
    return _execute(args)


def _execute(args: argparse.Namespace) -> int:
    try:
        if args.verb != "doctor":
            _check_settings()
        answer = args.run(args)
        return asyncio.run(answer) if inspect.iscoroutine(answer) else answer
    except PlatformError as error:
        return refuse(error, as_json=getattr(args, "json", False))
    except KeyboardInterrupt:
        return 130


def _check_settings() -> None:
    try:
        Settings.load()
    except (ValueError, msgspec.ValidationError) as fault:
        raise SettingsWrong(fault=str(fault)) from fault


if __name__ == "__main__":
    sys.exit(main())
