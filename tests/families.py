"""A school with families, a phone that walks its pages, and the outside world: for tests of what payers see."""

import re
from uuid import UUID, uuid4

import httpx
import msgspec
from sqlalchemy import insert, text

from core import clock, ids
from core.billing import repository as bills
from core.billing.issuing import issue
from core.hookspecs import BindingFacts, BindingProposal, hook
from core.identity.models import org_unit
from core.masking import mask_phone
from core.payers import consents
from core.payers.schemas import PartyRow
from core.payers.service import upsert_parties
from core.payments.accounts import service as accounts
from core.payments.models import channel_account
from core.tenancy.directory import ClientProfile
from core.tenancy.models import merchant
from tests import trade

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.49"
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36"


class Child(msgspec.Struct):
    """A child of the roster with the phones registered for it."""

    id: UUID
    name: str
    number: str
    id_tail: str
    phones: tuple[tuple[str, str], ...]


class Roster:
    """A part of core that only tests have: knows the children by their facts, as a vertical does."""

    def __init__(self, platform) -> None:
        self.platform = platform
        self.children: dict[tuple[UUID, str], Child] = {}
        consents.register("test", consents.MINOR)

    @hook
    async def propose_binding(self, session, facts: BindingFacts) -> BindingProposal | None:
        child = self.children.get((session.tenant_id, facts.number))
        if child is None or (child.name, child.id_tail) != (facts.name, facts.id_tail):
            return None
        keys = await self.platform.vault.keys(session)
        phones = tuple((mask_phone(phone), keys.seal(phone), relation) for phone, relation in child.phones)
        return BindingProposal(child.id, phones)


class School(msgspec.Struct):
    """A client with merchants and children; what tests need to bill them."""

    client: ClientProfile
    trade: trade.Trade
    children: list[Child]

    @property
    def id(self) -> UUID:
        return self.client.id

    @property
    def home(self) -> str:
        return f"/h5/{self.client.code}"


async def found(platform, roster: Roster, client: ClientProfile, children: int = 2) -> School:
    """Two merchants, a class, children with two guardians each on the roster."""
    made = trade.Trade(client.id, {code: ids.uuid7() for code in ("TUITION", "MEAL")}, [], ids.uuid7())
    class_id = ids.uuid7()
    async with platform.database.tenant(client.id) as session:
        rows = [{"id": i, "code": code, "name": code, "legal_name": code, "status": "active"} for code, i in made.merchants.items()]
        await session.execute(insert(merchant), rows)
        unit = {"id": class_id, "path": "c", "kind": "class", "name": "三年级2班"}
        await session.execute(insert(org_unit), unit)
        kids = [_child(n) for n in range(children)]
        family = b"family of " + client.id.bytes
        await upsert_parties(
            session,
            [
                PartyRow(id=c.id, plugin="test", number=c.number, name=c.name, name_pinyin="x", family_index=family, org_id=class_id)
                for c in kids
            ],
        )
    for child in kids:
        made.children.append(child.id)
        roster.children[client.id, child.number] = child
    return School(client, made, kids)


def _child(n: int) -> Child:
    tail = f"{8000 + n:04d}"
    phones = ((f"138{uuid4().int % 10**8:08d}", "母亲"), (f"139{uuid4().int % 10**8:08d}", "父亲"))
    return Child(ids.uuid7(), ("张小明", "张小红", "欧阳小明")[n % 3], f"2026{n:04d}", tail, phones)


async def bill(platform, school: School, child: Child, **given: object) -> UUID:
    """One more bill for a child: tuition 950.00 after a discount, meals 300.00 at will."""
    source = f"plan:{uuid4().hex[:8]}"
    async with platform.database.tenant(school.id) as session:
        await issue(session, [trade.draft(school.trade, child.id, source=source, **given)])
        rows = await bills.list_bills_of(session, [child.id], only_open=False, now=clock.now())
        return next(row.id for row in rows if row.source == source)


async def pay_code(platform, school: School, bill_id: UUID) -> str:
    async with platform.database.tenant(school.id) as session:
        return (await bills.find_bill(session, bill_id)).pay_code


async def collect_at(platform, school: School, sandbox_url: str) -> str:
    """Register the school at the sandbox's WeChat Pay; answers its merchant number."""
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False) as outside:
        given = (await outside.post("/sandbox/api/wechatpay/merchants", json={"name": school.client.name})).json()
    async with platform.database.tenant(school.id) as session:
        keys = await platform.vault.keys(session)
        row = {
            "id": school.trade.account_id, "channel": "wechatpay", "mchid": given["mchid"], "appid": given["appid"],
            "base_url": given["base_url"], "credentials_sealed": keys.seal(msgspec.json.encode(given["credentials"])),
        }  # fmt: skip
        await session.execute(insert(channel_account), row)
    return given["mchid"]


async def notices(platform, tenant_id: UUID, inbox: bool = False) -> list:
    """Every notice of a tenant that leaves (or lies in an inbox), the oldest first."""
    async with platform.database.tenant(tenant_id) as session:
        return await session.all(text("SELECT * FROM core.notice WHERE (means = 'inbox') = :inbox ORDER BY created_at, id"), {"inbox": inbox})


class Browser:
    """A phone with cookies that fills in forms as they stand on the page."""

    def __init__(self, app, agent: str = PHONE, address: str = "198.51.100.9") -> None:
        transport = httpx.ASGITransport(app, client=(address, 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://banyan.test", headers={"user-agent": agent})
        self.page: httpx.Response | None = None

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def path(self) -> str:
        return self.page.request.url.path

    async def get(self, path: str, follow: bool = True) -> httpx.Response:
        self.page = await self.http.get(path)
        return await self._followed() if follow else self.page

    async def post(self, path: str, fields: dict | None = None, follow: bool = True, csrf: str | None = None) -> httpx.Response:
        """Submit a form: the proof of origin comes from the page at hand unless it is given."""
        token = csrf if csrf is not None else _csrf(self.page.text if self.page is not None else "")
        self.page = await self.http.post(path, data={**(fields or {}), "_csrf_token": token})
        return await self._followed() if follow else self.page

    async def _followed(self) -> httpx.Response:
        for _ in range(5):
            where = self.page.headers.get("location", "")
            if self.page.status_code != 303 or not where.startswith(("/", "http://banyan.test")):
                break
            self.page = await self.http.get(where)
        return self.page

    def hidden(self, name: str) -> str:
        """The value of a hidden field on the page."""
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.text)
        assert found, f"no hidden field {name} on {self.path}"
        return found.group(1)

    async def close(self) -> None:
        await self.http.aclose()


def _csrf(html: str) -> str:
    found = re.search(r'name="_csrf_token" value="([^"]*)"', html) or re.search(r'name="csrf-token" content="([^"]*)"', html)
    return found.group(1) if found else ""


class Sms:
    """The phones' inboxes: what the sandbox was asked to send."""

    def __init__(self, url: str, settle) -> None:
        self._url, self._settle = url, settle

    async def inbox(self, tenant: object, phone: str) -> list[str]:
        """Messages to a phone, the newest first, after everything due was sent."""
        await self._settle(tenant)
        async with httpx.AsyncClient(base_url=self._url, trust_env=False) as outside:
            answer = await outside.get("/sandbox/api/sms", params={"phone": phone}, follow_redirects=True)
        return [message["text"] for message in answer.json()]

    async def code(self, tenant: object, phone: str) -> str:
        """The newest one-time code a phone received."""
        for message in await self.inbox(tenant, phone):
            if found := re.search(r"验证码 (\d{6})", message):
                return found.group(1)
        raise AssertionError("no code arrived")


async def bind(browser: Browser, sms: Sms, school: School, child: Child, phone: int = 0) -> httpx.Response:
    """Walk the whole binding; ends on the page after it."""
    await browser.get(f"{school.home}/bind")
    await browser.post(f"{school.home}/bind", {"name": child.name, "number": child.number, "id_tail": child.id_tail})
    assert "/bind/" in browser.path, browser.text
    here = browser.path
    await browser.post(f"{here}/send", {"phone": str(phone)})
    assert browser.path == f"{here}/code", browser.text
    code = await sms.code(school, child.phones[phone][0])
    return await browser.post(f"{here}/code", {"code": code, "agree_service": "1", "agree_minor_data": "1"})


async def collecting(session, platform):
    """The account on which a school collects at WeChat Pay."""
    return (await accounts.collecting(session, platform.vault, "wechatpay"))[1]


async def paid_outside(platform, school: School, number: str) -> None:
    """Somebody pays an order in the wallet of another phone."""
    async with platform.database.tenant(school.id) as session:
        account = await collecting(session, platform)
    async with httpx.AsyncClient(base_url=platform.settings.sandbox_url, trust_env=False) as outside:
        answer = await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{number}/pay")
        assert answer.status_code == 200, answer.text
