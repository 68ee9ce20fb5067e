"""The PDF of a receipt: Chinese that can be read back, the font embedded and cut down, the state it is really in, theirs alone."""

import asyncio
import datetime as dt
import re

import msgspec
import pypdfium2
import pytest
from pypdfium2 import raw

from core.printing import font
from core.receipts import pdf, service
from core.receipts.printing import FOOT, draw
from core.receipts.schemas import Facts
from core.receipts.sheet import Sheet, sheet_of
from tests import families
from tests.receipts.shop import paid, rows, unissue


def text_of(made: bytes) -> str:
    """What a reader finds on the pages, spaces and line ends taken out: the seal is written along a circle."""
    document = pypdfium2.PdfDocument(made)
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in document))


def fonts_of(made: bytes) -> set[tuple[str, bool]]:
    """The fonts that the words of the first page are in, and whether each is embedded."""
    page = pypdfium2.PdfDocument(made)[0]
    fonts = [found.get_font() for found in page.get_objects(filter=(raw.FPDF_PAGEOBJ_TEXT,))]
    return {(used.get_base_name(), bool(used.is_embedded)) for used in fonts}


def pixels(picture, box: tuple[int, int, int, int]) -> list[bytes]:
    """A part of a picture as red, green and blue of each dot."""
    flat = picture.crop(box).tobytes()
    return [flat[n : n + 3] for n in range(0, len(flat), 3)]


TOLD = Facts(code="35260001", number="0000000001", check_code="ab12cd", issuer="榕城市云溪实验学校")


async def receipt(platform, shop, settle, **changed):
    await paid(platform, shop, settle)
    (row,) = await rows(platform, shop)
    async with platform.database.tenant(shop.id) as session:
        found = await service.find_receipt(session, row.id)
    content = msgspec.structs.replace(found.content, **changed.pop("content", {}))
    return msgspec.structs.replace(found, content=content, **changed)


async def test_everything_a_receipt_must_show_can_be_read_back(platform, shop, settle):
    held = await receipt(platform, shop, settle)
    told = text_of(await pdf.render(held, held.content.payer, "http://banyan.test/verify/x/R1?code=1"))
    paid_at = held.content.paid_at + dt.timedelta(hours=8)
    for part in (
        shop.client.name, "收费收据", held.number, "张小明", shop.children[0].number, "TUITION", "950.00", "玖佰伍拾元整", "微信支付",
        held.content.payment_number, f"{paid_at:%Y-%m-%d%H:%M:%S}", "扫码核验真伪",
    ):  # fmt: skip
        assert part.replace(" ", "") in told, part
    assert set("收费专用章") <= set(told)


async def test_rare_characters_of_names_are_written_and_what_cannot_be_is_marked(platform, shop, settle):
    held = await receipt(platform, shop, settle, content={"title": "秋季\U0001f393学费\x00"})
    told = text_of(await pdf.render(held, "欧阳䶮𬭎", ""))
    assert "欧阳䶮𬭎" in told
    assert "秋季〓学费" in told


async def test_the_font_is_embedded_and_only_its_used_part(platform, shop, settle):
    held = await receipt(platform, shop, settle)
    made = await pdf.render(held, held.content.payer, "http://banyan.test/verify/x/R1?code=1")
    assert len(made) < 60_000
    ((name, embedded),) = fonts_of(made)
    assert name.endswith("+NotoSerifSC")
    assert embedded
    assert len(font.subset("收据")) < 10_000


async def test_the_same_receipt_is_the_same_file(platform, shop, settle):
    held = await receipt(platform, shop, settle)
    first = await pdf.render(held, held.content.payer, "http://x")
    await asyncio.sleep(1.1)
    assert await pdf.render(held, held.content.payer, "http://x") == first


@pytest.mark.parametrize(
    ("changed", "mark"), [({"status": "red_flushed"}, "已红冲"), ({"status": "voided"}, "已作废"), ({"flushing": True}, "正在红冲"), ({}, "")]
)
async def test_a_receipt_that_does_not_count_says_so_across_the_page(platform, shop, settle, changed, mark):
    held = await receipt(platform, shop, settle, **changed)
    told = text_of(await pdf.render(held, held.content.payer, ""))
    assert [word for word in ("已红冲", "已作废", "正在红冲") if word in told] == ([mark] if mark else [])


async def test_a_red_receipt_is_negative_in_figures_and_words(platform, shop, settle):
    held = await receipt(platform, shop, settle, kind="red", amount_fen=-95_000, content={"takes_back": "R202600000001", "reason": "退费"})
    told = text_of(await pdf.render(held, held.content.payer, ""))
    for part in ("红字收费收据", "-950.00", "负玖佰伍拾元整", "R202600000001", "退费"):
        assert part in told


async def test_many_items_go_on_over_the_page_and_long_words_are_cut(platform, shop, settle):
    lines = [(f"第{n}项" + "很长的收费项目名称" * 12, 1_00) for n in range(25)]
    held = await receipt(platform, shop, settle, content={"lines": lines, "seal": "印" * 40})
    made = await pdf.render(held, held.content.payer, "http://x")
    document = pypdfium2.PdfDocument(made)
    assert len(document) == 3
    told = text_of(made)
    assert all(f"第{n}项" in told for n in range(25))
    assert told.count("合计（大写）") == 1


async def test_the_seal_is_red_and_the_qr_is_there(platform, shop, settle):
    held = await receipt(platform, shop, settle)
    with_code = pypdfium2.PdfDocument(await pdf.render(held, held.content.payer, "http://banyan.test/verify/x/R1?code=1"))
    picture = with_code[0].render(scale=1).to_pil().convert("RGB")
    corner = pixels(picture, (470, 290, 570, 390))
    assert sum(red > 150 and green < 120 and blue < 120 for red, green, blue in corner) > 300
    code = pixels(picture, (40, 290, 115, 365))
    assert 0.25 < sum(sum(pixel) < 300 for pixel in code) / len(code) < 0.75


@pytest.mark.parametrize("items", range(1, 16))
async def test_no_item_is_ever_drawn_over_the_sum_the_qr_or_the_seal(items):
    lines = [(f"第{n}项", "1.00") for n in range(items)]
    for facts in (4, 10):
        head = [(f"事项{n}", "值") for n in range(facts)]
        sheet = Sheet(
            client="甲", title="收费收据", mark="", red=False, head=head, lines=lines, total="1.00", in_words="壹元整",
            foot=[("支付方式", "微信支付")], seal="甲", check_url="http://x", made_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        )  # fmt: skip
        document = pypdfium2.PdfDocument(draw(sheet))
        everything = "".join(page.get_textpage().get_text_range() for page in document)
        assert all(f"第{n}项" in everything for n in range(items))
        last_page = document[len(document) - 1].get_textpage()
        total = last_page.get_charbox(last_page.search("合计").get_next()[0])[1]
        way = last_page.get_charbox(last_page.search("支付方式").get_next()[0])[3]
        assert total > way
        for n in range(items):
            found = last_page.search(f"第{n}项").get_next()
            assert found is None or last_page.get_charbox(found[0])[1] > total


async def test_drawing_does_not_hold_up_everybody_else(platform, shop, settle):
    held = await receipt(platform, shop, settle)
    await pdf.render(held, "x", "")
    beats = 0
    drawing = asyncio.gather(*(pdf.render(held, held.content.payer, "http://x") for _ in range(4)))
    while not drawing.done():
        await asyncio.sleep(0)
        beats += 1
    assert all(made.startswith(b"%PDF-") for made in await drawing)
    assert beats > 4


async def test_a_sheet_of_a_fiscal_ticket_carries_its_codes(platform, shop, settle):
    facts = Facts(code="35260001", number="0000000001", check_code="ab12cd", issuer="榕城市云溪实验学校")
    held = await receipt(platform, shop, settle, ticket="fiscal", facts=facts)
    sheet = sheet_of(held, held.content.payer, "")
    assert sheet.title == "财政电子票据查验凭据"
    assert {"票据代码": "35260001", "票据号码": "0000000001", "校验码": "ab12cd"}.items() <= dict(sheet.head).items()


async def test_a_parent_gets_the_pdf_with_the_childs_full_name(platform, school, shop, settle, browser, sms):
    phone = browser()
    await families.bind(phone, sms, school, school.children[0])
    held = await receipt(platform, shop, settle)
    answer = await phone.get(f"{school.home}/receipts/{held.id}.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert f"{held.number}.pdf" in answer.headers["content-disposition"]
    assert "no-store" in answer.headers["cache-control"]
    assert "张小明" in text_of(answer.content)
    page = await phone.get(f"{school.home}/receipts/{held.id}")
    assert f"/receipts/{held.id}.pdf" in page.text


async def test_who_only_holds_the_pay_code_gets_a_masked_name(platform, school, shop, settle, browser):
    held = await receipt(platform, shop, settle)
    phone = browser()
    await phone.get(f"{school.home}/code")
    await phone.post(f"{school.home}/code", {"code": await families.pay_code(platform, school, held.bill_id)})
    answer = await phone.get(f"{school.home}/receipts/{held.id}.pdf")
    assert answer.status_code == 200, answer.text[:200]
    assert "张小明" not in text_of(answer.content)


async def test_somebody_elses_pdf_does_not_exist(platform, school, shop, settle, browser, sms):
    held = await receipt(platform, shop, settle)
    phone = browser()
    await families.bind(phone, sms, school, school.children[1])
    for name in (f"{held.id}.pdf", f"{held.id}", "x.pdf", "x", f"{held.id}.pdf.pdf"):
        assert (await phone.get(f"{school.home}/receipts/{name}")).status_code == 404, name


async def test_while_it_has_no_number_there_is_no_pdf(platform, school, shop, settle, browser, sms):
    held = await receipt(platform, shop, settle)
    phone = browser()
    await families.bind(phone, sms, school, school.children[0])
    await unissue(platform, shop)
    assert (await phone.get(f"{school.home}/receipts/{held.id}.pdf")).status_code == 409


@pytest.mark.parametrize("lines", [1, 9, 40])
async def test_what_a_plugin_says_of_a_bill_is_printed_under_the_sum(platform, shop, settle, lines):
    extras = [(f"事项{chr(0x7532 + n)}", f"值{n:02d}") for n in range(11)]
    plain = await receipt(platform, shop, settle, content={"lines": [(f"项目{n:02d}", 100) for n in range(lines)], "line_nos": []})
    fuller = msgspec.structs.replace(plain, content=msgspec.structs.replace(plain.content, extras=extras), facts=TOLD, ticket="fiscal")
    made = await pdf.render(fuller, "张小明", "http://banyan.test/verify/x/R1?code=1")
    told = text_of(made)
    assert all(f"{label}：{value}" in told for label, value in extras)
    assert all(f"项目{n:02d}" in told for n in range(lines))
    document = pypdfium2.PdfDocument(made)
    page = document[len(document) - 1].get_textpage()
    place, _count = page.search("值10").get_next()
    assert page.get_charbox(place)[1] > FOOT * 72 / 25.4, "QR and seal stand below it"
