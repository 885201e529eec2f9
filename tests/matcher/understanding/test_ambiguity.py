"""Spellings that the words beside them settle."""

from __future__ import annotations

import pytest

from matcher.understanding.ambiguity import holds_cubic_metres
from matcher.understanding.quantities import read_quantities
from tests.matcher.understanding.quantity_cases import rows


@pytest.mark.parametrize(
    ("text", "dimension", "value", "unit"),
    [
        ("180度固化", "temperature", 180, "degC"),
        ("熔化温度1450度", "temperature", 1450, "degC"),
        ("零下50度", "temperature", -50, "degC"),
        ("80度反应", "temperature", 80, "degC"),
        ("高压釜,300度", "temperature", 300, "degC"),
        ("单耗500度/吨", "energy", 500, "kWh"),
        ("精度2丝", "length", 20, "um"),
        ("2丝精度", "length", 20, "um"),
        ("公差±3丝", "length", None, "um"),
        ("可旋转360度", "angle", 360, "degree"),
        ("扫描角±60°", "angle", None, "degree"),
        ("800平的场地", "area", 800, "m^2"),
        ("场地500平方", "area", 500, "m^2"),
        ("50方的罐", "volume", 50, "m^3"),
        ("费用八万块", "money", 80_000, "CNY"),
        ("费用不要超过八万块", "money", None, "CNY"),
        ("日处理10方污水", "volume_rate", 10, "m^3/day"),
        ("10方母液", "volume", 10, "m^3"),
        ("低温4.2K", "temperature", 4.2, "K"),
        ("9T磁场", "magnetic_field", 9, "T"),
        ("800T注塑机", "mass", 800, "t"),
        ("注塑机 800T", "mass", 800, "t"),
        ("锁模力 120T", "mass", 120, "t"),
        ("5T反应釜", "volume", 5, "m^3"),
        ("反应釜5T", "mass", 5, "t"),
        ("10T/天", "mass_rate", 10, "t/day"),
        ("年产5000T", "mass_rate", 5000, "t/year"),
        ("5吨发酵罐", "volume", 5, "m^3"),
        ("3 t不锈钢反应釜", "volume", 3, "m^3"),
        ("5吨行车", "mass", 5, "t"),
        ("5吨罐装料", "mass", 5, "t"),
        ("外层铜厚2oz", "length", 69.6, "um"),
        ("黄金3盎司", "mass", 3, "oz"),
        ("36月质保", "time", 36, "month"),
        ("10^-3 S/cm", "conductivity", 1e-3, "S/cm"),
        ("湿度60%", "humidity", 60, "percent"),
        ("30日内", "time", None, "day"),
        ("半吨", "mass", 0.5, "t"),
        ("两年", "time", 2, "year"),
        ("一个月", "time", 1, "month"),
        ("几吨料", "mass", None, "t"),
        ("两万块预算", "money", 20000, "CNY"),
        ("预算两万块", "money", 20000, "CNY"),
        ("单价5块", "money", 5, "CNY"),
        ("单件20块,量10万", "money", 20, "CNY"),
        ("两万块板", "count", 20000, "1"),
        ("厂房2000平 防爆", "area", 2000, "m^2"),
        ("需要2000平 做发酵", "area", 2000, "m^2"),
        ("2000平做发酵", "area", 2000, "m^2"),
        ("1方反应釜", "volume", 1, "m^3"),
        ("10方搪瓷反应釜", "volume", 10, "m^3"),
        ("3公斤压力", "pressure", 0.3, "MPa"),
        ("压力3公斤", "pressure", 0.3, "MPa"),
        ("气压不低于6公斤", "pressure", 0.6, "MPa"),
        ("3公斤压力罐", "mass", 3, "kg"),
        ("3公斤物料", "mass", 3, "kg"),
        ("压力容器3公斤的料", "mass", 3, "kg"),
        ("预算30万欧", "money", 300000, "EUR"),
        ("电阻30万欧", "resistance", 300000, "ohm"),
        ("要50块", "count", 50, "1"),
    ],
)
def test_settles_the_unit(text: str, dimension: str, value: float | None, unit: str) -> None:
    ((_, found, low, _, name),) = rows(text)
    assert (found, name) == (dimension, unit)
    assert value is None or low == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "转了300度",
        "橡胶硫化,硬度70度",
        "硅橡胶50度硫化成型",
        "色度50度的废水反应池",
        "75度酒精消毒反应釜",
        "无人机360度,反应迅速",
        "反应釜,2万度",
        "反应釜,每天1000度",
        "要求一丝不苟",
        "误差一丝一毫都不能有",
        "误差小的24丝纤维缠绕机",
        "锦纶变形丝70旦24丝",
        "精度2丝杠",
        "3丝束",
        "拉20丝",
        "精度高,用20丝捻成",
        "5方案",
        "300平 面",
        "2方形罐",
        "3平台",
        "8K视频",
        "5T级测试场",
        "5月",
        "60年前",
        "5S管理",
        "5A级景区",
        "3代产品",
        "三方协议",
        "四代机",
        "下半年",
        "上半年",
        "下一年",
        "统一度",
        "半成品",
        "几年",
        "数日",
        "5d打印",
        "2024年",
        "5a",
        "15日",
    ],
)
def test_refuses_what_is_no_unit_here(text: str) -> None:
    assert rows(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发酵罐", True),
        ("级不锈钢反应釜", True),
        ("梯级罐", True),
        ("行车", False),
        ("罐装", False),
        ("料放进罐", False),
    ],
)
def test_vessels_of_tonnes_hold_cubic_metres(text: str, expected: bool) -> None:
    assert holds_cubic_metres("5吨" + text, 2) is expected


@pytest.mark.parametrize(
    "text", ["锁模力 120T~350T", "锁模力120~350T", "120T-350T注塑机", "注塑机120T到350T", "120T至350T的液压机"]
)
def test_tonnes_typed_as_t_are_a_range(text: str) -> None:
    (found,) = read_quantities(text)
    assert (found.dimension, found.interval.min, found.interval.max, found.unit) == ("mass", 120, 350, "t")


@pytest.mark.parametrize("text", ["10T~20T", "3T~5T核磁"])
def test_a_range_of_t_alone_is_no_weight(text: str) -> None:
    assert "mass" not in [found.dimension for found in read_quantities(text)]
