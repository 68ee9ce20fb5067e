"""The settlement statement: its columns, its sums, and both its forms."""

import io

import pypdfium2
import pytest
import python_calamine
from sqlalchemy import text

from core.onboarding.schemas import Rate
from core.settlement import statement, statement_files
from core.settlement.errors import BatchNotFound

HEADER = (
    "结算日期,商户号,商户名称,渠道,交易笔数,交易金额,退款笔数,退款金额,手续费率,手续费,调整金额,应结金额,实结金额,收款户名,收款账号(掩码),"
    "批次号,状态,入账流水号"
)


async def worked(hall):
    """The worked example, paid over two channels."""
    await hall.agree_rates("TUITION", Rate(channel="wechatpay", rate_ppm=6_000), Rate(channel="alipay", rate_ppm=3_800))
    payment = await hall.pay(("TUITION", 10_000_000))
    await hall.refund(payment, 200_000)
    other = await hall.pay(("TUITION", 50_000))
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.payment SET channel = 'alipay', mchid = '2088' WHERE id = :id"), {"id": other})
    return (await hall.calculate())["TUITION"]


async def test_the_columns_are_those_of_the_book_and_every_line_is_its_formula(hall):
    assert ",".join(name for name, _ in statement.COLUMNS) == HEADER
    batch = await worked(hall)
    async with hall.tenant() as session:
        _, lines = await statement.of_batch(session, batch.id)
    assert [(line.channel, line.rate, line.gross_fen, line.refund_fen, line.cost_fen, line.net_fen) for line in lines] == [
        ("支付宝", "0.38%", 50_000, 0, 190, 49_810),
        ("微信支付", "0.6%", 10_000_000, 200_000, 58_800, 9_741_200),
    ]
    assert statement.total(lines)["net_fen"] == batch.net_fen
    for line in lines:
        assert line.net_fen == line.gross_fen - line.refund_fen - line.cost_fen + line.adjust_fen


async def test_the_excel_file_opens_and_adds_up(hall):
    batch = await worked(hall)
    async with hall.tenant() as session:
        name, content = await statement_files.batch_excel(session, batch.id, "样例学校")
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert name == f"结算单-{batch.number}.xlsx"
    assert ",".join(rows[0]) == HEADER
    assert [row[11] for row in rows[1:4]] == [498.1, 97412, 97910.1]
    assert rows[3][1] == "合计"
    assert any("玖万柒仟玖佰壹拾元壹角整" in str(row[0]) for row in rows[4:])


async def test_the_pdf_says_who_how_much_in_capitals_and_numbers_its_pages(hall):
    batch = await worked(hall)
    async with hall.tenant() as session:
        name, content = await statement_files.batch_pdf(session, batch.id, "样例学校教育集团")
        _, month = await statement_files.month_pdf(session, batch.bill_on.replace(day=1), "样例学校教育集团", [("状态", "未签认")])
    assert name.endswith(".pdf")
    words = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded()
    for wanted in ("样例学校教育集团", "97,910.10", "玖万柒仟玖佰壹拾元壹角整", "第 1 页，共 1 页", batch.number):
        assert wanted in words, words
    assert "月度结算单" in pypdfium2.PdfDocument(month)[0].get_textpage().get_text_bounded()


async def test_a_long_month_goes_over_several_pages(hall):
    batch = await worked(hall)
    async with hall.tenant() as session:
        _, lines = await statement.of_batch(session, batch.id)
    content = await statement_files._pdf("样例", "月度结算单", [("月份", "2026")], lines * 40, by_day=True)
    pages = pypdfium2.PdfDocument(content)
    assert len(pages) > 2
    assert f"第 {len(pages)} 页，共 {len(pages)} 页" in pages[len(pages) - 1].get_textpage().get_text_bounded()


async def test_another_clients_statement_is_not_found(hall, client):
    batch = await worked(hall)
    other = await client(plugins=())
    async with hall.platform.database.tenant(other.id) as session:
        with pytest.raises(BatchNotFound):
            await statement_files.batch_excel(session, batch.id, "x")
