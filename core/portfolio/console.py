"""The business board in the bank's house: a branch's clients, plugins and branches with what they bring; sums only, out of the bank's own books."""

import datetime as dt
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import clock, paging
from core.database import Session
from core.errors import NotFound
from core.exports import workbook
from core.files.answers import attachment
from core.identity import audit
from core.identity.actor import Actor
from core.platform import Platform
from core.portfolio import board, pictures, repository
from core.portfolio.words import COLUMNS
from core.reports.collection import READ
from core.tenancy import branches, kinds
from core.tenancy.repository import find_client
from core.web.i18n import gettext as _
from core.web.templating import render

PATH = "/bank/portfolio"
BANK = {"permission": READ, "side": "bank"}
TOP = 5


@get(PATH, opt=BANK, include_in_schema=False)
async def board_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None,
) -> Response:  # fmt: skip
    """Clients, plugins or branches with their figures and the days behind them."""
    asked, reach = board.asked_of(request.query_params), actor.reach(READ)
    lines, whole, clients = await board.load(session, asked, reach)
    titles = plugin_titles(platform)
    for line in lines:
        line.label = titles.get(line.label, line.label) if asked.view == "plugin" else line.label
    shown, more = board.page_of(lines, cursor, paging.PAGE)
    trend = await repository.list_trend(session, clients, asked.plugin, asked.day, asked.days)
    top = sorted(((line.label, line.paid_fen or 0) for line in lines if line.paid_fen), key=lambda pair: -pair[1])
    rest = sum(fen for _label, fen in top[TOP:])
    drawn = [pictures.received(trend), pictures.rate(trend), pictures.shares([*top[:TOP], *([(_("其余"), rest)] if rest else [])])]
    return render(
        request, "portfolio/board.html", rows=shown, next_cursor=more, whole=whole, asked=asked, pictures=drawn, count=len(lines),
        plugins=list(titles.items()), kinds=[(code, _(title)) for code, title in kinds.KINDS.items()], titles=titles,
        branches=[(row.id, row.name) for row in await branches.within(session, reach)], today=clock.today(),
    )  # fmt: skip


@get(PATH + ".xlsx", opt=BANK, include_in_schema=False)
async def board_file(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]) -> Response:
    """The same lines as Excel, all of them."""
    asked = board.asked_of(request.query_params)
    lines, _whole, _clients = await board.load(session, asked, actor.reach(READ))
    titles = plugin_titles(platform)
    rows = [[titles.get(line.label, line.label), line.sub, *(value_of(line, name) for name, _title, _kind in COLUMNS)] for line in lines]
    columns = [(_("名称"), "text"), (_("所属"), "text"), *((_(title), kind) for _name, title, kind in COLUMNS)]
    name = _("业务总览")
    at = f"{clock.now().astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"
    remark = _("截至 %(day)s，近 %(days)s 天；导出人 %(who)s，%(at)s", day=asked.day, days=asked.days, who=actor.name, at=at)
    content = workbook.write(name, columns, rows, [remark])
    await audit.record(session, actor, "portfolio.export", "portfolio", asked.day.isoformat(), after={"rows": len(rows), "view": asked.view})
    return attachment(f"{name}-{asked.day:%Y%m%d}.xlsx", content, workbook.MEDIA_TYPE)


@get(PATH + "/{client_id:uuid}", opt=BANK, include_in_schema=False)
async def client_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    client_id: FromPath[UUID], cursor: FromQuery[str | None] = None,
) -> Response:  # fmt: skip
    """One client: how it stands, each of its plugins, and its days."""
    reach, asked = actor.reach(READ), board.asked_of(request.query_params)
    client = await find_client(session, client_id, reach)
    if client is None:
        raise NotFound()
    titles = plugin_titles(platform)
    told = await repository.list_clients(session, reach, ["", *titles], asked.day, asked.days, kind="", q=client.code, branches=[client.branch_id])
    mine = [row for row in told if row.id == client_id]
    after = paging.read_cursor(cursor, tuple[dt.date])
    days = await repository.list_days(session, client_id, asked.plugin, reach, after[0] if after else None, paging.PAGE + 1)
    shown, more = paging.cut(days, paging.PAGE, lambda row: paging.write_cursor(row.day))
    trend = await repository.list_trend(session, [client_id], asked.plugin, asked.day, asked.days)
    return render(
        request, "portfolio/client.html", one=client, whole=next((row for row in mine if row.plugin == ""), None),
        parts=[row for row in mine if row.plugin], rows=shown, next_cursor=more, asked=asked, titles=titles,
        pictures=[pictures.received(trend), pictures.rate(trend)], may_recon=actor.may("bank.recon.read"), may_client=actor.may("tenancy.client.read"),
    )  # fmt: skip


def plugin_titles(platform: Platform) -> dict[str, str]:
    """The plugins of this house by code."""
    return {code: _(info.title) for code, info in platform.plugins.info.items()}


def value_of(line: board.Line, name: str) -> object:
    """A figure as it stands in a workbook."""
    value = getattr(line, name)
    return f"{value // 10}.{value % 10}%" if name == "rate" and value is not None else value


ROUTES = [board_page, board_file, client_page]
