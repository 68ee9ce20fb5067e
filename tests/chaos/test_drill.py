"""Live traffic while everything is killed and the outside world lies: afterwards every fen is where it belongs."""

import pytest

from core.bench.chaos import drill
from core.bench.chaos.house import PROCESSES
from core.bench.chaos.tally import Tally

pytestmark = pytest.mark.slow


def told(found: Tally) -> str:
    """The figures of a drill, for the report of a failure and for the log of a success."""
    counted = f"{found.faults}\nequation {found.equation}\nours {found.ours}\ntheirs {found.theirs}"
    return "\n".join([counted, f"kills {found.kills}", f"payers {found.payers}", *found.unexpected])


def check_equation(found: Tally) -> None:
    """The six numbers are what was paid less what went back on the day; money that came twice is no merchant's and is not settled."""
    whole_fen = found.ours["paid_fen"] - found.ours["refunded_fen"]
    wanted = dict.fromkeys(found.equation, whole_fen) | {"settlement": whole_fen - found.ours["suspense_fen"]}
    assert len(wanted) == 6, told(found)
    assert found.equation == wanted, told(found)


async def test_a_short_drill_loses_nothing():
    found = await drill.run(drill.Plan(payments=60, refunds=10, kills_each=1, seed=7, without=("refund_fail",)))
    assert found.faults == [], told(found)
    assert found.ours["payments"] >= 50, told(found)
    check_equation(found)
    assert {name: found.kills.get(name, 0) for name in PROCESSES} == dict.fromkeys(PROCESSES, 1), told(found)


async def test_three_hundred_payments_survive_four_kills_of_each_process():
    found = await drill.run(drill.Plan(payments=360, refunds=60, kills_each=4, seed=11))
    assert found.faults == [], told(found)
    assert found.ours["payments"] >= 300, told(found)
    assert found.ours["refunds"] >= 60, told(found)
    assert found.ours["bills_overpaid"] == 0
    check_equation(found)
    assert {name: found.kills.get(name, 0) for name in PROCESSES} == dict.fromkeys(PROCESSES, 4), told(found)
