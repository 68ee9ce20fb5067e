"""The organisation tree of a school group as a file: group → school → campus → division → grade → class, and the words its choices allow.

The form is that of `org-tree.json`. Everything is checked before anything is kept, and every fault names the place of its node.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from core.errors import InvalidRequest

MAX_BYTES = 5 * 1024 * 1024
MAX_CLASSES = 5_000

CHOICES: dict[str, tuple[str, tuple[str, ...]]] = {
    "id_type": ("证件类型*", ("居民身份证", "护照", "港澳居民来往内地通行证", "台湾居民来往大陆通行证")),
    "boarding": ("是否寄宿*", ("走读", "寄宿")),
    "student_type": ("学生类型*", ("普通", "国际", "艺体", "教工子女", "插班")),
    "status": ("学生状态*", ("预录", "在读", "休学", "转学", "退学", "毕业")),
    "gender": ("性别", ("男", "女")),
}
"""The choice columns of a roster by key: title, and the words allowed where a school names none of its own (domain book §3.4)."""

Kind = Literal["group", "school", "campus", "division", "grade", "class"]
Name = Annotated[str, Meta(min_length=1, max_length=50)]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,20}$")]


class GradeFile(Struct, forbid_unknown_fields=True):
    name: Name
    classes: list[Name]
    grade_no: Annotated[int, Meta(ge=-4, le=20)] | None = None


class DivisionFile(Struct, forbid_unknown_fields=True):
    name: Name
    grades: list[GradeFile]
    code: Code | None = None


class CampusFile(Struct, forbid_unknown_fields=True):
    name: Name
    divisions: list[DivisionFile]
    code: Code | None = None


class TreeFile(Struct, forbid_unknown_fields=True):
    group: Name
    school: Name
    campuses: list[CampusFile]
    classes_total: int | None = None
    allowed_values: dict[str, list[Name]] | None = None


class OrgTreeInvalid(InvalidRequest):
    """The tree has faults; `facts["problems"]` lists each with its path, so that all can be mended at once."""

    code = "ORG_TREE_INVALID"
    message = "组织树文件有 {count} 处问题：{first}"


class Problem(NamedTuple):
    """One fault: where (`$.campuses[0].divisions[1]`), its code, and what to do."""

    path: str
    code: str
    message: str


class OrgNode(Struct, frozen=True):
    """One unit of the tree; `names` is its path from the group down, so `names[:-1]` is its parent."""

    kind: Kind
    names: tuple[str, ...]
    code: str | None = None
    grade_no: int | None = None

    @property
    def name(self) -> str:
        return self.names[-1]


class Organisation(Struct, frozen=True):
    """A checked tree: its nodes, parents always before children, and the allowed words by choice key."""

    nodes: tuple[OrgNode, ...]
    choices: dict[str, tuple[str, ...]]

    def index(self) -> "OrgIndex":
        """What imports and standards check against."""
        return OrgIndex((node.names[2:] for node in self.nodes), self.choices)


class OrgIndex:
    """Answers whether campus, division, grade and class lie on one path. Built from paths below the school, partial ones included."""

    def __init__(self, paths: Iterable[tuple[str, ...]], choices: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._paths: set[tuple[str, ...]] = set()
        for path in paths:
            self._paths.update(path[:depth] for depth in range(1, len(path) + 1))
        self._divisions = {path[1] for path in self._paths if len(path) > 1}
        self.choices = {key: tuple((choices or {}).get(key, default)) for key, (_, default) in CHOICES.items()}

    def misfit(self, campus: str, *below: str | None) -> tuple[str, str] | None:
        """The first level, from the campus down, that does not fit, as (level, code); below a missing name nothing is checked."""
        if (campus,) not in self._paths:
            return "campus", "unknown_campus"
        path = (campus,)
        for level, code, name in zip(_LEVELS, _MISFITS, below, strict=False):
            if name is None:
                return None
            path = (*path, name)
            if path not in self._paths:
                return level, "unknown_division" if level == "division" and name not in self._divisions else code
        return None

    def has(self, campus: str | None, division: str | None, grade: str | None, class_name: str | None) -> bool:
        """Whether some path carries all the names given; None stands for any name."""
        scope = (campus, division, grade, class_name)
        depth = max((level for level, name in enumerate(scope, 1) if name is not None), default=0)
        return depth == 0 or any(
            len(path) == depth and all(name is None or name == part for name, part in zip(scope, path, strict=False)) for path in self._paths
        )


_LEVELS = ("division", "grade", "class_name")
_MISFITS = ("division_not_in_campus", "grade_not_in_division", "class_not_in_grade")


def parse(content: bytes) -> Organisation:
    """Read a tree file; raises `OrgTreeInvalid` with every fault found, each with the path of its node."""
    if len(content) > MAX_BYTES:
        raise _invalid([Problem("$", "file_too_large", "文件超过 5 MB，请确认选对了文件")])
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        tree = msgspec.json.decode(content, type=TreeFile)
        json.loads(content, object_pairs_hook=_no_repeated_field)
    except msgspec.ValidationError as fault:
        raise _invalid([_shape_problem(str(fault))]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise _invalid([Problem("$", "not_json", f"不是有效的 JSON 文件（{fault}），请检查后重新上传")]) from None
    except RecursionError:
        raise _invalid([Problem("$", "too_deep", "层级嵌套过深，最多到班级为止")]) from None
    if problems := [*_tree_problems(tree), *_choice_problems(tree)]:
        raise _invalid(problems)
    return Organisation(tuple(_nodes(tree)), _choices(tree))


def _no_repeated_field(pairs: list[tuple[str, object]]) -> None:
    """JSON lets a field be written twice and keeps the last; here nothing may get lost in silence."""
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _invalid([Problem("$", "duplicate_field", f"同一处写了两次字段 `{name}`，请删去一个")])
        seen.add(name)


def _invalid(problems: list[Problem]) -> OrgTreeInvalid:
    first = f"{problems[0].path} {problems[0].message}"
    return OrgTreeInvalid(count=len(problems), first=first, problems=[p._asdict() for p in problems])


def _shape_problem(fault: str) -> Problem:
    what, _, path = fault.partition(" - at `")
    path = path.rstrip("`") or "$"
    if "unknown field" in what:
        return Problem(path, "unknown_field", f"有不认识的字段 {what.split('`')[-2]}，请删去或改正")
    if "missing required field" in what:
        return Problem(path, "missing_field", f"缺少字段 {what.split('`')[-2]}，请补上")
    if what.startswith("Expected `str` of length"):
        return Problem(path, "bad_name", "名称不能为空，最多 50 个字")
    return Problem(path, "wrong_type", f"类型或取值不对（{what}），请改正")


def _tree_problems(tree: TreeFile) -> Iterable[Problem]:
    yield from _name_problems("$.group", tree.group)
    yield from _name_problems("$.school", tree.school)
    yield from _sibling_problems("$.campuses", [c.name for c in tree.campuses], "校区")
    yield from _repeats("$.campuses", [c.code for c in tree.campuses if c.code], "duplicate_code", "校区代码")
    for i, campus in enumerate(tree.campuses):
        at = f"$.campuses[{i}]"
        yield from _sibling_problems(f"{at}.divisions", [d.name for d in campus.divisions], "学部")
        for j, division in enumerate(campus.divisions):
            below = f"{at}.divisions[{j}]"
            yield from _sibling_problems(f"{below}.grades", [g.name for g in division.grades], "年级")
            for k, grade in enumerate(division.grades):
                yield from _sibling_problems(f"{below}.grades[{k}].classes", grade.classes, "班级", leaf=True)
    total = sum(len(g.classes) for c in tree.campuses for d in c.divisions for g in d.grades)
    if tree.classes_total is not None and tree.classes_total != total:
        yield Problem("$.classes_total", "wrong_total", f"写的是 {tree.classes_total} 个班，实际有 {total} 个，请核对")
    if total > MAX_CLASSES:
        yield Problem("$", "too_many_classes", f"班级超过 {MAX_CLASSES} 个，请核对")


def _sibling_problems(path: str, names: list[str], kind: str, leaf: bool = False) -> Iterable[Problem]:
    if not names:
        yield Problem(path, "empty_level", f"这里一个{kind}也没有，请补上或删去上一级")
    for i, name in enumerate(names):
        yield from _name_problems(f"{path}[{i}]" if leaf else f"{path}[{i}].name", name)
    yield from _repeats(path, names, "duplicate_name", kind)


def _repeats(path: str, names: list[str], code: str, kind: str) -> Iterable[Problem]:
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            yield Problem(f"{path}[{i}]", code, f"{kind}“{name}”重复，同一级不能重名")
        seen.add(name)


def _name_problems(path: str, name: str) -> Iterable[Problem]:
    if name != name.strip() or not name.isprintable():
        yield Problem(path, "bad_name", "名称首尾不能有空格，也不能含换行等看不见的字符")
    elif name.startswith(("=", "+", "-", "@")) or "<" in name or ">" in name:
        yield Problem(path, "bad_name", f"名称“{name}”不能以 =、+、-、@ 开头，也不能含尖括号")


def _choice_problems(tree: TreeFile) -> Iterable[Problem]:
    titles = {title.rstrip("*") for title, _ in CHOICES.values()}
    for title, words in (tree.allowed_values or {}).items():
        path = f"$.allowed_values.{title}"
        if title.rstrip("*") not in titles:
            yield Problem(path, "unknown_field", f"不认识的选项列，可用的有：{'、'.join(sorted(titles))}")
        yield from _sibling_problems(path, words, "选项", leaf=True)


def _choices(tree: TreeFile) -> dict[str, tuple[str, ...]]:
    given = {title.rstrip("*"): tuple(words) for title, words in (tree.allowed_values or {}).items()}
    return {key: given.get(title.rstrip("*"), words) for key, (title, words) in CHOICES.items()}


def _nodes(tree: TreeFile) -> Iterable[OrgNode]:
    top = (tree.group,)
    yield OrgNode("group", top)
    school = (*top, tree.school)
    yield OrgNode("school", school)
    for campus in tree.campuses:
        at_campus = (*school, campus.name)
        yield OrgNode("campus", at_campus, campus.code)
        for division in campus.divisions:
            at_division = (*at_campus, division.name)
            yield OrgNode("division", at_division, division.code)
            for grade in division.grades:
                at_grade = (*at_division, grade.name)
                yield OrgNode("grade", at_grade, grade_no=grade.grade_no)
                for name in grade.classes:
                    yield OrgNode("class", (*at_grade, name))
