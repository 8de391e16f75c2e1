"""Runs the cases that the runner names and prints an outcome a line, as ../support/program.ts describes."""

import faulthandler
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """What a case is given."""

    bootstrap: str
    prefix: str

    def name(self, suffix: str) -> str:
        """A name for a topic or group of this case, that no other run uses."""
        return f"{self.prefix}-{suffix}"

    def restart_node(self) -> None:
        """Kills the node with SIGKILL and returns when it is ready again."""
        say(ask="restart")
        answer = sys.stdin.readline().strip()
        assert answer == "restarted", f"The node did not come back: {answer!r}"


Case = Callable[[Scenario], None]


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def run_program(cases: dict[str, Case]) -> None:
    order = json.loads(sys.argv[1])
    for name in order["cases"]:
        say(start=name)
        try:
            if name not in cases:
                raise LookupError("This client has no such case")
            cases[name](Scenario(order["bootstrap"], f"{order['prefix']}-{name}"))
            say(case=name, ok=True)
        except Exception as failure:
            traceback.print_exc()
            # What the others are doing: a client may be stuck in one of them.
            faulthandler.dump_traceback(all_threads=True)
            text = str(failure) if isinstance(failure, AssertionError) else repr(failure)
            say(case=name, ok=False, reason=text)
    # Threads of cases that failed may be stuck in a client: the program is over when its cases are.
    sys.stderr.flush()
    os._exit(0)


def until(
    what: str,
    condition: Callable[[], object],
    seconds: float = 30,
    detail: Callable[[], object] = lambda: "",
) -> None:
    """Returns as soon as the condition holds; fails when it still does not at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds} s in vain for: {what} {detail()}")
        time.sleep(0.01)


def equal(what: str, actual: object, expected: object) -> None:
    assert actual == expected, f"{what}: expected {shorten(expected)}, got {shorten(actual)}"


def shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) < 400 else f"{text[:400]}… ({len(text)} characters)"
