"""Words and synonyms as an administrator changes them: joined, taken apart, and nothing else moved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import BrokenArtefact
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.records import Need
from matcher.retrieval.synonyms import BROADER_WEIGHT, SYNONYM_WEIGHT, Synonyms
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE

NEEDS = (Need("酶制剂发酵放大500升"), Need("生物反应器中试"), Need("MEMS流片"))


GROUPS = st.lists(st.lists(st.sampled_from([f"{one}词" for one in "甲乙丙丁戊己"]), min_size=2, max_size=3), max_size=5)


def obviously(start: list[list[str]], added: list[list[str]], removed: list[list[str]]) -> list[list[str]]:
    """Edits by looking through all groups each time."""
    groups = [list(group) for group in start]
    for terms in removed:
        for term in list(dict.fromkeys(terms))[1:]:
            groups = [[other for other in group if other != term] for group in groups]
            groups.append([term])
    for terms in added:
        joined = [group for group in groups if set(group) & set(terms)]
        groups = [group for group in groups if group not in joined]
        groups.append(list(dict.fromkeys([*(term for group in joined for term in group), *terms])))
    return [group for group in groups if group]


@pytest.fixture(scope="module")
def synonyms() -> Synonyms:
    return Synonyms([("tgv", "玻璃通孔"), ("slm", "选区激光熔化"), ("增材制造", "3d打印")], [("slm", "增材制造")])


class TestSynonyms:
    def test_a_new_group(self, synonyms: Synonyms) -> None:
        edited = synonyms.edited([["发酵罐", "生物反应器"]], [])
        assert edited.expand(["发酵罐"]) == {"发酵罐": 1.0, "生物反应器": SYNONYM_WEIGHT}
        assert edited.expand(["tgv"]) == synonyms.expand(["tgv"])
        assert synonyms.expand(["发酵罐"]) == {"发酵罐": 1.0}

    def test_a_term_more_joins_its_group_and_links_two(self, synonyms: Synonyms) -> None:
        assert synonyms.edited([["TGV", "through glass via"]], []).expand(["玻璃通孔"]) == {
            "玻璃通孔": 1.0,
            "tgv": SYNONYM_WEIGHT,
            "through glass via": SYNONYM_WEIGHT,
        }
        both = synonyms.edited([["tgv", "3D打印"]], [])
        assert set(both.expand(["玻璃通孔"])) == {"玻璃通孔", "tgv", "增材制造", "3d打印"}

    def test_taken_apart(self, synonyms: Synonyms) -> None:
        edited = synonyms.edited([], [["tgv", "玻璃通孔"]])
        assert edited.expand(["tgv"]) == {"tgv": 1.0}
        assert edited.expand(["玻璃通孔"]) == {"玻璃通孔": 1.0}

    def test_broader_links_stay(self, synonyms: Synonyms) -> None:
        edited = synonyms.edited([["选区激光熔化", "激光选区熔化"]], [["增材制造", "3D打印"]])
        assert edited.expand(["激光选区熔化"])["增材制造"] == BROADER_WEIGHT
        assert "3d打印" not in edited.expand(["激光选区熔化"])

    def test_joining_what_was_linked_makes_no_cycle(self, synonyms: Synonyms) -> None:
        edited = synonyms.edited([["slm", "增材制造"]], [])
        assert edited.expand(["slm"])["增材制造"] == SYNONYM_WEIGHT
        assert edited.expand(["增材制造"])["slm"] == SYNONYM_WEIGHT

    @given(st.lists(st.lists(st.sampled_from("甲乙丙丁戊己"), min_size=2, max_size=3), max_size=4))
    @settings(max_examples=60, deadline=None)
    def test_any_edits_leave_each_term_in_one_group(self, groups: list[list[str]]) -> None:
        groups = [[f"{term}词" for term in group] for group in groups]
        edited = Synonyms([("甲词", "乙词"), ("丙词", "丁词")], [("甲词", "丙词")]).edited(groups, groups[:1])
        for group in groups:
            for term in group:
                assert set(group) <= set(edited.expand([term]))
        assert len(edited.terms) == len(set(edited.terms))

    @given(GROUPS, GROUPS)
    @settings(max_examples=100, deadline=None)
    def test_looking_groups_up_does_as_searching_for_them(
        self, added: list[list[str]], removed: list[list[str]]
    ) -> None:
        start = [["甲词", "乙词"], ["丙词", "丁词", "戊词"]]
        edited = Synonyms(start).edited(added, removed)
        assert [list(group) for group in edited.groups] == obviously(start, added, removed)

    def test_pairs_put_in(self, synonyms: Synonyms) -> None:
        edited = synonyms.edited([], [], [["TGV", "先进封装"], ["先进封装", "封装"]])
        assert edited.expand(["玻璃通孔"]) == {
            "玻璃通孔": 1.0,
            "tgv": SYNONYM_WEIGHT,
            "先进封装": BROADER_WEIGHT,
            "封装": BROADER_WEIGHT**2,
        }
        assert edited.expand(["封装"]) == {"封装": 1.0}
        assert set(synonyms.pairs) < set(edited.pairs)

    def test_a_pair_that_would_close_a_circle_is_left_out_and_the_others_serve(self, synonyms: Synonyms) -> None:
        """A newer shipped table may contradict a pair that was stored: the profile serves all the same."""
        edited = synonyms.edited([], [], [["增材制造", "slm"], ["TGV", "先进封装"]])
        assert edited.expand(["增材制造"]) == synonyms.expand(["增材制造"])
        assert "先进封装" in edited.expand(["tgv"])


class TestVocabulary:
    def test_nothing_changed_is_the_same(self, shipped_settings: Settings) -> None:
        vocabulary = Vocabulary.load(shipped_settings)
        assert vocabulary.edited([], [], []) is vocabulary
        assert vocabulary.edited([], [], ["绝无此词甲"]).words.cut("绝无此词甲")[-1] == "绝无此词甲"

    def test_arrangements_are_no_processes_whatever_is_edited(self, shipped_settings: Settings) -> None:
        shipped = Vocabulary.load(shipped_settings)
        for vocabulary in (shipped, shipped.edited([["丙工艺", "丁工艺"]], [], ["戊工艺"])):
            assert "小批量" in vocabulary.general
            assert vocabulary.words.named("小批量委托加工冻干") == ["冻干"]
        assert vocabulary.words.named("丙工艺、戊工艺") == ["丙工艺", "戊工艺"]

    def test_a_missing_table_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(BrokenArtefact):
            Vocabulary.load(Settings(_env_file=None, data=tmp_path, datasets=_empty(tmp_path)))


def _empty(folder: Path) -> Path:
    empty = folder / "datasets"
    empty.mkdir()
    for name in ("lexicon.csv", "synonyms.csv"):
        (empty / name).write_bytes(b"\xff\xfe\xff")
    return empty


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    settings = Settings(_env_file=None, data=tmp_path_factory.mktemp("data"))
    return Matcher.load(settings, LISTINGS, profile=PROFILE, encoder=HashEncoder())


class TestMatcher:
    """A matcher that takes another profile answers as one that is loaded with it."""

    def answers(self, matcher: Matcher) -> list[object]:
        return [replace(matcher.match(need, top=50), took_ms=0.0) for need in NEEDS]

    @pytest.mark.parametrize(
        "document",
        [
            Document(replace(PROFILE, weights=PROFILE.weights | {"late": 1.0, "words": 40.0})),
            Document(PROFILE, added=(("发酵罐", "生物反应器"),)),
            Document(PROFILE, removed=(("MEMS", "微机电系统"),), dictionary=("酶制剂发酵放大",)),
        ],
    )
    def test_as_one_loaded_anew(self, matcher: Matcher, tmp_path: Path, document: Document) -> None:
        vocabulary = Vocabulary.load(Settings(_env_file=None, data=tmp_path))
        changed = matcher.with_document(document, vocabulary)
        settings = Settings(_env_file=None, data=tmp_path, datasets=_copied(tmp_path, document))
        anew = Matcher.load(settings, LISTINGS, profile=document.profile, encoder=HashEncoder())
        before = self.answers(matcher)
        assert self.answers(changed) == self.answers(anew)
        assert self.answers(matcher) == before

    def test_it_goes_on_following_changes(self, matcher: Matcher, tmp_path: Path) -> None:
        document = Document(PROFILE, added=(("发酵罐", "生物反应器"),), dictionary=("酶制剂发酵放大",))
        vocabulary = Vocabulary.load(Settings(_env_file=None, data=tmp_path))
        one = matcher.with_document(document, vocabulary).with_changes(LISTINGS[:1], ["PF-2"])
        other = matcher.with_changes(LISTINGS[:1], ["PF-2"]).with_document(document, vocabulary)
        assert self.answers(one) == self.answers(other)

    def test_a_profile_of_another_encoder_is_noted(self, matcher: Matcher, tmp_path: Path) -> None:
        vocabulary = Vocabulary.load(Settings(_env_file=None, data=tmp_path))
        other = matcher.with_document(Document(replace(PROFILE, encoder="bge")), vocabulary)
        assert any("另一编码器" in note for note in other.match(NEEDS[0]).notes)
        assert not other.with_document(Document(PROFILE), vocabulary).notes


def _copied(folder: Path, document: Document) -> Path:
    """The shipped data with a document's edits written into its tables, as if they had been shipped so."""
    from tests.conftest import DATASETS

    made = folder / f"datasets-{abs(hash(json.dumps(document.as_dict(), sort_keys=True)))}"
    made.mkdir()
    for path in DATASETS.iterdir():
        if path.name not in ("synonyms.csv", "lexicon.csv"):
            (made / path.name).symlink_to(path)
    lexicon = (DATASETS / "lexicon.csv").read_text(encoding="utf-8")
    header = lexicon.splitlines()[0].split(",")
    extra = "".join(",".join([term] + ["x"] * (len(header) - 1)) + "\n" for term in document.dictionary)
    (made / "lexicon.csv").write_text(lexicon + extra, encoding="utf-8")
    lines = (DATASETS / "synonyms.csv").read_text(encoding="utf-8")
    edited = Synonyms.load(DATASETS / "synonyms.csv").edited(document.added, document.removed)
    if document.added or document.removed:
        rows = [f"G{number},{'|'.join(group)},equal,x" for number, group in enumerate(edited._groups) if len(group) > 1]
        rows += [f"B{number},{narrow}|{broad},narrower,x" for number, (narrow, broad) in enumerate(edited._pairs())]
        lines = "id,terms,kind,source\n" + "\n".join(rows) + "\n"
    (made / "synonyms.csv").write_text(lines, encoding="utf-8")
    return made
