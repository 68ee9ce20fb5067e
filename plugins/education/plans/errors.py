"""What fee plans refuse."""

from core.errors import Conflict, InvalidRequest, NotFound


class PlanNotFound(NotFound):
    code = "PLAN_NOT_FOUND"
    message = "没有找到这个收费批次"


class PlanNotApproved(Conflict):
    code = "PLAN_NOT_APPROVED"
    message = "收费批次 {code} 尚未复核通过，不能发布"


class PlanEmpty(Conflict):
    code = "PLAN_EMPTY"
    message = "没有学生会收到账单：请检查学生名册、收费标准是否已复核、适用范围与学期"


class ImportedLeftOut(Conflict):
    code = "IMPORTED_LEFT_OUT"
    message = "导入的账单里有 {count} 行不在本批次的收费项目或收费范围内，不会收取。请修改批次，或清空后重新导入"


class PlanMoved(Conflict):
    code = "PLAN_MOVED"
    message = "自复核以来名册或标准有变动：复核时 {approved} 张共 {approved_yuan} 元，现在 {now} 张共 {now_yuan} 元。请重新试算并提交复核"


class StandardsUnapproved(Conflict):
    code = "STANDARDS_UNAPPROVED"
    message = "有 {count} 条收费标准或优惠规则尚未复核，请先复核"


class BeyondTheYear(InvalidRequest):
    code = "BEYOND_THE_YEAR"
    message = "学费、住宿费不得跨学年预收：学期 {term} 在本学年之后"


class PlanNotDraft(Conflict):
    code = "PLAN_NOT_DRAFT"
    message = "只有草稿可以修改，请先退回草稿"


class PlanNotPublished(Conflict):
    code = "PLAN_NOT_PUBLISHED"
    message = "只有已发布的批次可以召回"


class PlanInvalid(InvalidRequest):
    """`facts["field"]` names the field to mend."""

    code = "PLAN_INVALID"
    message = "{why}"


class PlanCodeTaken(Conflict):
    code = "PLAN_CODE_TAKEN"
    message = "批次编码 {code} 已被使用，请换一个"
