"""JSON from outside, read so that nothing vanishes: a key given twice is refused, and so is what is too deep or big.

So is what could not be written down again: half a character, a number beyond what a double holds.
"""

import json
import math
import re
from typing import Any

from cdss.rules.alert import Text
from cdss.serving.platform.errors import BadInput

MAX_BYTES, MAX_DEPTH, LONGEST_WHOLE = 5 * 1024 * 1024, 64, 309
NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")  # escape of half a character, maybe without its other half


def loads(body: bytes) -> Any:
    """The value of a JSON text in UTF-8. BadInput (400 or 413) says what was found and what to send."""
    if len(body) > MAX_BYTES:
        raise _bad(
            413, f"请求体 {len(body)} 字节，最多 {MAX_BYTES} 字节。", f"found {len(body)} bytes, at most {MAX_BYTES}"
        )
    if not body.strip():
        raise _bad(400, "请求体为空，应为 JSON。", "found an empty body, expected JSON")
    if _too_deep(body):
        raise _bad(400, f"JSON 嵌套超过 {MAX_DEPTH} 层。", f"found JSON nested deeper than {MAX_DEPTH}")
    try:
        value = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_constant,
            parse_float=_number, parse_int=_whole,
        )  # fmt: skip
    except UnicodeDecodeError as e:
        raise _bad(
            400,
            f"第 {e.start + 1} 字节不是 UTF-8（是否为 GB18030？请转为 UTF-8 发送）。",
            f"byte {e.start + 1} is not UTF-8 (is it GB18030?); send UTF-8",
        ) from e
    except RecursionError as e:
        raise _bad(400, "JSON 嵌套过深。", "found JSON nested too deep to read") from e
    except json.JSONDecodeError as e:
        where = f"line {e.lineno} column {e.colno}"
        raise _bad(400, f"不是合法的 JSON：第 {e.lineno} 行第 {e.colno} 列。", f"not JSON: {e.msg} at {where}") from e
    if SURROGATE.search(body):
        _refuse_halves(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _bad(400, "同一对象中有重复的键，请只保留一个。", "found a key twice in one object; keep one of them")
    return found


def _constant(name: str) -> Any:
    raise _bad(400, f"JSON 中不允许 {name}。", f"found {name}, which is not JSON")


def _number(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise _bad(400, "JSON 中有数值超出范围（约 1.8e308）。", "found a number beyond 1.8e308; send a smaller one")
    return found


def _whole(text: str) -> int:
    if len(text) > LONGEST_WHOLE:
        raise _bad(
            400, f"JSON 中有整数超过 {LONGEST_WHOLE} 位。", f"found a whole number of more than {LONGEST_WHOLE} digits"
        )
    return int(text)


def _refuse_halves(value: Any) -> None:
    """Half a surrogate pair is no character: no database, file or answer can hold it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as e:
        half = f"\\u{ord(e.object[e.start]):04x}"
        raise _bad(
            400,
            f"JSON 文本中有不成对的代理码元 {half}，不是字符（是否截断了文本？），请去掉。",
            f"found {half}, half of a surrogate pair, which is no character (was a text cut?); leave it out",
        ) from e


def _too_deep(body: bytes) -> bool:
    """Whether brackets outside texts nest deeper than MAX_DEPTH: the innermost pairs are taken away, layer by layer."""
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body
    brackets = b"".join(plain.split(b'"')[::2]).translate(None, NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return b"{}" in brackets or b"[]" in brackets


def _bad(status: int, zh: str, en: str) -> BadInput:
    return BadInput(Text(zh, en), status=status, code="json")
