"""A hospital's own steps on its way to collecting, in place of core's: departments, patients, a system that may order."""

from core.golive.states import CLIENT
from core.golive.steps import Evidence, Ground, Seen, Step, done, todo
from core.identity import org
from core.web.i18n import N_
from core.web.i18n import gettext as _
from plugins.medical.patients import repository as patients
from plugins.medical.vendors import repository as vendors

IMPORT = "/console/imports/new?kind=medical."
TREE, PATIENTS, VENDORS = "/console/medical/organisation", "/console/medical/patients", "/console/medical/vendors"


async def _tree(ground: Ground) -> Seen:
    """There are departments to order for."""
    found = sum(unit.kind == "department" for unit in await org.list_units(ground.session))
    if not found:
        return todo(_("还没有科室：导入院区、科室、窗口与终端"))
    return done(Evidence(text=_("%(n)s 个科室", n=found), path=TREE))


async def _patients(ground: Ground) -> Seen:
    """There are patients; HIS brings more every day."""
    found = await patients.count(ground.session)
    if not found:
        return todo(_("还没有患者：导入患者文件，或由 HIS 通过接口建档"))
    return done(Evidence(text=_("%(n)s 名患者", n=found), path=PATIENTS))


async def _systems(ground: Ground) -> Seen:
    """HIS or a vendor has a key."""
    found = await vendors.count_systems(ground.session)
    if not found:
        return todo(_("还没有密钥：为 HIS 或厂商签发"))
    return done(Evidence(text=_("%(n)s 把密钥可以下单", n=found), path=VENDORS))


STEPS = (
    Step(
        code="org", title=N_("院区与科室"), task=N_("导入院区、科室、窗口与终端"), owner=CLIENT, within_days=3, position=30, look=_tree,
        path=IMPORT + "org", permission="medical.org.import", hint=N_("编码要与 HIS 一致"),
    ),
    Step(
        code="people", title=N_("患者"), task=N_("导入患者"), owner=CLIENT, within_days=4, position=50, look=_patients,
        path=IMPORT + "patients", permission="medical.patient.import", hint=N_("家属绑定以患者档案为准"), after=("org",), needed=False,
    ),
    Step(
        code="prices", title=N_("HIS 与厂商接入"), task=N_("为 HIS 与厂商签发密钥"), owner=CLIENT, within_days=5, position=60, look=_systems,
        path=VENDORS, permission="medical.vendor.manage", hint=N_("收费金额由 HIS 在订单里给出"), after=("org",),
    ),
)  # fmt: skip
"""The work list shows the same steps to each role until they are begun."""
