"""The demo school comes up with bills to pay, once, and the sample it is made of holds every case a visitor should meet."""

from collections import Counter
from pathlib import Path

from plugins.education import demo
from plugins.education.plans import repository, service
from tests.education import schools

FOLDER = Path(__file__).resolve().parents[2] / "tenants" / "banyan-school" / "demo"


async def test_the_demo_school_loads_once_with_everything_in_it(platform, client):
    school = await schools.found(platform, await client(kind="school_group", settings=schools.SETTINGS))
    await demo.load(platform, school.client, FOLDER)
    await demo.load(platform, school.client, FOLDER)
    rows = (await schools.students(platform, school)).values()
    async with platform.database.tenant(school.tenant_id) as session:
        (plan,) = await repository.list_page(session, None, 10)
        made = await repository.progress(session, service.source_of(plan.id))
    assert (plan.status, made.bills) == ("published", sum(row.status == "在读" for row in rows))
    assert 100 <= len(rows) <= 150
    statuses, kinds = Counter(row.status for row in rows), Counter(row.student_type for row in rows)
    families = Counter(row.family_index for row in rows)
    assert statuses["休学"] == 1
    assert kinds["插班"] >= 3
    assert kinds["教工子女"] >= 3
    assert sum(count > 1 for count in families.values()) >= 10
    assert {row.boarding for row in rows} == {"走读", "寄宿"}
