"""What commands say: JSON on standard output for programs, words and tables for people."""

import argparse
import sys
from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from core.errors import PlatformError

REFUSED = 2
WIDE = 200
"""Columns of a table that goes to a file or another program."""


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`: standard output holds one JSON value and nothing else."""
    parser.add_argument("--json", action="store_true", help="answer in JSON on standard output")


def say_json(value: object) -> None:
    """The one JSON value."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode() + "\n")


def say(text: str = "") -> None:
    """A line for people."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line beside the answer."""
    sys.stderr.write(text + "\n")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """A table for people."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def progress_bar() -> Progress:
    """A bar on standard error, silent where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=not console.is_terminal, disable=not console.is_terminal)


def refuse(error: PlatformError, *, as_json: bool) -> int:
    """Say why not; exit code 2."""
    if as_json:
        say_json({"error": {"code": error.code, "message": error.message}})
    else:
        note(f"{error.message}  [{error.code}]")
    return REFUSED
