"""Every limit of the sandbox, and nothing else.

`docs/operators/limits.md` lists the limits with their values; a test compares the two. Import this
module rather than its names (`limits.CELL_TIME`), so that a test that replaces a limit replaces it
for every reader.

Each limit is held by the judge, by the kernel, or by both. The code in `inside` also reads some of
them, but only so that an honest notebook meets them gently: whatever a student's code changes in
its own process, the judge checks again.
"""

from __future__ import annotations

from typing import NamedTuple


class TimeLimit(NamedTuple):
    """Seconds of processor time, and of wall time."""

    cpu: float
    wall: float


# --- time of a submission ---------------------------------------------------------------------

CELL_TIME = TimeLimit(cpu=20.0, wall=120.0)
"""For one cell. A network trained for 10,000 steps takes about two seconds."""

ALL_CELLS_TIME = TimeLimit(cpu=60.0, wall=300.0)
"""For all cells of a notebook together, in one run of them."""

INTERRUPTED_CELL_TIME = TimeLimit(cpu=1.0, wall=10.0)
"""For a cell to end after it was interrupted; then its process is killed."""

CALL_TIME = TimeLimit(cpu=4.0, wall=60.0)
"""For one call of a function. The slowest call of a reference takes 0.02 s, plain loops some 0.1 s.
Also for a student process or a fork to report that it is ready."""

FUNCTION_TIME = TimeLimit(cpu=10.0, wall=150.0)
"""For all calls that the checks of one function make."""

MAX_SUBMISSION_CPU_SECONDS = 300.0
"""For all processes of a submission together. The cells may be run three times for a minute each,
and ten functions may use all of their ten seconds; an honest notebook uses a hundredth of it."""

MAX_IDLE_SECONDS = 180.0
"""For which a submission may keep the judge waiting while it does nothing. An honest notebook waits
for nothing: its packages are loaded and its files are in memory. Three minutes leave room for a
cell that sleeps for two of them, and for a disk that hangs."""

MAX_RERUNS_CPU_SECONDS = 120.0
"""For all runs of a notebook's cells, above which a failed check does not run the cells again."""

MAX_CELL_RESTARTS = 3
"""Further runs of the cells of a notebook that ends its own process."""

MAX_CLOCK_STEP_SECONDS = 0.2
"""Wall time that counts between two looks at the clock, ten times what usually lies between them. A
judge that was stopped in between (Ctrl-Z, a frozen container) does not hold it against anybody."""

# --- resources of a student process, held by the kernel ------------------------------------------

MAX_ADDRESS_SPACE_BYTES = 4 * 1024**3
"""For each process. numpy and IPython take half a gigabyte before they do anything."""

MAX_FILE_BYTES = 64 * 1024**2
"""For one file."""

MAX_PROCESS_CPU_SECONDS = 120
"""For each process. A last resort: the judge kills long before."""

MAX_OPEN_FILES = 64
"""For each process."""

MAX_PROCESSES = 64
"""Processes and threads of one submission together."""

MAX_PROCESSES_OF_SHARED_USER = 256
"""Processes and threads beyond those that the user already has, where the kernel counts those of a
submission together with those of the person who grades."""

MAX_SCRATCH_BYTES = 256 * 1024**2
"""For all files in the scratch folder together, where there is a mount namespace."""

MAX_SCRATCH_FILES = 8192
"""Files and folders in the scratch folder, where there is a mount namespace."""

# --- output of cells ------------------------------------------------------------------------------

MAX_CELL_TEXT_CHARACTERS = 20_000
"""For each stream, and for each displayed text, of one cell; the rest is cut."""

MAX_OUTPUT_CHARACTERS = 500_000
"""For one output. Only a picture, in base64, can be that long; a larger picture is left out."""

MAX_CELL_OUTPUT_BYTES = 4_000_000
"""For all that one cell displays, in a notebook file; what comes later is left out."""

MAX_CELL_OUTPUTS = 50_000
"""For one cell."""

MAX_SUBMISSION_OUTPUT_BYTES = 16_000_000
"""For the outputs of all cells, in a notebook file. 40 figures of 100 KB take a third."""

MIN_CELL_TEXT_CHARACTERS = 100
"""Kept of the first text of each kind in a cell, however much earlier cells showed. A test cell may
give its points in them, or lose them by what it prints to standard error."""

# --- messages between the judge and a student process ---------------------------------------------

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""For one message: an answer of two million float64."""

MAX_VALUE_DEPTH = 24
"""Containers within containers."""

MAX_CONTAINER_ITEMS = 100_000
"""In one list, tuple, set, dict or range, and in one array of objects."""

MAX_VALUE_ITEMS = 250_000
"""In all containers of one value; decoding them takes a quarter of a second."""

MAX_STRING_CHARACTERS = 100_000
"""In one string of a value."""

MAX_INTEGER_BYTES = 65_536
"""In one whole number: some 150,000 decimal digits."""

MAX_EXACT_DIGITS = 4000
"""In a Decimal, and in numerator and denominator of a Fraction: reducing one takes time that grows
with the square of the digits."""

MAX_EQUAL_HASHES = 100
"""Entries of one set or keys of one dict with the same hash: each is compared with all others."""

MAX_ARRAY_AXES = 32

MAX_ARGUMENTS = 1000
"""By position, and again by name, in one call."""

MAX_CALLS_TOGETHER = 10_000
"""In one message: the calls of one check."""

MAX_FUNCTIONS = 1000
"""Named in one message: the functions of an assignment."""

MAX_NAME_CHARACTERS = 100
"""In a name or a type that a student's code gives and that people read."""

MAX_TRACEBACK_LINES = 8
"""Of a cell's exception; from the middle of a longer traceback, lines are left out."""

MAX_SENTENCE_CHARACTERS = 500
"""In the message of an exception, and in any other sentence for people."""

MAX_SOURCE_LINE_CHARACTERS = 200
"""In the line of source code that is shown with an exception."""

MAX_STALE_ANSWERS = 1000
"""Repeated answers that are passed over while one is awaited; more end the fork."""

# --- starting and ending processes ----------------------------------------------------------------

START_SECONDS = 60.0
"""For a worker to become warm, on a busy machine."""

MAX_WORKER_STARTS = 3
"""Attempts to start a worker that is killed before it is used."""

WORKER_STOP_SECONDS = 20.0
"""For a worker to end by itself, and again after it was told to."""

KILLED_END_SECONDS = 5.0
"""For a killed process to end; it usually takes a few milliseconds."""

MAX_ENDED_FORKS = 16
"""Forks that may have ended before the student process fetches how; the judge reads it first."""

MAX_STOP_ROUNDS = 100
"""Searches for processes that were started while the others were being stopped."""

# --- limits of one assignment ---------------------------------------------------------------------


class AssignmentLimits(NamedTuple):
    """The limits that an assignment changes; None for a limit that stays.

    If it raises a limit on time, the limits on a whole submission rise by the same factor.
    """

    cell_seconds: float | None = None
    call_seconds: float | None = None
    function_seconds: float | None = None
    memory_gb: float | None = None

    @property
    def cell_time(self) -> TimeLimit:
        """For one cell."""
        cpu = self.cell_seconds
        return CELL_TIME if cpu is None else _times(CELL_TIME, cpu / CELL_TIME.cpu)

    @property
    def all_cells_time(self) -> TimeLimit:
        """For all cells of a notebook together."""
        return _times(ALL_CELLS_TIME, max(1.0, self.cell_time.cpu / CELL_TIME.cpu))

    @property
    def call_time(self) -> TimeLimit:
        """For one call of a function."""
        return _times(CALL_TIME, (self.call_seconds or CALL_TIME.cpu) / CALL_TIME.cpu)

    @property
    def function_time(self) -> TimeLimit:
        """For all calls that the checks of one function make; never less than one call may take."""
        cpu = self.function_seconds or max(FUNCTION_TIME.cpu, self.call_time.cpu)
        return _times(FUNCTION_TIME, cpu / FUNCTION_TIME.cpu)

    @property
    def factor(self) -> float:
        """By which the limits on a whole submission rise."""
        return max(
            1.0,
            self.cell_time.cpu / CELL_TIME.cpu,
            self.call_time.cpu / CALL_TIME.cpu,
            self.function_time.cpu / FUNCTION_TIME.cpu,
        )

    @property
    def memory_bytes(self) -> int:
        """For each process."""
        return MAX_ADDRESS_SPACE_BYTES if self.memory_gb is None else int(self.memory_gb * 1024**3)

    @property
    def process_cpu_seconds(self) -> int:
        """For each process."""
        return int(MAX_PROCESS_CPU_SECONDS * self.factor)


def _times(limit: TimeLimit, factor: float) -> TimeLimit:
    return TimeLimit(limit.cpu * factor, limit.wall * factor)
