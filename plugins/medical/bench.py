"""`medical_orders`: how long a vendor's program waits for a payment when the channel answers in 200 ms and fifty ask at once."""

import asyncio
import time
from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import insert

from core import ids
from core.bench import notifications
from core.bench.figures import Benchmark, Figure, at_most
from core.bench.ground import Ground, Seat, seat, web_process
from core.bench.ordering import AT_ONCE, ORDERS, ROUNDS, WARM_UP, at, slow_channel, summed_up
from core.identity import keys
from core.identity.actor import system
from core.identity.sessions import roles_for
from core.tenancy.models import client_plugin, merchant
from plugins.medical.patients import service as patients
from plugins.medical.patients.schemas import PatientDraft

COUNT = WARM_UP + ROUNDS * ORDERS
PATH = "/api/v1/medical/orders"


async def measure(ground: Ground) -> Sequence[Figure]:
    """Orders with an insurance split, each then asked for at the channel: real HTTP, fifty programs without a pause."""
    async with slow_channel() as base_url:
        made = await seat(ground, _credentials(), base_url=base_url)
        token = await _hospital(ground, made)
        with web_process(ground) as port:
            placed, placing, answers = await _send(port, [_request(PATH, token, _order(number)) for number in range(COUNT)])
            asked = {"channel": "wechatpay", "scene": "h5"}
            numbers = [msgspec.json.decode(body)["number"] for body in answers]
            spent, seconds, answers = await _send(port, [_request(f"{PATH}/{number}/pay", token, asked) for number in numbers])
            if not all(b"prepay_id" in body for body in answers):
                raise RuntimeError("a payment was not prepared")
    p99, note = summed_up(spent, seconds)
    note += f"; placed before, split and billed: {len(placed) / placing:.0f} orders/s, p99 {at(placed, 0.99):.0f} ms"
    return [at_most("medical_orders", p99, 260, "ms", note)]


async def _hospital(ground: Ground, made: Seat) -> str:
    """The medical plugin, a merchant, a patient for each order and HIS's key; answers the key."""
    async with ground.platform.database.tenant(ground.bank_id) as session:
        await session.execute(insert(client_plugin), {"client_id": made.id, "plugin": "medical", "enabled": True, "changed_by": "bench"})
    platform = ground.platform
    roles = roles_for(platform.plugins, "client", ("medical",))
    by = msgspec.structs.replace(system(made.id), rights=dict.fromkeys([*roles["med.his"].permissions, "identity.key.manage"]))
    async with platform.database.tenant(made.id) as session:
        row = {"id": ids.uuid7(), "code": "main", "name": "main", "legal_name": "main", "status": "active"}
        await session.execute(insert(merchant), row)
        await patients.upsert(session, await platform.vault.keys(session), [PatientDraft(patient_no=f"P{n}", name="患者") for n in range(COUNT)])
        _id, token = await keys.create(session, platform.routes, platform.vault.route_hash, roles, by, name="HIS", held=[("med.his", None)])
    return token


def _credentials() -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return notifications.credentials() | {"merchant_serial": "BENCH", "merchant_private_key": pem.decode()}


def _order(number: int) -> dict[str, object]:
    """Vector M1 of the domain book: 486.40, of which 74.56 are the patient's."""
    return {
        "his_bill_no": f"HB{number}", "patient_no": f"P{number}", "scene": "window", "kind": "outpatient", "total_fen": 48_640,
        "items": [{"category": "西药费", "name": "项目", "quantity": 1, "price_fen": 48_640, "amount_fen": 48_640}],
        "insurance": {"setl_id": f"S{number}", "medfee_sumamt": 48_640, "fund_pay_sumamt": 29_184, "acct_pay": 12_000, "psn_cash_pay": 7_456},
    }  # fmt: skip


async def _send(port: int, requests: list[bytes]) -> tuple[list[float], float, list[bytes]]:
    """How long each request took, in their order, and all together, in seconds, those of the warm-up left out; and what was answered."""
    waiting = iter(enumerate(requests))
    spent = [0.0] * len(requests)
    began: list[float] = []
    answers: list[bytes] = []

    async def one_after_the_other() -> None:
        async with notifications.connected(port) as ask:
            for number, request in waiting:
                asked = time.perf_counter()
                head, body = await ask(request)
                if not head.startswith(b"HTTP/1.1 201"):
                    raise RuntimeError(f"refused: {head[:60]!r} {body[:300]!r}")
                answers.append(body)
                spent[number] = time.perf_counter() - asked
                if number >= WARM_UP:
                    began.append(asked)

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return spent[WARM_UP:], time.perf_counter() - min(began), answers


def _request(path: str, token: str, asked: dict[str, object]) -> bytes:
    body = msgspec.json.encode(asked)
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {ids.token()}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


BENCHMARKS = (Benchmark("medical_orders", "a payment asked for through the unified order API, channel answering in 200 ms", measure),)
