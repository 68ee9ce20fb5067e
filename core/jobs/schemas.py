"""Jobs at the door."""

import datetime as dt
from typing import Any
from uuid import UUID

from msgspec import Struct


class JobRead(Struct, frozen=True):
    """A job as the API shows it; `done` of `total` steps."""

    id: UUID
    kind: str
    title: str
    status: str
    done: int
    total: int
    result: Any
    error_code: str | None
    error: str | None
    started_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None
    result_url: str | None


class JobPage(Struct, frozen=True):
    """A page of jobs, newest first."""

    items: list[JobRead]
    next_cursor: str | None
