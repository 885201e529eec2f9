"""A ranking profile as one document: weights or model, thresholds, synonyms, dictionary, rules, encoder.

Canonical JSON of it is what is stored, hashed, compared and published; nothing else decides a ranking.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.errors import BrokenArtefact, Conflict, InvalidInput
from matcher.ranking.profile import Profile, profile_from
from matcher.ranking.rules import Rule, rule_fields, rules_from

#: Ten thousand groups are five times the shipped table; more is a paste gone wrong, and costs start-up time.
SYNONYMS_MAX = 10_000
WORDS_MAX = 20_000
TERM_LENGTH_MAX = 60
#: A hub's name or a short name of a folder; longer is a paste gone wrong.
SOURCE_LENGTH_MAX = 200
#: What a document has beside the fields of a profile.
EDITS = ("synonyms", "dictionary", "rules", "encoder_source")


@dataclass(frozen=True, slots=True)
class Document:
    """A profile with what an administrator changed of synonyms and dictionary, and the rules.

    Attributes:
        added, removed: groups of terms that mean the same, put in beside or taken out of the shipped table.
        dictionary: words that are kept whole, beside the shipped lexicon.
        narrower: pairs of a narrower and a broader term, put in beside the shipped ones; whoever asks for the narrower
            one is also shown the broader. No cycles among them.
        encoder_source: the encoder that it ranks with, by a name that the settings allow; None is the installation's
            own. Where `profile.encoder` says on which one the weights were learnt, it must be that very one.
    """

    profile: Profile
    added: tuple[tuple[str, ...], ...] = ()
    removed: tuple[tuple[str, ...], ...] = ()
    dictionary: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    narrower: tuple[tuple[str, str], ...] = ()
    encoder_source: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON values, as `document_from` reads them."""
        synonyms = {"add": [list(group) for group in self.added], "remove": [list(one) for one in self.removed]}
        # Only where there are any: documents that were stored without this part keep their hash.
        pairs = {"narrower": [list(pair) for pair in self.narrower]} if self.narrower else {}
        return self.profile.as_dict() | {
            "synonyms": synonyms | pairs,
            "dictionary": list(self.dictionary),
            "rules": [rule_fields(rule) for rule in self.rules],
            **({"encoder_source": self.encoder_source} if self.encoder_source is not None else {}),
        }

    def check_encoder(self, source: str | None) -> None:
        """Whether a matcher that has the encoder of this name can rank by it.

        Raises:
            Conflict: it wants another encoder, whose vectors this matcher does not have.
        """
        if source != self.encoder_source:
            own, wanted = (one or "本站设置的编码器" for one in (source, self.encoder_source))
            raise Conflict(
                f"这个方案要用另一编码器({wanted};现用 {own})",
                hint="先运行 pilotmatch gate 计算向量并比较;发布后在后台换用",
                field="encoder_source",
            )


def document_from(fields: Any, name: str = "draft") -> Document:
    """A document from JSON values; `synonyms`, `dictionary` and `rules` may be missing.

    Raises:
        InvalidInput: it can't be used: weights that are not finite or below 0 where sense forbids it, unknown or
            missing features, a rule that is not well formed, too many synonyms; `field` names the part.
    """
    if not isinstance(fields, Mapping):
        raise InvalidInput("排序方案应为 JSON 对象", hint="可先取回已发布的方案再修改", field="document")
    own = {key: value for key, value in fields.items() if key not in EDITS}
    try:
        profile = profile_from(own, name)
    except BrokenArtefact as error:
        raise InvalidInput(error.message, hint="可先取回已发布的方案再修改", field="document") from error
    synonyms = fields.get("synonyms") or {}
    if not isinstance(synonyms, Mapping) or set(synonyms) - {"add", "remove", "narrower"}:
        raise InvalidInput("synonyms 应为 {add, remove, narrower} 对象", hint="没有改动时写 {}", field="synonyms")
    return Document(
        profile,
        _groups(synonyms.get("add"), "synonyms.add"),
        _groups(synonyms.get("remove"), "synonyms.remove"),
        _words(fields.get("dictionary"), "dictionary"),
        rules_from(fields.get("rules") or []),
        _pairs(synonyms.get("narrower"), "synonyms.narrower"),
        _source(fields.get("encoder_source")),
    )


def canonical(document: Document) -> str:
    """Canonical JSON: sorted keys, no spaces."""
    return json.dumps(document.as_dict(), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def document_hash(text: str) -> str:
    """SHA-256 of canonical JSON, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def stored_document(text: str, wanted_hash: str, name: str) -> Document:
    """A document as it was stored.

    Raises:
        BrokenArtefact: the text is not what was hashed, or was made for another version of this program.
    """
    if document_hash(text) != wanted_hash:
        raise BrokenArtefact(f"排序方案 {name} 的内容被改动过", hint="请回退到上一个方案,并查看审计记录")
    try:
        return document_from(json.loads(text), name)
    except (ValueError, InvalidInput) as error:
        said = error.message if isinstance(error, InvalidInput) else "不是 JSON"
        raise BrokenArtefact(f"排序方案 {name} 不能用于本版本:{said}", hint="请另建方案或重新学习") from error


def _source(value: Any) -> str | None:
    if value is not None and not (
        isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) == len(value)
    ):
        raise InvalidInput("encoder_source 应为编码器的名称", hint="不换编码器时写 null", field="encoder_source")
    if value is not None and len(value) > SOURCE_LENGTH_MAX:
        raise InvalidInput(f"encoder_source 至多 {SOURCE_LENGTH_MAX} 字", hint="文件夹请起短名", field="encoder_source")
    return value


def _groups(values: Any, where: str) -> tuple[tuple[str, ...], ...]:
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > SYNONYMS_MAX:
        raise InvalidInput(f"{where} 应为至多 {SYNONYMS_MAX} 组的列表", hint="每组是两个以上的词", field=where)
    groups = []
    for place, value in enumerate(values):
        group = _words(value, f"{where}[{place}]")
        if len(group) < 2:
            field = f"{where}[{place}]"
            raise InvalidInput(f"{field} 至少要有两个不同的词", hint="一组是意思相同的词", field=field)
        groups.append(group)
    return tuple(groups)


def _pairs(values: Any, where: str) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    above: dict[str, set[str]] = {}
    for place, group in enumerate(_groups(values, where)):
        if len(group) != 2:
            field = f"{where}[{place}]"
            raise InvalidInput(f"{field} 应恰好两个词", hint="窄者在前,宽者在后", field=field)
        narrow, broad = group
        if narrow in _reached(above, broad):
            field = f"{where}[{place}]"
            raise InvalidInput(f"“{narrow}”与“{broad}”的上下位关系成环", hint="请删去其中一条", field=field)
        above.setdefault(narrow, set()).add(broad)
        pairs.append((narrow, broad))
    return tuple(dict.fromkeys(pairs))


def _reached(above: Mapping[str, set[str]], term: str) -> set[str]:
    """A term and all that is above it."""
    seen, waiting = {term}, [term]
    while waiting:
        new = above.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return seen


def _words(values: Any, where: str) -> tuple[str, ...]:
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > WORDS_MAX:
        raise InvalidInput(f"{where} 应为至多 {WORDS_MAX} 个词的列表", hint="没有时写 []", field=where)
    for value in values:
        if not isinstance(value, str) or not value.strip() or len(value) > TERM_LENGTH_MAX:
            raise InvalidInput(f"{where} 里有不能用的词", hint=f"每个词 1–{TERM_LENGTH_MAX} 字", field=where)
    return tuple(dict.fromkeys(value.strip() for value in values))


def differences(before: Document, after: Document) -> dict[str, Any]:
    """What changed from one document to another: weights as [before, after], the rest as added and removed."""
    weights = {
        name: [before.profile.weights.get(name), after.profile.weights.get(name)]
        for name in sorted({*before.profile.weights, *after.profile.weights})
        if before.profile.weights.get(name) != after.profile.weights.get(name)
    }
    parts: dict[str, tuple[Sequence[Any], Sequence[Any]]] = {
        "synonyms_added": (before.added, after.added),
        "synonyms_removed": (before.removed, after.removed),
        "synonyms_narrower": (before.narrower, after.narrower),
        "dictionary": (before.dictionary, after.dictionary),
        "rules": (before.rules, after.rules),
    }
    found: dict[str, Any] = {"weights": weights} if weights else {}
    for name, (old, new) in parts.items():
        plus, minus = [one for one in new if one not in old], [one for one in old if one not in new]
        if plus or minus:
            found[name] = {"added": _shown(plus), "removed": _shown(minus)}
    found |= _numbers_changed(before.profile, after.profile)
    if before.profile.encoder != after.profile.encoder:
        found["encoder"] = [before.profile.encoder, after.profile.encoder]
    if before.encoder_source != after.encoder_source:
        found["encoder_source"] = [before.encoder_source, after.encoder_source]
    return found


def _numbers_changed(before: Profile, after: Profile) -> dict[str, Any]:
    """Thresholds and confidence by name as [before, after]; of the curves that they were changed."""
    found: dict[str, Any] = {}
    for part in ("thresholds", "confidence"):
        old, new = before.as_dict()[part], after.as_dict()[part]
        changed = {name: [old[name], new[name]] for name in sorted(new) if old[name] != new[name]}
        if changed:
            found[part] = changed
    if (before.calibration, before.unread) != (after.calibration, after.unread):
        found["calibration"] = True
    if before.reads != after.reads:
        found["reads"] = [before.reads, after.reads]
    if before.few_layers != after.few_layers:
        found["few_layers"] = [before.few_layers, after.few_layers]
    return found


def _shown(values: Sequence[Any]) -> list[Any]:
    return [rule_fields(value) if isinstance(value, Rule) else value for value in values]
