"""Reminder runs: sent by API, their results listed within reach, and roster phones where the client allows it."""

import pytest

from core.hookspecs import BindingProposal, hook
from core.notices.defaults import EVENTS
from core.notices.wording import fill
from tests import desk as desks
from tests.billing.console.test_console_status import TEACHER, bind
from tests.families import notices

RUNS = "/api/v1/reminder-runs"
ROSTER_PHONES = {"S2": ("13911112222", "13933334444"), "S3": ("13911112222",)}


class Roster:
    """A part of core that only tests have: it keeps phones for some people, as a vertical does."""

    def __init__(self, platform, desk) -> None:
        self.platform, self.desk = platform, desk

    @hook
    async def propose_contacts(self, session, party_ids):
        keys = await self.platform.vault.keys(session)
        numbers = {person: number for number, person in self.desk.people.items()}
        return [
            BindingProposal(party_id, tuple(("", keys.seal(phone), "家长") for phone in ROSTER_PHONES.get(numbers[party_id], ())))
            for party_id in party_ids
        ]


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


@pytest.fixture
async def open_desk(platform, client):
    """A client that lets reminders go to roster phones."""
    made = await desks.opened(platform, lambda **given: client(**given, settings={"remind_unbound": True}))
    platform.plugins._pluggy.register(Roster(platform, made), name="core.test_contacts")
    yield made
    platform.plugins._pluggy.unregister(name="core.test_contacts")


async def test_a_run_is_sent_and_its_results_are_listed_masked(platform, desk, staff, settle):
    head = await staff(desk, *TEACHER)
    await bind(platform, desk, "S1")
    sent = await head.post(RUNS, json={})
    assert sent.status_code == 201, sent.text
    run = sent.json()
    assert (run["reminded"], run["unreachable"]) == (1, 3)
    assert (await head.get(RUNS)).json()["items"][0]["run_id"] == run["run_id"]
    one = (await head.get(f"{RUNS}/{run['run_id']}")).json()
    assert (one["people"], one["waiting"] + one["sent"] + one["failed"]) == (1, 1)
    [message] = (await head.get(f"{RUNS}/{run['run_id']}/messages")).json()["items"]
    assert (message["name"], message["phone"], message["bound"], message["party_id"]) == ("王**", "138****5678", True, str(desk.people["S1"]))
    assert (await head.post(RUNS, json={})).json()["code"] == "REMINDED_TODAY"


async def test_results_end_where_the_right_ends(platform, desk, staff, client):
    head = await staff(desk, *TEACHER)
    for number, phone in (("S1", "13800005678"), ("S4", "13800009999")):
        await bind(platform, desk, number, phone)
    run_id = (await head.post(RUNS, json={})).json()["run_id"]
    east = await staff(desk, *TEACHER, org_id=desk.units["东区"])
    assert (await east.get(f"{RUNS}/{run_id}")).json()["people"] == 1
    seen = (await east.get(f"{RUNS}/{run_id}/messages")).json()["items"]
    assert [row["party_id"] for row in seen] == [str(desk.people["S1"])]
    stranger = await staff(await client(plugins=()), *TEACHER)
    assert (await stranger.get(f"{RUNS}/{run_id}")).json()["code"] == "REMINDER_RUN_NOT_FOUND"
    assert (await stranger.get(RUNS)).json()["items"] == []
    assert (await (await staff(desk, "billing.status.read")).post(RUNS, json={})).status_code == 403
    assert (await east.post(RUNS, json={"org_id": str(desk.units["西区"])})).status_code == 404


async def test_by_default_no_phone_of_the_roster_is_written_to(platform, desk, staff):
    platform.plugins._pluggy.register(Roster(platform, desk), name="core.test_contacts")
    try:
        head = await staff(desk, *TEACHER)
        assert (await head.post(RUNS, json={})).json()["code"] == "NOBODY_BOUND"
    finally:
        platform.plugins._pluggy.unregister(name="core.test_contacts")
    assert await notices(platform, desk.id) == []


async def test_where_the_client_allows_it_unbound_roster_phones_are_told_without_amount_or_name(platform, open_desk, staff):
    desk = open_desk
    head = await staff(desk, *TEACHER)
    await bind(platform, desk, "S1")
    run = (await head.post(RUNS, json={})).json()
    assert (run["reminded"], run["unreachable"]) == (3, 1)
    sent = await notices(platform, desk.id)
    by_template = {template: [row for row in sent if row.event == template] for template in ("reminder", "reminder_unbound")}
    assert len(by_template["reminder"]) == 1
    assert sorted((row.party_id, row.to_masked) for row in by_template["reminder_unbound"]) == sorted(
        [(desk.people["S2"], "139****2222"), (desk.people["S2"], "139****4444"), (desk.people["S3"], "139****2222")]
    )
    assert {frozenset(row.facts) for row in by_template["reminder_unbound"]} == {frozenset({"name"})}
    assert (await head.post(RUNS, json={})).json()["code"] == "REMINDED_TODAY"
    assert len(await notices(platform, desk.id)) == 4


async def test_what_a_roster_phone_reads(platform, open_desk, staff):
    head = await staff(open_desk, *TEACHER)
    await head.post(RUNS, json={"party_id": str(open_desk.people["S2"])})
    facts = (await notices(platform, open_desk.id))[0].facts
    text = fill(EVENTS["reminder_unbound"].words["zh"].sms, {"client": "样例学校", "url": "http://banyan.test/h5/x"} | facts)
    assert text == "【样例学校】王**有费用待缴，请打开 http://banyan.test/h5/x 绑定后查看和缴费。已缴清或与您无关请忽略。"
