"""Names of people, places and units. All are put together by chance; none is taken from a list of real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register.demo.streams import Weighted

if TYPE_CHECKING:
    import random

CITY = "示范市"
PROVINCE = "示范省"
COUNTIES = ("明川县", "禾阳县", "清渡县", "柳塘县")

_SURNAMES = Weighted(
    dict.fromkeys("王李张刘陈", 7.0)
    | dict.fromkeys("杨赵黄周吴徐孙胡朱高林何郭马罗", 2.5)
    | dict.fromkeys(
        "梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文",
        0.7,
    )
)
_GIVEN = {
    "男": "伟强军勇磊涛超明刚平辉鹏华飞波斌宇浩凯健俊帆帅旭宁龙林海山峰建国志文德福贵祥瑞成家永春生根栓树忠义振兴",
    "女": "芳娜敏静丽艳娟霞秀燕玲桂英兰香梅红云莲翠凤洁珍琴素云巧美慧莉雪琳婷倩萍荣爱菊月花春改青玉枝喜",
}
_TOWN_FIRST = "清白石柳青龙古新大双长高平金东西南北安永兴福仁和"
_TOWN_LAST = "桥河店岗集湾坪湖泉寨溪亭楼堡渡塘"
_VILLAGE_FIRST = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许沈曾彭吕苏卢蒋蔡贾丁魏薛"
_VILLAGE_MIDDLE = ("", "", "", "大", "小", "前", "后", "东", "西", "老", "新")
_VILLAGE_LAST = ("庄", "楼", "寨", "集", "桥", "湾", "坡", "店", "营", "堂", "洼", "屯")

CITY_UNITS = (
    "市委办",
    "市审计局",
    "市水利局",
    "市卫健委",
    "市教育局",
    "市交通局",
    "市税务局",
    "示范职业学院",
    "示范市供电公司",
)
COUNTY_UNITS = (
    "县委办", "县政府办", "县扶贫办", "县财政局", "县教体局", "县卫健委", "县住建局", "县水利局", "县农业局",
    "县林业局", "县民政局", "县人社局", "县交通局", "县残联", "县妇联", "县公安局", "县法院", "县第一高中",
    "县人民医院", "县农商行",
)  # fmt: skip


def surname(rng: random.Random) -> str:
    return _SURNAMES.draw(rng)


def given_name(rng: random.Random, sex: str) -> str:
    """One or two characters; ``sex`` is 男 or 女."""
    letters = _GIVEN[sex]
    first = rng.choice(letters)
    return first if rng.random() < 0.25 else first + rng.choice(letters)


def person_name(rng: random.Random, sex: str) -> str:
    return surname(rng) + given_name(rng, sex)


def phone(rng: random.Random) -> str:
    """Eleven digits that ring nowhere: the block 154 was never given to an operator."""
    return f"154{rng.randrange(100_000_000):08d}"


def county_names(count: int) -> tuple[str, ...]:
    extra = tuple(f"示范{i}县" for i in range(len(COUNTIES) + 1, count + 1))
    return COUNTIES[:count] + extra


def township_names(rng: random.Random, count: int) -> list[str]:
    """Different names: the first third are towns (镇), the others townships (乡)."""
    pairs = [a + b for a in _TOWN_FIRST for b in _TOWN_LAST]
    towns = max(1, count // 3)
    return [name + ("镇" if i < towns else "乡") for i, name in enumerate(rng.sample(pairs, count))]


def village_names(rng: random.Random, count: int) -> list[str]:
    """Names that differ within one township; the same name may well stand in the next township."""
    found: dict[str, None] = {}
    while len(found) < count:
        name = rng.choice(_VILLAGE_FIRST) + rng.choice(_VILLAGE_MIDDLE) + rng.choice(_VILLAGE_LAST)
        found[f"{name}村委会"] = None
    return list(found)
