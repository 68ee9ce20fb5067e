"""A robot's day by mail: taken in once, compared with the tills, and every way in which it can end before that."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock
from core.jobs import runner
from core.jobs.context import JobContext
from plugins.medical.robots import connectors, lists, running, tasks
from plugins.medical.robots.endings import Unreachable
from plugins.medical.robots.errors import RunBusy, UploadRefused
from plugins.medical.robots.files import Brought
from tests.medical.robots.pharmacy import DAY


async def ready(pharmacy, authorised: bool = True, **given):
    """A shop with a day, a mailbox, and a robot that reads it."""
    shop, box = await pharmacy.shop(), await pharmacy.box()
    await pharmacy.fill(shop)
    robot_id = await pharmacy.robot("mailbox", box, **given)
    allowed = await pharmacy.authorise(robot_id) if authorised else None
    return shop, box, robot_id, allowed


async def waiting(pharmacy) -> int:
    """What the work list says."""
    async with pharmacy.tenant() as session:
        return await lists.count_waiting(session, pharmacy.operator)


async def test_a_mail_becomes_normalised_orders_with_its_hash(pharmacy):
    shop, box, robot_id, _ = await ready(pharmacy)
    content = await pharmacy.file(shop)
    await pharmacy.mail(box, content=content)
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.lines, run.tries) == ("uploaded", 12, 1)
    kept = await pharmacy.artefacts(run.id)
    assert kept["statement"] == content
    whole = kept["normalised"].decode("utf-8-sig").splitlines()
    assert len(whole) == 13 and whole[1].endswith(Brought("x", content).sha256) and "S001" in whole[1]
    assert await pharmacy.count("shop_order") == 12


async def test_the_same_mail_twice_and_the_same_run_twice_change_nothing(pharmacy):
    shop, box, robot_id, _ = await ready(pharmacy)
    content = await pharmacy.file(shop)
    for _ in range(3):
        await pharmacy.mail(box, content=content)
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert await pharmacy.count("shop_order") == 12 and await pharmacy.count("robot_artefact") == 2
    status = await running.upload(pharmacy.platform, pharmacy.id, run.id, Brought("again.csv", content), pharmacy.operator)
    assert status == "uploaded" and await pharmacy.count("shop_order") == 12 and await pharmacy.count("robot_artefact") == 2


async def test_without_an_authorisation_nothing_runs(pharmacy):
    _, _, robot_id, _ = await ready(pharmacy, authorised=False)
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.error, run.next_at, run.tries) == ("unauthorised", "no_authorisation", None, 0)
    assert await pharmacy.log(run.id) == [("unauthorised", "")]


@pytest.mark.parametrize(("begins", "ends"), [(0, 5), (1, 5)])
async def test_an_authorisation_that_does_not_cover_the_day_lets_nothing_run(pharmacy, begins, ends):
    _, _, robot_id, _ = await ready(pharmacy, authorised=False)
    await pharmacy.authorise(robot_id, begins, ends)
    await pharmacy.beat()
    assert (await pharmacy.run(robot_id)).status == "unauthorised"


async def test_an_authorisation_expires_by_itself(pharmacy):
    _, _, robot_id, allowed = await ready(pharmacy)
    async with pharmacy.tenant() as session:
        await session.execute(text("UPDATE medical.robot_authorisation SET valid_to = :day"), {"day": clock.today() - dt.timedelta(days=1)})
    await pharmacy.beat()
    async with pharmacy.tenant() as session:
        assert await session.scalar(text("SELECT status FROM medical.robot_authorisation WHERE id = :id"), {"id": allowed}) == "expired"
    assert (await pharmacy.run(robot_id)).status == "unauthorised"


async def test_revoked_before_the_run_it_does_not_begin(pharmacy):
    shop, box, robot_id, allowed = await ready(pharmacy)
    await pharmacy.mail(box, content=await pharmacy.file(shop))
    await pharmacy.revoke(allowed)
    await pharmacy.beat()
    assert (await pharmacy.run(robot_id)).status == "unauthorised" and await pharmacy.count("robot_artefact") == 0


@pytest.mark.parametrize("step", ["logged_in", "download", "after"])
async def test_revoked_in_the_middle_it_stops_and_keeps_nothing_but_the_log(pharmacy, monkeypatch, step):
    shop, box, robot_id, allowed = await ready(pharmacy)
    await pharmacy.mail(box, content=await pharmacy.file(shop))
    true = connectors.CONNECTORS["mailbox"]

    async def revoking(account, day, still):
        async def told(each):
            if each == step:
                await pharmacy.revoke(allowed)
            await still(each)

        brought = await true(account, day, told)
        if step == "after":
            await pharmacy.revoke(allowed)
        return brought

    monkeypatch.setitem(connectors.CONNECTORS, "mailbox", revoking)
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.error) == ("unauthorised", "revoked")
    assert await pharmacy.count("robot_artefact") == 0 and await pharmacy.count("shop_order") == 0
    assert (await pharmacy.log(run.id))[-1] == ("unauthorised", "revoked")


async def test_a_wrong_password_is_tried_again_three_times_ten_minutes_apart_and_is_dead_then(pharmacy):
    _, box, robot_id, _ = await ready(pharmacy)
    await pharmacy.ask("PUT", f"/mailboxes/{box['login']}", {"new_password": True})
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.error) == ("login_failed", "wrong_password")
    assert dt.timedelta(minutes=9) < run.next_at - clock.now() <= dt.timedelta(minutes=10)
    for tries in (2, 3):
        await pharmacy.later()
        run = await pharmacy.run(robot_id)
        assert (run.status, run.tries, await waiting(pharmacy)) == ("login_failed", tries, 0)
    await pharmacy.later()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.tries, run.next_at, run.error) == ("dead", 4, None, "wrong_password")
    assert await waiting(pharmacy) == 1
    await pharmacy.later()
    assert (await pharmacy.run(robot_id)).tries == 4


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        pytest.param("huge", "refused", "too_large", marks=pytest.mark.slow), ("macro", "refused", "macro"),
        ("macro_in_xlsx", "refused", "macro"), ("old_excel", "refused", "old_excel"),
        ("bomb", "refused", "bomb"), ("page", "format_changed", "page_instead_of_file"), ("none", "format_changed", "no_attachment"),
    ],
)  # fmt: skip
async def test_what_a_mail_must_not_bring(pharmacy, kind, status, error):
    platform = "eleme" if kind in ("macro", "macro_in_xlsx", "bomb") else "meituan"
    shop, box = await pharmacy.shop(platform), await pharmacy.box()
    await pharmacy.fill(shop)
    robot_id = await pharmacy.robot("mailbox", box, platform)
    await pharmacy.authorise(robot_id)
    await pharmacy.mail(box, kind, await pharmacy.file(shop))
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.error) == (status, error)
    assert await pharmacy.count("shop_order") == 0
    if status == "refused":
        assert await pharmacy.count("robot_artefact") == 0


async def test_an_empty_mailbox_is_no_data_until_a_person_confirms_it(pharmacy):
    _, box, robot_id, _ = await ready(pharmacy)
    await pharmacy.mail(box, "plain", subject="账单系统升级通知")
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.error) == ("no_data", "no_mail")
    async with pharmacy.tenant() as session:
        await running.confirm_no_orders(session, run.id, "已登录平台核对", pharmacy.operator)
    assert (await pharmacy.run(robot_id)).status == "reconciled"


async def test_another_days_file_is_refused_whole(pharmacy):
    shop, box, robot_id, _ = await ready(pharmacy)
    before = DAY - dt.timedelta(days=1)
    await pharmacy.fill(shop, before)
    await pharmacy.mail(box, content=await pharmacy.file(shop, before))
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.error) == ("format_changed", "other_day")
    assert "账单日期" in run.told and before.isoformat() in run.told
    assert await pharmacy.count("shop_order") == 0 and list(await pharmacy.artefacts(run.id)) == ["unread"]


async def test_a_server_that_hangs_up_is_unreachable(pharmacy):
    _, box, robot_id, _ = await ready(pharmacy)
    await pharmacy.ask("PUT", f"/mailboxes/{box['login']}", {"hang_up": True})
    await pharmacy.beat()
    assert (await pharmacy.run(robot_id)).status == "unreachable"


async def test_the_secret_is_in_no_log_artefact_or_audit_row(pharmacy, monkeypatch):
    shop, box, robot_id, _ = await ready(pharmacy)

    async def chatty(account, day, still):
        raise RuntimeError(f"server said: {account.secret}")

    monkeypatch.setitem(connectors.CONNECTORS, "mailbox", chatty)
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.error) == ("unreachable", "fault")
    async with pharmacy.tenant() as session:
        for table in ("medical.robot", "medical.robot_log", "medical.robot_task", "medical.robot_authorisation", "core.audit_log", "core.job"):
            assert not await session.scalar(text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :secret"), {"secret": f"%{box['password']}%"})
    await pharmacy.ask("PUT", f"/shops/{shop['code']}/switches", {})


async def test_a_worker_that_dies_leaves_a_run_that_is_begun_again_without_counting_a_try(pharmacy):
    shop, box, robot_id, _ = await ready(pharmacy)
    await pharmacy.mail(box, content=await pharmacy.file(shop))
    await tasks.send_due(pharmacy.platform, pharmacy.id)
    job = await runner.claim(pharmacy.platform, pharmacy.id)
    context = JobContext(pharmacy.platform, pharmacy.id, None, pharmacy.operator, job.id, job.lease_id)
    async with context.session() as session:
        keys = await pharmacy.platform.vault.keys(session)
        await running._begin(session, keys, context, (await pharmacy.run(robot_id)).id)
    assert (await pharmacy.run(robot_id)).status == "running"
    async with pharmacy.tenant() as session:
        await session.execute(text("UPDATE core.job SET lease_until = now() - interval '1 second'"))
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.tries) == ("uploaded", 1) and ("begun_again", "") in await pharmacy.log(run.id)


async def test_a_run_is_given_to_one_job_only(pharmacy):
    _, _, robot_id, _ = await ready(pharmacy)
    await tasks.send_due(pharmacy.platform, pharmacy.id)
    await tasks.send_due(pharmacy.platform, pharmacy.id)
    async with pharmacy.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.job WHERE kind = 'medical.robot_run'")) == 1
        with pytest.raises(RunBusy):
            await running.retry(session, (await pharmacy.run(robot_id)).id, pharmacy.operator)


async def test_a_person_brings_the_file_when_the_robot_cannot(pharmacy, monkeypatch):
    shop, _, robot_id, _ = await ready(pharmacy)
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert run.status == "no_data"
    with pytest.raises(UploadRefused) as refused:
        await running.upload(pharmacy.platform, pharmacy.id, run.id, Brought("x.csv", b"<html></html>"), pharmacy.operator)
    assert refused.value.facts["why"] == "page_instead_of_file"
    status = await running.upload(pharmacy.platform, pharmacy.id, run.id, Brought("x.csv", await pharmacy.file(shop)), pharmacy.operator)
    assert status == "uploaded" and ("brought_by_hand", "余机器") in await pharmacy.log(run.id)


async def test_what_no_connector_expected_ends_as_unreachable_and_is_tried_again(pharmacy, monkeypatch):
    _, _, robot_id, _ = await ready(pharmacy)

    async def away(account, day, still):
        raise Unreachable("no_browser")

    monkeypatch.setitem(connectors.CONNECTORS, "mailbox", away)
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    assert (run.status, run.error) == ("unreachable", "no_browser") and run.next_at is not None
