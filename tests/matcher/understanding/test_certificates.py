"""Certificates wanted, held, and whether one answers the other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.records import CertificateRequirement, Evidence, Listing, Need
from matcher.understanding.certificate_table import CERTIFICATES_PATH
from matcher.understanding.certificates import CertificateAnswer, default_certificates, read_certificates
from matcher.understanding.reading import Reader

CERTIFICATES = default_certificates()
ids = st.sampled_from(CERTIFICATES.ids())


def listing(**fields: object) -> Listing:
    return Listing(id="PF-1", kind="platform", name="平台", **fields)  # type: ignore[arg-type]  # fields vary by test


def holdings(**fields: object) -> dict[str, str]:
    return {one.certificate: one.status for one in CERTIFICATES.held(listing(**fields))}


class TestRead:
    def test_span_id_and_strength(self) -> None:
        assert read_certificates("三批各77只,要CNAS报告") == [
            CertificateRequirement(text="CNAS", start=8, end=12, strength="must", certificate="cnas")
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "不需要GMP,食品级即可",
            "无需CNAS报告",
            "不要求GMP",
            "不用CMA章",
            "非cGMP车间也行",
            "CNAS不是必须的",
            "GMP无所谓",
            "我司已通过ISO 9001认证,找线束厂",
            "产品已取得CE认证",
            "本公司持有药品生产许可证,找原料药厂",
        ],
    )
    def test_waived_and_own_ones_are_not_wanted(self, text: str) -> None:
        assert read_certificates(text) == []

    @pytest.mark.parametrize(
        "text",
        [
            "须在兽药GMP车间做中试",
            "必须有CNAS资质",
            "要求GMP条件下做3批",
            "需具备ISO 13485",
            "装配方须符合IATF 16949体系",
            "实验室须有CMA",
            "工厂要有化妆品生产许可证",
            "厂家得有SC证",
            "请有CMA的机构报价",
            "请具备CNAS认可的单位联系",
            "报告须带CMA章",
        ],
    )
    def test_must(self, text: str) -> None:
        assert [one.strength for one in read_certificates(text)] == ["must"]

    @pytest.mark.parametrize(
        "text",
        [
            "GMP优先",
            "最好有CNAS",
            "有ISO 13485更佳",
            "需要发酵罐,GMP车间优先",
            "具备CMA资质的优先",
            "没搞过HACCP,求整套方案",
        ],
    )
    def test_prefer(self, text: str) -> None:
        assert [one.strength for one in read_certificates(text)] == ["prefer"]

    def test_the_requesters_lack_is_a_wish(self) -> None:
        assert [one.certificate for one in read_certificates("我们没有GMP车间")] == ["gmp"]

    @given(st.text(max_size=60))
    @settings(max_examples=100, deadline=None)
    def test_spans_hold_for_any_text(self, text: str) -> None:
        for one in read_certificates(text):
            assert one.text == text[one.start : one.end]
            assert one.certificate in CERTIFICATES


@pytest.mark.parametrize(
    ("text", "certificate"),
    [
        ("得有危废资质", "hazardous-waste"),
        ("危险废物经营许可", "hazardous-waste"),
        ("危化品经营许可", "hazchem-trade"),
        ("危化品生产许可", "hazchem-production"),
        ("危化品使用许可", "hazchem-use"),
        ("危化品资质", "hazchem-production"),
    ],
)
def test_permits_by_their_short_names(text: str, certificate: str) -> None:
    assert [one.certificate for one in read_certificates(text)] == [certificate]


def test_a_permit_asks_for_nobody_who_assesses_safety() -> None:
    read = Reader.load().read(Need(text="化工厂,要有安全生产许可证")).requirements
    assert "safety-assessment" not in [getattr(one, "industry", None) for one in read]
    assessed = Reader.load().read(Need(text="要做反应安全风险评估")).requirements
    assert "safety-assessment" in [getattr(one, "industry", None) for one in assessed]


class TestFind:
    @pytest.mark.parametrize(
        ("name", "certificate"),
        [
            ("GMP", "gmp"),
            ("gmp", "gmp"),
            ("iso9001", "iso-9001"),
            ("ISO 9001:2015", "iso-9001"),
            ("CNAS认可", "cnas"),
            ("CMA资质", "cma"),
            ("CE", "ce"),
            ("3C", "ccc"),
            ("欧盟GMP", "eu-gmp"),
            ("drug-production", "drug-production"),
            ("药品生产许可证", "drug-production"),
            ("必须有 CNAS", "cnas"),
        ],
    )
    def test_names_as_people_give_them(self, name: str, certificate: str) -> None:
        assert CERTIFICATES.find(name) == certificate

    def test_an_unknown_one_brings_near_names(self) -> None:
        with pytest.raises(InvalidInput, match="GMP") as refusal:
            CERTIFICATES.find("GMQ")
        assert refusal.value.field == "certificate"

    def test_one_like_none_brings_examples(self) -> None:
        with pytest.raises(InvalidInput, match="例如"):
            CERTIFICATES.find("火星")

    def test_an_unknown_id_is_refused(self) -> None:
        with pytest.raises(InvalidInput):
            CERTIFICATES["nothing"]
        with pytest.raises(InvalidInput):
            CERTIFICATES.satisfies("gmp", "nothing")

    @given(ids)
    @settings(max_examples=100, deadline=None)
    def test_every_name_of_the_table_leads_to_its_row(self, certificate: str) -> None:
        assert {CERTIFICATES.find(name) for name in CERTIFICATES[certificate].names} == {certificate}


class TestSatisfies:
    @pytest.mark.parametrize(
        ("held", "wanted", "expected"),
        [
            ("gmp", "gmp", "meets"),
            ("cgmp", "gmp", "meets"),
            ("eu-gmp", "gmp", "meets"),
            ("gmp", "eu-gmp", "related"),
            ("cgmp", "china-gmp", "related"),
            ("gmp-sterile", "gmp", "meets"),
            ("drug-production", "gmp", "meets"),
            ("gmp", "drug-production", "related"),
            ("cnas", "iso-17025", "meets"),
            ("iso-17025", "cnas", "related"),
            ("cma", "cnas", "related"),
            ("iatf-16949", "iso-9001", "meets"),
            ("as9100", "iso-9001", "meets"),
            ("gjb-9001c", "iso-9001", "meets"),
            ("iso-13485", "iso-9001", "related"),
            ("iso-9001", "iatf-16949", "related"),
            ("fssc-22000", "iso-22000", "meets"),
            ("secrecy-2", "secrecy-3", "meets"),
            ("secrecy-3", "secrecy-2", "related"),
            ("bsl-3", "bsl-2", "meets"),
            ("bsl-2", "bsl-3", "related"),
            ("veterinary-gmp", "gmp", "related"),
            ("gmp", "cnas", "no"),
        ],
    )
    def test_pairs(self, held: str, wanted: str, expected: str) -> None:
        assert CERTIFICATES.satisfies(held, wanted) == expected

    @given(ids)
    @settings(max_examples=100, deadline=None)
    def test_reflexive(self, one: str) -> None:
        assert CERTIFICATES.satisfies(one, one) == "meets"

    @given(ids, ids, ids)
    @settings(max_examples=100, deadline=None)
    def test_meeting_is_transitive(self, a: str, b: str, c: str) -> None:
        if CERTIFICATES.satisfies(a, b) == "meets" and CERTIFICATES.satisfies(b, c) == "meets":
            assert CERTIFICATES.satisfies(a, c) == "meets"

    @given(ids, ids)
    @settings(max_examples=100, deadline=None)
    def test_what_meets_one_way_is_never_nothing_the_other(self, a: str, b: str) -> None:
        if CERTIFICATES.satisfies(a, b) == "meets":
            assert CERTIFICATES.satisfies(b, a) != "no"


class TestHeld:
    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("GMP", "held"),
            ("GMP厂房", "held"),
            ("GMP车间", "held"),
            ("符合GMP", "held"),
            ("通过GMP认证", "held"),
            ("GMP(申请中)", "planned"),
            ("GMP（规划）", "planned"),
            ("GMP厂房标准", "planned"),
            ("按GMP标准设计建造", "planned"),
            ("按GMP建设", "planned"),
            ("拟建GMP车间", "planned"),
            ("将申请GMP", "planned"),
            ("GMP认证申请中", "planned"),
        ],
    )
    def test_status(self, text: str, status: str) -> None:
        assert holdings(qualifications=(text,)) == {"gmp": status}

    def test_not_held_is_not_listed(self) -> None:
        assert holdings(summary="非GMP车间,未通过CNAS") == {}

    def test_working_to_a_test_standard_is_holding_it(self) -> None:
        assert holdings(summary="柔性件按IPC-6013 3级生产") == {"ipc-6013": "held"}

    def test_the_best_status_wins_wherever_it_stands(self) -> None:
        assert holdings(summary="按GMP标准设计建造", qualifications=("GMP",)) == {"gmp": "held"}
        assert holdings(summary="已通过GMP", qualifications=("GMP(申请中)",)) == {"gmp": "held"}

    def test_evidence_quotes_its_field(self) -> None:
        item = listing(summary="公共平台获CNAS认可", services=("检测", "ISO 9001体系"))
        found = {one.certificate: one.evidence for one in CERTIFICATES.held(item)}
        assert found == {"cnas": Evidence("summary", "CNAS"), "iso-9001": Evidence("services[1]", "ISO 9001")}

    def test_full_width_text_is_quoted_as_it_stands(self) -> None:
        [one] = CERTIFICATES.held(listing(qualifications=("ＧＭＰ车间",)))
        assert one.evidence == Evidence("qualifications[0]", "ＧＭＰ")

    def test_names_do_not_reach_across_fields(self) -> None:
        assert holdings(qualifications=("ISO", "9001")) == {}

    def test_evidence_of_the_whole_catalogue_can_be_found_in_its_field(self) -> None:
        for line in (CERTIFICATES_PATH.parent / "listings.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            lists = {name: tuple(row[name]) for name in ("qualifications", "capabilities", "services", "equipment")}
            for one in CERTIFICATES.held(listing(summary=row["summary"], **lists)):
                name, _, index = one.evidence.field.partition("[")
                field = row[name][int(index[:-1])] if index else row[name]
                assert one.evidence.text in field


class TestAnswer:
    def test_held_meets(self) -> None:
        answer = CERTIFICATES.answer(CERTIFICATES.held(listing(qualifications=("GMP",))), "gmp")
        assert answer == CertificateAnswer("meets", Evidence("qualifications[0]", "GMP"))

    def test_implied_meets_and_says_why(self) -> None:
        answer = CERTIFICATES.answer(CERTIFICATES.held(listing(qualifications=("IATF 16949",))), "iso-9001")
        assert (answer.outcome, answer.note) == ("meets", "IATF 16949 已包含 ISO 9001")

    def test_planned_never_meets(self) -> None:
        answer = CERTIFICATES.answer(CERTIFICATES.held(listing(qualifications=("CNAS(申请中)",))), "cnas")
        assert answer.outcome == "unknown"
        assert answer.note is not None
        assert "尚未确认" in answer.note

    def test_related_never_meets(self) -> None:
        answer = CERTIFICATES.answer(CERTIFICATES.held(listing(qualifications=("CMA",))), "cnas")
        assert (answer.outcome, answer.note) == ("unknown", "有相近的 CMA,不等于 CNAS")

    def test_held_beats_planned_and_planned_beats_related(self) -> None:
        both = CERTIFICATES.held(listing(qualifications=("CMA", "CNAS(申请中)")))
        assert "尚未确认" in (CERTIFICATES.answer(both, "cnas").note or "")
        assert CERTIFICATES.answer(both, "cma").outcome == "meets"

    def test_silence_is_unknown(self) -> None:
        assert CERTIFICATES.answer([], "gmp") == CertificateAnswer("unknown")


@pytest.mark.parametrize(
    "text",
    [
        "已有GMP证书,需要找发酵",
        "已有GMP、ISO13485证书,需要找灭菌",
        "目前已取得GMP认证,找注塑代工",
        "我们是做医疗器械的,已有GMP证书,需要找灭菌",
    ],
)
def test_what_the_writer_has_is_not_asked_for(text: str) -> None:
    assert read_certificates(text) == []


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("需要有GMP证书", "must"),
        ("要求已有GMP", "must"),
        ("平台已有GMP证书", "prefer"),
        ("对方已有GMP证书", "prefer"),
        ("已有GMP证书的发酵平台", "prefer"),
        ("已有GMP证书优先", "prefer"),
        ("找发酵平台,已有GMP证书", "prefer"),
        ("已有小试工艺,需要GMP车间", "must"),
    ],
)
def test_what_the_partner_is_to_have_is_asked_for(text: str, strength: str) -> None:
    assert [(one.certificate, one.strength) for one in read_certificates(text)] == [("gmp", strength)]


def test_names_that_are_not_asked_for_stand_apart() -> None:
    wanted, others = default_certificates().split("不要求CNAS,需要GMP")
    assert [one.certificate for one in wanted] == ["gmp"]
    assert others == [(3, 7)]
