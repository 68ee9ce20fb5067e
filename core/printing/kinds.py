"""How the kinds of units are called where posters are chosen."""

from core.web.i18n import N_, gettext

_KINDS = {
    "group": N_("集团"), "school": N_("学校"), "campus": N_("校区"), "division": N_("学部"), "grade": N_("年级"), "class": N_("班级"),
    "building": N_("楼栋"), "dormitory": N_("宿舍楼"), "project": N_("项目"), "department": N_("部门"),
}  # fmt: skip


def kind_words(kind: str) -> str:
    """The word of a kind; an unknown one is shown as it is."""
    return gettext(_KINDS[kind]) if kind in _KINDS else kind
