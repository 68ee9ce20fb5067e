"""The smaller verbs: each answers people in words and programs in pure JSON."""

import datetime as dt

import pytest
from sqlalchemy import make_url

from core.commands.db import distribution
from core.database.tables import metadata
from core.identity import models as identity
from core.identity import vault
from core.identity.actor import system
from core.jobs import runner, service
from core.supervisor.guarded import free_port

UNCHAINED = "SELECT count(*) FROM core.audit_log l WHERE NOT EXISTS (SELECT FROM core.audit_seal s WHERE s.audit_id = l.id)"


async def test_help_names_every_verb_and_a_typing_error_is_refused(banyan):
    helped = await banyan("--help")
    assert helped.code == 0
    for verb in ("run", "migrate", "worker", "demo", "tenants", "import", "audit", "backup", "restore", "bench", "doctor", "shell"):
        assert verb in helped.out
    assert (await banyan("audti")).code == 2


async def test_migrating_twice_finds_nothing_new_and_the_tables_are_as_declared(banyan):
    answer = await banyan("migrate", "--check", "--json")
    assert (answer.code, answer.json) == (0, {"applied": [], "missing": [], "differences": []}), answer.out


async def test_migrate_names_what_is_missing_and_exits_1(postgres, fresh_database, make_settings, banyan):
    settings = make_settings(fresh_database())
    postgres.psql("DROP TABLE core.consent", make_url(settings.database_url).database)
    done = await banyan("migrate", "--json", settings=settings)
    assert (done.code, done.json["missing"]) == (1, ["core.consent"]), done.err
    looked = await banyan("doctor", "--json", settings=settings)
    [found] = [each for each in looked.json["findings"] if each["what"] == "migrations"]
    assert (found["state"], "core.consent" in found["seen"], "make clean-data" in found["remedy"]) == ("fail", True, True)


async def test_clients_are_listed(client, banyan):
    profile = await client(kind="school_group")
    [found] = [each for each in (await banyan("tenants", "list", "--json")).json if each["code"] == profile.code]
    assert (found["status"], found["plugins"]) == ("active", ["education"])
    assert profile.code[:10] in (await banyan("tenants", "list")).out


async def test_a_script_applies_declarations_without_being_asked_and_a_second_run_makes_nothing(
    postgres, fresh_database, make_settings, banyan
):
    settings = make_settings(fresh_database())
    env = {"BANYAN_SANDBOX_URL": "http://127.0.0.1:9"}
    foreseen = await banyan("tenants", "apply", "--dry-run", "--json", settings=settings, env=env)
    assert (foreseen.code, foreseen.json["applied"]) == (0, False)
    first = await banyan("tenants", "apply", settings=settings, env=env)
    assert first.code == 0
    assert "applied" in first.out
    assert postgres.psql(UNCHAINED, make_url(settings.database_url).database) == "0", "no worker runs, and still the trail is chained"
    again = (await banyan("tenants", "apply", "--json", settings=settings, env=env)).json
    assert (again["changes"], again["applied"]) == ([], False)
    assert {each["subject"] for each in again["pending"]} == {"bank_account", "channel", "role"}, "the sandbox is away, the org tree not imported"


async def test_keys_rotate_and_what_was_sealed_still_opens(client, banyan, platform, monkeypatch):
    monkeypatch.setattr(vault, "SEALS_AFTER", dt.timedelta(0))
    profile = await client(plugins=())
    async with platform.database.tenant(profile.id) as session:
        sealed = (await platform.vault.keys(session)).seal("秘密")
    answer = await banyan("keys", "rotate", "--client", profile.code, "--json")
    assert (answer.code, answer.json) == (0, [{"client": profile.code, "version": 2}])
    platform.vault._known.clear()
    async with platform.database.tenant(profile.id) as session:
        keys = await platform.vault.keys(session)
        assert keys.open(sealed) == "秘密"
        assert keys.seal("neu")[1:3] == b"\x00\x02"


async def test_a_job_is_followed_to_its_end(client, banyan, platform):
    profile = await client(plugins=())
    async with platform.database.tenant(profile.id) as session:
        job_id = await service.start(session, "nobody.knows", "未知任务", {}, by=system(profile.id))
    listed = await banyan("jobs", "--client", profile.code, "--json")
    assert [(job["id"], job["status"]) for job in listed.json] == [(str(job_id), "queued")]
    await runner.run_next(platform, profile.id)
    shown = await banyan("jobs", job_id, "--client", profile.code, "--follow", "--json")
    assert (shown.code, shown.json["error_code"]) == (1, "JOB_KIND_UNKNOWN")
    resumed = await banyan("jobs", job_id, "--client", profile.code, "--resume", "--json")
    assert (resumed.code, resumed.json["status"]) == (0, "queued")


async def test_a_shell_runs_code_with_the_platform_at_hand(banyan, bank):
    code = """
async def look():
    async with tenant("_bank") as session:
        return await session.scalar(text("SELECT count(*) FROM core.branch"))
answer = wait(look())
"""
    answer = await banyan("shell", "-c", code)
    assert (answer.code, int(answer.out) > 0) == (0, True), answer.err


async def test_the_doctor_finds_what_is_well_and_what_is_not(banyan, make_settings, addresses):
    well = await banyan("doctor", "--json")
    assert well.code == 0, well.out
    found = {finding["what"]: finding["state"] for finding in well.json["findings"]}
    assert (found["database"], found["migrations"], found["row-level security"], found["sandbox"]) == ("ok", "ok", "ok", "warn")
    away = make_settings(addresses, database_url=f"postgresql://x:y@127.0.0.1:{free_port()}/none")
    ill = await banyan("doctor", "--json", settings=away)
    assert ill.code == 1
    [fault] = [finding for finding in ill.json["findings"] if finding["state"] == "fail"]
    assert (fault["what"], bool(fault["remedy"])) == ("database", True)
    wrong = await banyan("doctor", env={"BANYAN_COLOUR": "red"})
    assert wrong.code == 1
    assert "BANYAN_COLOUR" in wrong.out


async def test_a_setting_nobody_knows_is_named(banyan):
    answer = await banyan("audit", "--json", env={"BANYAN_COLOUR": "red"})
    assert (answer.code, answer.json["error"]["code"]) == (2, "SETTINGS_WRONG")
    assert "BANYAN_COLOUR" in answer.json["error"]["message"]


def test_standard_output_is_pure_json_also_in_a_process_of_its_own(banyan_process, make_settings, fresh_database):
    answer = banyan_process("audit", "--json", settings=make_settings(fresh_database()))
    assert answer.json["ok"] is True, answer.err
    assert answer.code == 0


async def test_a_database_that_is_away_is_said_in_json_too(banyan, make_settings, addresses):
    away = make_settings(addresses, database_url=f"postgresql://x:y@127.0.0.1:{free_port()}/none")
    answer = await banyan("tenants", "list", "--json", settings=away)
    assert (answer.code, answer.json["error"]["code"]) == (2, "UNAVAILABLE")


def test_distribution_puts_every_table_after_those_it_refers_to():
    statements = distribution([metadata])
    position = {statement.split("'")[1]: place for place, statement in enumerate(statements) if "'" in statement}
    assert statements[0].startswith("SELECT create_reference_table")
    assert 'core."route"' in statements[0] + statements[1]
    assert position[f'core."{identity.user.name}"'] < position['core."session"']
    assert sum("create_distributed_table" in statement for statement in statements) == sum(
        bool(table.info["tenant"]) for table in metadata.tables.values()
    )


@pytest.mark.parametrize("verb", ["tenants", "audit", "jobs", "backup", "doctor", "migrate", "import", "keys", "db", "shell", "restore"])
async def test_every_verb_explains_itself(banyan, verb):
    answer = await banyan(verb, "--help")
    assert answer.code == 0
    assert f"banyan {verb}" in answer.out
