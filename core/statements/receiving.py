"""A file comes in, by whatever door: it is unpacked, judged, loaded whole or not at all, and its original kept.

One transaction: a file that is refused at its last line has changed nothing but a note that it was refused. Refused files are kept to be
looked at and count nowhere.
"""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Session
from core.hookspecs import StatementReceived
from core.identity import audit
from core.identity.actor import Actor
from core.outbox import service as outbox
from core.platform import Platform
from core.statements import announcing, loading, originals, registry, repository
from core.statements.loading import Totals
from core.statements.protocol import Expected, FileRefused, Notes, StatementSource, readable
from core.statements.schemas import Place, Rejected, Verdict
from core.statements.unpacking import GZIP, ZIP, is_zip, opened, pieces, size_of, stream_of
from core.statements.words import REASONS
from core.tenancy import numbers
from core.web.i18n import gettext as _

Closed = Callable[[Session, dt.date], Awaitable[bool]]
Progress = Callable[[int, int], Awaitable[None]]
KILOBYTE = 1024
NEAR_THE_CUT = dt.timedelta(minutes=30)
"""What is paid this close to the end of a day may stand in the next day's file."""
__all__ = ["Verdict", "receive", "receive_empty"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What was handed in, and as what."""

    source: StatementSource
    day: dt.date
    file_name: str
    by: Actor
    origin: str
    merchant: str
    sha1: str | None
    closed: Closed


class Content(msgspec.Struct, frozen=True):
    """What is known of the bytes before any of them is read as a statement."""

    sha256: bytes
    size: int
    unpacked: int
    announcement: announcing.Announcement | None


async def receive(
    platform: Platform,
    tenant_id: UUID,
    *,
    source: str,
    day: dt.date,
    file_name: str,
    path_or_stream: Path | bytes | BinaryIO,
    by: Actor,
    origin: str,
    sha1: str | None = None,
    merchant: str = "",
    closed: Closed = repository.is_closed,
    statement_id: UUID | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Take a file in and say what became of it. `path_or_stream` is the file as it came, .gz or not; a stream must be seekable.

    `sha1` is what the channel announced for the unpacked bytes; `merchant` names the number whose file it is (and makes it the client's),
    `closed` asks whether the day may still change, `statement_id` is the id it is to have, `progress` hears how many kilobytes of how many are
    read. UnknownSource is raised; everything wrong with the file is a verdict.
    """
    found = await registry.find_source(platform, tenant_id, source)
    delivery = Delivery(source=found, day=day, file_name=file_name, by=by, origin=origin, merchant=merchant, sha1=sha1 and sha1.lower(), closed=closed)
    if not isinstance(path_or_stream, Path):
        stream = stream_of(path_or_stream)
        return await _Receiving(platform, tenant_id, delivery, stream, stream, statement_id, progress).run()
    with path_or_stream.open("rb") as stream, path_or_stream.open("rb") as second:
        return await _Receiving(platform, tenant_id, delivery, stream, second, statement_id, progress).run()


async def receive_empty(
    platform: Platform, tenant_id: UUID, *, source: str, day: dt.date, by: Actor, origin: str, merchant: str = "", file_name: str = ""
) -> Verdict:
    """The channel says that a day had no trades: as good as a file without rows."""
    nothing = b'{"code": "NO_STATEMENT_EXIST"}'
    return await receive(
        platform, tenant_id, source=source, day=day, file_name=file_name or "NO_STATEMENT_EXIST.json", path_or_stream=nothing, by=by,
        origin=origin, merchant=merchant,
    )  # fmt: skip


class _Receiving:
    """One file on its way in; `second` is the same file, to be read at the same time, or the same stream where there is but one."""

    def __init__(
        self, platform: Platform, tenant_id: UUID, delivery: Delivery, stream: BinaryIO, second: BinaryIO, statement_id: UUID | None = None,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        self._platform, self._tenant_id, self._delivery, self._stream, self._second = platform, tenant_id, delivery, stream, second
        self._id, self._progress = statement_id or ids.uuid7(), progress
        self._notes = Notes()
        self._learned = False

    async def run(self) -> Verdict:
        content: Content | None = None
        fault: FileRefused | None = None
        try:
            content = await asyncio.to_thread(_looked_at, self._stream, self._delivery)
        except FileRefused as error:
            fault = error
        async with self._platform.database.tenant(self._tenant_id) as session:
            await repository.lock(session, self._delivery.source.code, self._delivery.day)
            if content is None or fault is not None:
                return await self._refuse(session, fault, await asyncio.to_thread(_as_it_came, self._stream))
            same = await repository.find_same(session, self._delivery.source.code, self._delivery.day, content.sha256)
            if same is not None and self._delivery.merchant in ("", same.merchant_number):
                return self._again(same)
            await repository.begin(session)
            try:
                verdict = await self._take(session, content)
            except FileRefused as error:
                await repository.put_back(session)
                return await self._refuse(session, error, content)
            await repository.keep(session)
            return verdict

    async def _take(self, session: Session, content: Content) -> Verdict:
        """Judge and load; raises FileRefused, and the savepoint undoes what was done."""
        delivery, notes, sums = self._delivery, self._notes, loading.Sums(every=not self._delivery.source.matched)
        if delivery.source.side != "funds" and await delivery.closed(session, delivery.day):
            raise FileRefused("day_closed", f"{delivery.day} 已经关账，不能再换对账文件；如确需更换，请复核人先重开这一天")
        known = await self._known_numbers(session)
        expected = Expected(day=delivery.day, merchants=known, sha1=delivery.sha1, file_name=delivery.file_name)
        if content.announcement is not None:
            announcing.says_nothing_happened(content.announcement)
            notes.remarked("empty_day")
        await repository.add(session, self._row(self._refused(None), content, {}))
        keeping = originals.Keeping(await self._platform.vault.keys(session), self._id, self._second, alone=self._second is not self._stream)
        try:
            if content.announcement is None:
                lines = delivery.source.read(opened(self._stream), expected, notes)
                await loading.load(session, self._id, lines, sums, self._beside(keeping, content.size))
            await keeping.finish(session)
        finally:
            await keeping.stop()
        return await self._settle(session, content, known, sums)

    def _beside(self, keeping: originals.Keeping, size: int) -> Callable[[Session], Awaitable[None]]:
        """What is done between two chunks of lines: the original goes on being kept, and whoever waits hears how far it is."""

        async def step(session: Session) -> None:
            await keeping.step(session)
            if self._progress is not None:
                await self._progress(min(self._stream.tell(), size) // KILOBYTE, -(-size // KILOBYTE))

        return step

    async def _settle(self, session: Session, content: Content, known: frozenset[str], sums: loading.Sums) -> Verdict:
        """All is read and stored: whose it is, which version, what it comes to."""
        delivery, notes = self._delivery, self._notes
        if notes.faults and not sums.whole.rows:
            first = notes.faults[0]
            raise FileRefused(
                first.code, f"{len(notes.faults)} 行没有一行可以载入，第一处：{first.message}", row=first.row, line=first.line, column=first.column,
                value=first.value,
            )  # fmt: skip
        merchant = await self._merchant(session, known)
        live = await repository.find_live(session, delivery.source.code, merchant, delivery.day)
        if live is not None:
            if not notes.lines and live.lines:
                raise FileRefused("empty_after_rows", f"先前的文件有 {live.lines} 行，这份却说当天没有交易，请向渠道核实")
            await repository.supersede(session, live.id)
        await self._look_for_an_end(session, merchant)
        version = await repository.next_version(session, delivery.source.code, merchant, delivery.day)
        verdict = self._verdict(sums.whole, merchant, version)
        facts = {"by_channel": sums.by_channel, **notes.facts, "unpacked": content.unpacked}
        await repository.settle(session, self._row(verdict, content, facts))
        if notes.faults:
            await repository.add_faults(session, self._id, notes.faults)
        await self._written(session, verdict)
        received = StatementReceived(self._id, verdict.source, delivery.source.side, delivery.day)
        await outbox.add(session, received)
        return verdict

    async def _look_for_an_end(self, session: Session, merchant: str) -> None:
        """Remark where a file without sums ends well before our own payments of its day do."""
        source, day = self._delivery.source, self._delivery.day
        if source.totals or source.side not in ("channel", "business") or not self._notes.lines:
            return
        ends = dt.datetime.combine(day, dt.time(), clock.SHANGHAI) + dt.timedelta(minutes=source.cut_minutes or 1440)
        if after := await repository.count_after_last(session, self._id, source.channel, merchant, ends - NEAR_THE_CUT):
            self._notes.remarks.insert(0, "ends_early")
            self._notes.facts["after_last"] = after

    async def _known_numbers(self, session: Session) -> frozenset[str]:
        """The client's numbers at the source's channel, or the one that was named; that one is the client's from now on."""
        channel, named = self._delivery.source.channel, self._delivery.merchant
        if not channel:
            return frozenset()
        known = await repository.known_numbers(session, channel)
        if not named:
            return known
        if named not in known:
            await self._learn(session, named)
        return frozenset({named})

    async def _learn(self, session: Session, number: str) -> None:
        if not await numbers.hold(session, self._platform.vault, self._delivery.source.channel, number):
            said = _("商户号 %(number)s 已登记在别的客户名下，请核对是否拿错了文件；确属本单位的，请联系开户网点处理", number=number)
            raise FileRefused("other_merchant", said, value=number)
        row = {"id": ids.uuid7(), "channel": self._delivery.source.channel, "number": number, "made_by": self._delivery.by.name}
        await repository.add_number(session, row)

    async def _merchant(self, session: Session, known: frozenset[str]) -> str:
        """Whose file it was: as the file says, or the client's only number; a first number is learned."""
        if not self._delivery.source.channel:
            return self._notes.merchant
        if self._notes.merchant:
            if not known:
                await self._learn(session, self._notes.merchant)
                self._learned = True
            else:  # known before numbers were held: from its next file on nobody else can take it
                await numbers.hold(session, self._platform.vault, self._delivery.source.channel, self._notes.merchant)
            return self._notes.merchant
        if len(known) > 1:
            raise FileRefused("merchant_needed", f"文件没有写明商户号，本客户有 {'、'.join(sorted(known))}，请指明是哪一个")
        return next(iter(known), "")

    def _verdict(self, totals: Totals, merchant: str, version: int) -> Verdict:
        notes = self._notes
        if notes.faults:
            verdict, code, reason = "reject_rows", notes.faults[0].code, _said_of_rows(notes)
        elif notes.repairs:
            verdict, code, reason = "accept_normalised", notes.repairs[0], "；".join(REASONS.get(each, each) for each in notes.repairs)
        else:
            code = notes.remarks[0] if notes.remarks else "ok"
            verdict, reason = "accept", REASONS.get(code, code)
        if self._learned:
            reason = f"{reason}；商户号 {merchant} 第一次出现，已记在本客户名下"
        delivery = self._delivery
        return Verdict(
            file=delivery.file_name, source=delivery.source.code, merchant_id=merchant or None, bill_date=delivery.day, verdict=verdict,
            reason_code=code, reason=reason, rows_loaded=totals.rows, lines=notes.lines, ignored_lines=notes.ignored_lines,
            other_lines=notes.other_lines, pay_count=totals.pay_count, pay_amount_fen=totals.pay_amount_fen,
            refund_count=totals.refund_count, refund_amount_fen=totals.refund_amount_fen, fee_fen=totals.fee_fen, net_fen=totals.net_fen,
            reject_rows=[each.row for each in notes.faults], rejected=_rejected(notes), repairs=list(notes.repairs), statement_id=self._id,
            version=version,
        )  # fmt: skip

    async def _refuse(self, session: Session, fault: FileRefused | None, content: Content) -> Verdict:
        """Nothing of it is loaded; it is kept with the reason, once for the same bytes and reason."""
        delivery = self._delivery
        verdict = self._refused(fault)
        before = await repository.find_refused(session, delivery.source.code, delivery.day, content.sha256, verdict.reason_code)
        if before is not None:
            return msgspec.structs.replace(verdict, statement_id=before.id)
        await repository.add(session, self._row(verdict, content, {"place": verdict.place}))
        keys = await self._platform.vault.keys(session)
        await originals.Keeping(keys, self._id, self._stream, limit=originals.KEPT_OF_REFUSED).finish(session)
        await self._written(session, verdict)
        return verdict

    def _refused(self, fault: FileRefused | None) -> Verdict:
        """The verdict of a file of which nothing is loaded; without a fault, of one that is not judged yet."""
        code, said = (fault.code, fault.message) if fault else ("not_a_statement", "")
        place = Place(fault.row, fault.line, fault.column, fault.value) if fault and (fault.line or fault.value) else None
        delivery = self._delivery
        return Verdict(
            file=delivery.file_name, source=delivery.source.code, merchant_id=delivery.merchant or None, bill_date=delivery.day,
            verdict="reject_file", reason_code=code, reason=said, place=place, statement_id=self._id,
        )  # fmt: skip

    def _again(self, same: object) -> Verdict:
        """The same content again: nothing changes."""
        delivery = self._delivery
        return Verdict(
            file=delivery.file_name, source=delivery.source.code, merchant_id=same.merchant_number or None, bill_date=delivery.day,
            verdict="accept", reason_code="duplicate_file", reason=REASONS["duplicate_file"], statement_id=same.id, version=same.version,
        )  # fmt: skip

    def _row(self, verdict: Verdict, content: Content, facts: dict[str, object]) -> dict[str, object]:
        source = self._delivery.source
        figures = "lines rows_loaded ignored_lines other_lines pay_count pay_amount_fen refund_count refund_amount_fen fee_fen net_fen".split()
        return {
            "id": self._id, "source": source.code, "side": source.side, "channel": source.channel,
            "merchant_number": verdict.merchant_id or "", "bill_on": verdict.bill_date, "version": verdict.version or 1,
            "status": "refused" if verdict.refused else "loaded", "verdict": verdict.verdict, "reason_code": verdict.reason_code,
            "reason": verdict.reason, "repairs": verdict.repairs, "file_name": readable(verdict.file, 200), "sha256": content.sha256,
            "size": content.size, "rejected_rows": len(verdict.reject_rows), "facts": facts, "origin": self._delivery.origin,
            "made_by": self._delivery.by.name, **{name: getattr(verdict, name) for name in figures},
        }  # fmt: skip

    async def _written(self, session: Session, verdict: Verdict) -> None:
        after = {
            "source": verdict.source, "day": verdict.bill_date.isoformat(), "file": verdict.file, "verdict": verdict.verdict,
            "reason_code": verdict.reason_code, "rows_loaded": verdict.rows_loaded,
        }  # fmt: skip
        await audit.record(session, self._delivery.by, "statements.file.receive", "statement", self._id, after=after)


def _looked_at(stream: BinaryIO, delivery: Delivery) -> Content:
    """Read all of it once: its hashes, its true size, whether it is whole."""
    size = size_of(stream)
    if not size:
        raise FileRefused("zero_bytes", "文件是空的；没有交易的一天，渠道也会给出一份账单或明确的答复")
    content = opened(stream)
    sha256, sha1 = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
    unpacked, head = 0, b""
    while piece := content.read(1 << 20):
        sha256.update(piece)
        if delivery.sha1:
            sha1.update(piece)
        if unpacked < announcing.LARGEST:
            head += piece[: announcing.LARGEST]
        unpacked += len(piece)
    if not unpacked:
        raise FileRefused("zero_bytes", "压缩文件里是空的，请重新下载")
    if delivery.sha1 and sha1.hexdigest() != delivery.sha1:
        raise FileRefused("hash_mismatch", "文件与渠道公布的校验值不符，请重新下载", value=sha1.hexdigest())
    stream.seek(0)
    if content is not stream and (head.startswith(GZIP) or (head.startswith(ZIP) and not delivery.source.container)):
        raise FileRefused("not_a_statement", "压缩包里还是压缩包，请解开一层再交")
    if not delivery.source.container and is_zip(stream):
        raise FileRefused("not_a_statement", "这是一个压缩包，这种账单不用压缩包，请解开后再交")
    announcement = announcing.parsed(head) if unpacked <= announcing.LARGEST else None
    return Content(sha256.digest(), size, unpacked, announcement)


def _as_it_came(stream: BinaryIO) -> Content:
    """The hash of a file that could not be unpacked: of the bytes as they came."""
    sha256 = hashlib.sha256()
    for piece in pieces(stream):
        sha256.update(piece)
    return Content(sha256.digest(), size_of(stream), 0, None)


def _rejected(notes: Notes) -> list[Rejected]:
    return [Rejected(each.row, each.line, each.number, each.column, each.value, each.code, each.message) for each in notes.faults]


def _said_of_rows(notes: Notes) -> str:
    first = notes.faults[0]
    return f"{len(notes.faults)} 行没有载入，其余已载入；第 {first.row} 行的{first.column}：{first.message}"
