"""The kinds of client a bank serves (domain book §1); a plugin says which of them it fits."""

from core.web.i18n import N_

KINDS = {
    "school_group": N_("教育集团"),
    "hospital": N_("医院"),
    "property": N_("物业公司"),
    "university": N_("高校"),
    "employer": N_("用工单位"),
}
