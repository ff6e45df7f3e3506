"""The sandbox's inside: decodes one file after another, asked on stdin, answered on stdout.

A question is one line of JSON, {"path", "kind": "slice" | "film"}. An answer is one line of JSON, {"shape", "dtype"}
followed by the array's bytes, or {"code", "values"} if the file cannot be decoded. The process limits its own memory
and time before it loads a decoder; a file that breaks a decoder ends this process and nothing else.
"""

import json
import os
import resource
import sys
import warnings
from typing import Any, BinaryIO

MEMORY = 3 << 30  # bytes of address space
SECONDS = 60  # of processor time for one file


def main() -> None:
    """Serve until stdin closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = _private_stdout()
    for line in sys.stdin.buffer:
        question = json.loads(line)
        _grant(SECONDS)
        _answer(answers, question["path"], question["kind"])


def _private_stdout() -> BinaryIO:
    """The pipe to the parent; what a decoder prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    return answers


def _grant(seconds: int) -> None:
    """Processor time for one more file; the kernel ends a process that uses it up."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + seconds, hard))


def _answer(answers: BinaryIO, path: str, kind: str) -> None:
    from cdss.serving.pacs.reasons import Unreadable

    try:
        values = _decoded(path, kind)
    except Unreadable as e:
        _say(answers, {"code": e.reason.code, "zh": e.reason.zh, "en": e.reason.en})
    except MemoryError:
        _say(answers, {"code": "decode_stopped", "values": {}})
    except Exception as e:
        _say(answers, {"code": "decode_failed", "values": {"fault": type(e).__name__}})
    else:
        _say(answers, {"shape": values.shape, "dtype": values.dtype.str})
        answers.write(values.tobytes())
    answers.flush()


def _say(answers: BinaryIO, head: dict[str, Any]) -> None:
    answers.write(json.dumps(head).encode() + b"\n")


def _decoded(path: str, kind: str) -> Any:
    """int16 HU for a slice, float32 for a film; decoders are imported here, behind the limits."""
    import pydicom
    from pydicom.pixels import pixel_array

    from cdss.serving.pacs.decode import values
    from cdss.serving.pacs.decode.syntaxes import check

    warnings.simplefilter("ignore")
    dataset = pydicom.dcmread(path, force=True)
    check(dataset)
    stored = pixel_array(dataset, index=0)
    return values.hounsfield(dataset, stored) if kind == "slice" else values.film(dataset, stored)


if __name__ == "__main__":
    main()
