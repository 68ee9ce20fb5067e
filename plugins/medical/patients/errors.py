"""What patients and visits refuse."""

from core.errors import Conflict, NotFound


class PatientNotFound(NotFound):
    code = "PATIENT_NOT_FOUND"
    message = "没有找到这名患者，请核对患者编号"


class VisitNotFound(NotFound):
    code = "VISIT_NOT_FOUND"
    message = "没有找到这次就诊，请核对就诊号"


class PatientDiffers(Conflict):
    code = "PATIENT_DIFFERS"
    message = "患者 {patient_no} 已经建档，送来的资料与登记的不同；档案由医院维护，请到医院更正"


class VisitDiffers(Conflict):
    code = "VISIT_DIFFERS"
    message = "就诊 {visit_no} 已经登记，{fields}与登记的不同，请核对就诊号"


class CardTaken(Conflict):
    code = "CARD_TAKEN"
    message = "尾号 {tail} 的{kind}已登记在另一名患者名下，请核对卡号"
