"""Having things printed: what is meant, how many sheets, and the job that makes them; everything is within the asker's reach."""

import asyncio
import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import msgspec

from core import clock
from core.billing import units
from core.billing.units import Units
from core.database import Row, Session
from core.errors import Conflict
from core.files import service as files
from core.identity import audit
from core.identity.actor import Actor
from core.jobs import service as jobs
from core.platform import Platform
from core.printing import letters, rendering, repository
from core.printing.letters import OwedBill
from core.printing.posters import Poster
from core.tenancy.branding import branding
from core.tenancy.directory import ClientProfile

MAKE = "printing.sheet.make"
LETTERS, POSTERS = "printing.letters", "printing.posters"
MOST = 10_000
ONE_FILE = 200
"""More letters than this leave as a ZIP with a PDF for each unit, to be handed to each."""
KEEP = dt.timedelta(days=7)
ZIP = "application/zip"


class NothingToPrint(Conflict):
    code = "NOTHING_TO_PRINT"
    message = "没有需要打印的账单：所选范围都已缴清"


class TooManySheets(Conflict):
    code = "TOO_MANY_SHEETS"
    message = "一次最多打印 {most} 张，请缩小范围"


class LettersAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose open bills are printed: under a unit, of a publication, of one person, one bill; only overdue ones, only where nobody is bound."""

    org_id: UUID | None = None
    source: str | None = None
    party_id: UUID | None = None
    bill_id: UUID | None = None
    overdue: bool = False
    unbound: bool = False


class PostersAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which unit posters are made (none: the client itself); `each` makes one for every unit of a kind under it."""

    org_id: UUID | None = None
    each: str = ""


async def start_letters(session: Session, asked: LettersAsked, by: Actor) -> UUID:
    """Have letters made; answers the job. NothingToPrint, TooManySheets, NotFound for what is out of reach."""
    tree = await units.load(session, by.reach(MAKE))
    count = await repository.count_bills(session, _conditions(asked, tree))
    if not count:
        raise NothingToPrint()
    if count > MOST:
        raise TooManySheets(most=MOST)
    return await _start(session, LETTERS, f"缴费通知单 {count} 张", msgspec.to_builtins(asked), by)


async def start_posters(session: Session, client: ClientProfile, front: str, asked: PostersAsked, by: Actor) -> UUID:
    """Have posters made for units; answers the job."""
    made = await posters_of(session, client, front, asked, by)
    return await print_posters(session, made, f"缴费海报 {len(made)} 张", by)


async def print_posters(session: Session, made: Sequence[Poster], title: str, by: Actor) -> UUID:
    """Have any posters made by a job: a plugin's buildings, dormitories, windows."""
    if len(made) > MOST:
        raise TooManySheets(most=MOST)
    return await _start(session, POSTERS, title, {"posters": [msgspec.to_builtins(poster) for poster in made]}, by)


async def posters_of(session: Session, client: ClientProfile, front: str, asked: PostersAsked, by: Actor) -> list[Poster]:
    """The posters that are meant; each opens the client's front page."""
    tree = await units.load(session, by.reach(MAKE))
    places = [""]
    if asked.org_id is not None or asked.each:
        below = tree.scope(asked.org_id)
        wanted = tree.in_order(asked.each) if asked.each else [row for row in tree.above(asked.org_id)[-1:]]
        places = [tree.path(row.id) for row in wanted if below is None or row.id in below]
    elif by.reach(MAKE) is not None:
        places = []
    if not places:
        raise NothingToPrint()
    face = branding(client)
    return [
        Poster(client=client.name, place=place, url=front, phone=face.phone, colour=face.colour, bank=face.bank_name) for place in places
    ]


async def letter_of_bill(session: Session, client: ClientProfile, front: str, bill_id: UUID, by: Actor) -> tuple[str, list[letters.Letter]]:
    """The letter of one bill, to be printed at once; NothingToPrint when nothing of it is open or it is out of reach."""
    tree = await units.load(session, by.reach(MAKE))
    rows = await repository.list_bills(session, _conditions(LettersAsked(bill_id=bill_id), tree), 1)
    if not rows:
        raise NothingToPrint()
    await audit.record(session, by, "printing.letter.make", "bill", bill_id)
    face = branding(client)
    owed = _owed(rows[0], tree)
    return f"缴费通知单-{owed.bill_number}.pdf", [letters.letter_of(owed, client.name, front, face.phone, clock.today())]


async def make_letters(context, params: dict) -> dict[str, object]:
    """The job: gather the bills, draw unit by unit, keep the file for its maker."""
    asked, reach = msgspec.convert(params["asked"], LettersAsked), _reach(params)
    async with context.session() as session:
        tree = await units.load(session, reach)
        rows = await repository.list_bills(session, _conditions(asked, tree), MOST)
    front, phone = front_of(context.platform, context.client), branding(context.client).phone
    pages = [letters.letter_of(_owed(row, tree), context.client.name, front, phone, clock.today()) for row in rows]
    groups = groupby(zip(rows, pages, strict=True), lambda pair: pair[0].org_id)
    by_unit = [(tree.path(org_id) or context.client.name, [page for _row, page in group]) for org_id, group in groups]
    made: list[tuple[str, bytes]] = []
    parts = [("缴费通知单", pages)] if len(pages) <= ONE_FILE else by_unit
    done = 0
    for name, part in parts:
        made.append((f"{name.replace(' / ', '-')}.pdf", await rendering.letters_pdf(part, clock.now())))
        done += len(part)
        await context.progress(done, len(pages))
    return await _keep(context, "缴费通知单", made, len(pages))


async def make_posters(context, params: dict) -> dict[str, object]:
    """The job: draw the posters, keep the file for its maker."""
    made = msgspec.convert(params["asked"]["posters"], list[Poster])
    content = await rendering.posters_pdf(made, clock.now())
    await context.progress(len(made), len(made))
    return await _keep(context, "缴费海报", [("缴费海报.pdf", content)], len(made))


def front_of(platform: Platform, client: ClientProfile) -> str:
    """The payers' front page."""
    return f"{platform.settings.public_url}/h5/{client.code}"


async def _start(session: Session, kind: str, title: str, asked: object, by: Actor) -> UUID:
    reach = by.reach(MAKE)
    params = {"asked": asked, "reach": None if reach is None else [str(org) for org in reach]}
    job_id = await jobs.start(session, kind, title, params, by=by)
    await audit.record(session, by, f"{kind}.start", "job", job_id, after={"title": title})
    return job_id


def _reach(params: dict) -> list[UUID] | None:
    return None if params["reach"] is None else [UUID(org) for org in params["reach"]]


def _conditions(asked: LettersAsked, tree: Units) -> dict[str, object]:
    return repository.asked(tree.scope(asked.org_id), asked.source, asked.bill_id, asked.party_id, asked.overdue, asked.unbound)


def _owed(row: Row, tree: Units) -> OwedBill:
    facts = {name: getattr(row, name) for name in OwedBill.__struct_fields__ if name not in ("place", "lines")}
    return OwedBill(**facts, place=tree.path(row.org_id), lines=tuple((name, fen) for name, fen in row.lines or ()))


async def _keep(context, title: str, made: list[tuple[str, bytes]], count: int) -> dict[str, object]:
    """One PDF as it is, several in a ZIP; sealed, for its maker alone, for a week."""
    content, media_type, suffix = made[0][1], rendering.MEDIA_TYPE, "pdf"
    if len(made) > 1:
        content, media_type, suffix = await asyncio.to_thread(_zipped, made), ZIP, "zip"
    async with context.session() as session:
        name = f"{title}-{clock.today():%Y%m%d}.{suffix}"
        file_id = await files.store(session, context.platform.vault, name, content, media_type, by=context.by, keep=KEEP, permission=MAKE)
        await context.attach_file(session, file_id)
    return {"counts": [["张", count, None, "good"]]}


def _zipped(made: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in made:
            archive.writestr(name, content)
    return out.getvalue()
