"""What any channel makes of a notification: the genuine one equals a query, an altered one is refused or reads the same."""

import msgspec
import pytest

from core.payments.channels.conformance.needs import needs, without
from core.payments.channels.conformance.world import World, paid, ref_of_refund, refund_of
from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import ChannelState, Notice, RefundState, disagreements

CLEARLY_TOO_OLD_SECONDS = 24 * 3600


def told(state: ChannelState) -> tuple:
    """What a notification and a query must agree on."""
    return (
        state.state,
        state.order_number,
        state.mchid,
        state.appid,
        state.channel_txn_id,
        state.amount_fen,
        state.currency,
    )


def told_of_refund(refund: RefundState) -> tuple:
    """The same for a refund."""
    return refund.state, refund.number, refund.order_number, refund.amount_fen


def believed(world: World, headers: dict[str, str], body: bytes) -> Notice | None:
    """What a notification is read as; None when it is refused."""
    try:
        return world.channel.read_notice(world.account, headers, body)
    except ForgedNotice:
        return None


def same(one: Notice, other: Notice) -> bool:
    """Whether two notifications say the same (the bytes that carry it may differ where they are not signed)."""
    return _bare(one) == _bare(other)


def _bare(notice: Notice) -> Notice:
    refund = notice.refund and msgspec.structs.replace(notice.refund, raw=b"")
    return msgspec.structs.replace(notice, state=msgspec.structs.replace(notice.state, raw=b""), refund=refund)


class Notices:
    """Reading what the channel sends by itself."""

    @needs("notices")
    async def test_a_genuine_notice_says_what_a_query_says(self, world: World):
        payment = await paid(world)
        headers, body = (await world.notices(payment.order.number))[0]
        notice = world.channel.read_notice(world.account, headers, body)
        assert notice.kind == "payment"
        assert notice.event_id
        assert told(notice.state) == told(payment.state)
        assert disagreements(notice.state, world.account, payment.order.number, payment.order.amount_fen, payment.order.currency) == {}

    @needs("notices")
    async def test_a_notice_read_twice_says_the_same(self, world: World):
        payment = await paid(world)
        headers, body = (await world.notices(payment.order.number))[0]
        first, second = (world.channel.read_notice(world.account, headers, body) for _ in range(2))
        assert first == second

    @needs("notices")
    async def test_the_names_of_headers_may_come_in_any_case(self, world: World):
        payment = await paid(world)
        headers, body = (await world.notices(payment.order.number))[0]
        for turned in ({k.lower(): v for k, v in headers.items()}, {k.title(): v for k, v in headers.items()}):
            assert believed(world, turned, body) is not None

    @needs("notices")
    async def test_an_altered_byte_of_the_body_is_refused_or_changes_nothing(self, world: World):
        payment = await paid(world)
        headers, body = (await world.notices(payment.order.number))[0]
        genuine = world.channel.read_notice(world.account, headers, body)
        refused = 0
        for at in range(0, len(body), max(1, len(body) // 200)):
            read = believed(world, headers, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])
            refused += read is None
            assert read is None or same(read, genuine), f"byte {at} altered: {read}"
        assert refused > 100

    @needs("notices")
    async def test_an_altered_header_is_refused_or_changes_nothing(self, world: World):
        payment = await paid(world)
        headers, body = (await world.notices(payment.order.number))[0]
        genuine = world.channel.read_notice(world.account, headers, body)
        for name, value in headers.items():
            for at in {0, len(value) // 2, max(0, len(value) - 3)}:
                altered = value[:at] + ("A" if value[at : at + 1] != "A" else "B") + value[at + 1 :]
                read = believed(world, headers | {name: altered}, body)
                assert read is None or same(read, genuine), f"{name}: {altered}"

    @needs("notices")
    async def test_a_notice_cut_short_or_drawn_out_is_refused_or_changes_nothing(self, world: World):
        payment = await paid(world)
        headers, body = (await world.notices(payment.order.number))[0]
        genuine = world.channel.read_notice(world.account, headers, body)
        for other in (b"", body[:-1], body[: len(body) // 2], body + b" ", body + body):
            read = believed(world, headers, other)
            assert read is None or same(read, genuine)
        assert believed(world, headers, b"") is None

    async def test_nonsense_is_refused(self, world: World):
        for body in (b"", b"{}", b"[]", b"a=b", b"\xff\xfe\x00", b"null", b'{"id":1}', b"sign=&sign_type=RSA2", b"<xml/>" * 1_000):
            for headers in ({}, {"content-type": "application/json"}, {"content-type": "application/x-www-form-urlencoded"}):
                with pytest.raises(ForgedNotice):
                    world.channel.read_notice(world.account, headers, body)

    @needs("notices")
    async def test_one_orders_notice_is_not_proved_by_anothers_headers(self, world: World):
        one, other = await paid(world), await paid(world)
        headers, body = (await world.notices(one.order.number))[0]
        other_headers, other_body = (await world.notices(other.order.number))[0]
        for mixed_headers, mixed_body, own_headers in ((other_headers, body, headers), (headers, other_body, other_headers)):
            read = believed(world, mixed_headers, mixed_body)
            genuine = world.channel.read_notice(world.account, own_headers, mixed_body)
            assert read is None or same(read, genuine), "what is believed is what its own signature covers"

    @needs("notices")
    async def test_a_notice_to_another_merchant_is_refused_or_seen_to_be_anothers(self, world: World):
        payment = await paid(world)
        headers, body = (await world.notices(payment.order.number))[0]
        another = await world.another()
        assert another.mchid != world.account.mchid
        try:
            state = world.channel.read_notice(another, headers, body).state
        except ForgedNotice:
            return
        differing = disagreements(state, another, payment.order.number, payment.order.amount_fen, payment.order.currency)
        assert {"mchid", "appid"} & set(differing)

    @needs("dated_notices")
    async def test_a_notice_of_another_day_is_refused_though_its_signature_is_right(self, world: World):
        payment = await paid(world)
        headers, body = (await world.notices(payment.order.number))[0]
        assert world.at(0).read_notice(world.account, headers, body).state.paid
        for offset in (CLEARLY_TOO_OLD_SECONDS, -CLEARLY_TOO_OLD_SECONDS):
            with pytest.raises(ForgedNotice):
                world.at(offset).read_notice(world.account, headers, body)

    @needs("notices", "refunds", "refund_notices")
    async def test_a_refund_notice_says_what_a_query_says(self, world: World):
        payment = await paid(world, amount_fen=900)
        refund = refund_of(payment, 300)
        await world.channel.refund(world.account, refund)
        await world.refund_done(refund)
        headers, body = (await world.notices(refund.number))[-1]
        notice = world.channel.read_notice(world.account, headers, body)
        assert notice.kind == "refund"
        assert notice.refund is not None
        asked = await world.channel.query_refund(world.account, ref_of_refund(refund))
        assert told_of_refund(notice.refund) == told_of_refund(asked)
        assert notice.state.order_number == payment.order.number

    @without("notices")
    async def test_a_channel_that_tells_nothing_believes_nothing(self, world: World):
        payment = await paid(world)
        with pytest.raises(ForgedNotice):
            world.channel.read_notice(world.account, {}, payment.state.raw)

    async def test_yes_and_no_are_different_answers(self, world: World):
        status, headers, body = world.channel.answer(True)
        assert 200 <= status < 300
        assert {name.lower() for name in headers} >= {"content-type"} or not body
        assert world.channel.answer(False, "数据库暂不可用") != (status, headers, body)
