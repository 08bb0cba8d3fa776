"""The reference's functions in a process of their own, to stand in for a learner's.

A learner whose `forward_propagation` is wrong should not pay for it again in `nn_model`. So a check
that fails there is repeated with the reference's in its place: where the learner's code calls it by
name, the call comes out of the sandbox, and is answered here. It can also become somebody who has
made a mistake, to see whether a learner has made the same.

What is called with is of the learner's choosing, so this process is limited in time and memory: it
can only fail, and then the learner's function is told that its call could not be answered. What it
answers goes to the learner's process and nowhere else: no message to a learner is made of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import socket
import subprocess
import sys
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import CodeType

import msgspec
import numpy as np

from autograder.sandbox.host.monitor import ProcessDeaths
from autograder.sandbox.host.usage import charged
from autograder.sandbox.inside.jail import die_with
from autograder.sandbox.inside.randomness import seed_all
from autograder.sandbox.protocol import wire

MAX_MEMORY_BYTES = 2 * 1024**3
"""Bytes of address space."""

ANSWER_SECONDS = 2.0
"""One answer; the reference needs a thousandth of it for what any check asks."""

MAX_CACHED_BYTES = 32 * 1024**2
"""Bytes of answers that are kept for the next learner."""

NOT_ANSWERED = wire.Failed(0, wire.Raised("RuntimeError", "it takes too long, or too much memory"))


REFUSED = wire.Failed(0, wire.Raised("RuntimeError", "only the check itself may call it here"))


class ReferenceServer:
    """Answers calls with the reference's functions, in a process that starts when it is needed.

    Args:
        reference: the path of the reference.
        losses: is told when the process has ended, and not from here.

    Attributes:
        spent: seconds of CPU time that its answers have taken.
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
        """Calls a function of the reference; whatever goes wrong is an answer too."""
        try:
            channel = self.channel or self._start()
            start = charged(self.pid)
            channel.send(call)
            answer: wire.Returned | wire.Failed = channel.receive(wire.Returned | wire.Failed)
            self.spent += charged(self.pid) - start
        except (OSError, wire.Closed, wire.BadMessage, wire.TooLong) as error:
            self.spent += (
                ANSWER_SECONDS  # as much as it may take, and starting another one takes time too
            )
            self._give_up(error)
            return NOT_ANSWERED
        return answer

    def cached_answer(self, call: wire.Call) -> wire.Returned | wire.Failed:
        """The same, but a class that calls alike is answered once.

        What is returned depends on the call alone, its seed among it.
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

    def become(self, source: str) -> None:
        """From the next answer on there is a new copy of the reference, with this source in it.

        Raises:
            Closed: the process has ended; the next one knows nothing of this source.
        """
        try:
            channel = self.channel or self._start()
            channel.send(wire.Run(source, None))
        except wire.Closed as error:
            self._give_up(error)
            raise

    def _give_up(self, error: Exception) -> None:
        """Ends the process, and notes it if it has ended before."""
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
    """The understudy for one student of a check: the same randomness for the same calls.

    Args:
        reference_server: answers.
        functions: those that it answers for, and no other: a student's process may ask for
            anything, even for the function that is being judged.
        not_upstream: those of them on which the judged function does not build. Only the check
            itself gets their answers: the student's code could learn from them what is right.
        seed: from which the randomness of all its answers is made.

    Attributes:
        calls: how often each function was called.
        refused: the functions that the student's code has called, and that only the check may.
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
        """Answers a call; two students that make the same calls get the same answers."""
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
        before = self.reference_server.spent
        answer = self.reference_server.cached_answer(
            wire.Call(0, call.function, call.arguments, call.keywords, seed)
        )
        self.spent += self.reference_server.spent - before
        return answer


def _content(call: wire.Call) -> bytes:
    """What a call asks, whatever its number and its seed; a nan is itself there."""
    return msgspec.msgpack.encode((call.function, call.arguments, call.keywords))


def main() -> None:
    """Serves calls on the descriptor that is named until the judge hangs up, or ends."""
    die_with(int(sys.argv[3]))
    channel = wire.Channel(socket.socket(fileno=int(sys.argv[1])))
    path = Path(sys.argv[2])
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
            channel.send(call_function(message, names[message.function]))
        except Exception as error:
            text = str(error).encode("utf-8", "replace").decode()[:500]
            channel.send(wire.Failed(0, wire.Raised(type(error).__name__[:100], text)))


def _namespace(code: CodeType, source: str) -> dict[str, object]:
    """What the reference defines, and then this source, which is no learner's."""
    names: dict[str, object] = {"__name__": "reference"}
    exec(code, names)  # noqa: S102  # our own file
    exec(source, names)  # noqa: S102  # of the assignment's
    return names


def call_function(call: wire.Call, function: object) -> wire.Returned:
    """What a function of the reference answers to a call, with the randomness as it stands.

    Raises:
        Exception: whatever the function raises.
        TypeError: it was given, or returns, what cannot cross.
    """
    assert callable(function)  # noqa: S101  # the judge names functions of the reference
    arguments = [wire.unpack(value, _refuse) for value in call.arguments]
    keywords = {name: wire.unpack(value, _refuse) for name, value in call.keywords}
    with np.errstate(all="ignore"):
        value = function(*arguments, **keywords)
    before = (*call.arguments, *(each for _, each in call.keywords))
    after = tuple(wire.pack(each, _keep) for each in [*arguments, *keywords.values()])
    return wire.Returned(0, wire.pack(value, _keep), None if after == before else after)


def _refuse(handle: wire.Handle) -> object:
    raise TypeError(f"it was given {handle.described}")


def _keep(value: object) -> wire.Handle:
    raise TypeError(f"the reference returns a {type(value).__name__}, which cannot cross")


if __name__ == "__main__":
    main()
