"""Acts of the audit log in Chinese: `listing.publish` → 条目 · 发布. In English their codes are words already."""

from __future__ import annotations

from typing import Final

#: What is acted upon, by the first part of an act.
THINGS: Final = {
    "api_key": "接口密钥", "enquiry": "对接申请", "experiment": "试验", "import": "导入",
    "judgements": "标注集", "listing": "条目", "need": "需求", "organisation": "单位",
    "outbox": "通知", "profile": "排序方案", "search": "查找", "subscription": "订阅",
    "user": "用户", "watch": "监测", "webhook": "回调地址",
}  # fmt: skip
#: What was done, by the second part.
DOINGS: Final = {
    "acknowledge": "确认", "add": "添加", "adjudicate": "裁定", "alarm": "报警",
    "answered": "答复", "approve": "通过审核", "assign": "指定单位", "automatic": "自动回退",
    "change": "修改", "close": "关闭", "completed": "完成", "confirm": "确认导入",
    "consent": "同意公开", "consent_end": "收回同意", "contracted": "签约", "create": "新建",
    "declined": "婉拒", "delete": "删除", "discard": "放弃", "edit": "修改",
    "end": "结束", "expire": "到期", "fall_due": "该核实了", "forwarded": "转交",
    "freeze": "冻结", "gate": "运行门禁", "hide": "隐藏", "import": "导入",
    "invite": "邀请", "link": "绑定单点登录", "list": "列出", "load": "载入",
    "match": "对接成功", "message": "留言", "password": "改口令", "preview": "预览",
    "publish": "发布", "queue": "分派", "read": "查看", "remove": "移除",
    "reopen": "重新开放", "reset_request": "申请重设口令", "retire": "下架", "retry": "重发",
    "return": "退回", "revoke": "作废", "rollback": "回退", "sent": "发出",
    "start": "开始", "stop": "停止", "submit": "提交审核", "take_back": "恢复旧版",
    "talk": "进入洽谈", "thresholds": "修改界限", "turn_stale": "转为过期", "unhide": "取消隐藏",
    "unlock": "解锁", "verify": "核实", "visibility": "修改公开范围", "visiting": "约定考察",
    "waive": "豁免门禁", "withdraw": "撤回", "withdrawn": "撤回",
}  # fmt: skip


def act_words(act: str) -> str | None:
    """An act in Chinese; None where a part of it has no words."""
    thing, _, doing = act.partition(".")
    return f"{THINGS[thing]} · {DOINGS[doing]}" if thing in THINGS and doing in DOINGS else None
