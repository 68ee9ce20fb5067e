"""Drawing one letter on A4: who and what above, the lines in a table, the sum in words, pay code and QR in a box at the bottom."""

from fpdf import FPDF
from fpdf.enums import Align

from core.printing.letters import Letter
from core.printing.paper import FONT, GREY, GROUND, INK, RED, RULE, Length, fitted, qr, shrunk, wrapped

WIDTH, HEIGHT, MARGIN = 210, 297, 20
INNER = WIDTH - 2 * MARGIN
LINE, BOX, QR = 7.4, 62, 46
ITEM, AMOUNT, OPEN, WORDS, CODE = "收费项目", "金额（元）", "待缴合计", "大写", "缴费码"
SCAN, TYPE, ASK, DATE, NEXT = "微信或支付宝扫码缴费", "也可以打开网址输入缴费码", "咨询电话", "打印日期", "（接下页）"


def text_of(letter: Letter) -> str:
    """Every character that is drawn."""
    pairs = "".join(a + b for a, b in (*letter.facts, *letter.lines, *letter.sums))
    own = (letter.client, letter.title, letter.greeting, letter.text, letter.total, letter.in_words, letter.pay_code, letter.entry, letter.phone)
    return pairs + "".join(own) + letter.made_on + "".join((ITEM, AMOUNT, OPEN, WORDS, CODE, SCAN, TYPE, ASK, DATE, NEXT)) + "：¥…·0123456789"


def draw(pdf: FPDF, letter: Letter) -> None:
    """The pages of one letter; sum, code and QR stand on the last."""
    rest = list(letter.lines)
    pdf.add_page()
    top = _head(pdf, letter)
    while True:
        room = int((HEIGHT - MARGIN - BOX - 34 - len(letter.sums) * LINE - top - LINE) / LINE)
        whole = int((HEIGHT - MARGIN - 10 - top - LINE) / LINE)
        if len(rest) <= room:
            break
        top = _table(pdf, rest[: max(1, min(whole, len(rest) - 1))], top)
        rest = rest[max(1, min(whole, len(rest) - 1)) :]
        _put(pdf, NEXT, MARGIN, top + 2, INNER, 5, 9, GREY, Align.R)
        pdf.add_page()
        top = MARGIN
    top = _table(pdf, rest, top)
    _sums(pdf, letter, top + 2)
    _box(pdf, letter, HEIGHT - MARGIN - BOX)
    foot = f"{DATE}：{letter.made_on}" + (f" · {ASK}：{letter.phone}" if letter.phone else "")
    _put(pdf, foot, MARGIN, HEIGHT - MARGIN + 3, INNER, 5, 9, GREY, Align.L)


def _head(pdf: FPDF, letter: Letter) -> Length:
    """Title, greeting, text and facts; answers where the table begins."""
    pdf.set_text_color(*INK)
    words = shrunk(pdf, letter.client, INNER, 15, 9)
    pdf.set_xy(MARGIN, MARGIN - 4)
    pdf.cell(INNER, 8, words, align=Align.C)
    _put(pdf, letter.title, MARGIN, MARGIN + 6, INNER, 12, 23, RED if letter.urgent else INK, Align.C)
    _put(pdf, fitted_at(pdf, letter.greeting, 12, INNER), MARGIN, MARGIN + 24, INNER, 7, 12, INK, Align.L)
    pdf.set_font(FONT, size=11)
    top = MARGIN + 33
    for line in wrapped(pdf, letter.text, INNER, 4):
        _put(pdf, line, MARGIN, top, INNER, 6.4, 11, INK, Align.L)
        top += 6.4
    top += 3
    for place, (label, value) in enumerate(letter.facts):
        left = MARGIN + (place % 2) * INNER / 2
        _put(pdf, f"{label}：", left, top, 20, 6.6, 10, GREY, Align.L)
        _put(pdf, fitted_at(pdf, value, 10.5, INNER / 2 - 24), left + 20, top, INNER / 2 - 20, 6.6, 10.5, INK, Align.L)
        if place % 2 or place == len(letter.facts) - 1:
            top += 6.6
    return top + 4


def fitted_at(pdf: FPDF, words: str, size: Length, width: Length) -> str:
    """Words cut to a width at a size."""
    pdf.set_font(FONT, size=size)
    return fitted(pdf, words, width)


def _table(pdf: FPDF, lines: list[tuple[str, str]], top: Length) -> Length:
    pdf.set_draw_color(*RULE)
    pdf.set_fill_color(*GROUND)
    pdf.set_font(FONT, size=10)
    pdf.set_text_color(*GREY)
    pdf.set_xy(MARGIN, top)
    pdf.cell(INNER - 45, LINE, ITEM, border="TB", fill=True)
    pdf.cell(45, LINE, AMOUNT, border="TB", fill=True, align=Align.R)
    pdf.set_text_color(*INK)
    pdf.set_font(FONT, size=11)
    for name, amount in lines:
        top += LINE
        pdf.set_xy(MARGIN, top)
        pdf.cell(INNER - 45, LINE, fitted(pdf, name, INNER - 48), border="B")
        pdf.cell(45, LINE, amount, border="B", align=Align.R)
    return top + LINE


def _sums(pdf: FPDF, letter: Letter, top: Length) -> None:
    for label, amount in letter.sums:
        _put(pdf, label, MARGIN, top, INNER - 45, LINE, 10.5, GREY, Align.R)
        _put(pdf, amount, WIDTH - MARGIN - 45, top, 45, LINE, 11, INK, Align.R)
        top += LINE
    _put(pdf, OPEN, MARGIN, top, INNER - 50, 10, 12, INK, Align.R)
    _put(pdf, f"¥{letter.total}", WIDTH - MARGIN - 50, top, 50, 10, 16, RED if letter.urgent else INK, Align.R)
    _put(pdf, fitted_at(pdf, f"{WORDS}：{letter.in_words}", 11, INNER), MARGIN, top + 10, INNER, 7, 11, INK, Align.R)


def _box(pdf: FPDF, letter: Letter, top: Length) -> None:
    pdf.set_draw_color(*RULE)
    pdf.set_line_width(0.3)
    pdf.rect(MARGIN, top, INNER, BOX, round_corners=True, corner_radius=3)
    qr(pdf, letter.url, MARGIN + 8, top + 5, QR, mask=0)
    _put(pdf, SCAN, MARGIN + 8 - 10, top + QR + 6.5, QR + 20, 5, 9, GREY, Align.C)
    left, width = MARGIN + QR + 20, INNER - QR - 26
    _put(pdf, CODE, left, top + 9, width, 6, 11, GREY, Align.L)
    pdf.set_text_color(*INK)
    words = shrunk(pdf, letter.pay_code, width, 21, 12)
    pdf.set_xy(left, top + 16)
    pdf.cell(width, 10, words)
    _put(pdf, TYPE, left, top + 33, width, 6, 10, GREY, Align.L)
    pdf.set_font(FONT, size=10)
    for place, line in enumerate(wrapped(pdf, letter.entry, width, 2)):
        _put(pdf, line, left, top + 40 + place * 5.5, width, 5.5, 10, INK, Align.L)


def _put(
    pdf: FPDF, words: str, left: Length, top: Length, width: Length, height: Length, size: Length, colour: tuple[int, int, int], align: Align
) -> None:
    pdf.set_font(FONT, size=size)
    pdf.set_text_color(*colour)
    pdf.set_xy(left, top)
    pdf.cell(width, height, words, align=align)
