"""What can be wrong with the keeper of a fee item."""

from core.errors import InvalidRequest, NotFound


class ItemUnknown(NotFound):
    code = "ITEM_UNKNOWN"
    message = "没有收费项目 {item_code}，请核对编码"


class MeasureWrong(InvalidRequest):
    """`facts["field"]` names the field to mend."""

    code = "MEASURE_WRONG"
    message = "{why}"
