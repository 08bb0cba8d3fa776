"""Attacks on the messages between a notebook's processes and the judge."""

from __future__ import annotations

from robustness.attacks.attack import EVERY, Notebook, attack

FORGED = "forged messages"
FLOODED = "floods and lies"

TOLD = "not an answer"
"""What the instructor is told of a process that sent anything else."""

LINES = '''\
import struct, threading
wire = sys.modules.get("autograder.sandbox.protocol.wire")

def lines():
    """The descriptors of all sockets that this process has."""
    import stat
    found = []
    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode): found.append(number)
        except OSError:
            pass
    return found

def send(*data):
    for number in lines() if wire else []:
        for each in data:
            try:
                os.write(number, each)
            except OSError:
                pass

def framed(message):
    import msgspec
    body = message if isinstance(message, bytes) else msgspec.msgpack.encode(message)
    return struct.pack(">I", len(body)) + body
'''

FOREVER = """\
def forever(data):
    def work():
        while True:
            send(data)
            time.sleep(0.0001)
    threading.Thread(target=work, daemon=True).start()
"""


def in_spread(statements: str, first: str = LINES) -> Notebook:
    """A notebook whose `spread`, on which no other builds, does something before it answers."""
    body = "".join(f"    {line}\n" for line in statements.splitlines())
    answer = '    return {"mean": 0.0, "spread": 0.0}\n'
    return Notebook(first=first, written={"spread": f"def spread(numbers):\n{body}{answer}"})


@attack(FORGED, alone=True, costs=EVERY, seen=TOLD)
def the_end_of_a_cell() -> str:
    """Says in a cell that the cell has ended, with outputs of its own."""
    return LINES + (
        "if wire: send(framed(wire.Ran(None, (wire.Output('text/html', '<script>'),))))"
    )


@attack(FORGED, alone=True, costs=("spread",), seen=TOLD)
def an_answer_ahead_of_the_answer() -> Notebook:
    """Sends an answer to the call that is coming, then the one to the call that is there."""
    return in_spread("if wire: send(framed(wire.Returned(2, 0.0, None)))")


@attack(FORGED, alone=True, costs=("spread",), seen=TOLD)
def two_answers_to_one_call() -> Notebook:
    """Answers every call twice, so that later checks would get earlier answers."""
    return in_spread("if wire: send(framed(wire.Returned(1, 2.0, None)))")


@attack(FORGED, alone=True, costs=("spread",), seen=TOLD)
def wrong_numbers() -> Notebook:
    """Answers with the numbers of other calls."""
    return in_spread(
        "if wire:\n    for n in (-1, 0, 77, 2**62): send(framed(wire.Returned(n, 2.0, None)))"
    )


@attack(FORGED, alone=True, costs=("spread",), seen=TOLD)
def a_call_in_the_place_of_an_answer() -> Notebook:
    """Asks the judge to call the reference's function for it."""
    return in_spread(
        "if wire: send(framed(wire.Call(0, 'spread', (0.0,), (), None)))\n"
        "if wire: send(framed(wire.Call(0, '__import__', ('os',), (), None)))"
    )


@attack(FORGED, alone=True, costs=EVERY, seen=TOLD)
def messages_of_the_judges_own() -> str:
    """Sends everything that only the judge may say, and what no process here ever says."""
    return LINES + (
        "if wire:\n"
        "    for m in (wire.Open(), wire.Swept(), wire.Sweep(), wire.Prepare(('1',)),\n"
        "              wire.Confined((), ()), wire.Ready(('total_of_doubles',)),\n"
        "              wire.Replace(('total_of_doubles',)), wire.Missing(1)):\n"
        "        send(framed(m))"
    )


@attack(FORGED, alone=True, right=True, costs=EVERY, seen=TOLD)
def answers_for_another_fork() -> str:
    """Keeps the sockets of its forks, and answers in their place from the process they came of."""
    return LINES + (
        "if wire:\n"
        "    true, kept = wire.Channel.receive_with_descriptor, []\n"
        "    def receive(self, kind):\n"
        "        message, passed = true(self, kind)\n"
        "        for each in passed:\n"
        "            kept.append(os.dup(each))\n"
        "            os.write(each, framed(wire.Returned(1, 2.0, None)))\n"
        "        return message, passed\n"
        "    wire.Channel.receive_with_descriptor = receive"
    )


@attack(FORGED, alone=True, costs=("spread",), seen=TOLD)
def a_handle_that_stands_for_nothing() -> Notebook:
    """Answers with handles of its own making, hoping that somebody looks them up."""
    return in_spread(
        "if wire:\n    send(framed(wire.Returned(1, wire.Handle(10**9, '<b>an array</b>'), None)))"
    )


@attack(FORGED, alone=True, costs=EVERY, seen=TOLD)
def forged_by_a_thread() -> str:
    """Answers from a thread, again and again, whatever is asked."""
    return (
        LINES
        + FOREVER
        + ("def fork():\n    forever(framed(wire.Returned(1, 2.0, None)))\nif wire: fork()")
    )


@attack(FORGED, alone=True, costs=("spread",), seen=TOLD)
def descriptors_instead_of_an_answer() -> Notebook:
    """Sends open files along, for the judge to use."""
    return in_spread(
        "import socket\n"
        "for n in lines() if wire else []:\n"
        "    line = socket.socket(fileno=os.dup(n))\n"
        "    for _ in range(50):\n"
        "        try:\n"
        "            socket.send_fds(line, [b'\\0'], [0, 1, 2])\n"
        "        except OSError:\n"
        "            pass"
    )


@attack(FLOODED, alone=True, costs=("spread",), seen=TOLD)
def a_message_longer_than_any() -> Notebook:
    """Announces four gigabytes."""
    return in_spread("if wire: send(b'\\xff\\xff\\xff\\xff' + bytes(1000))")


@attack(FLOODED, alone=True, costs=("spread",))
def a_message_that_never_ends() -> Notebook:
    """Announces a megabyte, sends a byte now and then, and computes meanwhile."""
    return in_spread(
        "if wire:\n    send(struct.pack('>I', 10**6))\n    while True:\n        send(b'x')"
    )


@attack(FLOODED, alone=True, costs=("spread",), seen=TOLD)
def lists_in_lists() -> Notebook:
    """Sends a message nested a hundred thousand times."""
    return in_spread(
        "if wire: send(framed(b'\\x94\\xa8returned\\x01' + "
        "b'\\x92\\xa4list\\x91' * 100_000 + b'\\xc0' + b'\\xc0'))"
    )


@attack(FLOODED, alone=True, costs=("spread",), seen=TOLD)
def lengths_that_lie() -> Notebook:
    """Sends a list that says it has four billion entries."""
    return in_spread(
        "if wire: send(framed(b'\\x94\\xa8returned\\x01\\x92\\xa4list\\xdd\\xff\\xff\\xff\\xff'))"
    )


@attack(FLOODED, alone=True, costs=("spread",), seen=TOLD)
def an_array_larger_than_its_bytes() -> Notebook:
    """Answers with an array whose shape and type need more bytes than there are."""
    return in_spread(
        "if wire: send(framed(wire.Returned(1, wire.Array('float64', (10**9,), b'12'), None)))"
    )


@attack(FLOODED, alone=True, costs=("spread",), seen=TOLD)
def an_array_of_no_known_type() -> Notebook:
    """Answers with arrays of objects, of dates and of types that run code when they are named."""
    return in_spread(
        "if wire:\n"
        "    for t in ('O', 'object', 'M8[s]', 'V8', 'float64,O', '{\"names\": 1}'):\n"
        "        send(framed(wire.Returned(1, wire.Array(t, (1,), bytes(8)), None)))"
    )


@attack(FLOODED, alone=True, costs=("spread",), seen=TOLD)
def a_dict_with_one_hash() -> Notebook:
    """Answers with a dict whose keys all have one hash, which takes for ever to build."""
    return in_spread(
        "if wire:\n"
        "    m = 2**61 - 1\n"
        "    keys = [float(n * m) for n in range(-3, 3)] + [n * m for n in range(-4, 5)]\n"
        "    keys = (keys * 7000)[:100_000]\n"
        "    d = wire.Dict(tuple((k, None) for k in keys))\n"
        "    send(framed(wire.Returned(1, d, None)))"
    )


@attack(FLOODED, alone=True, costs=EVERY, seen=TOLD)
def more_than_anybody_reads() -> str:
    """Fills its line with random bytes from a thread for as long as it lives."""
    return LINES + FOREVER + "if wire: forever(os.urandom(4096))"


@attack(FLOODED, alone=True, costs=("spread",), seen=TOLD)
def words_that_are_no_text() -> Notebook:
    """Raises with a text that is not UTF-8."""
    return in_spread(
        "if wire: send(framed(b'\\x93\\xa6failed\\x01\\x96\\xa6raised\\xa3\\xff\\xfe\\xfd"
        "\\xa1x\\xc0\\xc0\\xc0'))"
    )
