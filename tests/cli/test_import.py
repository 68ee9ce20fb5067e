"""`banyan import`: the page's importer on the command line; pure JSON for programs, exit codes that scripts can trust."""

import pytest
from sqlalchemy import text

from tests import samples

TOTALS = {"new": 0, "changed": 0, "unchanged": 0, "rejected": 0}


@pytest.fixture
async def school(client, banyan, tmp_path):
    """A school whose org tree has come in by the command line."""
    profile = await client(kind="school_group")
    tree = tmp_path / "org-tree.json"
    tree.write_bytes(samples.education("org-tree.json"))
    answer = await banyan("import", "education.org", tree, "--client", profile.code, "--json")
    assert answer.code == 0, answer.out + answer.err
    return profile


def sample(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(samples.education(name))
    return path


async def written(platform, client, table):
    async with platform.database.tenant(client.id) as session:
        return await session.scalar(text(f"SELECT count(*) FROM {table}"))


async def test_a_roster_is_judged_written_and_the_second_time_nothing_changes(school, banyan, tmp_path, platform):
    file = sample(tmp_path, "roster-200.csv")
    words = ("import", "education.roster", file, "--client", school.code, "--json")
    dry = await banyan(*words, "--dry-run")
    assert (dry.code, dry.json["totals"]) == (0, {**TOTALS, "new": 200})
    assert await written(platform, school, "core.party") == 0
    assert await written(platform, school, "core.import_batch") == 1  # the org tree's
    first = await banyan(*words)
    assert (first.code, first.json["totals"]) == (0, {**TOTALS, "new": 200})
    assert await written(platform, school, "core.party") == 200
    again = await banyan(*words)
    assert (again.code, again.json["totals"]) == (0, {**TOTALS, "unchanged": 200})


async def test_what_a_command_wrote_to_the_audit_trail_is_sealed_without_a_worker(school, banyan, tmp_path, platform):
    await banyan("import", "education.roster", sample(tmp_path, "roster-200.csv"), "--client", school.code, "--json")
    async with platform.database.tenant(school.id) as session:
        unsealed = text("SELECT count(*) FROM core.audit_log a WHERE NOT EXISTS (SELECT FROM core.audit_seal s WHERE s.audit_id = a.id)")
        assert await session.scalar(unsealed) == 0
        assert await session.scalar(text("SELECT count(*) FROM core.audit_seal")) > 0


async def test_rejected_rows_are_named_and_the_exit_code_is_zero(school, banyan, tmp_path):
    answer = await banyan(
        "import", "education.roster", sample(tmp_path, "roster-dirty.xlsx"), "--client", school.code, "--json", "--dry-run"
    )
    assert answer.code == 0, answer.err
    assert answer.json["totals"] == {**TOTALS, "new": 309, "rejected": 91}
    rejected = [row for row in answer.json["rows"] if row["verdict"] == "reject"]
    assert {"row", "column", "verdict", "code", "message"} <= set(rejected[0])


async def test_people_see_a_table_and_the_totals(school, banyan, tmp_path):
    answer = await banyan("import", "education.roster", sample(tmp_path, "roster-200.csv"), "--client", school.code)
    assert answer.code == 0
    assert "200 new" in answer.out


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("roster.xlsx", b"%PDF-1.7", "NOT_A_SPREADSHEET"), ("roster.csv", b"a,b\n1,2\n", "HEADER"), ("roster.pdf", b"x", "FILE_TYPE")],
)
async def test_a_file_that_cannot_be_read_is_refused_with_code_two(school, banyan, tmp_path, name, content, code):
    file = tmp_path / name
    file.write_bytes(content)
    answer = await banyan("import", "education.roster", file, "--client", school.code, "--json")
    assert answer.code == 2
    assert set(answer.json) == {"error"}
    assert answer.json["error"]["code"].startswith(code)


async def test_a_missing_file_an_unknown_kind_and_an_unknown_client_are_refused(school, banyan, tmp_path):
    missing = await banyan("import", "education.roster", tmp_path / "none.xlsx", "--client", school.code, "--json")
    assert (missing.code, missing.json["error"]["code"]) == (2, "FILE_NOT_READABLE")
    file = sample(tmp_path, "roster-200.csv")
    kind = await banyan("import", "education.nothing", file, "--client", school.code, "--json")
    assert (kind.code, kind.json["error"]["code"]) == (2, "IMPORT_KIND_UNKNOWN")
    nobody = await banyan("import", "education.roster", file, "--client", "nobody", "--json")
    assert (nobody.code, nobody.json["error"]["code"]) == (2, "NOT_FOUND")


async def test_a_client_without_the_plugin_has_no_such_import(client, banyan, tmp_path):
    profile = await client(kind="school_group", plugins=())
    answer = await banyan("import", "education.roster", sample(tmp_path, "roster-200.csv"), "--client", profile.code, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "IMPORT_KIND_UNKNOWN")
