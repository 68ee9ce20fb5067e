"""Taking a day's files in: kept sealed, normalised, set against the tills, in one transaction. The same file again changes nothing."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence, Set
from uuid import UUID

from core import clock, ids
from core.database import Session
from core.identity.vault import TenantKeys
from core.money import format_yuan
from plugins.medical.robots import days_repository, files, repository
from plugins.medical.robots.endings import FormatChanged
from plugins.medical.robots.files import Brought
from plugins.medical.robots.layouts import ShopLine
from plugins.medical.robots.states import TASK

NORMALISED = (
    "平台", "门店编码", "平台门店ID", "账单日期", "平台订单号", "订单状态", "下单时间", "完成时间", "商品原价", "商家活动支出", "平台补贴", "配送费",
    "平台服务费", "退款金额", "结算金额", "来源文件", "sha256",
)  # fmt: skip
"""The columns of the normalised file (domain book §4.7)."""
DONE = ("uploaded", "reconciled", "different")


def read_all(platform: str, brought: Sequence[Brought], day: dt.date, stores: Mapping[str, UUID]) -> list[list[ShopLine]]:
    """The orders of each file; an order stands in one of them only. Raises an Ending."""
    lines = [files.read(platform, file, day, stores) for file in brought]
    seen: set[str] = set()
    for line in (line for each in lines for line in each):
        if line.order_no in seen:
            raise FormatChanged("order_twice", row=line.row, value=line.order_no)
        seen.add(line.order_no)
    return lines


async def take_in(
    session: Session, keys: TenantKeys, task_id: UUID, platform: str, day: dt.date, stores: Mapping[str, UUID], brought: Sequence[Brought],
    lines: Sequence[Sequence[ShopLine]], at: dt.datetime | None = None,
) -> str:
    """Take a run's files in (`at` a moment, or now); answers its state. The run must be held. Raises FormatChanged for a file that another day has."""
    row = await repository.lock_task(session, task_id)
    same = await repository.list_same_files(session, [file.sha256 for file in brought])
    if any(known.task_id != task_id for known in same):
        raise FormatChanged("file_of_other_day")
    orders = [line for each in lines for line in each]
    if row.status in DONE and await repository.list_current_files(session, task_id) == {file.sha256 for file in brought}:
        return row.status
    elsewhere = await days_repository.find_elsewhere(session, platform, [line.order_no for line in orders], task_id)
    if elsewhere:
        raise FormatChanged("order_of_other_day", value=elsewhere)
    codes = {store.store_id: store.code for store in await repository.list_stores(session, row.robot_id)}
    kept = [artefact(keys, task_id, "statement", file.name, file.content) for file in brought]
    whole = normalised(platform, day, stores, codes, brought, lines)
    kept.append(artefact(keys, task_id, "normalised", f"{platform}-{day:%Y%m%d}.csv", whole))
    await repository.add_artefacts(session, kept)
    rows = [
        {
            "id": ids.uuid7(), "platform": platform, "store_id": stores[line.platform_store], "bill_on": day, "order_no": line.order_no,
            "status": line.status, "ordered_at": line.ordered_at, "finished_at": line.finished_at, "item_fen": line.item_fen,
            "promotion_fen": line.promotion_fen, "subsidy_fen": line.subsidy_fen, "delivery_fen": line.delivery_fen, "service_fen": line.service_fen,
            "refund_fen": line.refund_fen, "settle_fen": line.settle_fen, "task_id": task_id,
        }
        for line in orders
    ]  # fmt: skip
    gone = await days_repository.replace_shop_orders(session, task_id, rows)
    now = at or clock.now()
    settle_fen = sum(line.settle_fen for line in orders)
    steps = [("downloaded", f"{file.name} {file.sha256}") for file in brought] + [("normalised", str(len(orders))), ("uploaded", format_yuan(settle_fen))]
    if row.status == "running":
        TASK.check(TASK.check(TASK.check("running", "downloaded"), "normalised"), "uploaded")
    elif row.status not in DONE:
        TASK.check(row.status, "uploaded")
    await repository.change_task(
        session, task_id, status="uploaded", lines=len(orders), settle_fen=settle_fen, error=None, told=None, job_id=None, next_at=None, finished_at=now
    )
    status = await compare(session, row.robot_id, day, gone)
    steps += [(status, "")] if status != "uploaded" else []
    notes = [(now + dt.timedelta(microseconds=place), step, told[:400]) for place, (step, told) in enumerate(steps)]
    await repository.add_log(session, [{"id": ids.uuid7(), "task_id": task_id, "at": at, "step": step, "told": told} for at, step, told in notes])
    return status


async def compare(session: Session, robot_id: UUID, day: dt.date, gone: Set[UUID] = frozenset()) -> str:
    """Set a robot's day against its stores' tills, those it had before too; answers the run's state after it."""
    robot = await repository.lock_robot(session, robot_id)
    stores = {store.store_id for store in await repository.list_stores(session, robot_id)} | gone
    await days_repository.compare(session, [(robot.platform, store_id, day) for store_id in stores], clock.now())
    return (await repository.find_day(session, robot_id, day)).status


def artefact(keys: TenantKeys, task_id: UUID, kind: str, name: str, content: bytes) -> dict[str, object]:
    """A file as it is kept: sealed, with its hash."""
    return {
        "id": ids.uuid7(), "task_id": task_id, "kind": kind, "file_name": name[:120], "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content), "content_sealed": keys.seal(content),
    }  # fmt: skip


def normalised(
    platform: str, day: dt.date, stores: Mapping[str, UUID], codes: Mapping[UUID, str], brought: Sequence[Brought], lines: Sequence[Sequence[ShopLine]]
) -> bytes:
    """All orders of a day in one shape, each with the file it came from."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(NORMALISED)
    for file, found in zip(brought, lines, strict=True):
        for line in found:
            amounts = (line.item_fen, line.promotion_fen, line.subsidy_fen, line.delivery_fen, line.service_fen, line.refund_fen, line.settle_fen)
            writer.writerow([
                platform, codes.get(stores[line.platform_store]) or "", _safe(line.platform_store), day.isoformat(), _safe(line.order_no), _safe(line.status),
                _time(line.ordered_at), _time(line.finished_at), *(format_yuan(fen).replace(",", "") for fen in amounts), _safe(file.name), file.sha256,
            ])  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: str) -> str:
    """Words of the outside that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell


def _time(at: dt.datetime | None) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else ""
