"""The work list of differences for programs: who gets what, kept views, papers, several at once."""

import pytest

from core import ids

SEE, MAKE = "recon.run.read", "recon.diff.make"


@pytest.fixture
async def maker(house, staff):
    return await staff(house.client, SEE, MAKE, name="经办甲")


def key() -> dict[str, str]:
    return {"idempotency-key": ids.token()[:32]}


async def test_rules_give_owners_in_their_order_and_are_moved_switched_and_dropped(house, maker):
    rules = "/api/v1/difference-assignments"
    first = {"title": "大额长款", "owner_id": maker.actor.id, "classes": ["LG1"], "least_fen": 10_050, "days": 2}
    made = await maker.post(rules, json=first, headers=key())
    assert made.status_code == 201, made.text
    assert (made.json()["conditions"]["least_fen"], made.json()["conditions"]["classes"], made.json()["owner_name"]) == (10_050, ["LG1"], "经办甲")
    second = (await maker.post(rules, json={"title": "其余", "owner_id": maker.actor.id}, headers=key())).json()
    moved = (await maker.post(f"{rules}/{second['id']}/change", json={"change": "up"})).json()["items"]
    assert [rule["title"] for rule in moved] == ["其余", "大额长款"]
    off = (await maker.post(f"{rules}/{second['id']}/change", json={"change": "off"})).json()["items"]
    assert [rule["active"] for rule in off] == [False, True]
    assert (await maker.delete(f"{rules}/{second['id']}")).status_code == 204
    assert [rule["title"] for rule in (await maker.get(rules)).json()["items"]] == ["大额长款"]


@pytest.mark.parametrize("wrong", [{"title": ""}, {"classes": ["XX1"]}, {"severities": ["huge"]}, {"owner_id": "nobody"}, {"days": 100}, {"least_fen": -1}])
async def test_a_rule_that_cannot_be_meant_is_refused(maker, wrong):
    body = {"title": "规则", "owner_id": maker.actor.id} | wrong
    answer = await maker.post("/api/v1/difference-assignments", json=body, headers=key())
    assert answer.status_code in (400, 422), answer.text
    assert (await maker.get("/api/v1/difference-assignments")).json()["items"] == []


async def test_views_are_ones_own_or_everybodys(house, maker, staff):
    colleague = await staff(house.client, SEE)
    views = "/api/v1/difference-views"
    mine = (await maker.post(views, json={"title": "长款", "query": "class=LG1&cursor=x"})).json()["items"]
    assert [(view["title"], view["query"]) for view in mine] == [("长款", "class=LG1")]
    assert (await colleague.get(views)).json()["items"] == []
    await maker.post(views, json={"title": "共用", "query": "overdue=1", "shared": True})
    assert [view["title"] for view in (await colleague.get(views)).json()["items"]] == ["共用"]
    assert (await maker.post(views, json={"title": "错", "query": "severity=huge"})).status_code == 422
    assert (await colleague.delete(f"{views}/{mine[0]['id']}")).status_code == 404
    assert (await maker.delete(f"{views}/{mine[0]['id']}")).status_code == 204


async def test_a_paper_is_put_beside_a_difference_and_read_by_who_may(house, maker, staff, client):
    difference_id = await house.differ("LG1")
    path = f"/api/v1/differences/{difference_id}"
    answer = await maker.post(f"{path}/files", data={"text": "回单"}, files={"file": ("../回单.pdf", b"%PDF-1.7 x", "application/pdf")})
    assert answer.status_code == 201, answer.text
    (event,) = [each for each in (await maker.get(f"{path}/events")).json()["items"] if each["file_id"]]
    got = await (await staff(house.client, SEE)).get(f"{path}/files/{event['id']}")
    assert (got.content, "attachment" in got.headers["content-disposition"], ".." in got.headers["content-disposition"]) == (b"%PDF-1.7 x", True, False)
    stranger = await staff(await client(), SEE, MAKE)
    assert (await stranger.get(f"{path}/files/{event['id']}")).status_code == 404
    assert (await maker.get(f"{path}/files/{ids.uuid7()}")).status_code == 404


async def test_several_are_confirmed_and_assigned_and_an_empty_choice_means_nothing(house, maker):
    found = [str(await house.differ("SH1", 100 + n)) for n in range(3)]
    changes = "/api/v1/difference-changes"
    assert (await maker.post(changes, json={"action": "confirm", "difference_ids": found[:2]})).json() == {"changed": 2}
    assert [(await house.difference(each)).status for each in found] == ["confirmed", "confirmed", "open"]
    body = {"action": "assign", "difference_ids": found, "owner_id": maker.actor.id, "due_on": "2026-12-01"}
    assert (await maker.post(changes, json=body)).json() == {"changed": 3}
    assert {(await house.difference(each)).owner_name for each in found} == {"经办甲"}
    assert (await maker.post(changes, json={"action": "confirm", "difference_ids": []})).status_code in (400, 422)
    assert (await maker.post(changes, json={"action": "confirm"})).status_code in (400, 422)


async def test_who_only_looks_changes_nothing(house, staff):
    reader, difference_id = await staff(house.client, SEE), await house.differ("LG1")
    for path, body in (("difference-changes", {"action": "confirm", "difference_ids": [str(difference_id)]}),
                       ("difference-assignments", {"title": "x", "owner_id": "y"})):  # fmt: skip
        assert (await reader.post(f"/api/v1/{path}", json=body, headers=key())).status_code == 403
