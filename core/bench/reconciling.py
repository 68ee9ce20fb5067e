"""`reconcile_million` and `six_sources`: files on disk until every difference is classified, against the bare engine in the same run."""

import asyncio
import subprocess
import tempfile
import time
from pathlib import Path

import msgspec

from core import ids
from core.bench import six_files
from core.bench.figures import Figure, at_most
from core.bench.ground import Ground, Seat, seat
from core.bench.statement_files import DAY, make_wechat_file
from core.identity.actor import Actor, system
from core.reconciliation.runs import service as runs
from core.statements import receiving
from core.supervisor.programs import bin_dir

ROWS = 1_000_000
SIX_ROWS = 50_000
LANES = 2
"""Files that are imported side by side."""
EACH = 33
"""Differences of each kind: payments that only the channel has, that only we have, whose amounts differ."""
COLUMNS = (
    "tenant_id, statement_id, row_no, line_no, channel, kind, counts, number, order_number, channel_number, channel_order_number, amount_fen,"
    " fee_fen, net_fen, happened_at, settle_on, status, bill_number, serial"
)
_OURS = """
    SET app.tenant_id = '{tenant}';
    INSERT INTO core.payment (tenant_id, id, order_number, channel, mchid, channel_txn_id, scene, amount_fen, journal_id, paid_at, booked_at)
    SELECT '{tenant}', gen_random_uuid(), 'P{day:%y%m%d}' || lpad(i::text, 14, '0'), 'wechatpay', '{mchid}', '42' || lpad(i::text, 26, '0'), 'h5',
           50 + i::bigint * 7919 % 199950 + CASE WHEN i < {each} THEN 1 ELSE 0 END, gen_random_uuid(),
           at, at
    FROM generate_series(0, {rows} + {each} - 1) i,
         LATERAL (SELECT timestamptz '{day} 00:00+08' + least(i, {rows} - 1) * interval '86399 s' / {rows} AS at) moment WHERE i < {each} OR i >= 2 * {each};
"""
_SIX_OURS = """
    SET app.tenant_id = '{tenant}';
    INSERT INTO core.payment (tenant_id, id, order_number, channel, mchid, channel_txn_id, scene, amount_fen, journal_id, paid_at, booked_at)
    SELECT '{tenant}', gen_random_uuid(), 'P{day:%y%m%d}' || lpad(i::text, 14, '0'), '{v.channel}', '{v.number}', '42' || lpad(i::text, 26, '0'), 'h5',
           50 + i::bigint * 7919 % 199950, gen_random_uuid(), at, at
    FROM generate_series({v.first} + {each}, {v.first} + {rows} - 1) i,
         LATERAL (SELECT timestamptz '{day} 00:00+08' + (i - {v.first}) * interval '79000 s' / {rows} AS at) moment;
"""
_KEYED = """
    DROP TABLE IF EXISTS public.bare_{side};
    CREATE TABLE public.bare_{side} (LIKE core.statement_line);
    ALTER TABLE public.bare_{side} ADD PRIMARY KEY (tenant_id, channel, kind, number);
"""
"""The bare side is as wide as a normalised line and has one key, the one it is compared by."""
_AS_OURS = """
    DROP TABLE IF EXISTS public.bare_{side};
    CREATE TABLE public.bare_{side} (LIKE core.statement_line INCLUDING ALL);
"""
"""The same with every index that a stored line has, for the note."""
_JOIN = """
    SELECT count(*) FROM public.bare_file f FULL JOIN public.bare_ours o USING (channel, kind, number)
    WHERE f.number IS NULL OR o.number IS NULL OR f.amount_fen <> o.amount_fen OR f.fee_fen <> o.fee_fen;
"""
_ROOM = """
    SET work_mem = '256MB'; SET hash_mem_multiplier = 2; SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 100;
    SET parallel_tuple_cost = 0.001;
"""
"""The bare join has the room and the processes that ours has."""
_DUCK = """
    SELECT count(*) FROM read_csv('{file}', header=false, columns={columns}) f
    FULL JOIN read_csv('{ours}', header=false, columns={columns}) o USING (channel, kind, number)
    WHERE f.number IS NULL OR o.number IS NULL OR f.amount_fen <> o.amount_fen OR f.fee_fen <> o.fee_fen
"""


class Timed(msgspec.Struct, frozen=True):
    """Seconds of a round's parts."""

    stored: float
    classified: float
    bare: float
    as_ours: float
    duck: float | None


async def reconcile_million(ground: Ground) -> list[Figure]:
    """A trade bill of a million rows against a million own payments, with ninety-nine differences in them."""
    made = await seat(ground, mchid="1999000311")
    await _agree_rate(ground, made)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trade.csv"
        make_wechat_file(path, ROWS, refund_every=0)
        ground.postgres.psql(_OURS.format(tenant=made.id, day=DAY, mchid=made.mchid, rows=ROWS, each=EACH), "banyan")
        ground.postgres.psql("VACUUM ANALYZE core.payment", "banyan")
        timed = await _round(ground, made, path, Path(folder))
    ours = timed.stored + timed.classified
    beside = "" if timed.duck is None else f"; DuckDB's bare join of the two files {timed.duck:.1f} s, {ours / timed.duck:.1f} ×"
    note = (
        f"{ROWS:,} × {ROWS:,}: stored in {timed.stored:.1f} s, classified in {timed.classified:.1f} s; bare COPY of both sides as such lines with one key"
        f" and one full join {timed.bare:.1f} s; with every index that stored lines have {timed.as_ours:.1f} s, {ours / timed.as_ours:.2f} ×{beside}"
    )
    return [at_most("reconcile_million", ours / timed.bare, 1.5, "ratio", note)]


async def _round(ground: Ground, made: Seat, path: Path, folder: Path) -> Timed:
    by = system(made.id)
    began = time.perf_counter()
    await _hand_in(ground, made, "wechatpay-trade", path, by)
    stored = time.perf_counter() - began
    began = time.perf_counter()
    result = await runs.run(ground.platform, made.id, DAY, by=by)
    classified = time.perf_counter() - began
    assert result.new == 3 * EACH, result
    files = await asyncio.to_thread(_normalised, ground, made, folder)
    bare, as_ours = [await asyncio.to_thread(_bare, ground, files, shape) for shape in (_KEYED, _AS_OURS)]
    return Timed(stored, classified, bare, as_ours, await asyncio.to_thread(_duck, files))


async def _hand_in(ground: Ground, made: Seat, source: str, path: Path, by: Actor, number: str = "") -> None:
    verdict = await receiving.receive(
        ground.platform, made.id, source=source, day=DAY, file_name=path.name, path_or_stream=path, by=by, origin="cli", merchant=number
    )
    assert not verdict.refused and not verdict.reject_rows, verdict


async def _agree_rate(ground: Ground, made: Seat) -> None:
    async with ground.platform.database.tenant(made.id) as session:
        await session.simple(
            "INSERT INTO core.rate (id, merchant_id, channel, rate_ppm, from_on, made_by)"
            f" VALUES ('{ids.uuid7()}', '{made.merchants[0]}', 'wechatpay', 6000, '2020-01-01', 'bench')"
        )


def _normalised(ground: Ground, made: Seat, folder: Path) -> dict[str, Path]:
    """Both sides as normalised lines, each in a file."""
    ours = (
        f"SELECT tenant_id, '{made.id}'::uuid, row_number() OVER (ORDER BY paid_at), 0, channel, 'pay', true, order_number, order_number, channel_txn_id,"
        " NULL::text, amount_fen, (amount_fen * 6000 + 500000) / 1000000, NULL::bigint, paid_at, NULL::date, 'succeeded', NULL::text, NULL::text"
        f" FROM core.payment WHERE tenant_id = '{made.id}'"
    )
    file = f"SELECT {COLUMNS} FROM core.statement_line WHERE tenant_id = '{made.id}'"
    paths = {"file": folder / "file.csv", "ours": folder / "ours.csv"}
    for side, query in (("file", file), ("ours", ours)):
        _psql(ground, f"\\copy ({query}) TO '{paths[side]}' (FORMAT csv)")
    return paths


def _bare(ground: Ground, files: dict[str, Path], shape: str) -> float:
    """COPY both sides into tables of a shape and join them once."""
    _psql(ground, "".join(shape.format(side=side) for side in files))
    script = "BEGIN;\n" + "".join(f"\\copy public.bare_{side} FROM '{path}' (FORMAT csv)\n" for side, path in files.items())
    began = time.perf_counter()
    found = _psql(ground, f"{script}COMMIT;\n{_ROOM}{_JOIN}")
    spent = time.perf_counter() - began
    assert int(found.split()[-1]) == 3 * EACH, found
    return spent


def _duck(files: dict[str, Path]) -> float | None:
    """DuckDB reading both files and joining them; None where it is not installed."""
    try:
        import duckdb
    except ImportError:
        return None
    names = [name.strip() for name in COLUMNS.split(",")]
    kinds = {name: "BIGINT" if name.endswith("_fen") else "VARCHAR" for name in names}
    began = time.perf_counter()
    found = duckdb.connect().execute(_DUCK.format(columns=kinds, **files)).fetchone()
    spent = time.perf_counter() - began
    assert found == (3 * EACH,), found
    return spent


def _psql(ground: Ground, script: str) -> str:
    url = ground.postgres.url("postgres", "banyan")
    done = subprocess.run([str(bin_dir() / "psql"), "-qAt", "-v", "ON_ERROR_STOP=1", url], input=script, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


async def six_sources(ground: Ground) -> list[Figure]:
    """Six vendors' statements of fifty thousand lines each, from their files until every difference is classified."""
    made = await seat(ground, mchid="1999000311")
    told = six_files.vendors(SIX_ROWS)
    await _agree_six(ground, made, told)
    with tempfile.TemporaryDirectory() as folder:
        files = [(each, await asyncio.to_thread(six_files.write, each, Path(folder), SIX_ROWS)) for each in told]
        _psql(ground, "".join(_SIX_OURS.format(tenant=made.id, day=DAY, rows=SIX_ROWS, each=EACH, v=vendor) for vendor in told))
        ground.postgres.psql("VACUUM ANALYZE core.payment", "banyan")
        by, began = system(made.id), time.perf_counter()
        await asyncio.gather(*(_import_some(ground, made, files[lane::LANES], by) for lane in range(LANES)))
        stored = time.perf_counter() - began
        result = await runs.run(ground.platform, made.id, DAY, by=by)
        spent = time.perf_counter() - began
    assert result.new == len(told) * EACH and not result.missing, result
    note = f"{len(told)} × {SIX_ROWS:,} lines stored in {stored:.1f} s, {result.new} differences classified in {spent - stored:.1f} s, none false"
    return [at_most("six_sources", spent, 10, "s", note)]


async def _import_some(ground: Ground, made: Seat, files: list[tuple[six_files.Vendor, Path]], by: Actor) -> None:
    for vendor, path in files:
        await _hand_in(ground, made, vendor.source, path, by, vendor.number)


async def _agree_six(ground: Ground, made: Seat, told: list[six_files.Vendor]) -> None:
    """Collecting accounts and rates at the four channels."""
    async with ground.platform.database.tenant(made.id) as session:
        for vendor in told[1:]:
            await session.simple(
                "INSERT INTO core.channel_account (id, channel, mchid, appid, base_url, credentials_sealed)"
                f" VALUES ('{ids.uuid7()}', '{vendor.channel}', '{vendor.number}', 'x', 'http://127.0.0.1:9', ''::bytea)"
            )
        for channel, ppm in {vendor.channel: vendor.ppm for vendor in told}.items():
            await session.simple(
                "INSERT INTO core.rate (id, merchant_id, channel, rate_ppm, from_on, made_by)"
                f" VALUES ('{ids.uuid7()}', '{made.merchants[0]}', '{channel}', {ppm}, '2020-01-01', 'bench')"
            )
