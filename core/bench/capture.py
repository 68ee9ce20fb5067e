"""`capture` and `hot_account`: verified WeChat Pay notifications over HTTP until they are committed, against the bare transaction."""

import statistics

from core.app import create_app
from core.bench import bare_sql, notifications, profile
from core.bench.figures import Figure, at_least
from core.bench.ground import Ground, Seat, add_orders, seat, web_process

ORDERS = 2_000
AT_ONCE = 24
SEATS = 50
ROUNDS = 3


async def capture(ground: Ground) -> list[Figure]:
    """Captures per second of the running application ÷ the same writes by pgbench, in turn on the same server."""
    made = await seat(ground, notifications.credentials())
    with web_process(ground) as port:
        await _run(ground, port, [made], 300)
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(await _run(ground, port, [made], ORDERS))
            bare.append(bare_sql.captures_per_second(ground, made, await add_orders(ground, made, ORDERS), 8))
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    spent = await profile.shares(create_app(ground.platform), await _requests(ground, [made], 200))
    note = f"{statistics.median(ours):.0f}/s over HTTP, {statistics.median(bare):.0f}/s by pgbench; median of {ROUNDS} rounds; a capture costs {spent}"
    return [at_least("capture", ratio, 0.40, "ratio", note)]


async def hot_account(ground: Ground) -> list[Figure]:
    """The same on one client ÷ spread over fifty clients."""
    seats = [await seat(ground, notifications.credentials()) for _ in range(SEATS)]
    with web_process(ground) as port:
        await _run(ground, port, seats, 500)
        one, spread = [], []
        for _ in range(ROUNDS):
            spread.append(await _run(ground, port, seats, ORDERS))
            one.append(await _run(ground, port, seats[:1], ORDERS))
    ratio = statistics.median(a / b for a, b in zip(one, spread, strict=True))
    note = f"{statistics.median(one):.0f}/s on one client, {statistics.median(spread):.0f}/s over {SEATS}; median of {ROUNDS} rounds"
    return [at_least("hot_account", ratio, 0.95, "ratio", note)]


async def _run(ground: Ground, port: int, seats: list[Seat], count: int) -> float:
    requests = await _requests(ground, seats, count)
    mixed = [request for at in range(len(seats)) for request in requests[at :: len(seats)]]
    seconds, _ = await notifications.deliver(port, mixed, AT_ONCE)
    return len(mixed) / seconds


async def _requests(ground: Ground, seats: list[Seat], count: int) -> list[bytes]:
    requests: list[bytes] = []
    for made in seats:
        orders = await add_orders(ground, made, count // len(seats))
        requests += [notifications.signed(made, number, fen) for number, fen in orders]
    return requests
