"""What the templates tell who fills them in: a note and an example for each heading."""

from __future__ import annotations

_SEVERAL = "多项之间用 ; 或 、 隔开"
_DAY = "日期写成 2026-03-31"
_PLATFORM = "生物发酵中试平台"
_FIRM = "某某生物科技有限公司"
_RANGE = "写成“名称:下限–上限 单位”,如 发酵罐容积:50–5000 L;只有一端时写 ≥50 或 ≤5000;"

#: By heading: (what to write there, the cell of the example row).
GUIDE: dict[str, tuple[str, str]] = {
    "编号": ("新条目留空;修改已有条目时填它的编号,此时空白的格子会清空原有内容", "示例"),
    "序号": ("", "示例"),
    "仪器编号": ("新仪器可写本单位的编号;修改已有条目时填它的编号", "示例"),
    "ID": ("your own number of the item", "EXAMPLE"),
    "类别": ("必填", "中试平台"),
    "Type": ("equipment or facility", "equipment"),
    "名称": ("必填,200 字以内", _PLATFORM),
    "仪器设备名称": ("必填", "高效液相色谱仪"),
    "Name": ("required", "High-performance liquid chromatograph"),
    "规格型号": ("", "LC-1260"),
    "运营单位": ("单位全称;几个单位之间用 、 隔开", _FIRM),
    "建设/运营单位": ("单位全称", _FIRM),
    "所属单位": ("单位全称", "某某大学分析测试中心"),
    "Department": ("", "Analytical Centre"),
    "省份": ("", "广东省"),
    "城市": ("地级市;直辖市与省份相同", "东莞市"),
    "所在地": ("写全省、市名称", "广东省东莞市"),
    "安放地址-省": ("", "广东省"),
    "安放地址-市": ("", "广州市"),
    "行业领域": (_SEVERAL, "生物医药;食品"),
    "所属领域": (_SEVERAL, "生物医药"),
    "主要学科领域": (_SEVERAL, "化学"),
    "简介": ("做什么、规模多大、面向谁;不要写联系人与电话", "提供菌种发酵放大与提取纯化的中试服务"),
    "服务能力": (_SEVERAL, "发酵放大;分离纯化"),
    "中试能力": (_SEVERAL, "发酵放大、分离纯化"),
    "主要功能": (_SEVERAL, "成分分析"),
    "Technique": ("separate several by ;", "chromatography"),
    "主要设备": (_SEVERAL, "5000 L 发酵罐;陶瓷膜过滤机"),
    "能力参数": (_RANGE + _SEVERAL, "发酵罐容积:50–5000 L;洁净车间面积:2000 m²"),
    "主要技术指标": (_RANGE + _SEVERAL, "流速:0.001–10 mL/min"),
    "资质": (_SEVERAL, "GMP;CNAS"),
    "服务内容": (_SEVERAL, "小试放大;工艺验证"),
    "级别": ("原文的说法", "省级"),
    "认定等级": ("", "省级"),
    "认定依据": ("认定文件的名称或文号", ""),
    "认定有效期至": (_DAY, ""),
    "验证类型": ("设计、功能性能、工艺、适配、生产中的几项", "工艺;生产"),
    "开放时段": ("写成 2026-01-01~2026-03-31,后面可空一格写说明", ""),
    "排队天数": ("到开工要等几天", ""),
    "交付天数": ("从开工到交付要几天", ""),
    "开放比例": ("对外开放的能力所占比例,如 30%", ""),
    "收费标准": ("写成“项目:1000–2000 元/批”;" + _SEVERAL, "发酵:10000–20000 元/批"),
    "参考收费标准": ("写成“项目:200 元/样”;" + _SEVERAL, "样品测试:200 元/样"),
    "最小批量": ("写成“最小批量:100 件”", ""),
    "机时额度": ("写成“中小企业:700 小时/年”", ""),
    "可用服务券": ("政策条目的编号;" + _SEVERAL, ""),
    "来源网址": ("以 http:// 或 https:// 开头", ""),
    "来源日期": (_DAY, ""),
    "核验日期": ("由系统填写,导入时不读", ""),
    "联系人": ("个人信息不导入、不导出,请留空", ""),
    "Contact Name": ("personal data is neither imported nor exported", ""),
    "Contact Email": ("personal data is neither imported nor exported", ""),
}


def note_of(heading: str) -> str:
    """Return what to write under a heading, "" where the heading says it."""
    return GUIDE.get(heading, ("", ""))[0]


def example_of(heading: str) -> str:
    """Return the cell of the example row under a heading."""
    return GUIDE.get(heading, ("", ""))[1]
