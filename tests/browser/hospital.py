"""The demo hospital and what its people do in several walks: a family binds a patient, HIS speaks through its key."""

import asyncio
import contextlib
import csv
import re
from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
from sqlalchemy import text

from tests.browser.family import code_for
from tests.browser.visitor import TENANTS

CODE = "banyan-hospital"
HOME = f"/h5/{CODE}"
PATIENTS = TENANTS / CODE / "demo" / "patients.csv"
_HURRY = "UPDATE medical.med_order SET post_at = now() WHERE post_at > now() AND status = 'paid'"


async def hospital_of(house) -> SimpleNamespace:
    """The demo hospital, and a way to ask its books."""
    tenant_id = (await house.directory.by_code(CODE)).id

    async def ask(sql: str, **values: object):
        async with house.database.tenant(tenant_id) as session:
            return (await session.execute(text(sql), values)) if sql.startswith("UPDATE") else await session.all(text(sql), values)

    async def becomes(number: str, status: str) -> None:
        async with asyncio.timeout(60):
            while [row.status for row in await ask("SELECT status FROM medical.med_order WHERE number = :n", n=number)] != [status]:
                await ask(_HURRY)
                await asyncio.sleep(0.2)

    return SimpleNamespace(platform=house, id=tenant_id, ask=ask, becomes=becomes)


def facts_of(patient_no: str) -> dict[str, str]:
    """What the patient's own card and papers say."""
    with PATIENTS.open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["患者编号*"] == patient_no)


async def bind(family, hospital, patient_no: str) -> None:
    """The family proves whose it is: facts of the patient, a registered phone, the code that was sent."""
    facts = facts_of(patient_no)
    await family.open(HOME + "/bind")
    for label, value in (("姓名", facts["姓名*"]), ("患者编号", patient_no), ("证件后四位", facts["证件号码"][-4:])):
        await family.page.get_by_label(re.compile(label)).first.fill(value)
    await family.press("下一步")
    await family.press("发送验证码")
    await family.says("输入验证码")
    await family.page.get_by_label("验证码", exact=True).fill(await code_for(hospital.platform, facts["手机号"]))
    for purpose in ("缴费服务", "就诊信息"):
        for box in await family.page.get_by_label(re.compile(rf"^\s*{purpose}")).all():
            await box.check()
    await family.press("完成绑定")
    await family.says("绑定成功")


@contextlib.asynccontextmanager
async def his(visit, house) -> AsyncIterator[httpx.AsyncClient]:
    """The hospital's own system: its administrator makes a key on the page, the system asks with it."""
    admin = await visit("院办")
    await admin.log_in("hospital.admin")
    await admin.open("/console/keys")
    await admin.fill("名称", "住院系统")
    await admin.choose("角色", "医院 HIS 接口")
    await admin.press("新建")
    await admin.says("这把密钥只显示这一次")
    token = await admin.page.locator("code.by-break").inner_text()
    async with httpx.AsyncClient(base_url=house.settings.public_url, headers={"authorization": f"Bearer {token}"}, trust_env=False) as system:
        yield system
