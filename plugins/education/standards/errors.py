"""What standards refuse."""

from core.errors import Conflict, InvalidRequest


class NothingToSubmit(Conflict):
    code = "NOTHING_TO_SUBMIT"
    message = "没有待提交的收费标准或优惠规则"


class ApprovalDocMissing(InvalidRequest):
    code = "APPROVAL_DOC_MISSING"
    message = "学费、住宿费标准须填写批准文号（表格第 {rows} 行），请补上后再提交"
