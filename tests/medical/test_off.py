"""Off for a client, the plugin does not exist there: no routes, menu, work list, imports, exports, jobs, steps or API."""

import pytest

from core.exports import service as exports
from core.identity.faces import CONSOLE
from core.identity.worklist import worklist
from core.imports import service as imports
from core.imports.errors import ImportKindUnknown
from core.jobs import pulse
from plugins.medical import faces
from plugins.medical.people.roles import PERMISSIONS

RIGHTS = [permission.code for permission in PERMISSIONS]


@pytest.fixture
async def off(client):
    """A hospital whose branch switched the plugin off."""
    return await client(kind="hospital", plugins=())


def plain_paths() -> list[str]:
    paths = {path for route in faces.ROUTES for path in route.paths if "GET" in route.http_methods}
    return sorted(path for path in paths if "{" not in path and not path.startswith("/h5"))


@pytest.mark.parametrize("path", plain_paths())
async def test_its_addresses_are_not_found(off, staff, path):
    assert (await (await staff(off, *RIGHTS)).get(path)).status_code == 404


async def test_it_has_no_menu_and_no_line_in_the_work_list(platform, off, staff):
    admin = await staff(off, *RIGHTS)
    assert "/console/medical" not in (await admin.get("/console")).text
    async with platform.database.tenant(off.id) as session:
        lines = await worklist(session, admin.actor, platform.plugins, CONSOLE, off.plugins)
    assert [line for line in lines if "medical" in line["href"]] == []


async def test_it_offers_no_import_and_no_export(platform, off, staff):
    admin = await staff(off, *RIGHTS)
    for kind in ("medical.org", "medical.patients"):
        with pytest.raises(ImportKindUnknown):
            imports.find_importer(platform, off, kind, admin.actor)
    assert [code for code in exports.exports(platform, off) if code.startswith("medical")] == []


async def test_workers_do_none_of_its_steps(platform, off):
    steps = [step.code for hook in ("register_pulse", "register_nightly") for step in await pulse.steps_for(platform, off.id, hook)]
    assert [code for code in steps if code.startswith("medical")] == []


async def test_its_keys_open_nothing_once_it_is_off(platform, bank, web, quiet_hospital):
    from sqlalchemy import text

    headers = quiet_hospital.keys["his"].headers
    assert (await web.get("/api/v1/medical/patients", headers=headers)).status_code == 200
    async with platform.database.tenant(bank.id) as session:
        await session.execute(text("UPDATE core.client_plugin SET enabled = false WHERE client_id = :id"), {"id": quiet_hospital.id})
    platform.directory.forget(quiet_hospital.id)
    assert (await web.get("/api/v1/medical/patients", headers=headers)).status_code in (403, 404)
    assert (await web.get(f"/h5/{quiet_hospital.code}/medical/orders")).status_code == 404
