"""Runs the command line, and says in one Chinese line what is wrong with its arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import typer
from typer.exceptions import TyperException

from matcher.commands.terminal import WRONG_ARGUMENTS, complain

_INTERRUPTED: Final = 130
_GUESSED: Final = re.compile(r"Did you mean (?P<names>[^?]+)\?")
_QUOTED: Final = re.compile(r"['\"](?P<word>[^'\"]*)['\"]")
#: What Typer says of a wrong value, and what is said of it here; the first that stands in its words.
_VALUES: Final = (
    ("valid integer", "应为整数"),
    ("valid number", "应为数字"),
    ("valid boolean", "应为 true 或 false"),
    ("does not exist", "找不到这个文件"),
    ("greater than", "数值太小"),
    ("less than", "数值太大"),
)


def run(app: Callable[..., object]) -> None:
    """Run a Typer application to its end, which is SystemExit: 0, what the command chose, or 2 for a wrong argument."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        complain("已中断")
        raise SystemExit(_INTERRUPTED) from None
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            raise SystemExit(WRONG_ARGUMENTS) from None
        complain(f"错误:{usage_words(error)}")
        raise SystemExit(WRONG_ARGUMENTS) from None
    raise SystemExit(code if isinstance(code, int) else 0)


def usage_words(error: Exception) -> str:
    """What is wrong with the arguments, in Chinese and one line, with the command that shows how to write them."""
    said = _SAID.get(type(error).__name__, _other)(error)
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "pilotmatch")
    return f"{said}(用法见 {path} --help)".replace("\n", " ")


def _no_option(error: Exception) -> str:
    near = getattr(error, "possibilities", None) or ()
    guess = f",是否想写 {'、'.join(near)}?" if near else ""
    return f"没有选项 {getattr(error, 'option_name', '')}{guess}"


def _missing(error: Exception) -> str:
    return f"缺少{_parameter(error)}"


def _bad_value(error: Exception) -> str:
    message = str(getattr(error, "message", ""))
    words = next((words for part, words in _VALUES if part in message), None)
    if words is None and "is not one of" in message:
        words = f"只能是 {'、'.join(found['word'] for found in list(_QUOTED.finditer(message))[1:])}"
    return f"{_parameter(error)}的值不能用" + (f":{words}" if words else "")


def _no_value(error: Exception) -> str:
    return f"选项 {getattr(error, 'option_name', '')} 后面缺少值"


def _other(error: Exception) -> str:
    message = str(getattr(error, "message", error))
    quoted = _QUOTED.search(message)
    if "No such command" in message:
        guess = _GUESSED.search(message)
        near = f",是否想写 {'、'.join(found['word'] for found in _QUOTED.finditer(guess['names']))}?" if guess else ""
        return f"没有命令 {quoted['word'] if quoted else ''}{near}"
    if "extra argument" in message:
        return f"多余的参数 {message.partition('(s)')[2].strip(' ()')}"
    if "Missing command" in message:
        return "缺少命令"
    return "命令写得不对"


def _parameter(error: Exception) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "参数"
    if getattr(parameter, "param_type_name", "") == "option":
        return f"选项 {max(parameter.opts, key=len)} "
    return f"参数 {parameter.metavar or str(parameter.name).upper()} "


_SAID: Final[dict[str, Callable[[Exception], str]]] = {
    "NoSuchOption": _no_option,
    "MissingParameter": _missing,
    "BadParameter": _bad_value,
    "BadOptionUsage": _no_value,
}
