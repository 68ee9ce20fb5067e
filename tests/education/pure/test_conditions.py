"""Conditions as schools write them; what cannot be read is refused, never left out."""

import pytest

from plugins.education.pricing.conditions import ConditionUnclear, parse, written
from plugins.education.pricing.rules import Condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("学生类型=教工子女", Condition({"student_type": ("教工子女",)})),
        ("学生类型＝教工子女", Condition({"student_type": ("教工子女",)})),
        ("学生类型为教工子女、艺体", Condition({"student_type": ("教工子女", "艺体")})),
        ("是否寄宿=寄宿", Condition({"boarding": ("寄宿",)})),
        ("校区=东区；年级=高一或高二", Condition({"campus": ("东区",), "grade": ("高一", "高二")})),
        ("同一家长1手机号的第二个及以后子女(按入学日期、学号排序)", Condition(child_from=2)),
        ("同一家长1手机号的第3个及以后子女", Condition(child_from=3)),
        ("同一家长1手机号的第三个子女", Condition(child_from=3, child_to=3)),
        ("第2个起", Condition(child_from=2)),
        ("学部=高中部，同一家庭的第二个及以后子女", Condition({"division": ("高中部",)}, 2)),
        ("学号=0126100007，0126100039", Condition(student_nos=frozenset({"0126100007", "0126100039"}))),
        ("名单：0126100007", Condition(student_nos=frozenset({"0126100007"}))),
        ("学部=高中部且凭申请", Condition({"division": ("高中部",)}, by_application=True)),
        ("全体", Condition()),
    ],
)
def test_conditions_that_can_be_read(text, condition):
    assert parse(text) == condition
    assert parse(written(condition)) == condition


@pytest.mark.parametrize(
    "text",
    [
        "成绩优秀",
        "学生类型",
        "学生类型=",
        "学生类型=教工子女且成绩优秀",
        "学部=小学部且学部=高中部",
        "第零个子女",
        "()",
        "性别=男",
        "第0个子女",
    ],
)
def test_conditions_that_cannot_be_read(text):
    with pytest.raises(ConditionUnclear):
        parse(text)
