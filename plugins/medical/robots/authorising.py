"""What a robot may do: drafted by those who run it, signed by the pharmacy's finance, active between two days, ended at once when revoked.

Signed is a text, by its hash. It names platform, host, account, stores and days; a robot that is anything else today has no authorisation.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.jobs import service as jobs
from core.web.i18n import N_
from plugins.medical.robots import addresses, repository
from plugins.medical.robots.errors import AuthorisationBroken, AuthorisationNotFound, RobotNotFound, TextDiffers
from plugins.medical.robots.schemas import DraftWrite
from plugins.medical.robots.states import AUTHORISATION

SIGN = "medical.robot.authorise"
OBJECT = "robot_authorisation"
MOST_DAYS = 366
NAMES = {"meituan": "美团", "eleme": "饿了么", "pdd": "拼多多"}


async def draft(session: Session, keys: TenantKeys, robot_id: UUID, given: DraftWrite, by: Actor) -> UUID:
    """Write down what a robot is to be authorised for: as it is now, for these days."""
    robot = await repository.lock_robot(session, robot_id)
    if robot is None:
        raise RobotNotFound()
    if given.valid_to < given.valid_from or given.valid_to < clock.today():
        raise AuthorisationBroken(why=N_("结束日期不能早于开始日期或今天"), field="valid_to")
    if (given.valid_to - given.valid_from).days >= MOST_DAYS:
        raise AuthorisationBroken(why=N_("一份授权最长一年"), field="valid_to")
    scope = scope_of(robot, await repository.list_stores(session, robot_id), keys)
    row = {
        "id": ids.uuid7(), "robot_id": robot_id, "scope": scope, "valid_from": given.valid_from, "valid_to": given.valid_to, "status": "draft",
        "drafted_by": by.name, "drafted_by_id": by.id,
    }  # fmt: skip
    await repository.add_authorisation(session, row)
    after = {"valid_from": given.valid_from, "valid_to": given.valid_to, "stores": len(scope["stores"])}
    await audit.record(session, by, "medical.robot_authorisation.draft", OBJECT, row["id"], after=after)
    return row["id"]


async def sign(session: Session, authorisation_id: UUID, text_hash: str, by: Actor) -> None:
    """The pharmacy's finance signs the text they read. TextDiffers for another; SelfApproval for whoever drafted it."""
    row = await _held(session, authorisation_id, by)
    status = AUTHORISATION.check(row.status, "signed")
    by.check_other(row.drafted_by_id)
    if text_hash != hash_of(row):
        raise TextDiffers()
    today = clock.today()
    if row.valid_to < today:
        raise AuthorisationBroken(why=N_("这份授权的日期已经过去，请重新起草"), field="valid_to")
    if row.valid_from <= today:
        status = AUTHORISATION.check(status, "active")
    await repository.change_authorisation(session, row.id, status=status, signed_by=by.name, signed_at=clock.now(), text_hash=text_hash)
    await jobs.call_worker(session)
    after = {"status": status, "hash": text_hash}
    await audit.record(session, by, "medical.robot_authorisation.sign", OBJECT, row.id, before={"status": row.status}, after=after)


async def revoke(session: Session, authorisation_id: UUID, reason: str, by: Actor) -> None:
    """End it at once: a run that is under way stops at its next step and keeps nothing."""
    if not reason.strip():
        raise AuthorisationBroken(why=N_("请填写原因"), field="reason")
    row = await _held(session, authorisation_id, by)
    status = AUTHORISATION.check(row.status, "revoked")
    await repository.change_authorisation(session, row.id, status=status, ended_at=clock.now(), ended_by=by.name)
    await audit.record(
        session, by, "medical.robot_authorisation.revoke", OBJECT, row.id, before={"status": row.status}, after={"status": status}, reason=reason.strip()
    )


async def turn(session: Session) -> None:
    """Those whose first day has come are active, those whose last day is over have expired."""
    today = clock.today()
    await repository.turn_authorisations(session, "expired", AUTHORISATION.sources("expired"), today, ends=True)
    await repository.turn_authorisations(session, "active", ["signed"], today, ends=False)


async def covering(session: Session, keys: TenantKeys, robot: Row, day: dt.date) -> UUID | None:
    """The active authorisation under which a robot may fetch a day now, held; None where there is none.

    Its days cover today and the day, its stores all of the robot's, and platform, host and account are those that were signed.
    """
    today = clock.today()
    now = scope_of(robot, await repository.list_stores(session, robot.id), keys)
    for row in await repository.list_active(session, robot.id):
        in_time = row.valid_from <= day <= row.valid_to and row.valid_from <= today <= row.valid_to
        if in_time and row.text_hash == hash_of(row) and covers(row.scope, now):
            return row.id
    return None


async def means(session: Session, keys: TenantKeys, robot: Row, stores: Sequence[Row], reach: Sequence[UUID] | None) -> bool:
    """Whether what is in force was signed for the robot as it is now: nobody changed its account, host or stores since."""
    now = scope_of(robot, stores, keys)
    return any(covers(row.scope, now) for row in await repository.list_authorisations(session, reach, robot_id=robot.id, status="active"))


def covers(signed: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Whether what was signed holds all that a robot is now."""
    known = {(store["number"], store["id"]) for store in signed["stores"]}
    same = all(signed[name] == now[name] for name in ("platform", "way", "host", "account"))
    return same and bool(now["stores"]) and {(store["number"], store["id"]) for store in now["stores"]} <= known


def scope_of(robot: Row, stores: Sequence[Row], keys: TenantKeys) -> dict[str, object]:
    """What a robot is, as it can be signed and compared; the account by a keyed hash and masked."""
    place = addresses.place_of(robot.address)
    return {
        "platform": robot.platform, "way": robot.way, "host": f"{place.host}:{place.port}", "login": robot.login,
        "account": keys.index("medical.robot.login", keys.open(robot.login_sealed)).hex(),
        "stores": [{"number": store.platform_store, "id": str(store.store_id), "name": store.name} for store in stores],
    }  # fmt: skip


def text_of(row: Row) -> str:
    """The text that is signed; the same facts make the same text for ever."""
    scope = row.scope
    stores = "、".join(f"{store['name']}（{store['number']}）" for store in scope["stores"])
    return (
        f"兹授权银行的对账机器人，在 {row.valid_from} 至 {row.valid_to} 期间，以本单位在{NAMES[scope['platform']]}的账号 {scope['login']} "
        f"登录 {scope['host']}，下载下列门店的账单，用于与门店订单对账：{stores}。账单不得用于其他用途。本单位可以随时撤销本授权，撤销立即生效。"
    )


def hash_of(row: Row) -> str:
    """The text's hash, with the account it means."""
    return hashlib.sha256(f"{text_of(row)}\n{row.scope['account']}\n{row.robot_id}".encode()).hexdigest()


async def find(session: Session, authorisation_id: UUID, reach: Sequence[UUID] | None) -> Row:
    """One; AuthorisationNotFound outside the reach."""
    found = await repository.list_authorisations(session, reach, only=authorisation_id, limit=1)
    if not found:
        raise AuthorisationNotFound()
    return found[0]


async def _held(session: Session, authorisation_id: UUID, by: Actor) -> Row:
    """One whose stores all lie within the asker's reach; others are not there."""
    row = await repository.lock_authorisation(session, authorisation_id)
    if row is None or not all(by.reaches(SIGN, UUID(store["id"])) for store in row.scope["stores"]):
        raise AuthorisationNotFound()
    return row
