"""Masking of personal data, with the vectors of domain book §10."""

import pytest

from core import masking


@pytest.mark.parametrize(
    ("mask", "clear", "shown"),
    [
        (masking.mask_name, "欧阳小明", "欧***"),
        (masking.mask_name, "张三", "张*"),
        (masking.mask_name, "张小明", "张**"),
        (masking.mask_id, "350582201801010014", "350***********0014"),
        (masking.mask_id, "35058220180101001X", "350***********001X"),
        (masking.mask_phone, "13812345678", "138****5678"),
        (masking.mask_card, "6229080123456780010", "622908*********0010"),
        (masking.mask_card, "6229 0801 2345 6780 010", "622908*********0010"),
        (masking.mask_email, "anna@x.cn", "a***@x.cn"),
        (masking.mask_address, "阳光花园3栋2单元1001室", "阳光花园3栋***"),
        (masking.mask_plate, "闽C12388", "闽C***88"),
        (masking.mask_lookup_name, "陈小明", "*小明"),
        (masking.mask_lookup_class, "三年级2班", "三年级*班"),
    ],
)
def test_the_vectors_of_the_domain_book_hold(mask, clear, shown):
    assert mask(clear) == shown


@pytest.mark.parametrize(
    ("mask", "clear", "shown"),
    [
        (masking.mask_phone, "+86 138-1234-5678", "138****5678"),
        (masking.mask_phone, "0595-8123456", "059****3456"),
        (masking.mask_card, "12345678", "****5678"),
        (masking.mask_lookup_name, "欧阳小明", "**小明"),
        (masking.mask_lookup_name, "欧阳", "*阳"),
        (masking.mask_lookup_class, "高一（12）班", "高一（*）班"),
        (masking.mask_lookup_class, "小学三年级二班", "小学三年级*班"),
        (masking.mask_address, "泉州市丰泽区刺桐路88号", "泉州市丰泽区刺桐路***"),
        (masking.mask_address, "某处", "某***"),
        (masking.mask_plate, "闽AD12345", "闽A***45"),
    ],
)
def test_unusual_values_are_masked_too(mask, clear, shown):
    assert mask(clear) == shown


ALL = [getattr(masking, name) for name in dir(masking) if name.startswith("mask_")]


@pytest.mark.parametrize("mask", ALL)
def test_nothing_stays_nothing(mask):
    assert mask(None) == mask("") == ""


@pytest.mark.parametrize("mask", [m for m in ALL if m is not masking.mask_lookup_class])
@pytest.mark.parametrize("clear", ["x", "王", "ab", "12", "123456", "a@b", "没有门牌的地方"])
def test_short_values_are_never_shown_whole(mask, clear):
    assert mask(clear) != clear


@pytest.mark.parametrize(
    "name",
    [
        "泉州青榕物业管理有限公司", "南榕银行丰泽支行", "青榕实验学校", "云溪社区居委会", "福建省教育厅", "春晖文具店", "个体户林记经营部",
        "Qingrong Trading Co., Ltd.",
    ],
)
def test_an_organisations_name_is_shown_whole(name):
    assert masking.mask_party(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张小明", "张**"), ("欧阳小明", "欧***"), ("店小二", "店**"), ("迪丽热巴·迪力木拉提", "迪*********"), ("Jane Coleman", "J***********"),
        ("", ""), (None, ""),
    ],
)
def test_a_persons_name_among_them_stays_masked(name, shown):
    assert masking.mask_party(name) == shown
