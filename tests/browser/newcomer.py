"""A client as data alone: a declaration, and the sample school's files; and a count of what people's hands do on its way."""

import contextlib
import datetime as dt
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec

from core import clock
from core.supervisor import Child, Supervisor
from core.supervisor.guarded import free_port
from core.tenancy import apply
from tests.browser.visitor import DEMO_PASSWORD, TENANTS, Visitor

CODE, NAME = "banyan-newcomer", "样例癸教育集团"
DECLARED = f"""
[client]
code = "{CODE}"
name = "{NAME}"
kind = "school_group"
branch = "1001"
legal_name = "样例癸教育集团有限公司"
uscc = "52350000908301661F"
plugins = ["education"]

[settings.education.merchants]
"服务性收费" = "SERVICE"
"代收费" = "SERVICE"

[[merchants]]
code = "TUITION"
name = "学费与住宿费"
accounts = [{{ bank_name = "榕城银行甲城云溪支行", number = "9900 0100 0100 0000 018", made_by = "branch.zhou", checked_by = "branch.wu" }}]
rates = [{{ channel = "wechatpay", percent = "0.6", from_on = 2026-01-01 }}]

[[merchants]]
code = "SERVICE"
name = "餐费与服务性收费"
accounts = [{{ bank_name = "榕城银行甲城云溪支行", number = "9900 0100 0100 0000 026", made_by = "branch.zhou", checked_by = "branch.wu" }}]
rates = [{{ channel = "wechatpay", percent = "0.6", from_on = 2026-01-01 }}]

[[channels]]
channel = "wechatpay"
sandbox = true
"""
STAFF = """
[[staff]]
login = "{login}"
name = "{name}"
roles = [{roles}]
demo_password = "{password}"
"""
PEOPLE = {
    "newcomer.admin": ("欧阳新校", ("client.admin", "edu.group_admin")),
    "newcomer.clerk": ("沈教务", ()),
    "newcomer.maker": ("冯经办", ("client.finance_maker",)),
    "newcomer.checker": ("杨复核", ("edu.group_finance",)),
}


async def opened(house, folder: Path) -> None:
    """Apply a folder that holds the bank and this one client."""
    shutil.copytree(TENANTS / "_bank", folder / "_bank")
    staff = [
        STAFF.format(login=login, name=name, roles=", ".join(f'{{ role = "{role}" }}' for role in roles), password=DEMO_PASSWORD)
        for login, (name, roles) in PEOPLE.items()
    ]
    (folder / CODE).mkdir()
    (folder / CODE / "tenant.toml").write_text(DECLARED + "".join(staff), encoding="utf-8")
    pending = [change for change in await apply.apply(house, folder) if change.pending]
    assert pending == []


class Hands(msgspec.Struct):
    """What people did with their hands: pages opened by a click, buttons pressed, fields filled, files chosen."""

    done: list[tuple[str, str, str]] = []

    def count(self, kind: str) -> int:
        return sum(each[1] == kind for each in self.done)

    def watch(self, visitor: Visitor) -> Visitor:
        """Count what this visitor's hands do from now on."""
        kinds = {"press": "clicks", "follow": "clicks", "menu": "clicks", "fill": "fields", "choose": "fields", "tick": "fields", "upload": "files"}
        for name, kind in kinds.items():
            setattr(visitor, name, self._counting(visitor, name, kind))
        agreeing = visitor.agree

        async def agree(label: str, confirm: str = "", reason: str = "", **more: object) -> None:
            self.done.append((visitor.name, "clicks", confirm or label))
            if reason:
                self.done.append((visitor.name, "fields", "原因"))
            await agreeing(label, confirm, reason, **more)

        visitor.agree = agree
        return visitor

    async def line(self, visitor: Visitor, text: str) -> None:
        """Open a line of somebody's work list."""
        self.done.append((visitor.name, "clicks", text))
        await visitor.page.get_by_role("link", name=re.compile(text)).first.click()
        await visitor.page.wait_for_load_state()

    def _counting(self, visitor: Visitor, name: str, kind: str):
        real = getattr(visitor, name)

        async def counted(label: str, *rest: object, **more: object) -> None:
            self.done.append((visitor.name, kind, label))
            await real(label, *rest, **more)

        return counted


@contextlib.asynccontextmanager
async def next_morning(house, redis, passed: tuple[str, ...]) -> AsyncIterator[str]:
    """The same house at eleven o'clock on the day after, outside world included; gives its address."""
    morning = dt.datetime.combine(clock.today() + dt.timedelta(days=1), dt.time(11), clock.SHANGHAI)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {f"BANYAN_{name.upper()}": str(getattr(house.settings, name)) for name in passed} | {
        "BANYAN_DEMO": "true", "BANYAN_REDIS_URL": redis.url, "BANYAN_PORT": str(port), "BANYAN_PUBLIC_URL": url,
        "CLOCK_STEP_SECONDS": str(clock.leap_to(morning)),
    }  # fmt: skip
    lines: list[str] = []
    supervisor = Supervisor(write=lines.append)
    supervisor.start([Child(verb, [sys.executable, "-m", "core.cli", verb], env=env, restart=False) for verb in ("web", "worker")])
    try:
        await _answering(url, lines)
        yield url
    finally:
        supervisor.stop()
        clock.leap_to(None)


async def _answering(url: str, lines: list[str]) -> None:
    async with httpx.AsyncClient(trust_env=False, transport=httpx.AsyncHTTPTransport(retries=100)) as asking:
        for _ in range(200):
            with contextlib.suppress(httpx.TransportError):
                if (await asking.get(url + "/readyz")).status_code == 200:
                    return
    raise AssertionError("\n".join(lines[-50:]))
