"""Serve the reference's functions from a process of their own.

A student whose `forward_propagation` is wrong should not lose points again in `nn_model`. A check
that fails there is repeated with the reference's function in place of the student's: when the
student's code calls `forward_propagation` by name, the call leaves the sandbox and is answered
here. The server can also run a known mistake, to see whether a student has made it.

The student's code chooses the arguments, so this process has limits on time and memory. If it
reaches one, the student's function gets an error as the answer to its call. The answers go to the
student process only; no message to a student is made from them.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import resource
import socket
import subprocess
import sys
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import msgspec
import numpy as np

from autograder.checking.beside import settle_beside
from autograder.sandbox.host.monitor import ProcessDeaths
from autograder.sandbox.host.usage import charged
from autograder.sandbox.inside.jail import die_with
from autograder.sandbox.inside.randomness import seed_all
from autograder.sandbox.protocol import wire

MAX_MEMORY_BYTES = 2 * 1024**3
"""Address space of the reference process."""

ANSWER_SECONDS = 2.0
"""Time for one answer; the reference needs a thousandth of it for any call of a check."""

MAX_CACHED_BYTES = 32 * 1024**2
"""Size of all answers that are cached for the next student."""

NOT_ANSWERED = wire.Failed(0, wire.Raised("RuntimeError", "it takes too long, or too much memory"))


REFUSED = wire.Failed(0, wire.Raised("RuntimeError", "only the check itself may call it here"))


class ReferenceServer:
    """Answers calls with the reference's functions, in a process that starts with the first call.

    Args:
        reference: the path of the reference solution.
        losses: notes when the process has ended and this class did not end it.

    Attributes:
        spent: seconds of CPU time that the answers have taken.
    """

    def __init__(self, reference: Path, losses: ProcessDeaths | None = None) -> None:
        self.reference = reference
        self.losses = losses or ProcessDeaths()
        self.spent = 0.0
        self.cache: dict[bytes, wire.Returned] = {}
        self.cached_bytes = 0
        self.pid = 0
        self.channel: wire.Channel | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.end: Callable[[], object] = lambda: None

    def answer(self, call: wire.Call) -> wire.Returned | wire.Failed:
        """Call a function of the reference; a failure is returned as an answer too."""
        return self.answers([call])[0]

    def answers(
        self,
        calls: Sequence[wire.Call],
        source: str | None = None,
        most: float = math.inf,
    ) -> list[wire.Returned | wire.Failed]:
        """Make calls, sent together, and return the answers up to the first that does not come.

        Args:
            calls: the calls, together no longer than a socket buffers.
            source: if given, a source text that changes a new copy of the reference first.
            most: the value of `spent` above which no more answers are waited for.
        """
        answers: list[wire.Returned | wire.Failed] = []
        changes = [] if source is None else [wire.Run(source, None)]
        try:
            channel = self.channel or self._start()
            start = charged(self.pid)
            channel.send(*changes, *calls)
            for _ in calls:
                if self.spent > most:
                    raise wire.Closed from TimeoutError()
                answer: wire.Returned | wire.Failed = channel.receive(wire.Returned | wire.Failed)
                answers.append(answer)  # those before a failure are kept
                start, before = charged(self.pid), start
                self.spent += start - before
        except (OSError, wire.Closed, wire.BadMessage, wire.TooLong) as error:
            # As much as an answer may take: starting another process takes time too.
            self.spent += ANSWER_SECONDS
            self._give_up(error)
            answers.append(NOT_ANSWERED)
        return answers

    def cached_answer(self, call: wire.Call) -> wire.Returned | wire.Failed:
        """Return the answer to a call, from the cache if the call was made before.

        The answer depends on nothing but the call, which includes its seed.
        """
        key = hashlib.blake2b(msgspec.msgpack.encode(call), digest_size=32).digest()
        if key in self.cache:
            return self.cache[key]
        answer = self.answer(call)
        if isinstance(answer, wire.Returned):
            self.cached_bytes += wire.size_of(answer)
            if self.cached_bytes > MAX_CACHED_BYTES:
                self.cache.clear()
                self.cached_bytes = wire.size_of(answer)
            self.cache[key] = answer
        return answer

    def _give_up(self, error: Exception) -> None:
        """End the process, and note its death if it had ended before."""
        assert self.process is not None  # noqa: S101  # _start made it
        if isinstance(error, wire.Closed | OSError) and not isinstance(
            error.__cause__, TimeoutError
        ):
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self.process.wait(timeout=ANSWER_SECONDS)
                self.losses.note(self.losses.end(-code if code < 0 else code << 8))
        self.end()
        self.channel = None

    def _start(self) -> wire.Channel:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [
                    *(
                        sys.executable,
                        "-I",
                        "-B",
                        "-m",
                        "autograder.checking.judge.reference_server",
                    ),
                    *(str(theirs.fileno()), str(self.reference), str(os.getpid())),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={"OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )
        self.channel = wire.Channel(ours)
        self.pid = self.process.pid
        self.end = weakref.finalize(self, _end, self.channel, self.process)
        ours.settimeout(60.0)
        self.channel.receive(wire.Ready)
        ours.settimeout(ANSWER_SECONDS)
        return self.channel


def _end(channel: wire.Channel, process: subprocess.Popen[bytes]) -> None:
    channel.close()
    process.kill()
    process.wait()


class ReferenceProxy:
    """Answers in place of some functions of one student, with the same random numbers each time.

    Args:
        reference_server: makes the answers.
        functions: the functions to answer for, and no other: a student process may ask for any
            function, even for the one that is being judged.
        not_upstream: those of them on which the judged function does not build. Only the check
            itself gets their answers: the student's code could learn from them what is right.
        seed: the seed of the random numbers in all answers.

    Attributes:
        calls: how often each function was called.
        refused: the functions that the student's code has called although only the check may.
        spent: seconds of CPU time that the answers have taken.
    """

    def __init__(
        self,
        reference_server: ReferenceServer,
        functions: Sequence[str],
        seed: bytes,
        not_upstream: Collection[str] = (),
    ) -> None:
        self.reference_server = reference_server
        self.functions = functions
        self.not_upstream = not_upstream
        self.seed = seed
        self.calls: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.spent = 0.0

    def __call__(
        self, call: wire.Call, during: wire.Call | None = None
    ) -> wire.Returned | wire.Failed:
        """Answer a call; students that make the same calls get the same answers."""
        if call.function not in self.functions:
            return NOT_ANSWERED
        if call.function in self.not_upstream and (
            during is None or _content(call) != _content(during)
        ):
            self.refused.add(call.function)
            return REFUSED
        self.calls[call.function] += 1
        place = f"{call.function}\0{self.calls[call.function]}".encode()
        seed = hashlib.blake2b(place, key=self.seed, digest_size=32).digest()
        functions = () if during is None else during.functions
        before = self.reference_server.spent
        answer = self.reference_server.cached_answer(
            # Of functions that the student's code passes on, only those count that came from here.
            wire.Call(0, call.function, call.arguments, call.keywords, seed, functions)
        )
        self.spent += self.reference_server.spent - before
        return answer


def _content(call: wire.Call) -> bytes:
    """Encode a call without its number and seed; unlike `==`, this finds nan equal to nan."""
    return msgspec.msgpack.encode((call.function, call.arguments, call.keywords))


def main() -> None:
    """Serve calls on the descriptor in `sys.argv` until the judge closes it or ends."""
    die_with(int(sys.argv[3]))
    channel = wire.Channel(socket.socket(fileno=int(sys.argv[1])))
    path = Path(sys.argv[2]).absolute()
    settle_beside(path)
    code = compile(path.read_bytes(), path, "exec")
    names = _namespace(code, "")
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    channel.send(wire.Ready(()))
    while True:
        try:
            message = channel.receive(wire.Call | wire.Run)
        except wire.Closed:
            return
        if isinstance(message, wire.Run):
            names = _namespace(code, message.source)
            continue
        try:
            if message.seed is not None:
                seed_all(message.seed)
            channel.send(call_function(message, names))
        except Exception as error:
            text = str(error).encode("utf-8", "replace").decode()[:500]
            channel.send(wire.Failed(0, wire.Raised(type(error).__name__[:100], text)))


def _namespace(code: CodeType, source: str) -> dict[str, Any]:
    """Return the names that the reference and a source of the assignment define."""
    module = ModuleType("reference")
    sys.modules["reference"] = module  # dataclasses look for it there
    names = vars(module)
    exec(code, names)  # noqa: S102  # our own file
    exec(_compiled(source), names)  # noqa: S102  # of the assignment's
    return names


@lru_cache(maxsize=1000)
def _compiled(source: str) -> CodeType:
    return compile(source, "<string>", "exec")


def call_function(call: wire.Call, names: dict[str, Any]) -> wire.Returned:
    """Call a function of the reference with the current state of the random numbers.

    Args:
        call: the call.
        names: the names that the reference defines.

    Raises:
        Exception: whatever the function raises.
        TypeError: an argument or the returned value cannot be sent to another process.
    """
    function = names[call.function]
    functions = wire.Functions(names, lambda value: unpack(value))

    def find(handle: wire.Handle | wire.Known) -> object:
        if isinstance(handle, wire.Handle):
            raise TypeError(f"it was given {handle.described}")
        return functions.find(handle)

    def unpack(value: wire.Value) -> Any:
        return wire.unpack(value, find, partial(wire.revived, names))

    def keep(value: object) -> wire.Known:
        known = functions.known(value)
        if known is None:
            raise TypeError(f"the reference returns {type(value).__name__!r}, which cannot cross")
        return known

    functions.take(call.functions)
    arguments = [unpack(value) for value in call.arguments]
    keywords = {name: unpack(value) for name, value in call.keywords}
    with np.errstate(all="ignore"):
        value = function(*arguments, **keywords)
    before = (*call.arguments, *(each for _, each in call.keywords))
    after = tuple(wire.pack(each, keep) for each in [*arguments, *keywords.values()])
    return wire.Returned(0, wire.pack(value, keep), None if after == before else after)


if __name__ == "__main__":
    main()
