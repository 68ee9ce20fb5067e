"""Every kind of answer UnionPay can give, and what is made of it: a scripted UnionPay over real HTTP says what the sandbox never would."""

import datetime as dt
import secrets
from urllib.parse import parse_qsl

import httpx
import msgspec
import pytest

from core import clock
from core.payments.channels.errors import ChannelRefused, ChannelUnknown, StatementBroken
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRef, RefundRequest
from core.payments.channels.unionpay import UnionPay
from core.sandbox.serving import serving
from core.sandbox.unionpay import authority, wire

MCHID = "777290058167151"


class Scripted:
    """UnionPay reading from a script: each answer repeats what was asked and adds the script's next fields, signed as UnionPay signs."""

    def __init__(self) -> None:
        self.authority = authority.found("CFCA")
        self.signer = authority.issue(authority.unionpay_name(), self.authority.middle)
        self.merchant = authority.issue(authority.merchant_name(MCHID, "榕城第一实验学校"), self.authority.middle)
        self.script: list[dict[str, str | None] | bytes] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.url = ""

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        fields = dict(parse_qsl(body.decode()))
        self.asked.append((scope["path"].rsplit("/", 1)[-1], fields))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": self._answer(fields)})

    def _answer(self, fields: dict[str, str]) -> bytes:
        said = self.script.pop(0)
        if isinstance(said, bytes):
            return said
        full = wire.echo(fields) | {"respMsg": "说明"} | said
        return wire.line(wire.signed({name: value for name, value in full.items() if value is not None}, self.signer))

    @property
    def account(self) -> ChannelAccount:
        credentials = {
            "sign_certificate": self.merchant.container("000000"),
            "sign_certificate_password": "000000",
            "root_certificate": self.authority.root.certificate_pem,
            "middle_certificate": self.authority.middle.certificate_pem,
        }
        return ChannelAccount(channel="unionpay", mchid=MCHID, appid="", base_url=self.url, credentials=credentials)


@pytest.fixture(scope="module")
async def serving_script():
    scripted = Scripted()
    async with serving(scripted) as address:
        scripted.url = address
        yield scripted


@pytest.fixture
def unionpay(serving_script):
    serving_script.script, serving_script.asked = [], []
    return serving_script


@pytest.fixture(scope="module")
def account(serving_script):
    return serving_script.account


@pytest.fixture(scope="module")
async def channel():
    async with httpx.AsyncClient(trust_env=False) as client:
        yield UnionPay(client)


def order(**wanted) -> OrderRequest:
    now = clock.now()
    fields = {
        "number": f"T{secrets.token_hex(12)}",
        "description": "学费",
        "amount_fen": 1000,
        "scene": "app",
        "notify_url": "http://127.0.0.1:9/notices",
        "placed_at": now,
        "expires_at": now + dt.timedelta(minutes=15),
    }
    return OrderRequest(**fields | wanted)


def refund(**wanted) -> RefundRequest:
    ref = msgspec.structs.replace(order().ref, channel_txn_id="782209081322060674028")
    fields = {
        "number": f"R{secrets.token_hex(12)}",
        "order": ref,
        "amount_fen": 300,
        "reason": "退费",
        "notify_url": "http://127.0.0.1:9/notices",
        "placed_at": clock.now(),
    }
    return RefundRequest(**fields | wanted)


PAID = {"respCode": "00", "queryId": "782209081322060674028", "txnAmt": "1000", "currencyCode": "156"}


@pytest.mark.parametrize("code", ["00", "A6"])
async def test_paid_is_paid_also_with_a_defect(unionpay, account, channel, code):
    unionpay.script = [PAID | {"origRespCode": code}]
    state = await channel.query(account, order().ref)
    assert (state.state, state.channel_txn_id, state.amount_fen) == ("succeeded", "782209081322060674028", 1000)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("code", ["03", "04", "05"])
async def test_an_undecided_order_is_pending_whatever_the_time(unionpay, account, channel, code, late):
    unionpay.script = [{"respCode": "00", "origRespCode": code}]
    expires_at = clock.now() + dt.timedelta(minutes=-1 if late else 1)
    assert (await channel.query(account, order(expires_at=expires_at).ref)).state == "pending"


@pytest.mark.parametrize(("late", "state"), [(False, "pending"), (True, "failed")])
@pytest.mark.parametrize("code", ["01", "42", "61", "64", "67", "77", "99"])
async def test_a_failed_attempt_is_final_only_when_the_time_is_up(unionpay, account, channel, code, late, state):
    unionpay.script = [{"respCode": "00", "origRespCode": code}]
    expires_at = clock.now() + dt.timedelta(minutes=-1 if late else 1)
    assert (await channel.query(account, order(expires_at=expires_at).ref)).state == state


@pytest.mark.parametrize("said", [{"respCode": "34"}, {"respCode": "00", "origRespCode": "34"}])
async def test_no_record_is_unknown_in_either_place(unionpay, account, channel, said):
    unionpay.script = [said]
    assert (await channel.query(account, order().ref)).state == "unknown"


@pytest.mark.parametrize("code", ["03", "04", "05", "37"])
async def test_a_query_that_is_not_answered_decides_nothing(unionpay, account, channel, code):
    unionpay.script = [{"respCode": code}]
    with pytest.raises(ChannelUnknown) as unknown:
        await channel.query(account, order().ref)
    assert unknown.value.facts["channel_code"] == code


@pytest.mark.parametrize("code", ["10", "11", "31", "32"])
async def test_a_query_that_is_refused_says_why(unionpay, account, channel, code):
    unionpay.script = [{"respCode": code, "respMsg": "不受理[6100030]"}]
    with pytest.raises(ChannelRefused) as refused:
        await channel.query(account, order().ref)
    assert refused.value.facts["channel_code"] == code
    assert "不受理[6100030]" in refused.value.message


@pytest.mark.parametrize(
    "altered",
    [{"orderId": "T0000000000000000"}, {"txnTime": "20260101000000"}, {"origRespCode": None}, {"orderId": None}, {"txnAmt": "1,000"}],
)
async def test_an_answer_to_another_question_or_to_half_of_it_is_not_believed(unionpay, account, channel, altered):
    unionpay.script = [PAID | {"origRespCode": "00"} | altered]
    with pytest.raises(ChannelUnknown) as unknown:
        await channel.query(account, order().ref)
    assert unknown.value.facts["reason"] == "answer"


@pytest.mark.parametrize("body", [b"respCode=00&origRespCode=00&version=5.1.0&signMethod=01", b"<html>Bad Gateway</html>", b"", b"\xff\xfe"])
async def test_an_unsigned_success_is_none(unionpay, account, channel, body):
    unionpay.script = [body]
    with pytest.raises(ChannelUnknown):
        await channel.query(account, order().ref)


async def test_a_success_that_says_no_amount_disagrees_in_the_books_and_not_here(unionpay, account, channel):
    unionpay.script = [{"respCode": "00", "origRespCode": "00", "txnAmt": None, "currencyCode": None}]
    state = await channel.query(account, order().ref)
    assert (state.state, state.amount_fen, state.channel_txn_id) == ("succeeded", None, None)


@pytest.mark.parametrize(("said", "error"), [({"respCode": "00"}, ChannelUnknown), ({"respCode": "05"}, ChannelUnknown), ({"respCode": "31"}, ChannelRefused)])
async def test_an_app_order_without_its_number_leads_nowhere(unionpay, account, channel, said, error):
    unionpay.script = [said]
    with pytest.raises(error):
        await channel.create(account, order())


@pytest.mark.parametrize(("code", "state"), [("00", "succeeded"), ("A6", "succeeded"), ("05", "processing"), ("64", "closed")])
@pytest.mark.parametrize("first", ["03", "04", "05", "12"])
async def test_a_refund_without_an_answer_is_asked_about_and_never_sent_again(unionpay, account, channel, first, code, state):
    unionpay.script = [{"respCode": first}, {"respCode": "00", "origRespCode": code, "txnAmt": "300"}]
    asked = refund()
    assert (await channel.refund(account, asked)).state == state
    assert [path for path, _ in unionpay.asked] == ["backTransReq.do", "queryTrans.do"]
    assert {fields["orderId"] for _, fields in unionpay.asked} == {asked.number}
    assert len({fields["txnTime"] for _, fields in unionpay.asked}) == 1


@pytest.mark.parametrize("first", ["03", "04", "05", "12"])
async def test_a_refund_of_which_nobody_knows_is_unknown(unionpay, account, channel, first):
    unionpay.script = [{"respCode": first}, {"respCode": "34"}]
    with pytest.raises(ChannelUnknown):
        await channel.refund(account, refund())


@pytest.mark.parametrize("code", ["00", "A6"])
async def test_a_refund_that_was_taken_is_not_done(unionpay, account, channel, code):
    unionpay.script = [{"respCode": code, "queryId": "782209081322060674999"}]
    state = await channel.refund(account, refund())
    assert (state.state, state.reference, state.refunded_at) == ("processing", "782209081322060674999", None)


async def test_taken_for_another_number_is_not_believed(unionpay, account, channel):
    unionpay.script = [{"respCode": "00", "orderId": "R0000000000000000"}]
    with pytest.raises(ChannelUnknown):
        await channel.refund(account, refund())


@pytest.mark.parametrize("code", ["01", "02", "10", "13", "30", "31", "32", "33", "35", "36", "38", "39", "45", "60", "98", "99"])
async def test_a_refused_refund_moved_nothing_and_says_why(unionpay, account, channel, code):
    unionpay.script = [{"respCode": code}]
    with pytest.raises(ChannelRefused) as refused:
        await channel.refund(account, refund())
    assert refused.value.facts["channel_code"] == code


@pytest.mark.parametrize("code", ["00", "05", "01"])
async def test_an_older_refund_that_unionpay_knows_is_not_sent(unionpay, account, channel, code):
    unionpay.script = [{"respCode": "00", "origRespCode": code, "txnAmt": "300"}]
    await channel.refund(account, refund(placed_at=clock.now() - dt.timedelta(minutes=1)))
    assert [path for path, _ in unionpay.asked] == ["queryTrans.do"]


async def test_an_older_refund_is_not_sent_while_nobody_answers(unionpay, account, channel):
    unionpay.script = [{"respCode": "04"}]
    with pytest.raises(ChannelUnknown):
        await channel.refund(account, refund(placed_at=clock.now() - dt.timedelta(minutes=1)))
    assert [path for path, _ in unionpay.asked] == ["queryTrans.do"]


async def test_an_answer_that_names_no_order_keeps_the_one_we_asked_about(unionpay, account, channel):
    unionpay.script = [{"respCode": "00", "origRespCode": "00", "txnAmt": "300", "reqReserved": None}]
    asked = refund()
    state = await channel.query_refund(account, as_ref(asked))
    assert (state.state, state.order_number) == ("succeeded", asked.order.number)


def as_ref(asked: RefundRequest) -> RefundRef:
    return RefundRef(number=asked.number, order=asked.order, amount_fen=asked.amount_fen, placed_at=asked.placed_at)


@pytest.mark.parametrize(("said", "error"), [({"respCode": "00"}, StatementBroken), ({"respCode": "32"}, ChannelRefused), ({"respCode": "04"}, ChannelUnknown)])
async def test_a_settlement_file_that_does_not_come_is_not_a_day_without_trades(unionpay, account, channel, said, error):
    unionpay.script = [said]
    with pytest.raises(error):
        await channel.fetch_statement(account, clock.today() - dt.timedelta(days=3))
    assert unionpay.asked[0][1]["settleDate"] == f"{clock.today() - dt.timedelta(days=3):%m%d}"
