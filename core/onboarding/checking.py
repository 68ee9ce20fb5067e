"""What a case still lacks before it may be handed in, told field by field; and the facts no check can skip."""

import re
from collections.abc import Sequence

from stdnum.cn import ric
from stdnum.cn import uscc as uscc_rules

from core.database import Row
from core.web.i18n import N_
from core.web.i18n import gettext as _

DOCUMENTS = {
    "business_licence": N_("营业执照（或法人登记证书）"),
    "permit": N_("行业许可（办学许可证、医疗机构执业许可证、物业备案）"),
    "legal_id": N_("法定代表人身份证"),
    "account_permit": N_("开户许可证或银行账户证明"),
    "letter": N_("委托书（账户名与法定名称不同时）"),
    "other": N_("其他"),
}
ALWAYS = ("business_licence", "legal_id", "account_permit")
PERMIT_KINDS = ("school_group", "hospital", "property", "university")
"""Kinds of client whose trade asks for a permit."""
INDUSTRIES = {
    "8211": N_("中小学校"),
    "8220": N_("高等院校"),
    "8299": N_("其他教育"),
    "8062": N_("公立医院"),
    "6513": N_("物业管理"),
    "7276": N_("税务与公共服务"),
    "5812": N_("餐饮"),
}
"""Merchant category codes that our clients have."""
AT_HOME = ("counter",)
"""Ways of paying that nobody outside has to agree to: every merchant has them."""
PHONE = re.compile(r"1[3-9]\d{9}")
ACCOUNT = re.compile(r"\d{8,30}")


def lacking(row: Row, documents: Sequence[Row], client_kind: str) -> list[str]:
    """Everything that keeps a case from being handed in, in people's words; empty when it may be."""
    faults = [
        _("法定名称") if not row.legal_name else "",
        "" if row.uscc and uscc_rules.is_valid(row.uscc) else _("统一社会信用代码"),
        _("法定代表人姓名") if not row.person_sealed else "",
        _("法定代表人身份证号") if not row.person_id_sealed else "",
        "" if row.industry in INDUSTRIES else _("行业"),
        _("经营范围") if not row.scope else "",
        _("结算账户户名") if not row.account_holder else "",
        _("开户行") if not row.account_bank else "",
        _("结算账号") if not row.account_sealed else "",
        _("联系人") if not row.contact_name else "",
        _("联系电话") if not row.contact_phone_sealed else "",
        _("支付渠道") if not row.channels else "",
    ]
    kinds = {document.kind for document in documents}
    wanted = [*ALWAYS, *(("permit",) if client_kind in PERMIT_KINDS else ())]
    if row.account_holder and row.legal_name and row.account_holder != row.legal_name:
        wanted.append("letter")
    return [fault for fault in faults if fault] + [_(DOCUMENTS[kind]) for kind in wanted if kind not in kinds]


def fault_of_number(value: str) -> str:
    """What is wrong with a resident id number; empty when its check digit is right."""
    return "" if ric.is_valid(value) else _("身份证号不正确，请核对 18 位号码")


def fault_of_uscc(value: str) -> str:
    """The same for a unified social credit code."""
    return "" if uscc_rules.is_valid(value) else _("统一社会信用代码不正确，请核对 18 位代码")
