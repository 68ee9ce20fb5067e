"""A hospital's own steps on its way: departments, patients, a system that may order."""

from core.golive.states import DONE, NOT_BEGUN
from core.golive.steps import Ground
from plugins.medical import go_live


async def looked(platform, tenant_id) -> dict[str, str]:
    async with platform.database.tenant(tenant_id) as session:
        ground = Ground(session=session)
        return {step.code: (await step.look(ground)).state for step in go_live.STEPS}


async def test_an_empty_hospital_has_everything_before_it(platform, client):
    bare = await client(kind="hospital", plugins=("medical",))
    assert set((await looked(platform, bare.id)).values()) == {NOT_BEGUN}


async def test_a_furnished_one_has_done_it(platform, shared_hospital):
    assert set((await looked(platform, shared_hospital.id)).values()) == {DONE}
