"""The three sheets of a fee file and their columns."""

from core.imports.tables import Column

ITEMS_SHEET, STANDARDS_SHEET, DISCOUNTS_SHEET = "收费项目", "收费标准", "优惠规则"

ITEM_CODE = Column("item_code", "项目编码*")
ITEM_NAME = Column("item_name", "项目名称*")
CATEGORY = Column("category", "类别*")
PERIOD = Column("period", "周期*")
MANDATORY = Column("mandatory", "是否必缴*")
DISCOUNTABLE = Column("discountable", "可否优惠*")
REFUND = Column("refund", "退费规则")
KEEPER = Column("keeper", "管理岗位")
UNIT = Column("unit", "计量单位")
ITEM_COLUMNS = (ITEM_CODE, ITEM_NAME, CATEGORY, PERIOD, MANDATORY, DISCOUNTABLE, REFUND, KEEPER, UNIT)

CAMPUS = Column("campus", "校区")
DIVISION = Column("division", "学部")
GRADE = Column("grade", "年级")
CLASS = Column("class_name", "班级")
BOARDING = Column("boarding", "是否寄宿")
STUDENT_TYPE = Column("student_type", "学生类型")
SCOPE_COLUMNS = (CAMPUS, DIVISION, GRADE, CLASS, BOARDING, STUDENT_TYPE)
PRICE = Column("price_fen", "单价(元)*")
APPROVAL = Column("approval_doc_no", "批准文号")
STARTS_ON = Column("starts_on", "生效日期*")
ENDS_ON = Column("ends_on", "失效日期*")
STANDARD_COLUMNS = (ITEM_CODE, ITEM_NAME, *SCOPE_COLUMNS, PRICE, APPROVAL, STARTS_ON, ENDS_ON)

DISCOUNT_CODE = Column("code", "优惠编码*")
DISCOUNT_NAME = Column("name", "优惠名称*")
METHOD = Column("method", "方式*")
PERCENT = Column("percent", "比例(%)*")
AMOUNT = Column("amount_fen", "金额(元)")
APPLIES_TO = Column("item_codes", "适用项目*")
CONDITION = Column("condition", "条件*")
STACKABLE = Column("stackable", "可叠加*")
COMPOUND = Column("compound", "折上折")
PRIORITY = Column("priority", "优先级")
DISCOUNT_COLUMNS = (
    DISCOUNT_CODE,
    DISCOUNT_NAME,
    METHOD,
    PERCENT,
    AMOUNT,
    APPLIES_TO,
    CONDITION,
    STACKABLE,
    COMPOUND,
    PRIORITY,
)
