"""What the hospital's tree is made of, and what may stand under what (domain book §4.3)."""

from core.web.i18n import N_

KINDS = {
    "group": N_("集团"),
    "hospital": N_("医院"),
    "campus": N_("院区"),
    "department": N_("科室"),
    "window": N_("窗口"),
    "terminal": N_("自助终端"),
    "chain": N_("连锁药房"),
    "store": N_("门店"),
}
UNDER: dict[str, tuple[str | None, ...]] = {
    "group": (None,),
    "hospital": ("group", None),
    "campus": ("hospital",),
    "department": ("campus", "hospital", "department"),
    "window": ("campus", "hospital", "department"),
    "terminal": ("campus", "hospital", "department"),
    "chain": ("group", None),
    "store": ("chain",),
}
"""Which kinds a unit may stand under; None is the top."""
BY_WORD = {word: kind for kind, word in KINDS.items()}
