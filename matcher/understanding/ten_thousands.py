"""A W behind a number: 万 of yuan in the words of a budget (预算30W, 50w以内), a watt elsewhere."""

from __future__ import annotations

import re

_CLAUSE_END = re.compile(r"[,\uff0c。;!?、\n]")
_PRICED = re.compile("预算|报价|费用|经费|价格?|资金|总投|出资|款")
#: Behind its number a budget is named at once: 50W预算, 30w左右的经费.
_BUDGET = re.compile(r" ?(?:左右|以内|上下|之内)?的?(?:总?预算|经费|资金|费用)")
_CURRENCY = re.compile(" ?(?:元|块|人民币|RMB|CNY)")
#: A ceiling ends its clause; 30W以内的激光器 goes on to say what has the power.
_CEILING = re.compile(r" ?(?:以内|以下|之内|封顶|左右|内)?(?= ?(?:[,\uff0c。;、!?)\n]|$))")
_CAPPED = re.compile(" ?(?:以内|以下|之内|封顶|内)")
_LEAD = re.compile("^ ?(?:总共|一共|总计|总的|全部|大概|最多|最高|控制在|不超过|不高于|做下来|约|大约)* ?(?:在|约)?$")
_POWERED = re.compile(
    "功率|激光|电源|电机|马达|电器|灯|LED|加热|充电|功耗|耗电|发热|散热|射频|微波|超声|逆变|风扇|光伏|泵浦|瓦|芯片|模块|适配器|待机|整机|"
    r"输[出入]|供电|续航|电[压流池阻]|屏|传感|无人机|机器人|空调|泵|压缩机|\d ?[VA](?![A-Za-z])",
    re.IGNORECASE,
)
_DRIVEN = re.compile(rf" ?的?[一-龥]{{0,2}}?(?:{_POWERED.pattern})", re.IGNORECASE)


def is_ten_thousand(before: str, after: str) -> bool:
    """Tell whether the W between two stretches of a normalised text counts 万 of money.

    A number that a word for money introduces is money; so is a ceiling all alone in its clause, where nothing near
    it runs on power.
    """
    if _CURRENCY.match(after) or _BUDGET.match(after):
        return True
    clause = _CLAUSE_END.split(before)[-1]
    if _DRIVEN.match(after):
        return False
    if _PRICED.search(clause):
        return not _POWERED.search(clause)
    if _POWERED.search(before) or _POWERED.search(after) or not _LEAD.search(clause):
        return False
    return bool(_CEILING.match(after)) and (bool(_CAPPED.match(after)) or bool(clause.strip()))
