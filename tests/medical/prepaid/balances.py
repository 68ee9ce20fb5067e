"""Balances of former years for tests."""

from core.approvals import service as approvals
from core.imports.schemas import ImportContext
from plugins.medical.prepaid import importing, repository, service
from plugins.medical.prepaid.schemas import ClaimAsk

HEAD = "来源系统,卡号,患者编号,姓名,手机,最后使用日期,余额"
FILE = f"""{HEAD}
旧门诊系统,C0001,P0001,张小明,13800000001,2019-05-04,56.80
旧门诊系统,C0002,P0002,李美华,,2018-01-02,120.00
自助机系统,C0009,P9009,林待查,13900009009,2017-03-03,8.20
"""
CLAIM = ClaimAsk(holder="张小明", account="6222 0202 0001 1223 344", bank="榕树银行松涛支行", identity="核对身份证原件与本人银行卡")


async def load(platform, hospital, text: str = FILE):
    """Import a file; answers what was said of it."""
    context = ImportContext(platform=platform, client=hospital.client, by=hospital.maker)
    check = await importing.check(context, text.encode(), "余额.csv")
    await importing.apply(context, check)
    return check


async def balance_of(platform, hospital, card: str, source: str = ""):
    """The balance of a card."""
    async with platform.database.tenant(hospital.id) as session:
        rows = [row for row in await repository.list_known(session, [card], []) if source in ("", row.source)]
    return rows[0]


async def claim(platform, hospital, card: str, ask: ClaimAsk = CLAIM, by=None):
    """Write a claim down; answers the proposal's id."""
    row = await balance_of(platform, hospital, card)
    async with platform.database.tenant(hospital.id) as session:
        return await service.claim(session, await platform.vault.keys(session), row.id, ask, by or hospital.maker)


async def decide(platform, hospital, approval_id, by=None, agree: bool = True):
    """The second person's word."""
    kinds = approvals.kinds_of(platform.plugins, hospital.client.plugins)
    async with platform.database.tenant(hospital.id) as session:
        if agree:
            await approvals.approve(session, kinds, approval_id, by or hospital.checker)
        else:
            await approvals.reject(session, kinds, approval_id, by or hospital.checker, "账户不是本人的")
