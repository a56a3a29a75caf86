"""The words of the pages of department lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping

STATES: Mapping[str, Title] = {
    "waiting": Title("比对中", "being matched"),
    "ready": Title("待处理", "to be worked on"),
    "failed": Title("没有读成", "could not be read"),
    "closed": Title("已结束，名单已删除", "closed, the list is deleted"),
}

FATES: Mapping[str, tuple[Title, Title]] = {
    "new": (Title("原为未知，将写入", "was unknown, will be written"), Title("", "")),
    "changed": (
        Title("与登记不同，将写入", "differs, will be written"),
        Title("以名单日期记为部门数据；登记原值保留在历史中。", "Dated as the list; the old value stays known."),
    ),
    "same": (Title("与登记一致", "same as the register"), Title("不产生新记录。", "Nothing is written.")),
    "kept": (
        Title("入户或人工更正在先，保留", "a visit or a correction says otherwise and stays"),
        Title("部门名单不覆盖入户核实的结果。", "A list does not overrule what was seen at the household."),
    ),
    "newer": (
        Title("登记已有更晚的记录，保留", "the register has a later record, which stays"),
        Title("名单日期早于登记。", "The list is older than the register."),
    ),
    "unsaid": (
        Title("名单自相矛盾或无法读取，不写", "the list contradicts itself or cannot be read: not written"),
        Title("请部门更正后重新上传。", "Ask the department to correct it and hand it in again."),
    ),
}  # fmt: skip

REASONS: Mapping[str, Title] = {
    "number_one_wrong": Title("号码一位不同", "one digit of the number differs"),
    "number_transposed": Title("号码相邻两位颠倒", "two neighbouring digits are exchanged"),
    "number_one_missing": Title("号码少一位", "one digit is missing"),
    "number_one_extra": Title("号码多一位", "one digit too many"),
    "number_same_faulty": Title("号码相同，但校验不符", "same number, which is not sound"),
    "number_twice": Title("登记中两人同号", "two persons of the register have this number"),
    "name_equal": Title("姓名相同", "same name"),
    "name_near": Title("姓名一字不同", "one character of the name differs"),
    "name_unknown": Title("没有姓名", "no name"),
    "name_differs": Title("姓名不同", "another name"),
    "birth_equal": Title("出生日期相同", "same birth date"),
    "birth_swapped": Title("出生月日颠倒", "day and month of birth exchanged"),
    "birth_month": Title("出生年月相同", "same month of birth"),
    "birth_year": Title("出生年相同", "same year of birth"),
    "birth_unknown": Title("没有出生日期", "no birth date"),
    "birth_differs": Title("出生日期不同", "another birth date"),
    "area_village": Title("同村", "same village"),
    "area_township": Title("同乡镇", "same township"),
    "area_unknown": Title("没有地址", "no address"),
    "area_elsewhere": Title("地址不同", "another address"),
}
SPEAKS_FOR = ("equal", "village", "township", "twice", "wrong", "transposed", "missing", "extra", "faulty")
"""Last words of reasons that speak for the pair."""

FIELDS: Mapping[str, Title] = {
    "id_number": Title("身份证号", "ID number"),
    "name": Title("姓名", "name"),
    "birth_date": Title("出生日期", "birth date"),
    "county": Title("县", "county"),
    "township": Title("乡镇", "township"),
    "village": Title("村", "village"),
    "address": Title("地址", "address"),
    "certificate": Title("残疾证号", "certificate number"),
    "study": Title("年级", "year at school"),
    "danger_grade": Title("鉴定等级", "surveyed grade"),
    "water_safe": Title("鉴定结论", "result of the survey"),
    "died_on": Title("死亡日期", "date of death"),
}

FEW = Title("少于 5", "fewer than 5")
