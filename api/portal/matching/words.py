"""Words of codes on the pages of matches."""

from __future__ import annotations

from typing import Any, Final

from api.portal.filters import FILTERS
from api.portal.languages import later
from api.portal.rendering import Page

TYPES: Final = {
    "quantity": later("数量"),
    "place": later("地点"),
    "certificate": later("资质"),
    "industry": later("行业"),
    "stage": later("阶段"),
    "budget": later("预算"),
    "deadline": later("期限"),
    "kind": later("类别"),
}
STAGES: Final = {
    "lab": later("小试"),
    "pilot": later("中试"),
    "production": later("量产"),
    "prototype": later("样机"),
    "verification": later("检测验证"),
}
#: Fields of a listing that evidence is quoted from.
FIELDS: Final = {
    "name": later("名称"),
    "operator": later("运营单位"),
    "province": later("省份"),
    "city": later("城市"),
    "kind": later("类别"),
    "industry": later("行业"),
    "summary": later("简介"),
    "capabilities": later("能力"),
    "equipment": later("设备"),
    "parameters": later("参数"),
    "qualifications": later("资质"),
    "services": later("服务"),
    "level": later("级别"),
    "terms": later("服务条件"),
    "verified_on": later("核实日期"),
}
COVERAGES: Final = {
    "good": later("有值得联系的供给"),
    "partial": later("有部分合适的供给"),
    "none": later("没有合适的供给"),
}
#: As `POST /v1/feedback` takes them; the commonest.
REASONS: Final = {
    "off_topic": later("与需求不相关"),
    "capacity": later("规模或参数不符"),
    "place": later("太远"),
    "certificate": later("资质不符"),
    "price": later("价格不合适"),
    "outdated": later("信息已过时"),
}
EXAMPLES: Final = (
    later("酶制剂发酵放大,需要500 L以上发酵罐,有GMP车间,东莞附近,预算200万以内"),
    later("8英寸MEMS压力传感器小批量流片,长三角,三个月内"),
    later("固态电池电解质百公斤级制备,最好有检测能力"),
    later("协作机器人样机试制200台,需要EMC检测"),
)


def written(page: Page, name: str, value: Any) -> str:
    """A value as templates would write it by the filter of that name."""
    return FILTERS[page.language][name](value)
