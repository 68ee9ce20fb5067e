"""What standards and discounts refuse."""

from core.errors import Conflict, InvalidRequest, NotFound
from core.imports.errors import FileRefused


class StandardNotFound(NotFound):
    code = "STANDARD_NOT_FOUND"
    message = "没有找到这条收费标准"


class DiscountNotFound(NotFound):
    code = "DISCOUNT_NOT_FOUND"
    message = "没有找到这项优惠"


class GrantNotFound(NotFound):
    code = "GRANT_NOT_FOUND"
    message = "没有找到这份优惠申请"


class StandardWrong(InvalidRequest):
    """`facts["field"]` names the field to mend."""

    code = "STANDARD_WRONG"
    message = "{why}"


class StandardOverlaps(Conflict):
    code = "STANDARD_OVERLAPS"
    message = "已有范围相同且有效期重叠的标准：{other}。请先停用那一条，或改期"


class NothingToSubmit(Conflict):
    code = "NOTHING_TO_SUBMIT"
    message = "没有待提交的收费标准或优惠规则"


class NothingToApprove(Conflict):
    code = "NOTHING_TO_APPROVE"
    message = "这批标准在提交之后都改动过，已不能同意，请退回后由经办人重新提交"


class ApprovalDocMissing(InvalidRequest):
    code = "APPROVAL_DOC_MISSING"
    message = "学费、住宿费标准须填写批准文号，请补上后再提交：{rows}"


class BeyondYourCampus(FileRefused):
    code = "BEYOND_YOUR_CAMPUS"
    message = "{what}超出您负责的校区，整个文件没有导入。请删去这些改动，或交由负责全校的同事导入"


class DiscountWrong(InvalidRequest):
    """`facts["field"]` names the field to mend."""

    code = "DISCOUNT_WRONG"
    message = "{why}"


class DiscountTaken(Conflict):
    code = "DISCOUNT_TAKEN"
    message = "优惠编码 {discount_code} 已被使用，请换一个"


class GrantWrong(InvalidRequest):
    code = "GRANT_WRONG"
    message = "{why}"


class GrantTaken(Conflict):
    code = "GRANT_TAKEN"
    message = "这名学生的同一优惠已在申请或已批准，请勿重复申请"


class NothingToCarry(Conflict):
    code = "NOTHING_TO_CARRY"
    message = "这名学生本学期的账单与优惠一致，不需要调整"
