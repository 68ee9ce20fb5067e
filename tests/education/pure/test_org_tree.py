"""The organisation file is read whole or refused with the place of every fault."""

import copy
import json
from collections import Counter

import pytest

from plugins.education.organisation.tree import MAX_BYTES, OrgIndex, OrgTreeInvalid, parse
from tests.samples import education, education_json

SMALL = {
    "group": "甲集团",
    "school": "甲学校",
    "campuses": [{"name": "东区", "code": "01", "divisions": [{"name": "小学部", "grades": [{"name": "一年级", "classes": ["1班"]}]}]}],
}


def changed(*path: object, to: object) -> bytes:
    tree = copy.deepcopy(SMALL)
    at = tree
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    return json.dumps(tree).encode()


def problems(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(OrgTreeInvalid) as caught:
        parse(content)
    assert caught.value.status == 422
    assert all(problem["message"] for problem in caught.value.facts["problems"])
    return [(problem["path"], problem["code"]) for problem in caught.value.facts["problems"]]


def test_the_sample_tree_becomes_a_flat_list_with_parents_first():
    organisation = parse(education("org-tree.json"))
    kinds = Counter(node.kind for node in organisation.nodes)
    assert kinds["class"] == education_json("org-tree.json")["classes_total"] == 200
    assert (kinds["group"], kinds["school"], kinds["campus"]) == (1, 1, 3)
    seen = set()
    for node in organisation.nodes:
        assert not node.names[:-1] or node.names[:-1] in seen
        seen.add(node.names)
    campus = next(node for node in organisation.nodes if node.kind == "campus")
    assert (campus.name, campus.code) == ("云溪校区", "01")
    assert organisation.choices["boarding"] == ("走读", "寄宿")


def test_a_byte_order_mark_and_left_out_choices_do_no_harm():
    organisation = parse(b"\xef\xbb\xbf" + json.dumps(SMALL).encode())
    assert organisation.choices["status"][0] == "预录"
    assert organisation.nodes[-1].names == ("甲集团", "甲学校", "东区", "小学部", "一年级", "1班")


@pytest.mark.parametrize(
    ("content", "path", "code"),
    [
        (b"", "$", "not_json"),
        (b"{", "$", "not_json"),
        ("{组织}".encode("gbk"), "$", "not_json"),
        (b"[" * 100_000, "$", "wrong_type"),
        (b"x" * (MAX_BYTES + 1), "$", "file_too_large"),
        (b'{"group": "a", "group": "b", "school": "c", "campuses": []}', "$", "duplicate_field"),
        (changed("campuses", to=[]), "$.campuses", "empty_level"),
        (changed("campuses", 0, "divisions", to=[]), "$.campuses[0].divisions", "empty_level"),
        (changed("campuses", 0, "divisions", 0, "grades", to=[]), "$.campuses[0].divisions[0].grades", "empty_level"),
        (
            changed("campuses", 0, "divisions", 0, "grades", 0, "classes", to=[]),
            "$.campuses[0].divisions[0].grades[0].classes",
            "empty_level",
        ),
        (changed("campuses", 0, "head", to="x"), "$.campuses[0]", "unknown_field"),
        (changed("campuses", 0, "divisions", 0, to={"name": "小学部"}), "$.campuses[0].divisions[0]", "missing_field"),
        (changed("campuses", 0, "name", to=7), "$.campuses[0].name", "wrong_type"),
        (changed("campuses", 0, "name", to=""), "$.campuses[0].name", "bad_name"),
        (changed("campuses", 0, "name", to="东" * 51), "$.campuses[0].name", "bad_name"),
        (changed("campuses", 0, "name", to=" 东区"), "$.campuses[0].name", "bad_name"),
        (changed("campuses", 0, "name", to="=东区"), "$.campuses[0].name", "bad_name"),
        (changed("campuses", 0, "name", to="<b>东区"), "$.campuses[0].name", "bad_name"),
        (
            changed("campuses", 0, "divisions", 0, "grades", 0, "classes", 0, to={"name": "1班", "groups": ["甲组"]}),
            "$.campuses[0].divisions[0].grades[0].classes[0]",
            "wrong_type",
        ),
        (
            changed("campuses", 0, "divisions", 0, "grades", 0, "classes", to=["1班", "2班", "1班"]),
            "$.campuses[0].divisions[0].grades[0].classes[2]",
            "duplicate_name",
        ),
        (changed("classes_total", to=2), "$.classes_total", "wrong_total"),
        (changed("allowed_values", to={"血型": ["A"]}), "$.allowed_values.血型", "unknown_field"),
        (changed("allowed_values", to={"性别": []}), "$.allowed_values.性别", "empty_level"),
    ],
)
def test_every_fault_has_its_place(content, path, code):
    assert problems(content) == [(path, code)]


def test_all_faults_are_told_at_once():
    tree = copy.deepcopy(SMALL)
    tree["campuses"] += [{"name": "东区", "code": "01", "divisions": []}]
    assert problems(json.dumps(tree).encode()) == [
        ("$.campuses[1]", "duplicate_name"),
        ("$.campuses[1]", "duplicate_code"),
        ("$.campuses[1].divisions", "empty_level"),
    ]


def test_the_index_knows_the_first_level_that_does_not_fit():
    index = OrgIndex([("东区", "小学部", "一年级", "1班"), ("西区", "初中部")])
    assert index.misfit("东区", "小学部", "一年级", "1班") is None
    assert index.misfit("北区", "小学部") == ("campus", "unknown_campus")
    assert index.misfit("东区", "初中部") == ("division", "division_not_in_campus")
    assert index.misfit("东区", "高中部") == ("division", "unknown_division")
    assert index.misfit("东区", "小学部", "二年级") == ("grade", "grade_not_in_division")
    assert index.misfit("东区", "小学部", "一年级", "2班") == ("class_name", "class_not_in_grade")
    assert index.misfit("东区", None, None, "2班") is None
    assert index.has(None, "初中部", None, None)
    assert index.has(None, None, "一年级", None)
    assert index.has(None, None, None, None)
    assert not index.has("西区", "小学部", None, None)
