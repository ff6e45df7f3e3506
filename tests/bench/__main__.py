"""`make bench`: speeds as ratios against a named baseline in the same run, printed as JSON. Nothing here can fail.

Absolute times depend on the machine and on what else it does; ratios hold.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from tests.bench import baseline
from tests.bench.imaging import imaging
from tests.bench.population import population
from tests.bench.samples import order_sign

ROUNDS, WARM = 400, 50


def main() -> None:
    """All measurements, one JSON object."""
    body = order_sign(20)
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "body_bytes": len(body),
            "engine": engine(body),
            "burden": burden(),
            "http": http(body, Path(folder)),
            "population": population(Path(folder)),
            "imaging": imaging(),
        }
    print(json.dumps(found, indent=2))  # noqa: T201


def engine(body: bytes) -> dict[str, Any]:
    """Parse and review of a 20-drug order-sign in this process, against parsing and writing the same JSON.

    `review_ms` is all of it, `evaluate_ms` the engine alone; `one_order_ms` one drug against every rule, and
    `every_rule_ms` the same without the index: each rule about orders asked in turn.
    """
    from cdss.rules.asking.context import Context
    from cdss.rules.engine import evaluate
    from cdss.rules.pack import load
    from cdss.serving.emr.any_form import asked
    from cdss.serving.emr.asked import answer
    from cdss.serving.platform.json_text import loads

    started = time.perf_counter()
    pack = load()
    loaded = time.perf_counter() - started
    facts = asked(loads(body), pack).facts
    first = msgspec.structs.replace(facts, orders=facts.orders[:1])
    rules = [compiled for compiled in pack.rules.values() if compiled.rule.when.ordering is not None]
    review = timed(lambda: answer(pack, asked(loads(body), pack)))
    plain = timed(lambda: json.dumps(json.loads(body)))
    return {
        "rules": len(pack.rules),
        "load_s": round(loaded, 3),
        "load_mb": load_mb(),
        "review_ms": review,
        "evaluate_ms": timed(lambda: evaluate(pack, facts)),
        "one_order_ms": timed(lambda: evaluate(pack, first)),
        "every_rule_ms": timed(lambda: [rule.ask(Context(first), first.orders[0]) for rule in rules]),
        "rules_about_orders": len(rules),
        "baseline_json_ms": plain,
        "ratio_median": round(review["median"] / plain["median"], 2),
    }


def burden() -> dict[str, Any]:
    """What the golden regimens cost a doctor: alerts by level, and interruptive ones in 100 orders."""
    from tests.knowledge.test_regimens import FILES, regimen, wanted

    values = [regimen(path) for path in FILES]
    orders = sum(len(value["request"]["orders"]) for value in values)
    levels = Counter(level for value in values for (_, level, _), n in wanted(value).items() for _ in range(n))
    stopping = levels["contraindicated"] + levels["avoid"]
    return {
        "regimens": len(values),
        "orders": orders,
        "alerts": dict(levels),
        "interruptive_per_100_orders": round(100 * stopping / orders, 2),
    }


def load_mb() -> float:
    """What the whole knowledge costs a process in memory, the interpreter and its libraries included."""
    program = (
        "from cdss.rules.pack import load; pack = load()\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return round(int(done.stdout) / 1024, 1)


def http(body: bytes, folder: Path) -> dict[str, Any]:
    """The front behind BentoML against a bare Starlette echo of the same body: time and CPU a request."""
    with running(baseline.command(), "/") as echo:
        plain = requests(echo, "/", body)
    started = time.perf_counter()
    with running(front_command(), "/readyz", front_environment(folder)) as front:
        ready = time.perf_counter() - started
        first = timed_once(lambda: httpx.post(f"{front.address}/cds-services/order-check-sign", content=body))
        order = requests(front, "/cds-services/order-check-sign", body)
    return {
        "start_to_ready_s": round(ready, 2),
        "first_check_ms": round(first, 1),
        "order_sign": order,
        "baseline_starlette_echo": plain,
        "ratio_cpu": round(order["cpu_us"] / plain["cpu_us"], 2),
        "ratio_median": round(order["median"] / plain["median"], 2),
    }


def timed(call: Callable[[], object]) -> dict[str, float]:
    """Median and p99 of a call in milliseconds, after warming up."""
    for _ in range(WARM):
        call()
    return summary([timed_once(call) for _ in range(ROUNDS)])


def timed_once(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def summary(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"median": round(statistics.median(times), 3), "p99": round(cuts[98], 3)}


class Running:
    """A server in a process of its own."""

    def __init__(self, address: str, process: "subprocess.Popen[bytes]") -> None:
        self.address, self.process = address, process

    def cpu_seconds(self) -> float:
        """User and system time of the process and its children so far."""
        import psutil

        root = psutil.Process(self.process.pid)
        times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
        return sum(one.user + one.system for one in times)


def requests(server: Running, path: str, body: bytes) -> dict[str, float]:
    """One after the other over one connection: median and p99 in ms, CPU of the server a request in us."""
    headers = {"content-type": "application/json"}
    with httpx.Client(base_url=server.address, headers=headers) as client:
        for _ in range(WARM):
            client.post(path, content=body).raise_for_status()
        before = server.cpu_seconds()
        times = [timed_once(lambda: client.post(path, content=body)) for _ in range(ROUNDS)]
        cpu = (server.cpu_seconds() - before) / ROUNDS * 1e6
    return {**summary(times), "cpu_us": round(cpu)}


@contextmanager
def running(command: list[str], ready: str, environment: dict[str, str] | None = None) -> Iterator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    full = [part.replace("{port}", str(port)) for part in command]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(full, env={**os.environ, **(environment or {})}, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        while not answers(address + ready):
            time.sleep(0.05)
        yield Running(address, process)
        process.terminate()
        process.wait(30)


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=1).status_code < 500
    except httpx.HTTPError:
        return False


def front_command() -> list[str]:
    serve = [sys.executable, "-m", "bentoml", "serve", "cdss.serving.platform.front:Cdss"]
    return [*serve, "--host", "127.0.0.1", "--port", "{port}"]


def front_environment(folder: Path) -> dict[str, str]:
    home = folder / "home"
    return {"CDSS_HOME": str(home), "BENTOML_HOME": str(home / "bentoml"), "BENTOML_DO_NOT_TRACK": "true"}


if __name__ == "__main__":
    main()
