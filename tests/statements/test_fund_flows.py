"""Fund flows come in beside the trade bills: totals and balances checked, nothing of them matched."""

import pytest
from sqlalchemy import text

from tests.statements.conftest import STATEMENTS, answers

SETS = {"small": "small/m3.expected.json", "mixed": "mixed/mixed.expected.json", "large": "large/large.expected.json"}
PREAMBLE = """#支付宝账务明细查询
#账号：[20889900000311010156]
#起始日期：[2026年03月01日 00:00:00]   终止日期：[2026年03月02日 00:00:00]
#-----------------------------------------账务明细列表----------------------------------------
账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注
"""
ROWS = """1001\t,2026030122001\t,MZ2026030101\t,门诊,2026-03-01 08:00:00\t,a***@b.cn\t,100.00,,1100.00,支付宝,在线支付,
1002\t,2026030122001\t,MZ2026030101\t,门诊,2026-03-01 08:00:00\t,\t,,-0.55,1099.45,支付宝,收费,
"""
FOOTER = """#-----------------------------------------账务明细列表结束------------------------------------
#支出合计：{out_count}笔，共{out}元
#收入合计：1笔，共{into}元
#导出时间：[2026年03月02日 05:46:49]
"""


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-02"])
@pytest.mark.parametrize("name", SETS)
async def test_a_wechat_fund_flow_gives_its_rows_and_balances(name, day, hospital, hand_in, platform):
    expected = answers(SETS[name])["fund_flow"][day]
    said = await hand_in(hospital, "wechatpay-fundflow", day, STATEMENTS / f"{name}/wechatpay-fundflow-{day}.csv.gz", merchant="1999000311")
    assert (said.verdict, said.merchant_id, said.lines) == ("accept", "1999000311", expected["rows"])
    sql = text("""
        SELECT sum(net_fen) FILTER (WHERE net_fen > 0) AS income, -sum(net_fen) FILTER (WHERE net_fen < 0) AS outgo, bool_or(counts) AS counts,
               (SELECT facts FROM core.statement WHERE id = :id) AS facts FROM core.statement_line WHERE statement_id = :id
    """)
    async with platform.database.tenant(hospital.id) as session:
        row = await session.one(sql, {"id": said.statement_id})
    assert (row.income, row.outgo, row.counts) == (expected["income_fen"], expected["outgo_fen"], False)
    assert (row.facts["opening_fen"], row.facts["closing_fen"]) == (expected["opening_fen"], expected["closing_fen"])


async def test_another_accounts_fund_flow_is_refused(hospital, hand_in):
    path = STATEMENTS / "mixed/wechatpay-fundflow-2026-03-01.csv"
    said = await hand_in(hospital, "wechatpay-fundflow", "2026-03-01", path, merchant="1900000001")
    assert (said.verdict, said.reason_code) == ("reject_file", "other_merchant")


def alipay(rows=ROWS, out_count=1, out="-0.55", into="100.00") -> bytes:
    text = PREAMBLE + rows + FOOTER.format(out_count=out_count, out=out, into=into)
    return text.replace("\n", "\r\n").encode("gbk")


async def test_an_alipay_account_statement_comes_in(hospital, hand_in):
    said = await hand_in(hospital, "alipay-fundflow", "2026-03-01", alipay())
    assert (said.verdict, said.merchant_id, said.lines, said.net_fen) == ("accept", "2088990000031101", 2, 9945)


async def test_an_alipay_account_statement_whose_totals_disagree_is_refused(hospital, hand_in):
    said = await hand_in(hospital, "alipay-fundflow", "2026-03-01", alipay(into="100.01"))
    assert (said.verdict, said.reason_code) == ("reject_file", "summary_mismatch")
