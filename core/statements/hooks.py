"""What statements offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import Export, JobKind, MenuItem, Permission, PulseStep, WorkItem, hook
from core.statements import (
    api,
    console,
    exports,
    fetching,
    fetching_channels,
    field_maps_api,
    field_maps_console,
    lists,
    page_words,
    posted,
    uploads,
    watching,
)
from core.statements.fetchers import Fetcher
from core.statements.protocol import StatementSource
from core.statements.rights import MAKE, READ
from core.statements.sources import alipay, alipay_fundflow, bank, platform, stripe, unionpay, wechatpay, wechatpay_fundflow
from core.web.i18n import N_

WORDS = page_words
"""Loaded so that every page can name the states."""


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *field_maps_console.ROUTES, *api.ROUTES, *field_maps_api.ROUTES]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("对账"), N_("对账文件"), console.PATH, READ, icon="file-spreadsheet", position=515),
        MenuItem(N_("对账"), N_("字段映射"), field_maps_console.PATH, READ, icon="columns", position=560),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return [
        WorkItem(
            "statements.missing", N_("没有取到的对账文件"), MAKE, fetching.count_failed, console.PATH,
            N_("渠道一天后仍没有给出，或给出的通不过核对"), 40,
        ),
        WorkItem("statements.refused", N_("没有采用的对账文件"), MAKE, lists.count_refused, f"{console.PATH}?status=refused", position=41),
        WorkItem(
            "statements.rows", N_("有行没有通过的对账文件"), MAKE, lists.count_with_refused_rows, f"{console.PATH}?verdict=reject_rows&status=loaded",
            position=42,
        ),
    ]  # fmt: skip


@hook
def register_jobs() -> Sequence[JobKind]:
    return [JobKind(uploads.JOB, N_("核对对账文件"), uploads.judge, "KB")]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("statements.fetch", fetching.fetch_due), PulseStep("statements.watch", watching.watch, bank=True)]


@hook
def register_exports() -> Sequence[Export]:
    return [exports.FILES, exports.LINES]


@hook
def register_statement_fetchers() -> Sequence[Fetcher]:
    return fetching_channels.FETCHERS


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [Permission(READ, N_("查看对账文件")), Permission(MAKE, N_("上传对账文件"))]


@hook
def register_statement_sources() -> Sequence[StatementSource]:
    return [
        wechatpay.SOURCE, wechatpay_fundflow.SOURCE, alipay.SOURCE, alipay_fundflow.SOURCE, unionpay.SOURCE, stripe.SOURCE, platform.SOURCE,
        bank.SOURCE, posted.SOURCE,
    ]  # fmt: skip
