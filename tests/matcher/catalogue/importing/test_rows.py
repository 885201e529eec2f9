"""Rows of the forms that come in practice, field by field, and what is said of the cells that can't be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matcher.catalogue.importing.identity import made_id, operator_keys, plain
from matcher.catalogue.importing.places import RowPlace, exact_place, place_of
from matcher.catalogue.importing.previews import ImportPreview
from matcher.catalogue.importing.problems import Problem
from matcher.records import Parameter
from matcher.terms import Fee, MachineHours, Window
from tests.matcher.catalogue.importing.files import csv_of, only_listing, only_row, previewed, xlsx


def template(**cells: Any) -> bytes:
    """A file of one row under headings of our own template; 名称, 运营单位 and 类别 are filled where not given."""
    row = {"名称": "甲平台", "运营单位": "乙公司", "类别": "中试平台", **cells}
    return xlsx([list(row), list(row.values())])


def quoted(rows: list[list[str]]) -> bytes:
    """A CSV file whose cells may hold commas."""
    return csv_of([[f'"{cell}"' for cell in row] for row in rows])


def problems(data: bytes) -> list[Problem]:
    return list(only_row(data).problems)


def only_problem(data: bytes) -> Problem:
    (problem,) = problems(data)
    return problem


def directory() -> ImportPreview:
    return previewed(
        xlsx(
            [
                ["附件2"],
                ["2025年东莞市中试平台名录"],
                ["联系人:张三 13800000000"],
                [],
                ["序号", "平台名称\n(全称)", "建设/运营单位", "所在地", "所属领域",
                 "服务内容", "能力参数", "资质", "联系人"],
                ["一、生物医药(2家)"],
                [1, "生物发酵中试平台", "东莞市某某生物有限公司", "东莞市松山湖", "生物医药", "1.小试放大;2.工艺验证",
                 "发酵罐 50-5000L; 洁净车间 2000㎡", "GMP、CNAS", "李四"],
                [2, "细胞治疗中试基地", "某某医院", "广东省广州市黄埔区科学城", None, "工艺开发、质量研究",
                 "反应器200L",
                 None, "王五"],
                [None, None, None, None, None, "冻存服务", "离心机 10 台", None, None],
                [],
                ["广西壮族自治区"],
                [3, "薄膜中试线", "某材料公司", None, None, "拉伸", "幅宽 1.3 m", None, "赵六"],
                ["注:以上排名不分先后"],
            ],
            ["A1:I1", "A2:I2", "A6:I6", "A8:A9", "B8:B9", "C8:C9", "D8:D9"],
        ),
        name="../名录.xlsx",
    )  # fmt: skip


def test_a_directory_as_offices_send_it_around() -> None:
    first, second, third = (row.listing for row in directory().rows)
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.name, first.operator, first.kind) == ("生物发酵中试平台", "东莞市某某生物有限公司", "platform")
    assert (first.province, first.city, first.industry) == ("广东省", "东莞市", ("生物医药",))
    assert first.services == ("小试放大", "工艺验证")
    assert first.parameters == (Parameter("发酵罐", 50, 5000, "L"), Parameter("洁净车间", 2000, 2000, "㎡"))
    assert first.qualifications == ("GMP", "CNAS")
    assert (second.province, second.city) == ("广东省", "广州市")
    assert second.industry == ("生物医药",), "from the section line above"
    assert (third.province, third.industry) == ("广西壮族自治区", ()), "a place as section line is a place"


def test_rows_continued_under_a_merged_name_are_one_listing() -> None:
    listing = directory().rows[1].listing
    assert listing is not None
    assert listing.services == ("工艺开发", "质量研究", "冻存服务")
    assert listing.parameters[-1] == Parameter("离心机", 10, 10, "台")
    assert [row.row for row in directory().rows] == [7, 8, 12]


def test_what_was_left_out_of_a_directory_is_said() -> None:
    found = directory()
    assert found.file == "名录.xlsx"
    assert "工作表“Sheet”按“名录”读取,标题在第 5 行" in found.notes
    assert "联系人、电话、邮箱等个人信息 3 处,没有导入" in found.notes
    assert "略去一行说明:注:以上排名不分先后" in found.notes
    assert "李四" not in found.to_json()
    assert "13800000000" not in found.to_json()


def instruments() -> bytes:
    return xlsx(
        [
            ["仪器编号", "仪器设备名称", "规格型号", "生产制造商", "原值(万元)", "所属单位", "安放地址", None, None,
             "主要技术指标", "主要功能", "参考收费标准", "联系人", "电话"],
            [None, None, None, None, None, None, "省", "市", "区县", None, None, None, None, None],
            ["20150123", "高效液相色谱仪", "LC-1260", "安捷伦", 85.5, "某某大学", "广东省", "广州市", "番禺区",
             "流速:0.001-10 mL/min;压力≤600bar", "成分分析;含量测定", "200元/样", "张三", "020-12345678"],
            ["20150124", "高效液相色谱仪", "LC-1260", "安捷伦", 85.5, "某某大学", "广东省", "广州市", "番禺区",
             "流速:0.001-10 mL/min", "成分分析", "面议", "张三", "020-12345678"],
        ],
        ["G1:I1", *[f"{column}1:{column}2" for column in "ABCDEFJKLMN"]],
    )  # fmt: skip


def test_an_instrument_register() -> None:
    first, second = previewed(instruments()).rows
    assert first.listing is not None
    assert second.listing is not None
    assert first.form == "instruments"
    assert first.listing.kind == "equipment"
    assert first.listing.name == "高效液相色谱仪\uff08LC-1260\uff09"
    assert (first.listing.province, first.listing.city) == ("广东省", "广州市")
    assert first.listing.parameters == (Parameter("流速", 0.001, 10, "mL/min"), Parameter("压力", None, 600, "bar"))
    assert first.listing.terms.fees == (Fee("服务", 200, 200, "样"),)
    assert first.listing.summary == "生产制造商:安捷伦;原值(万元):85.5"
    assert first.problems == ()
    assert second.listing.summary.endswith("参考收费标准:面议"), "what is no number is not lost"
    assert [one.code for one in second.problems] == ["terms"]
    assert first.outcome == second.outcome == "new", "two inventory numbers are two instruments"
    assert first.listing.id != second.listing.id


def test_uniquip() -> None:
    data = csv_of(
        [
            ["Type", "ID", "Name", "Description", "Technique", "Department", "Contact Name", "Web Address"],
            [
                "equipment",
                "A-1",
                "NMR spectrometer",
                "600 MHz",
                "spectroscopy",
                "Chemistry",
                "J. Doe",
                "https://x.org/1",
            ],
            ["facility", "A-2", "Clean room", "", "", "Physics", "", "ftp://x"],
            ["equipment", "A-3", "", "A laser cutter for thin films", "", "Physics", "", ""],
        ]
    )  # fmt: skip
    first, second, third = (row.listing for row in previewed(data).rows)
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.kind, first.name, first.summary) == ("equipment", "NMR spectrometer", "600 MHz")
    assert (first.operator, first.capabilities, first.source_url) == ("Chemistry", ("spectroscopy",), "https://x.org/1")
    assert (second.kind, second.source_url) == ("platform", None)
    assert third.name == "A laser cutter for thin films", "either name or description must be there"
    assert "Doe" not in previewed(data).to_json()


def test_all_fields_of_the_template() -> None:
    listing = only_listing(
        template(
            省份="广东", 城市="东莞", 行业领域="新材料;电子", 简介="一句话", 服务能力="放大", 主要设备="罐;釜",
            能力参数="容积:50–5000 L", 资质="GMP", 服务内容="代工", 级别="省级", 认定等级="省级", 认定依据="某文",
            认定有效期至="2027年1月31日", 平台类型="中试车间", 验证类型="工艺;生产验证",
            开放时段="2026-01-01~2026-03-31 检修除外",
            排队天数="15天", 交付天数=30, 开放比例=0.3, 收费标准="发酵:1000–2000 元/批", 最小批量="最小批量:100 件",
            机时额度="中小企业:700 小时/年", 可用服务券="PO-1", 保险="有", 设备租赁="可", 知识产权约定="归委托方",
            来源网址="https://a.cn/b", 来源标题="标题", 来源日期="2026/3/1",
        )
    )  # fmt: skip
    assert (listing.province, listing.city) == ("广东省", "东莞市")
    assert listing.industry == ("新材料", "电子")
    assert listing.equipment == ("罐", "釜")
    assert listing.parameters == (Parameter("容积", 50, 5000, "L"),)
    terms = listing.terms
    assert (terms.tier, terms.tier_evidence, terms.tier_expires) == ("province", "某文", "2027-01-31")
    assert (terms.platform_type, terms.verifications) == ("pilot_workshop", ("process", "production"))
    assert terms.windows == (Window("2026-01-01", "2026-03-31", "检修除外"),)
    assert (terms.queue_days, terms.lead_days, terms.open_share) == (15, 30, 0.3)
    assert terms.fees == (Fee("发酵", 1000, 2000, "批"),)
    assert terms.minimum_batch == Parameter("最小批量", 100, 100, "件")
    assert terms.machine_hours == (MachineHours(700, "中小企业"),)
    assert (terms.vouchers, terms.insurance, terms.leasing, terms.ip_terms) == (("PO-1",), "有", "可", "归委托方")
    assert (listing.source_url, listing.source_title, listing.source_date) == ("https://a.cn/b", "标题", "2026-03-01")


@pytest.mark.parametrize(
    ("cells", "level", "code", "column", "message"),
    [
        ({"名称": ""}, "error", "missing", "名称", "缺少名称"),
        ({"类别": "飞船"}, "error", "kind", "类别", "没有“飞船”这个类别"),
        ({"编号": "PF 1"}, "error", "id", "编号", "空白"),
        ({"名称": "长" * 10_000}, "error", "length", "名称", "有 10000 字,超过 200 字"),
        ({"运营单位": "长" * 201}, "error", "length", "运营单位", "201 字"),
        ({"服务能力": "长" * 1_001}, "error", "length", "服务能力", "有一项 1001 字"),
        ({"服务能力": ";".join(map(str, range(1_001)))}, "error", "length", "服务能力", "有 1001 项"),
        ({"编号": "x" * 65}, "error", "length", "编号", "有 65 字,超过 64 字"),
        ({"行业领域": "业" * 201}, "error", "length", "行业领域", "有一项 201 字,超过 200 字"),
        ({"认定依据": "文" * 1_001}, "error", "length", "认定依据", "有 1001 字"),
        ({"能力参数": "容积:500–50 L"}, "error", "range", "能力参数", "下限 500 大于上限 50"),
        ({"能力参数": "容积:5 布什尔桶"}, "warning", "unit", "能力参数", "认不出单位“布什尔桶”"),
        ({"能力参数": "可以商量"}, "warning", "parameter", "能力参数", "已放入服务能力"),
        ({"来源日期": "明年春天"}, "warning", "day", "来源日期", "不是完整的日期"),
        ({"来源网址": "javascript:alert(1)"}, "warning", "url", "来源网址", "不是网址"),
        ({"省份": "火星省"}, "warning", "place", "省份", "火星省"),
        ({"省份": "江苏省", "城市": "东莞市"}, "error", "place", "城市", "城市“东莞市”不在“江苏省”"),
        ({"简介": "=1+1"}, "warning", "formula", "简介", "公式没有保存"),
        ({"简介": "#REF!"}, "warning", "formula", "简介", "错误值"),
        ({"认定等级": "村级"}, "warning", "choice", "认定等级", "没有“村级”"),
        ({"验证类型": "魔法"}, "warning", "choice", "验证类型", "没有“魔法”"),
        ({"排队天数": "很久"}, "warning", "number", "排队天数", "不是天数"),
        ({"开放比例": "300%"}, "warning", "number", "开放比例", "不是比例"),
        ({"机时额度": "9999 小时/年"}, "warning", "number", "机时额度", "超过一年"),
        ({"收费标准": "面议"}, "warning", "terms", "收费标准", "已放入简介"),
        ({"最小批量": "少量"}, "warning", "parameter", "最小批量", "没有读出数值"),
        ({"能力参数": "容积:1,5 L"}, "error", "number", "能力参数", "“1,5”不是数值"),
        ({"能力参数": "拥有1,5升发酵罐"}, "error", "number", "能力参数", "“1,5”不是数值"),
        ({"排队天数": "1,5天"}, "error", "number", "排队天数", "“1,5”不是数值"),
        ({"交付周期(天)": "0,25"}, "error", "number", "交付周期(天)", "“0,25”不是数值"),
        ({"开放比例": "1,50%"}, "error", "number", "开放比例", "“1,50%”不是数值"),
        ({"机时额度": "1,5000 小时/年"}, "error", "number", "机时额度", "“1,5000”不是数值"),
        ({"收费标准": "检测:1,5 万元/批"}, "error", "number", "收费标准", "“1,5”不是数值"),
        ({"最小批量": "1,5 kg"}, "error", "number", "最小批量", "“1,5”不是数值"),
    ],
)  # fmt: skip
def test_cells_that_cannot_be_used(cells: dict[str, str], level: str, code: str, column: str, message: str) -> None:
    data = template(**cells)
    problem = only_problem(data)
    assert (problem.level, problem.code) == (level, code)
    assert problem.column == column
    assert message in problem.message
    assert problem.hint
    assert problem.row == 2
    assert f"第 2 行“{problem.column}”列" in str(problem)
    assert (only_row(data).outcome == "error") == (level == "error")


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE listings; --",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "%s%n",
        "../../x",
        "a&amp;b",
    ],
)
def test_code_in_texts_is_text(text: str) -> None:
    listing = only_listing(csv_of([["名称", "类别", "简介", "运营单位"], [text, "中试平台", text, text]]))
    assert (listing.name, listing.summary, listing.operator) == (text, text, text)


def test_texts_that_look_like_formulas_stay_texts() -> None:
    listing = only_listing(csv_of([["名称", "类别", "简介"], ["'=1+1", "中试平台", "'@SUM(A1)"]]))
    assert (listing.name, listing.summary) == ("=1+1", "@SUM(A1)")


def test_nul_and_control_characters_go_from_names() -> None:
    row = only_row(csv_of([["名称", "类别"], ["甲\x00平\x1b台", "中试平台"]]))
    assert row.listing is not None
    assert row.listing.name == "甲平台"
    assert [problem.code for problem in row.problems] == ["control"]


def test_separate_parameter_columns() -> None:
    head = ["名称", "类别", "参数名称1", "下限1", "上限1", "单位1", "参数名称2", "数值2", "参数名称3", "上限3", "下限4"]
    row = ["甲", "中试平台", "容积", "50", "5000", "L", "温度", "-20~80℃", "压力", "x", "1"]
    found = only_row(csv_of([head, row]))
    assert [(one.code, one.message) for one in found.problems] == [
        ("number", "“x”不是数值"),
        ("parameter", "参数没有名称,没有导入"),
    ]
    listing = only_listing(csv_of([head, row[:8]]))
    assert listing.parameters == (Parameter("容积", 50, 5000, "L"), Parameter("温度", -20, 80, "℃"))


@pytest.mark.parametrize("typed", ["1,5", "0,25", "1,50", "1,5000", "0,125", "1\uff0c5", "约1,5", "1,5-3", "1,000-1,5"])
@pytest.mark.parametrize("heading", ["容积(L)", "数值1", "下限1", "上限1"])
@pytest.mark.parametrize("made", [xlsx, quoted])
def test_a_comma_that_parts_no_thousands_keeps_the_row_out(
    made: Callable[[list[list[str]]], bytes], heading: str, typed: str
) -> None:
    head = ["名称", "类别", "参数名称1", heading, "单位1"]
    row = only_row(made([head, ["甲", "中试平台", "容积", typed, "L"]]))
    assert row.outcome == "error"
    (problem,) = [one for one in row.problems if one.level == "error"]
    assert (problem.code, problem.row) == ("number", 2)
    assert "不是数值" in problem.message
    assert problem.hint is not None
    assert "1.5" in problem.hint


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1,500", 1500), ("12,000,000", 12e6), ("1\uff0c500", 1500), ("1,500.5", 1500.5), ("1.5", 1.5)],
)
@pytest.mark.parametrize("heading", ["容积(L)", "数值1", "下限1"])
@pytest.mark.parametrize("made", [xlsx, quoted])
def test_thousands_and_decimals_are_read(
    made: Callable[[list[list[str]]], bytes], heading: str, typed: str, number: float
) -> None:
    head = ["名称", "类别", "参数名称1", heading, "单位1"]
    listing = only_listing(made([head, ["甲", "中试平台", "容积", typed, "L"]]))
    assert [(one.name, one.min, one.unit) for one in listing.parameters if one.min] == [("容积", number, "L")]


def test_terms_with_thousands_are_read() -> None:
    cells = {
        "排队天数": "1,000天",
        "机时额度": "1,200 小时/年",
        "收费标准": "检测:1,500–12,000 元/批",
        "最小批量": "1,500 kg",
    }
    terms = only_listing(template(**cells)).terms
    assert terms is not None
    assert (terms.queue_days, terms.machine_hours) == (1000, (MachineHours(1200),))
    assert terms.fees == (Fee("检测", 1500, 12000, "批"),)
    assert terms.minimum_batch is not None
    assert (terms.minimum_batch.min, terms.minimum_batch.unit) == (1500, "kg")


def test_other_rows_of_the_file_are_imported() -> None:
    found = previewed(quoted([["名称", "类别", "容积(L)"], ["甲", "中试平台", "1,5"], ["乙", "中试平台", "1.5"]]))
    assert [row.outcome for row in found.rows] == ["error", "new"]


def test_parameter_columns_with_their_unit_in_the_heading() -> None:
    data = csv_of([["平台名称", "单位名称", "容积(L)", "面积(㎡)", "年产(吨)"], ["甲", "乙", "50-5000", "/", "约很多"]])
    row = only_row(data)
    assert row.listing is not None
    assert row.listing.parameters == (Parameter("容积", 50, 5000, "L"),)
    assert [one.column for one in row.problems if one.code == "parameter"] == ["年产(吨)"]


@pytest.mark.parametrize(
    ("head", "name", "sheet", "kind", "warned"),
    [
        (("平台名称", "单位"), "某某", "表", "platform", False),
        (("设备名称", "单位"), "某某", "表", "equipment", False),
        (("代工厂名称", "单位"), "某某", "表", "manufacturer", False),
        (("名称", "单位"), "扫描电子显微镜", "表", "equipment", True),
        (("名称", "单位"), "某某", "中试设备清单", "equipment", True),
        (("名称", "单位"), "某某", "解决方案汇总", "solution", True),
        (("名称", "单位"), "某某", "表", "platform", True),
        (("名称", "类型"), "某某", "表", "platform", True),
    ],
)
def test_the_kind_is_guessed_and_the_guess_is_told(
    head: tuple[str, str], name: str, sheet: str, kind: str, warned: bool
) -> None:
    row = only_row(xlsx([head, (name, "乙")], title=sheet))
    assert row.listing is not None
    assert row.listing.kind == kind
    assert ("kind_guessed" in [problem.code for problem in row.problems]) == warned


def test_examples_empty_rows_and_repeated_headings_are_no_rows() -> None:
    head = ["编号", "名称", "类别"]
    found = previewed(
        csv_of([head, ["示例", "例子", "中试平台"], ["", "", ""], ["", "甲", "中试平台"], head, ["", "乙", "中试设备"]])
    )
    assert [row.listing.name for row in found.rows if row.listing] == ["甲", "乙"]
    assert [row.row for row in found.rows] == [4, 6]
    assert "略去示例行 1 行" in found.notes


def test_contacts_inside_texts_are_blotted_out() -> None:
    data = csv_of(
        [["名称", "类别", "简介", "来源网址"], ["甲", "中试平台", "电话13812345678", "https://a.cn/13812345678"]]
    )
    listing = only_listing(data)
    assert listing.summary == "电话(略)"
    assert listing.source_url == "https://a.cn/13812345678"


@pytest.mark.parametrize(
    ("province", "city", "rest", "place"),
    [
        ("广东", "东莞", "", RowPlace("广东省", "东莞市")),
        ("", "", "广东省东莞市松山湖园区科技路1号", RowPlace("广东省", "东莞市")),
        ("", "", "江苏苏州", RowPlace("江苏省", "苏州市")),
        ("", "", "上海市浦东新区张江", RowPlace("上海市", "上海市")),
        ("", "东莞市", "", RowPlace("广东省", "东莞市")),
        ("广东省", "", "东莞松山湖", RowPlace("广东省", "东莞市")),
        ("青海省", "海西州", "", RowPlace("青海省", "海西州")),
        ("", "", "", RowPlace()),
        ("", "", "火星基地", RowPlace(None, None, "认不出“火星基地”在哪个省市")),
    ],
)
def test_places(province: str, city: str, rest: str, place: RowPlace) -> None:
    assert place_of(province, city, rest) == place


def test_a_line_that_is_nothing_but_a_place() -> None:
    assert exact_place("东莞市") == RowPlace("广东省", "东莞市")
    assert exact_place("生物医药") is None


def test_made_ids_depend_on_operator_and_name_as_compared() -> None:
    same = made_id("platform", "乙 公司", "甲平台\uff08一期\uff09")
    assert same == made_id("platform", "乙公司", "甲平台(一期)")
    assert same.startswith("PF-")
    others = [
        made_id("equipment", "乙公司", "甲平台(一期)"), made_id("platform", "丙公司", "甲平台(一期)"),
        made_id("platform", None, "甲平台(一期)"), made_id("platform", "乙公司", "甲平台(二期)"),
        made_id("platform", "乙公司", "甲平台(一期)", again=1), made_id("platform", "乙公司", "x", "甲平台(一期)"),
    ]  # fmt: skip
    assert len({same, *others}) == 7


def test_operators_as_compared() -> None:
    assert operator_keys("深圳某某科技股份有限公司(总部)") == ("深圳某某科技",)
    assert operator_keys("甲研究院、乙乙有限公司") == ("甲研究院", "乙乙")
    assert operator_keys("某") == ("某",)
    assert plain("\uff21\uff0d1 号") == "a1号"
