"""What the ranking uses, in the language of the page: `/v1/ranking` says it in Chinese."""

from __future__ import annotations

import re
from typing import Final

from api.portal.languages import later
from api.portal.rendering import Page

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_PLACE: Final = "%(number)s"
#: All that it says, with a place for the one number that a sentence may hold.
SENTENCES: Final = frozenset(
    {
        later("需求词语(含同义词)在条目全文中的 BM25 得分,占可能最高分的比例"),
        later("需求的二、三字片段在条目全文中的 BM25 得分,占可能最高分的比例"),
        later("需求词语在条目名称与能力中的 BM25 得分,占可能最高分的比例"),
        later("需求的二、三字片段在条目名称与能力中的 BM25 得分,占可能最高分的比例"),
        later("需求与条目全文的语义相似度(余弦)"),
        later("需求与条目名称、能力的语义相似度(余弦)"),
        later("需求每个词在条目中最相近词的相似度平均"),
        later("供给类别要求中已满足的比例"),
        later("供给类别要求中未满足的比例(降分)"),
        later("地点要求中已满足的比例"),
        later("地点要求中未满足的比例(降分)"),
        later("技术参数要求中已满足的比例"),
        later("技术参数要求中未满足的比例(降分)"),
        later("资质证书要求中已满足的比例"),
        later("资质证书要求中未满足的比例(降分)"),
        later("行业要求中已满足的比例"),
        later("行业要求中未满足的比例(降分)"),
        later("阶段要求中已满足的比例"),
        later("阶段要求中未满足的比例(降分)"),
        later("条目填写的完整程度"),
        later("整体语义相符程度(重排模型把需求与条目放在一起读)"),
        later("判为“强匹配”的最低概率"),
        later("判为“可能匹配”的最低概率"),
        later("认为“有合适供给”的最低概率"),
        later("认为“部分合适”的最低概率"),
        later("得分是各项特征乘以权重之和;得分相同时按条目编号排列"),
        later("不满足硬性条件的条目不进入名次,只在“差一点”中列出"),
        later("到期未核实的条目按月降分,至多降 %(number)s 分,并向读者注明"),
        later("中文需求由编码器的少数几层来读(它们学着给出与全部各层相近的结果),条目和外文需求由全部各层来读"),
        later("初排前 %(number)s 名由重排模型再读一遍"),
        later("置顶与屏蔽规则先于得分,但不能越过查询者的筛选和硬性条件;置顶会注明理由"),
        later("上列各项之外的任何信息都不参与排序"),
        later("付费、广告、会员等级、单位性质和与本平台的关系不参与排序"),
        later("查看者是谁、以往看过或点过什么不参与排序"),
    }
)


def ranking_words(page: Page, said: str) -> str:
    """A sentence of `/v1/ranking` in the language of the page; one that nobody translated stays."""
    if said in SENTENCES:
        return page.text(said)
    template, count = _NUMBER.subn(_PLACE, said)
    if count == 1 and template in SENTENCES:
        return page.text(template, number=_NUMBER.findall(said)[0])
    return said
