"""State machines: a step that is not written down raises, and every machine of the house is sound."""

import pytest

from core.approvals.models import APPROVAL
from core.billing.states import BILL
from core.errors import IllegalTransition
from core.imports.models import IMPORT
from core.jobs.models import JOB
from core.payers.states import BINDING
from core.payments.states import ORDER, SUSPENSE
from core.states import Machine
from core.tenancy.states import ACCOUNT, CLIENT, MERCHANT

MACHINES = (ACCOUNT, APPROVAL, BILL, BINDING, CLIENT, IMPORT, JOB, MERCHANT, ORDER, SUSPENSE)
DOOR = Machine("门", "open → closed", "closed → open locked", "locked → closed")


def test_a_step_that_is_written_down_is_taken():
    assert DOOR.check("open", "closed") == "closed"


@pytest.mark.parametrize("step", [("open", "locked"), ("open", "open"), ("open", "burnt"), ("burnt", "open")])
def test_a_step_that_is_not_written_down_raises(step):
    with pytest.raises(IllegalTransition, match="门") as refused:
        DOOR.check(*step)
    assert (refused.value.status, refused.value.facts["source"]) == (409, step[0])


def test_states_are_listed_once_in_the_order_they_were_drawn():
    assert DOOR.states == ["open", "closed", "locked"]
    assert DOOR.sources("closed") == ["locked", "open"]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_can_be_reached_from_the_first(machine):
    reached, waiting = set(), [machine.states[0]]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += [target for source, target in machine.steps if source == state]
    assert reached == set(machine.states)


def test_money_that_was_paid_is_never_called_unpaid():
    assert [step for step in ORDER.steps if step[0] == "succeeded"] == []
    assert {source for source, target in ORDER.steps if target == "succeeded"} >= {"pending", "closed", "failed"}


def test_a_paid_bill_is_never_void():
    assert ("paid", "void") not in BILL.steps
    assert "overdue" not in BILL.states, "overdue is derived from the due date"
