"""`penny_trace`: the page's 95th percentile with 500,000 payments in the database, asked by numbers of every kind, over HTTP."""

import datetime as dt
import random
import time
from collections.abc import Iterator
from uuid import UUID

import httpx
from sqlalchemy import insert

from core import clock, ids
from core.bench.figures import Figure, at_most
from core.bench.ground import Ground, Seat, seat, web_process
from core.identity import models as identity
from core.identity import sessions_repository
from core.ledger.service import account_id

PAYMENTS, PEOPLE, DAYS = 500_000, 20_000, 30
ASKED, WARM = 600, 120
FIRST = dt.date(2026, 9, 1)
ROLE = "client.finance_checker"

# Every row follows from its number n, so that nothing has to be looked up: bill, order, payment, journal, line, shares, receipt.
# One in fifty was refunded, one in a hundred has a difference.
SEED = """
SET session_replication_role = replica;
SET synchronous_commit = off;
CREATE FUNCTION pg_temp.id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT (lpad(to_hex(1788192000000 + n * 5000), 12, '0') || '70008000' || lpad(to_hex(kind), 12, '0'))::uuid $$;
CREATE TEMP TABLE seed AS SELECT n, n % {days} AS d, date '{first}' + (n % {days})::int AS day,
  (date '{first}' + (n % {days})::int)::timestamp AT TIME ZONE 'Asia/Shanghai' + make_interval(secs => 28800 + n % 40000) AS at,
  'P2609' || lpad(n::text, 16, '0') AS number, '42000' || lpad(n::text, 23, '0') AS txn, 20000 + n % 1000 AS fen
  FROM generate_series(0, {payments} - 1) AS g(n);
INSERT INTO core.party (tenant_id, id, plugin, number, name, name_pinyin)
SELECT '{tenant}', pg_temp.id(1, n), 'education', 'S' || n, '学生', 'xs' FROM generate_series(0, {people} - 1) AS g(n);
INSERT INTO core.bill (tenant_id, id, number, pay_code, plugin, source, party_id, title, period, due_on, visible_from, amount_fen,
  discount_fen, paid_fen, status, allow_partial, allow_merge, issued_at)
SELECT '{tenant}', pg_temp.id(2, n), 'B2609' || lpad(n::text, 10, '0'), lpad((4000000000000000 + n)::text, 16, '0'), 'education', 'seed:' || n,
  pg_temp.id(1, n % {people}), '学费', '2026-2027-1', '2099-01-01', at, fen, 0, fen, 'paid', true, true, at - interval '1 day' FROM seed;
INSERT INTO core.bill_line (tenant_id, bill_id, line_no, item_code, item_name, category, merchant_id, quantity, unit_price_fen, amount_fen,
  discount_fen, net_fen, paid_fen, mandatory, chosen, rule)
SELECT '{tenant}', pg_temp.id(2, n), l, 'ITEM' || l, '项目' || l, '学费', CASE l WHEN 1 THEN '{m1}'::uuid ELSE '{m2}'::uuid END, 1, fen, f, 0, f, f,
  true, true, '{{}}' FROM seed, LATERAL (VALUES (1, 12000), (2, fen - 12000)) AS v(l, f);
INSERT INTO core.payment_order (tenant_id, id, number, channel_account_id, channel, mchid, scene, description, amount_fen, status,
  idempotency_key, payer_ip, channel_txn_id, expires_at, decided_at, created_at)
SELECT '{tenant}', pg_temp.id(3, n), number, '{account}', 'wechatpay', '{mchid}', 'jsapi', '学费', fen, 'succeeded', number, '', txn, at, at,
  at - interval '30 seconds' FROM seed;
INSERT INTO core.payment_order_item (tenant_id, order_id, position, bill_id, amount_fen)
SELECT '{tenant}', pg_temp.id(3, n), 1, pg_temp.id(2, n), fen FROM seed;
INSERT INTO core.payment (tenant_id, id, order_id, order_number, channel, mchid, channel_txn_id, scene, amount_fen, refunded_fen, journal_id,
  paid_at, booked_at)
SELECT '{tenant}', pg_temp.id(4, n), pg_temp.id(3, n), number, 'wechatpay', '{mchid}', txn, 'jsapi', fen, CASE WHEN n % 50 = 0 THEN 5000 ELSE 0 END,
  pg_temp.id(5, n), at, at + interval '1 second' FROM seed;
INSERT INTO core.ledger_account (tenant_id, id, code, kind) VALUES ('{tenant}', '{a_ch}', 'A.CH.wechatpay.{mchid}', 'asset'),
  ('{tenant}', '{l_1}', 'L.MER.TUITION', 'liability'), ('{tenant}', '{l_2}', 'L.MER.DORM', 'liability') ON CONFLICT DO NOTHING;
INSERT INTO core.ledger_journal (tenant_id, id, key, event, biz_type, biz_id, accounting_on, memo, posted_by, posted_at)
SELECT '{tenant}', pg_temp.id(5, n), 'payment:wechatpay:' || txn, 'payment.succeeded', 'payment', pg_temp.id(4, n)::text, day, number, 'system', at
  FROM seed;
INSERT INTO core.ledger_entry (tenant_id, journal_id, line_no, account_id, amount_fen, accounting_on, posted_at)
SELECT '{tenant}', pg_temp.id(5, n), l, a, f, day, at FROM seed,
  LATERAL (VALUES (1, '{a_ch}'::uuid, fen), (2, '{l_1}'::uuid, -12000), (3, '{l_2}'::uuid, 12000 - fen)) AS v(l, a, f);
INSERT INTO core.allocation (tenant_id, id, payment_id, kind, bill_id, line_no, amount_fen, journal_id, allocated_at)
SELECT '{tenant}', pg_temp.id(5 + l, n), pg_temp.id(4, n), 'bill', pg_temp.id(2, n), l, f, pg_temp.id(5, n), at
  FROM seed, LATERAL (VALUES (1, 12000), (2, fen - 12000)) AS v(l, f);
INSERT INTO core.channel_notice (tenant_id, id, channel, order_number, outcome, headers, body, received_at)
SELECT '{tenant}', pg_temp.id(8, n), 'wechatpay', number, 'booked', '{{}}', convert_to(repeat('x', 200), 'UTF8'), at FROM seed;
INSERT INTO core.receipt (tenant_id, id, payment_id, bill_id, year, seq, number, verify_code, amount_fen, content, status, issued_at, created_at)
SELECT '{tenant}', pg_temp.id(9, n), pg_temp.id(4, n), pg_temp.id(2, n), 2026, n + 1, 'R2026' || lpad((n + 1)::text, 8, '0'), '123456', fen, '{{}}',
  'issued', at, at FROM seed;
INSERT INTO core.statement (tenant_id, id, source, side, channel, merchant_number, bill_on, status, verdict, reason_code, reason, file_name,
  sha256, size, rows_loaded, origin, made_by)
SELECT '{tenant}', pg_temp.id(10, d), 'wechatpay-trade', 'channel', 'wechatpay', '{mchid}', date '{first}' + d, 'loaded', 'accept', 'ok', '',
  'wechatpay-' || d || '.csv', convert_to('h' || d, 'UTF8'), 1, {payments} / {days}, 'fetch', 'system' FROM generate_series(0, {days} - 1) AS g(d);
INSERT INTO core.statement_line (tenant_id, statement_id, row_no, line_no, channel, kind, counts, number, channel_number, amount_fen, fee_fen,
  happened_at, status)
SELECT '{tenant}', pg_temp.id(10, d), n / {days} + 1, n / {days} + 2, 'wechatpay', 'pay', true, number, txn, fen, 60, at, 'SUCCESS' FROM seed;
INSERT INTO core.recon_run (tenant_id, id, bill_on, status, made_by, closed_at, closed_by)
SELECT '{tenant}', pg_temp.id(11, d), date '{first}' + d, 'closed', '财务', now(), '财务乙' FROM generate_series(0, {days} - 1) AS g(d);
INSERT INTO core.settlement_batch (tenant_id, id, number, merchant_id, merchant_code, bill_on, settle_on, status, gross_fen, net_fen, pay_fen, made_by)
SELECT '{tenant}', pg_temp.id(12 + m, d), 'SB' || d || '-' || m, CASE m WHEN 0 THEN '{m1}'::uuid ELSE '{m2}'::uuid END,
  CASE m WHEN 0 THEN 'TUITION' ELSE 'DORM' END, date '{first}' + d, date '{first}' + d + 1, 'paid', 100, 100, 100, 'system'
  FROM generate_series(0, {days} - 1) AS g(d), generate_series(0, 1) AS h(m);
INSERT INTO core.settlement_item (tenant_id, batch_id, kind, ref_id, merchant_id, payment_id, channel, merchant_number, number, amount_fen,
  fee_fen, bill_on)
SELECT '{tenant}', pg_temp.id(12 + m, d), 'pay', pg_temp.id(4, n), CASE m WHEN 0 THEN '{m1}'::uuid ELSE '{m2}'::uuid END, pg_temp.id(4, n),
  'wechatpay', '{mchid}', number, f, 30, day FROM seed, LATERAL (VALUES (0, 12000), (1, fen - 12000)) AS v(m, f);
INSERT INTO core.payout (tenant_id, id, number, batch_id, amount_fen, account_id, account_name, account_masked, clearing_number, status,
  bank_serial, sent_at, finished_at)
SELECT '{tenant}', pg_temp.id(14 + m, d), 'PO' || d || '-' || m, pg_temp.id(12 + m, d), 100, '{account}', '测试', '6222***01', '6222', 'paid',
  'BK' || d || '-' || m, now(), now() FROM generate_series(0, {days} - 1) AS g(d), generate_series(0, 1) AS h(m);
INSERT INTO core.channel_arrival (tenant_id, id, channel, merchant_number, bill_on, due_on, gross_fen, fee_fen, net_fen, arrived_fen, status, bank_serial)
SELECT '{tenant}', pg_temp.id(16, d), 'wechatpay', '{mchid}', date '{first}' + d, date '{first}' + d + 1, 100, 1, 99, 99, 'arrived', 'AR' || d
  FROM generate_series(0, {days} - 1) AS g(d);
INSERT INTO core.refund (tenant_id, id, number, source, bill_id, title, amount_fen, refunded_fen, lines, policy, split, reason, status, requested_by,
  requested_by_id, requested_by_kind, approved_by, approved_at, finished_at)
SELECT '{tenant}', pg_temp.id(17, n), 'T2609' || lpad(n::text, 10, '0'), 'bill', pg_temp.id(2, n), '学费', 5000, 5000, '[]', '[]', 'lifo', '退学',
  'success', '经办', 'a', 'user', '复核', at, at FROM seed WHERE n % 50 = 0;
INSERT INTO core.refund_item (tenant_id, id, refund_id, payment_id, number, channel, amount_fen, state, journal_id, reference, flush_key, sent_at, finished_at)
SELECT '{tenant}', pg_temp.id(18, n), pg_temp.id(17, n), pg_temp.id(4, n), 'R2609' || lpad(n::text, 16, '0'), 'wechatpay', 5000, 'success',
  pg_temp.id(19, n), '50300' || lpad(n::text, 23, '0'), number, at, at FROM seed WHERE n % 50 = 0;
INSERT INTO core.recon_difference (tenant_id, id, code, bill_on, class, channel, kind, number, amount_fen, differs, status)
SELECT '{tenant}', pg_temp.id(20, n), 'D' || n, day, 'FE1', 'wechatpay', 'pay', number, 1, 'fee_fen', 'resolved' FROM seed WHERE n % 100 = 0;
RESET session_replication_role;
VACUUM ANALYZE;
"""


async def penny_trace(ground: Ground) -> list[Figure]:
    """Seed the months, ask for pages by every kind of number."""
    made = await seat(ground)
    token = await log_in(ground, made)
    began = time.perf_counter()
    ground.postgres.psql(seed(made), "banyan")
    seeded = time.perf_counter() - began
    with web_process(ground) as port:
        numbers = _numbers(made)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", cookies={"banyan_session": token}, timeout=30) as asking:
            for _ in range(WARM):
                await _ask(asking, next(numbers)[1])
            took = [(await _ask(asking, number), kind) for kind, number in (next(numbers) for _ in range(ASKED))]
    times = sorted(seconds for seconds, _ in took)
    p95, half = times[int(len(times) * 0.95)] * 1000, times[len(times) // 2] * 1000
    slowest = sorted(((max(s for s, k in took if k == kind) * 1000, kind) for kind in {kind for _, kind in took}), reverse=True)[:3]
    words = ", ".join(f"{kind} {ms:.0f}" for ms, kind in slowest)
    note = f"median {half:.0f} ms, {ASKED} pages by {len(KINDS)} kinds of numbers, slowest: {words} ms; {PAYMENTS:,} payments seeded in {seeded:.0f} s"
    return [at_most("penny_trace", p95, 150, "ms", note)]


KINDS = (
    "bill", "pay code", "order", "channel", "receipt", "journal", "journal key", "line", "refund", "channel refund", "difference", "batch",
    "payout", "bank serial",
)  # fmt: skip


def _numbers(made: Seat) -> Iterator[tuple[str, str]]:
    dice = random.Random(4)
    while True:
        n, kind = dice.randrange(PAYMENTS), dice.choice(KINDS)
        day = n % DAYS
        fiftieth, hundredth = n - n % 50, n - n % 100
        yield kind, {
            "bill": f"B2609{n:010d}", "pay code": f"{4_000_000_000_000_000 + n}", "order": f"P2609{n:016d}", "channel": f"42000{n:023d}",
            "receipt": f"R2026{n + 1:08d}", "journal": str(_id(5, n)), "journal key": f"payment:wechatpay:42000{n:023d}",
            "line": f"{_id(10, day)}/{n // DAYS + 1}", "refund": f"T2609{fiftieth:010d}", "channel refund": f"50300{fiftieth:023d}",
            "difference": f"D{hundredth}", "batch": f"SB{day}-0", "payout": f"PO{day}-1", "bank serial": f"AR{day}",
        }[kind]  # fmt: skip


def _id(kind: int, n: int) -> UUID:
    return UUID(f"{1_788_192_000_000 + n * 5000:012x}70008000{kind:012x}")


def seed(made: Seat, payments: int = PAYMENTS) -> str:
    """The SQL that writes so many payments with everything that follows from them."""
    accounts = {name: account_id(made.id, code) for name, code in
                (("a_ch", f"A.CH.wechatpay.{made.mchid}"), ("l_1", "L.MER.TUITION"), ("l_2", "L.MER.DORM"))}  # fmt: skip
    return SEED.format(
        tenant=made.id, account=made.account_id, mchid=made.mchid, m1=made.merchants[0], m2=made.merchants[1], payments=payments, people=PEOPLE,
        days=DAYS, first=FIRST, **accounts,
    )  # fmt: skip


async def _ask(asking: httpx.AsyncClient, number: str) -> float:
    began = time.perf_counter()
    answer = await asking.get("/console/trace", params={"number": number})
    took = time.perf_counter() - began
    assert answer.status_code == 200, f"{number}: {answer.status_code} {answer.text[:300]}"
    return took


async def log_in(ground: Ground, made: Seat) -> str:
    """Somebody of finance who sees everything: the token of their session."""
    token, user_id = ids.token(), ids.uuid7()
    user = {"id": user_id, "login": "bench", "name": "财务", "password_hash": "!"}
    opened = {
        "id": ids.uuid7(), "token_hash": ground.platform.vault.route_hash("session", token), "user_id": user_id, "csrf": ids.token(),
        "second_factor": True, "ip": "", "agent": "", "seen_at": clock.now(), "expires_at": clock.now() + dt.timedelta(hours=9),
    }  # fmt: skip
    async with ground.platform.database.tenant(made.id) as session:
        await session.execute(insert(identity.user), user)
        await session.execute(insert(identity.role_grant), {"id": ids.uuid7(), "user_id": user_id, "role": ROLE, "granted_by": "bench"})
        await sessions_repository.insert_session(session, opened)
        await ground.platform.routes.add(session, "session", token)
    return token
