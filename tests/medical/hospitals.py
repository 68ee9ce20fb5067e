"""A hospital as the bank hands it over: its org tree, a chain of pharmacies, vendors with keys, patients, merchants and accounts that collect.

榕医集团
├── 榕城医院
│   ├── 本部院区 ── 内科门诊 NK · 外科 WK · 急诊科 JZ · 一号窗口 W01 · 二号窗口 W02 · 自助机1号 T01
│   └── 东院区 ── 儿科 EK · 三号窗口 W03
└── 榕医连锁药房 ── 松涛店 S001 · 青禾店 S002
"""

import datetime as dt
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import insert

from core import ids
from core.identity import org
from core.identity.actor import Actor, system
from core.identity.org import OrgNode
from core.identity.sessions import roles_for
from core.payments.models import channel_account
from core.tenancy.directory import ClientProfile
from core.tenancy.models import merchant
from plugins.medical.orders.states import SCENES
from plugins.medical.patients import repository as patients_repository
from plugins.medical.patients import service as patients
from plugins.medical.patients.schemas import PatientDraft, VisitDraft
from plugins.medical.patients.visits import open_visit
from plugins.medical.people.roles import PERMISSIONS
from plugins.medical.vendors import service as vendors
from tests.trade import APPID, MCHID, Trade

TODAY = dt.date(2026, 3, 2)
CORE_RIGHTS = (
    "counter.shift.run", "counter.shift.accept", "billing.bill.read", "billing.bill.adjust", "billing.bill.check", "payments.payment.read",
    "payments.suspense.resolve", "refunds.refund.read", "refunds.refund.make", "refunds.refund.check", "recon.run.make", "recon.run.check",
    "recon.diff.make", "recon.diff.check", "statements.file.make", "exports.make", "imports.make", "jobs.read", "identity.key.manage",
    "identity.org.read",
)  # fmt: skip
_CAMPUS = (
    OrgNode(
        "campus", "本部院区", "C1", 0,
        children=(
            OrgNode("department", "内科门诊", "NK", 0), OrgNode("department", "外科", "WK", 1), OrgNode("department", "急诊科", "JZ", 2),
            OrgNode("window", "一号窗口", "W01", 3), OrgNode("window", "二号窗口", "W02", 4), OrgNode("terminal", "自助机1号", "T01", 5),
        ),
    ),
    OrgNode("campus", "东院区", "C2", 1, children=(OrgNode("department", "儿科", "EK", 0), OrgNode("window", "三号窗口", "W03", 1))),
)  # fmt: skip
_CHAIN = OrgNode("chain", "榕医连锁药房", "CH", 1, children=(OrgNode("store", "松涛店", "S001", 0), OrgNode("store", "青禾店", "S002", 1)))
TREE = OrgNode("group", "榕医集团", "G", children=(OrgNode("hospital", "榕城医院", "H1", 0, children=_CAMPUS), _CHAIN))
VENDORS = {"window-sys": ("窗口系统厂商", ("window",)), "kiosk": ("自助机厂商", ("selfservice",)), "inet": ("互联网医院厂商", ("internet", "inpatient"))}
PATIENTS = (
    PatientDraft(
        patient_no="P0001", name="张小明", id_no="350102199001011238", phone="13800000001", insurance="employee", psn_no="35010000000001",
        gender="男", birth_on=dt.date(1990, 1, 1), cards=(("就诊卡", "880000000001"), ("社保卡", "A00000001")),
    ),
    PatientDraft(patient_no="P0002", name="李美华", id_no="350102198505052127", phone="13800000002", insurance="resident", cards=(("就诊卡", "880000000002"),)),
    PatientDraft(patient_no="P0003", name="欧阳建国", id_no="350102194912123457", phone="13800000003", insurance="employee"),
    PatientDraft(patient_no="P0004", name="王小红", phone="13800000001", insurance="self"),
    PatientDraft(patient_no="P0005", name="陈无名", insurance="self"),
)  # fmt: skip
"""The first two and the third with an id, the fourth a child of the first one's phone, the fifth with nothing known."""


class Key(msgspec.Struct, frozen=True):
    """A vendor's (or HIS's) way in."""

    key_id: UUID
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


class Hospital(msgspec.Struct):
    """A client; `units` by code, `patients` by number, `vendors` and `keys` by app id (HIS's own key under `his`)."""

    client: ClientProfile
    merchants: dict[str, UUID]
    account_id: UUID
    alipay_id: UUID
    counter_id: UUID
    mchid: str
    appid: str
    base_url: str
    units: dict[str, UUID]
    patients: dict[str, UUID]
    vendors: dict[str, UUID]
    keys: dict[str, Key]
    maker: Actor
    checker: Actor

    @property
    def id(self) -> UUID:
        return self.client.id

    @property
    def tenant_id(self) -> UUID:
        return self.client.id

    @property
    def code(self) -> str:
        return self.client.code

    @property
    def home(self) -> str:
        return f"/h5/{self.client.code}"

    @property
    def trade(self) -> Trade:
        """What `tests.trade.order` wants to make a pending order by WeChat Pay; see `tests.medical.hospitals.account`."""
        return Trade(self.client.id, self.merchants, list(self.patients.values()), self.account_id)

    def person(self, name: str, *permissions: str, reach: frozenset[UUID] | None = None) -> Actor:
        """Somebody with these rights only."""
        return Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=self.client.id, rights=dict.fromkeys(permissions, reach))


async def found(platform, client: ClientProfile, sandbox_url: str = "") -> Hospital:
    """Everything above. With a sandbox the accounts are merchants there; without, they reach nothing."""
    accounts = {channel: await _merchant_at(sandbox_url, channel, client.name) for channel in ("wechatpay", "alipay")}
    merchants = {code: ids.uuid7() for code in ("main", "inpatient")}
    account_ids = {channel: ids.uuid7() for channel in ("wechatpay", "alipay", "counter")}
    async with platform.database.tenant(client.id) as session:
        keys = await platform.vault.keys(session)
        await session.execute(
            insert(merchant), [{"id": i, "code": code, "name": code, "legal_name": code, "status": "active"} for code, i in merchants.items()]
        )
        for channel, given in {**accounts, "counter": {"mchid": "COUNTER1", "appid": "", "base_url": "", "credentials": {"bank_key": "x" * 32}}}.items():
            row = {
                "id": account_ids[channel], "channel": channel, "mchid": given["mchid"], "appid": given["appid"], "base_url": given["base_url"],
                "credentials_sealed": keys.seal(msgspec.json.encode(given["credentials"])),
            }  # fmt: skip
            await session.execute(insert(channel_account), row)
        await org.apply_tree(session, [TREE], system(client.id))
        units = {row.code: row.id for row in await org.list_units(session) if row.code}
        people = await patients.upsert(session, keys, PATIENTS)
    rights = dict.fromkeys([*(p.code for p in PERMISSIONS), *CORE_RIGHTS])
    maker, checker = (Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=client.id, rights=rights) for name in ("经办", "复核"))
    at = accounts["wechatpay"]
    made = Hospital(
        client, merchants, account_ids["wechatpay"], account_ids["alipay"], account_ids["counter"], at["mchid"], at["appid"], at["base_url"],
        units, people, {}, {}, maker, checker,
    )  # fmt: skip
    for app_id, (name, scenes) in VENDORS.items():
        await add_vendor(platform, made, app_id, name, scenes)
    made.keys["his"] = await his_key(platform, made)
    return made


async def _merchant_at(sandbox_url: str, channel: str, name: str) -> dict:
    if not sandbox_url:
        known = {"wechatpay": (MCHID, APPID), "alipay": ("2088000000000001", "2021000000000001")}[channel]
        return {"mchid": known[0], "appid": known[1], "base_url": "http://127.0.0.1:9", "credentials": {}}
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False, timeout=60) as outside:
        return (await outside.post(f"/sandbox/api/{channel}/merchants", json={"name": name})).json()


async def add_vendor(platform, hospital: Hospital, app_id: str, name: str, scenes=SCENES) -> Key:
    """One more vendor, with a key."""
    async with platform.database.tenant(hospital.id) as session:
        hospital.vendors[app_id] = await vendors.create(session, app_id, name, scenes, hospital.maker)
    return await new_key(platform, hospital, app_id)


async def new_key(platform, hospital: Hospital, app_id: str) -> Key:
    """Another key of a vendor."""
    roles = roles_for(platform.plugins, "client", hospital.client.plugins)
    async with platform.database.tenant(hospital.id) as session:
        hospital.keys[app_id] = Key(*await vendors.issue_key(session, platform, roles, hospital.vendors[app_id], hospital.maker))
    return hospital.keys[app_id]


async def his_key(platform, hospital: Hospital) -> Key:
    """The key of the hospital's own system."""
    from core.identity import keys

    roles = roles_for(platform.plugins, "client", hospital.client.plugins)
    async with platform.database.tenant(hospital.id) as session:
        made = await keys.create(session, platform.routes, platform.vault.route_hash, roles, hospital.maker, name="HIS", held=[("med.his", None)])
    return Key(*made)


async def visit(platform, hospital: Hospital, visit_no: str, patient_no: str = "P0001", **given: object) -> UUID:
    """A visit of a patient."""
    facts = {"visit_no": visit_no, "patient_no": patient_no, "kind": "outpatient", "department_code": "NK", "doctor": "林医生", "began_on": TODAY}
    async with platform.database.tenant(hospital.id) as session:
        return await open_visit(session, VisitDraft(**facts | given))


async def patient(platform, hospital: Hospital, patient_no: str):
    """A patient's row."""
    async with platform.database.tenant(hospital.id) as session:
        return await patients_repository.find_by_no(session, patient_no)


async def do(platform, hospital: Hospital, verb, *given: object, by: Actor | None = None, **named: object):
    """A verb of a service in a transaction of its own, `by` the maker unless said otherwise as its last argument."""
    async with platform.database.tenant(hospital.id) as session:
        return await verb(session, *given, by or hospital.maker, **named)
