"""Whatever order the columns stand in and however lines end: every value comes out under its own name, exactly, or its row is left out."""

import datetime as dt
import io
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from core.statements.protocol import Expected, FileRefused, Notes
from core.statements.sources import stripe, wechatpay
from core.statements.sources.amounts import Fen, exactly
from core.statements.sources.wechatpay_layouts import ALL, COUNTED, SUMMED
from plugins.medical.his import statement as his

DAY = dt.date(2026, 3, 1)
EXPECTED = Expected(day=DAY, merchants=frozenset({"1999000311"}))
quick = settings(max_examples=60, deadline=None)

numbers = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789_-", min_size=6, max_size=32)
fen = st.integers(0, 10_000_000_00)
seconds = st.integers(0, 86_399)
texts = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="`"), max_size=20)


def yuan(amount: int, decimals: int = 2) -> str:
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}{amount // 100}.{amount % 100:02d}{'0' * (decimals - 2)}"


@st.composite
def trades(draw):
    """A row of a trade bill by column name, and the line it should become."""
    refund, order, theirs, amount, second = draw(st.booleans()), draw(numbers), draw(numbers), draw(fen), draw(seconds)
    fee = draw(st.integers(0, 100_00))
    at = f"2026-03-01 {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    row = dict.fromkeys(ALL, "") | {
        "交易时间": at, "商户号": "1999000311", "特约商户号": "0", "微信订单号": theirs, "商户订单号": order, "交易状态": "SUCCESS", "货币种类": "CNY",
        "应结订单金额": yuan(amount), "代金券金额": "0.00", "微信退款单号": "0", "商户退款单号": "0", "退款金额": "0.00", "充值券退款金额": "0.00",
        "商品名称": draw(texts), "商户数据包": draw(numbers), "手续费": yuan(fee, 5), "费率": "0.60%", "订单金额": yuan(amount), "申请退款金额": "0.00",
    }  # fmt: skip
    if not refund:
        return row, ("pay", order, theirs, amount, fee, amount - fee, second, row["商户数据包"])
    number = draw(numbers)
    row |= {
        "交易状态": "REFUND", "应结订单金额": "0.00", "订单金额": "0.00", "微信退款单号": f"5{theirs}"[:32], "商户退款单号": number, "退款状态": "SUCCESS",
        "退款金额": yuan(amount), "申请退款金额": yuan(amount), "手续费": yuan(-fee, 5),
    }  # fmt: skip
    return row, ("refund", number, row["微信退款单号"], amount, -fee, fee - amount, second, row["商户数据包"])


def lines_of(content: bytes, read=wechatpay.read) -> tuple[list, Notes]:
    notes = Notes()
    return [line for chunk in read(io.BytesIO(content), EXPECTED, notes) for line in chunk], notes


def bill(rows: list[dict[str, str]], names: list[str], ends: list[str], head: str = "") -> bytes:
    """A trade bill with its columns in that order and its lines ending so, one after the other."""
    sums = {total: sum((Decimal(row[column]) for row in rows), Decimal()) for total, column in SUMMED.items()}
    text = [",".join(names), *("`" + ",`".join(row.get(name, "x") for name in names) for row in rows)]
    text += [",".join((COUNTED, *sums)), "`" + ",`".join((str(len(rows)), *map(str, sums.values())))]
    return (head + "".join(line + ends[n % len(ends)] for n, line in enumerate(text))).encode()


@quick
@given(
    found=st.lists(trades(), max_size=12), names=st.permutations([*ALL, "门店编号", "未来的列"]),
    ends=st.lists(st.sampled_from(["\r\n", "\n"]), min_size=1, max_size=5), head=st.sampled_from(["", "\ufeff", "?"]),
)  # fmt: skip
def test_columns_in_any_order_give_the_same_lines(found, names, ends, head):
    lines, notes = lines_of(bill([row for row, _ in found], names, ends, head))
    midnight = dt.datetime(2026, 2, 28, 16, tzinfo=dt.UTC)
    told = [(line[3], line[5], line[7], line[9], line[10], line[11], (line[12] - midnight).seconds, line[15]) for line in lines]
    assert told == [wanted for _, wanted in found]
    assert notes.faults == [] and "column_order" in notes.repairs
    assert ("line_ends" in notes.repairs) == ("\n" in [ends[n % len(ends)] for n in range(len(found) + 3)])
    assert [line[:2] for line in lines] == [(n, n + 1) for n in range(1, len(found) + 1)]


@quick
@given(found=st.lists(trades(), min_size=1, max_size=8), where=st.integers(0, 7), breaks=st.integers(1, 3))
def test_text_broken_over_lines_never_shifts_a_column(found, where, breaks):
    rows = [dict(row) for row, _ in found]
    rows[where % len(rows)]["商品名称"] = "特需,加号\n" * breaks + "门诊"
    lines, notes = lines_of(bill(rows, list(ALL), ["\r\n"]))
    assert [(line[3], line[5], line[9]) for line in lines] == [(kind, number, amount) for _, (kind, number, _, amount, *_) in found]
    assert notes.repairs == ["unescaped_text"]


@quick
@given(found=st.lists(trades(), min_size=1, max_size=6), where=st.integers(0, 5), tail=st.integers(0, 9))
def test_a_third_decimal_leaves_out_its_row_and_no_other(found, where, tail):
    rows = [dict(row) for row, _ in found]
    place = where % len(rows)
    refund = rows[place]["交易状态"] == "REFUND"
    column = "申请退款金额" if refund else "订单金额"
    rows[place][column] += str(tail)
    lines, notes = lines_of(bill(rows, list(ALL), ["\r\n"]))
    assert [(fault.row, fault.column, fault.code) for fault in notes.faults] == [(place + 1, column, "amount_precision")]
    assert len(lines) == len(rows) - 1


@quick
@given(found=st.lists(trades(), min_size=1, max_size=6), cut=st.integers(1, 400))
def test_a_bill_cut_anywhere_is_refused_or_has_lost_a_zero_of_its_last_total(found, cut):
    whole = bill([row for row, _ in found], list(ALL), ["\r\n"])
    code, lines = "", []
    try:
        lines, _ = lines_of(whole[: max(1, len(whole) - 2 - cut)])
    except FileRefused as fault:
        code = fault.code
    if code:
        assert code in {"truncated_text", "summary_mismatch", "not_a_statement", "missing_column", "wrong_encoding"}
    else:
        assert len(lines) == len(found)
        assert set(whole[-2 - cut :].decode()) <= set("0.\r\n")


@quick
@given(st.from_regex(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?", fullmatch=True))
def test_an_amount_is_exact_or_refused(printed):
    amount, read = exactly(printed), Fen()[printed]
    if read is None:
        assert len(printed.partition(".")[2]) > 2
    else:
        assert Decimal(read) == amount * 100


@quick
@given(st.text(max_size=12))
def test_whatever_stands_for_an_amount_is_a_whole_number_or_nothing(printed):
    read = Fen()[printed]
    assert read is None or Decimal(read) == Decimal(printed) * 100


@quick
@given(names=st.permutations([*his.LAYOUT, "院区"]), amount=st.integers(0, 10**9), insured=st.integers(0, 10**6), number=numbers)
def test_a_his_row_is_read_by_the_names_of_its_columns(names, amount, insured, number):
    row = dict.fromkeys(names, "") | {
        "业务日期": "2026-03-01", "HIS流水号": "HIS1", "业务类型": "门诊", "支付方式": "微信", "商户订单号": number, "交易金额": yuan(amount + insured),
        "医保统筹": yuan(insured), "个人账户": "0.00", "现金支付": yuan(amount), "交易时间": "2026-03-01 08:10:11",
    }  # fmt: skip
    text = ",".join(names) + "\r\n" + ",".join(row[name] for name in names) + "\r\n"
    lines, _ = lines_of(text.encode("utf-8-sig"), his.read)
    assert [(line[2], line[3], line[5], line[9]) for line in lines] == [("wechatpay", "pay", number, amount)]


@quick
@given(names=st.permutations([*stripe.LAYOUT, "exchange_rate"]), gross=st.integers(1, 10**9), description=st.text(
    st.characters(blacklist_categories=("Cs", "Cc")), max_size=20), number=numbers)  # fmt: skip
def test_a_stripe_row_is_read_by_the_names_of_its_columns(names, gross, description, number):
    row = dict.fromkeys(names, "") | {
        "balance_transaction_id": "txn_1", "created": "2026-03-01 08:00:00", "available_on": "2026-03-05 00:00:00", "currency": "cny",
        "gross": yuan(gross), "fee": "0.30", "net": yuan(gross - 30), "reporting_category": "charge", "source_id": "ch_1999000311",
        "charge_id": "ch_1999000311", stripe.ORDER: number, "description": description,
    }  # fmt: skip
    cells = ['"' + row[name].replace('"', '""') + '"' for name in names]
    lines, _ = lines_of(f"{','.join(names)}\n{','.join(cells)}\n".encode(), stripe.read)
    assert [(line[5], line[9], line[10], line[11], line[13]) for line in lines] == [(number, gross, 30, gross - 30, dt.date(2026, 3, 5))]
