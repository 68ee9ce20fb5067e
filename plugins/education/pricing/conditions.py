"""Whom a discount is for, as a school writes it in a cell.

`学生类型=教工子女且学部=高中部`, `同一家长1手机号的第二个及以后子女`, `学号=…`, `凭申请`.
Parts are joined by 且, a comma or a semicolon, and all must hold; values are joined by 、, / or 或, and one must hold.
What stands in brackets is an explanation.
"""

import re
import unicodedata

from plugins.education.pricing.rules import SCOPE, Condition

_EXPLANATION = re.compile(r"\([^()]*\)")
_AND = re.compile(r"并且|而且|且|;|,|&+|\n")
_OR = re.compile(r"、|/|\||或者|或|\s+")
_EQUALS = re.compile(r"([^=:]+?)\s*(?:=+|:|为|是)\s*(.+)")
_CHILD = re.compile(
    r"(?:同一?(?:家长1?手机号?|家庭|监护人)的?)?第([0-9]+|[一二两三四五六七八九十])个?(及其?(?:以后|以上|之后)|起|以后)?的?(?:子女|孩子|孩|学生)?"
)
_NUMERALS = {numeral: value for value, numeral in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_EVERYONE = ("全体", "全体学生", "全部", "全部学生", "所有学生", "无")
_BY_APPLICATION = ("凭申请", "经申请", "凭申请审批")
_LISTS = ("学号", "名单", "学生名单")
_KEYS = {title: key for key, title in SCOPE.items()}


class ConditionUnclear(ValueError):
    """A part of a condition that cannot be read; `part` is that part."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def parse(text: str) -> Condition:
    """Read a condition; raises `ConditionUnclear` with the part that cannot be read, rather than leave it out."""
    plain = _EXPLANATION.sub("", unicodedata.normalize("NFKC", text))
    equals: dict[str, tuple[str, ...]] = {}
    child: tuple[int | None, int | None] = (None, None)
    student_nos: frozenset[str] | None = None
    by_application = False
    parts = [part.strip() for part in _AND.split(plain) if part.strip()]
    if not parts:
        raise ConditionUnclear(text)
    for part in _joined(parts):
        if part in _EVERYONE:
            continue
        if part in _BY_APPLICATION:
            by_application = True
            continue
        if match := _CHILD.fullmatch(part.replace(" ", "")):
            first = int(match[1]) if match[1].isdigit() else _NUMERALS[match[1]]
            if child != (None, None) or first < 1:
                raise ConditionUnclear(part)
            child = (first, None if match[2] else first)
            continue
        match = _EQUALS.fullmatch(part)
        name = match[1].strip().rstrip("*") if match else ""
        values = tuple(value for value in _OR.split(match[2].strip()) if value) if match else ()
        if name in _LISTS and values and student_nos is None:
            student_nos = frozenset(values)
        elif name in _KEYS and values and _KEYS[name] not in equals:
            equals[_KEYS[name]] = values
        else:
            raise ConditionUnclear(part)
    return Condition(equals, *child, student_nos, by_application)


def _joined(parts: list[str]) -> list[str]:
    """Put back together a list of student numbers that its commas have cut: `学号=1,2,3` is one part."""
    whole: list[str] = []
    for part in parts:
        if whole and part.isdigit() and whole[-1].startswith(_LISTS):
            whole[-1] += "、" + part
        else:
            whole.append(part)
    return whole


def written(condition: Condition) -> str:
    """A condition as a school writes it; `parse` reads it back."""
    parts = [f"{SCOPE[key]}={'、'.join(values)}" for key, values in condition.equals.items()]
    if condition.child_from:
        parts.append(f"第{condition.child_from}个{'' if condition.child_to else '及以后'}子女")
    if condition.student_nos is not None:
        parts.append(f"学号={'、'.join(sorted(condition.student_nos))}")
    if condition.by_application:
        parts.append("凭申请")
    return "且".join(parts) or "全体"


def told(condition: Condition) -> str:
    """The condition in words again, as a price list shows it."""
    parts = [f"{SCOPE[key]}为{'或'.join(values)}" for key, values in condition.equals.items()]
    first, last = condition.child_from, condition.child_to
    if first is not None:
        parts.append(f"同一家长1手机号的第 {first} 个子女" if last == first else f"同一家长1手机号的第 {first} 个及以后子女")
    if condition.student_nos is not None:
        parts.append(f"名单内的 {len(condition.student_nos)} 名学生")
    if condition.by_application:
        parts.append("凭申请，逐人批准")
    return "，且".join(parts) or "全体学生"
