"""What is said of a file that can't be read; all name the field `file`."""

from __future__ import annotations

from matcher.errors import InvalidInput


def refusal(message: str, hint: str) -> InvalidInput:
    """Return the error for a file, with what to do about it."""
    return InvalidInput(message, hint=hint, field="file")


def damaged() -> InvalidInput:
    """Return the error for a file that breaks its own format."""
    return refusal("文件已损坏,打不开", "请重新保存后上传")


def locked() -> InvalidInput:
    """Return the error for a file behind a password."""
    return refusal("文件有密码,打不开", "请去掉密码后上传")
