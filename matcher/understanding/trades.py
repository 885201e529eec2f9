"""What a requester says it makes itself (我们不做医药,是做涂料的): then what it does not make is not what it seeks."""

from __future__ import annotations

import re
from typing import Final

_SENTENCE_END: Final = re.compile(r"[。;；!！?？\n]")
#: 是因为 and 做完 tell something else, 做涂料的厂家 is somebody else.
_MAKES: Final = re.compile(
    r"[,，]\s*(?:我们?|我[司厂]|本?公司|产品)?(?:而|就|只|都|主要|主营|专门?|一直|平时|目前|现在)*+"
    r"(?:是(?:做|搞|生产|研发|从事)?(?![因由否不没想要需希找求以])|(?:做|搞|生产|研发|从事|开发)(?![完过好不了的]))"
    r"(?![^,，。]{0,16}的(?:厂|公司|企业|平台|机构|单位))[^,，。;；\n]{2}"
)
#: Who gives work away looks for those who do what it does not.
_OUTSOURCES: Final = re.compile("外协|外包|委外|外发|转包|委托|代工|代加工")
#: As far as the rest of a sentence says what it is about.
_REACH: Final = 80


def names_own_trade(text: str, position: int) -> bool:
    """Tell whether the sentence says behind `position`, the end of a clause, what its writer makes."""
    limit = min(len(text), position + _REACH)
    end = _SENTENCE_END.search(text, position, limit)
    last = end.start() if end else limit
    return _MAKES.search(text, position, last) is not None and _OUTSOURCES.search(text, position, last) is None
