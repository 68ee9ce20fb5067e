"""What of a patient has a history: the file opened, corrected, by whom."""

from core.database import Session
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.web.i18n import N_, gettext
from plugins.medical.patients import keeping, lists, service

FIELDS = {
    "name": N_("姓名"), "id_type": N_("证件类型"), "id_no": N_("证件号码"), "gender": N_("性别"), "birth_on": N_("出生日期"), "phone": N_("手机号"),
    "insurance": N_("医保类型"), "psn_no": N_("医保人员编号"), "cards": N_("就诊卡"), "org_id": N_("所属院区"),
}  # fmt: skip


async def patient(session: Session, by: Actor, object_id: str) -> Found:
    """A patient's file."""
    row = await service.find(session, id_of(object_id))
    names = {field: gettext(word) for field, word in FIELDS.items()}
    return Found(keys=[(keeping.OBJECT, object_id)], title=row.patient_no, path=f"medical/patients/{row.id}", names=names)


register(Subject(code="medical.patient", title=N_("患者"), permission=lists.READ, find=patient, plugin="medical"))
