"""The same writes as one bare SQL transaction, driven by pgbench on the same server: the room that PostgreSQL itself leaves."""

import re
import subprocess
import tempfile
from pathlib import Path

from core.bench.ground import Ground, Seat
from core.ledger.service import account_id
from core.supervisor.programs import bin_dir

# One capture as the service writes it: the order and its bill held, journal and its five entries, payment, notice, three allocations,
# their lines, the bill, the order, the event. Under the application's role and row-level security, as the service is.
SCRIPT = r"""
BEGIN;
SET LOCAL app.tenant_id = ':tenant';
SELECT o.id AS order_id, o.amount_fen, i.bill_id, uuidv7() AS payment_id, uuidv7() AS journal_id, gen_random_uuid() AS txn
FROM core.payment_order o JOIN core.payment_order_item i ON i.order_id = o.id
WHERE o.number = (SELECT number FROM bench_order WHERE n = (SELECT nextval('bench_next'))) FOR UPDATE OF o \gset
SELECT id FROM core.bill WHERE id = :bill_id::uuid FOR UPDATE;
SELECT line_no, merchant_id, net_fen - paid_fen FROM core.bill_line WHERE bill_id = :bill_id::uuid AND chosen;
INSERT INTO core.ledger_journal (id, key, event, biz_type, biz_id, accounting_on, posted_by, posted_at)
VALUES (:journal_id::uuid, :txn::text, 'payment.succeeded', 'payment', :payment_id::text, current_date, 'bench', now());
INSERT INTO core.ledger_entry (journal_id, line_no, account_id, amount_fen, accounting_on, posted_at)
VALUES (:journal_id::uuid, 1, ':channel', 1160000, current_date, now()), (:journal_id::uuid, 2, ':tuition', -1000000, current_date, now()),
       (:journal_id::uuid, 3, ':dorm', -150000, current_date, now()), (:journal_id::uuid, 4, ':insurance', -10000, current_date, now());
INSERT INTO core.payment (id, order_id, order_number, channel, mchid, channel_txn_id, scene, amount_fen, journal_id, paid_at, booked_at)
VALUES (:payment_id::uuid, :order_id::uuid, 'x', 'wechatpay', 'm', :txn::text, 'h5', :amount_fen::bigint, :journal_id::uuid, now(), now());
UPDATE core.payment_order SET status = 'succeeded', channel_txn_id = :txn::text, decided_at = now(), next_query_at = NULL,
       version = version + 1 WHERE id = :order_id::uuid;
INSERT INTO core.allocation (id, payment_id, kind, bill_id, line_no, amount_fen, journal_id, allocated_at)
VALUES (uuidv7(), :payment_id::uuid, 'bill', :bill_id::uuid, 1, 1000000, :journal_id::uuid, now()),
       (uuidv7(), :payment_id::uuid, 'bill', :bill_id::uuid, 2, 150000, :journal_id::uuid, now()),
       (uuidv7(), :payment_id::uuid, 'bill', :bill_id::uuid, 3, 10000, :journal_id::uuid, now());
UPDATE core.bill_line SET paid_fen = net_fen WHERE bill_id = :bill_id::uuid AND line_no <= 3;
UPDATE core.bill SET paid_fen = amount_fen, status = 'paid' WHERE id = :bill_id::uuid;
INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (':tenant', 'pulse', now()) ON CONFLICT DO NOTHING;
INSERT INTO core.outbox_event (id, kind, payload, created_at, due_at) VALUES (uuidv7(), 'payment_settled', '{"bill_ids": []}', now(), now());
INSERT INTO core.channel_notice (id, channel, order_number, outcome, headers, body, received_at)
VALUES (uuidv7(), 'wechatpay', 'x', 'booked', '{}', convert_to(repeat('x', 900), 'UTF8'), now());
COMMIT;
"""


def captures_per_second(ground: Ground, seat: Seat, orders: list[tuple[str, int]], clients: int) -> float:
    """Run every order through the script once; answers transactions per second, connections excluded."""
    ground.postgres.psql("DROP TABLE IF EXISTS bench_order; CREATE TABLE bench_order (n bigint PRIMARY KEY, number text)", "banyan")
    values = ", ".join(f"({n}, '{number}')" for n, (number, _) in enumerate(orders, start=1))
    ground.postgres.psql(f"INSERT INTO bench_order VALUES {values}; GRANT SELECT ON bench_order TO PUBLIC", "banyan")
    ground.postgres.psql("DROP SEQUENCE IF EXISTS bench_next; CREATE SEQUENCE bench_next CACHE 1; GRANT ALL ON SEQUENCE bench_next TO PUBLIC", "banyan")
    accounts = {
        "channel": f"A.CH.wechatpay.{seat.mchid}", "tuition": "L.MER.TUITION", "dorm": "L.MER.DORM", "insurance": "L.MER.INSURANCE",
    }  # fmt: skip
    script = SCRIPT.replace(":tenant", str(seat.id))
    for name, code in accounts.items():
        script = script.replace(f"':{name}'", f"'{account_id(seat.id, code)}'")
    each = len(orders) // clients
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "capture.sql"
        path.write_text(script)
        done = subprocess.run(
            [str(bin_dir() / "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-t", str(each), "-f", str(path),
             ground.postgres.app_url],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or not found or "number of failed transactions: 0" not in done.stdout:
        raise RuntimeError(f"pgbench failed:\n{done.stdout}\n{done.stderr[-2000:]}")
    return float(found[1])
