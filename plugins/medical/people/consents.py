"""What has to be agreed to apart before a patient is bound: facts about somebody's health are sensitive (domain book §10)."""

from core.payers import consents
from core.web.i18n import N_

PATIENT = consents.ConsentText(
    "sensitive_health",
    "2026-11",
    N_("就诊信息"),
    N_(
        "单独同意：我是就诊人本人，或经其授权、依法代理的家属；同意为缴费处理其姓名、患者编号、证件号末四位、就诊科室、缴费项目与账单。"
        "属于敏感个人信息，只用于在本院缴费、退费和开具收据，不用于画像和营销；撤回同意即解除绑定，不影响到窗口或用缴费码缴费。"
    ),
    ("party_name", "party_number", "id_tail", "department", "items", "bills"),
)
