"""What HIS says is believed only as the answer to this very question: not an old one, not another order's, not one that somebody changed."""

import httpx
import msgspec
import pytest

from core import clock
from core.receipts.issuer_wire import signature
from plugins.medical.his import wire

LINK = wire.Link(base_url="https://his.example", app_id="bank", secret="0123456789abcdef0123")
NONCE, NUMBER = "a1" * 16, "M2603010001"
BOOKED = {"number": NUMBER, "state": "posted", "serial": "H1", "amount_fen": 7_456}


def answer(told: object = BOOKED, status: int = 200, *, nonce: str = NONCE, secret: str = LINK.secret, seconds_ago: int = 0) -> httpx.Response:
    """An answer as a HIS signs it."""
    body = told if isinstance(told, bytes) else msgspec.json.encode(told)
    stamp = str(int(clock.now().timestamp()) - seconds_ago)
    return httpx.Response(status, content=body, headers={"x-timestamp": stamp, "x-signature": signature(secret, str(status), stamp, nonce, body)})


def state(response: httpx.Response) -> str:
    return wire.read(response, LINK, NONCE, NUMBER).state


def test_an_answer_to_the_question_is_believed():
    assert [state(answer()), state(answer({"message": "没有"}, 404)), state(answer({"message": "不收"}, 422))] == ["posted", "absent", "refused"]


@pytest.mark.parametrize(
    "response",
    [
        answer(nonce="b2" * 16), answer({}, 404, nonce="b2" * 16), answer(seconds_ago=3_600), answer(seconds_ago=-3_600), answer(secret="x" * 20),
        answer(BOOKED | {"number": "M2603010002"}), answer(BOOKED | {"state": "gone"}), answer(BOOKED | {"serial": ""}), answer(BOOKED | {"serial": "x" * 65}),
        answer(BOOKED | {"amount_fen": "74.56"}), answer(b"[]"), answer(b"\xff"), answer({}, 500), httpx.Response(404), httpx.Response(200, json=BOOKED),
    ],
    ids=["replayed", "replayed no", "old", "of tomorrow", "forged", "another number", "unknown state", "no serial", "long serial", "no fen", "no object",
         "no text", "error", "unsigned no", "unsigned"],
)  # fmt: skip
def test_anything_else_is_not_known(response):
    assert state(response) == "silent"


def test_its_words_are_kept_without_numbers_of_people():
    said = answer({"message": "患者 350102199001011238\n手机 13800000001 不存在" + "。" * 300}, 422)
    told = wire.read(said, LINK, NONCE, NUMBER)
    assert "350102" not in told.message and "13800000001" not in told.message and "\n" not in told.message and len(told.message) <= 120
