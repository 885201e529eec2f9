"""What looks like a number and measures nothing is out of every reader's sight."""

from __future__ import annotations

import pytest

from matcher.understanding.masks import masked_spans
from matcher.understanding.quantities import read_quantities


def masked(text: str) -> list[str]:
    return [text[start:end] for start, end in masked_spans(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("按GR-468做5000小时", ["GR-468"]),
        ("需按IEC 60825-1做分级", ["IEC 60825-1"]),
        ("GB/T 2260-2007规定", ["GB/T 2260-2007"]),
        ("GB 9706.1-2020和YY 9706.102", ["GB 9706.1-2020", "YY 9706.102"]),
        ("AEC-Q101、AEC-Q100", ["AEC-Q101", "AEC-Q100"]),
        ("UL 9540A做到机柜级", ["UL 9540A"]),
        ("EN 45545-2 HL2", ["EN 45545-2"]),
        ("ISO 9001:2015", ["ISO 9001:2015"]),
        ("IEC61131-3编程", ["IEC61131-3"]),
        ("版本V2.3.1", ["V2.3.1"]),
        ("文件2024.13.45", ["2024.13.45"]),
        ("编号T-0001", ["T-0001"]),
        ("防护IP67", ["IP67"]),
        ("Ex d IIB T4防爆", ["Ex d IIB"]),
        ("2024年5月6日", ["2024年5月6日"]),
        ("2019-2023年", ["2019-2023年"]),
        ("2026年底前", ["2026年底"]),
        ("25年Q3之前", ["25年"]),
        ("5月底前", ["5月"]),
        ("6月30日-7月2日", ["6月30日", "7月2日"]),
        ("十月底前", ["十月"]),
        ("二〇二四年", ["二〇二四年"]),
        ("2024-05-06", ["2024-05-06"]),
        ("17:30-20:30", ["17:30", "20:30"]),
        ("24小时服务", ["24小时"]),
        ("7×24小时", ["7×24小时"]),
        ("13800138000", ["13800138000"]),
        ("0769-22223333", ["0769-22223333"]),
        ("第三代半导体", ["第三"]),
        ("第1至8周", ["第1至8"]),
        ("十四五", ["十四五"]),
        ("一期二期", ["一期", "二期"]),
        ("3D打印", ["3D"]),
        ("4H-SiC与6H SiC、3C-SiC、4H的碳化硅,退火4H", ["4H", "6H", "3C", "4H"]),
        ("985/211高校", ["985/211"]),
        ("316L阀", ["316L"]),
        ("304不锈钢", ["304"]),
        ("40CrNiMoA钢", ["40CrNiMoA"]),
        ("18650电池", ["18650"]),
        ("2,5-呋喃二甲酸", ["2,5-"]),
        ("四口瓶", ["四口瓶"]),
        ("三元材料", ["三元"]),
    ],
)
def test_masks_names_and_dates(text: str, names: list[str]) -> None:
    assert masked(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "3个月",
        "24小时内",
        "500 L",
        "1.5米",
        "316 L/min 以上",
        "12.5.",
        "6个月期限",
        "30 mm",
        "温度200℃",
        "周期长",
        "≥316L 储罐",
        "46000 L",
        "46000~50000 件",
    ],
)
def test_lets_quantities_be(text: str) -> None:
    assert masked(text) == []


TRAPS = (
    "C919、ARJ21、5G、4G/6G、800G光模块、77G雷达、8K视频",
    "双85、H3TRB、GR-468、AEC-Q101、ISO 9001、GB/T 2260-2007、IEC 60825-1、IP67、UL94 V-0",
    "2024年5月、2024.13.45、2026年下半年、3月5日、十四五、一期、二期、13800138000",
    "第三代半导体、3D打印、6轴、MAX3000、T-0001、C4产业链、CO2、C2+产物、PA66、N95、P2实验室",
    "304不锈钢、316L、45钢、6061铝、18650电池、三元811、2,5-呋喃二甲酸、40CrNiMoA、K418、T800",
    "一家、一个、一种、一条、两三家、三个项目、四项、985/211、985高校",
    "24小时服务,7×24小时值守,24小时在线",
    "升级、百级跳、千点规模、产品二代、四口瓶、三类证、五步反应、下半年、下一年、统一度",
    "幅宽700以上,密度0.12左右,导热2.0,用户30万,进水TDS 6万",
    "卡脖子问题两大卡脖子,十字,一致,三角洲,百分比,半导体,千万别,万一",
)


@pytest.mark.parametrize("text", TRAPS)
def test_traps_yield_nothing(text: str) -> None:
    assert [quantity.text for quantity in read_quantities(text)] == []
