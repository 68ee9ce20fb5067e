"""What the org tree refuses."""

from core.errors import NotFound


class DepartmentUnknown(NotFound):
    code = "DEPARTMENT_UNKNOWN"
    message = "组织架构里没有编码为 {code} 的科室，请核对编码或先导入组织架构"


class UnitUnknown(NotFound):
    code = "UNIT_UNKNOWN"
    message = "组织架构里没有编码为 {code} 的{kind}，请核对编码或先导入组织架构"
