"""Run the cells of one submission, and fork the student process for each function.

If a cell kills the student process or cannot be interrupted, only its own effect is lost: a new
process runs the other cells. If the process ends after its cells, because of something that they
left behind, the cells are run again a few times.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from autograder.sandbox.host.clock import watched
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.monitor import CUT, IDLE, USED_UP
from autograder.sandbox.host.monitor import ENDED as ENDED_BY_A_CELL
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.host.student_process import StudentProcess
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.messages import N_
from autograder.sandbox.protocol import limits, wire
from autograder.sandbox.protocol.limits import TimeLimit

STOPPED = wire.Ran(wire.Raised("TimedOut", N_("the cell used up its time and was stopped")), ())
ENDED = wire.Ran(wire.Raised("Crashed", N_("the cell ended the process it ran in")), ())
LEFT_OUT = wire.Ran(
    wire.Raised("TimedOut", N_("the cells before this one used up all the time")), ()
)


class Session:
    """A submission whose cells have been run; use it in a `with` statement.

    Args:
        worker: a warm worker that serves nobody else meanwhile.
        cells: the sources of the cells, in order.
        seed: from which the cells' randomness starts.
        functions: names of functions; forks report which of them exist.
        room: bytes that all outputs of the cells may take.
        numbers: the cells' numbers among the code cells of the notebook, 0 for cells of ours.
        traced: whether errors of cells come with the lines of their tracebacks.

    Attributes:
        ran: the outcome of each cell.
        observations: sentences for the instructor; complete when the session has ended.
    """

    def __init__(
        self,
        worker: Worker,
        cells: Sequence[str],
        seed: bytes,
        functions: Sequence[str] = (),
        room: int = limits.MAX_SUBMISSION_OUTPUT_BYTES,
        numbers: Sequence[int] = (),
        *,
        traced: bool = False,
    ) -> None:
        self.worker = worker
        self.functions = functions
        self.cells = cells
        self.numbers = numbers or [0] * len(cells)
        self.traced = traced
        self.seed = seed
        self.room = room
        self.student: StudentProcess | None = None
        self.deadly: dict[int, wire.Ran] = {}
        self.ran: list[wire.Ran] = []
        self.observations: list[str] = []
        self.runs = 0
        self.cells_cpu = self.spent = 0.0
        self.cells_idle = self.idle_before = self.used_before = 0.0

    def __enter__(self) -> Session:
        self._run_cells()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._close()

    def fork(self) -> Fork:
        """Return a fork that is ready for calls.

        Raises:
            TimedOut: no fork was ready in time, in two attempts.
            Crashed: the student process ended, and so did a new one.
        """
        if self.student is not None:
            try:
                return self.student.fork(self.functions)
            except (TimedOut, Crashed):
                self._run_cells()
        if self.student is None:
            raise Crashed
        try:
            return self.student.fork(self.functions)
        except (TimedOut, Crashed):
            self._close()
            raise

    def fork_ahead(self) -> Fork:
        """Return a fork to which calls may be sent, but which may not be ready yet.

        Raises:
            TimedOut: no fork could be made in time.
            Crashed: the student process has ended.
        """
        return self.fork() if self.student is None else self.student.fork_ahead(self.functions)

    @property
    def limits(self) -> limits.AssignmentLimits:
        """The limits of the assignment."""
        return self.worker.limits

    @cached_property  # both are compared with before each check
    def max_idle(self) -> float:
        """Seconds for which the submission may keep the judge waiting."""
        return limits.MAX_IDLE_SECONDS * self.limits.factor

    @cached_property
    def max_used(self) -> float:
        """Seconds of processor time that all its processes may use."""
        return limits.MAX_SUBMISSION_CPU_SECONDS * self.limits.factor

    @property
    def renewable(self) -> bool:
        """Whether there is time to run the cells again, and enough left for the checks."""
        return (
            self.spent + self.cells_cpu < limits.MAX_RERUNS_CPU_SECONDS * self.limits.factor
            and self.idle + self.cells_idle < self.max_idle / 2
            and self.used < self.max_used / 2
        )

    @property
    def idle(self) -> float:
        """Seconds for which the submission kept the judge waiting while it did nothing."""
        now = 0.0 if self.student is None else self.student.observed.idle
        return self.idle_before + now

    @property
    def used(self) -> float:
        """Seconds of processor time that all processes of the submission have used."""
        now = 0.0 if self.student is None else self.student.observed.usage.spent
        return self.used_before + now

    def note(self, fork: Fork) -> None:
        """Record the processor time that a fork has used so far, however short its calls."""
        fork.observed.usage.note(fork)

    @property
    def is_idle(self) -> bool:
        """Whether the submission has been idle for too long."""
        return self.idle > self.max_idle

    @property
    def is_used_up(self) -> bool:
        """Whether the submission's processes have used up their processor time."""
        return self.used > self.max_used

    @property
    def is_over(self) -> bool:
        """Whether the submission has reached a limit and gets no more calls."""
        return self.is_idle or self.is_used_up

    def renew(self) -> None:
        """Run the cells again in a new process, which cannot know of earlier calls.

        Forks could have told each other of them in the scratch folder or in shared memory.
        """
        self.runs = max(0, self.runs - 1)
        self._run_cells()

    def _close(self) -> None:
        self.idle_before, self.used_before = self.idle, self.used
        ended, self.student = self.student, None
        if ended is not None:
            before = ended.observed.usage.spent
            ended.end()
            self.used_before += ended.observed.usage.spent - before
        self.worker.sweep()
        if ended is not None:
            self._note(*ended.observed.observations)
        if self.is_idle:
            self._note(IDLE)
        if self.is_used_up:
            self._note(USED_UP)

    def _note(self, *observations: str) -> None:
        self.observations += [each for each in observations if each not in self.observations]

    def _run_cells(self) -> None:
        while True:
            self._close()
            if self.runs > limits.MAX_CELL_RESTARTS:
                return
            self.runs += 1
            self.student = self.worker.open()
            self.student.observed.patience = self.max_idle - self.idle_before
            self.student.observed.process_cpu = self.limits.process_cpu_seconds
            self.student.observed.usage.most = self.max_used - self.used_before
            if self._run_once(self.student):
                return

    def _run_once(self, student: StudentProcess) -> bool:
        """Run the cells that are not known to kill; return False if another one did."""
        self.ran = []
        cpu, wall, idle = student.cpu(), watched(), self.idle
        one, every = self.limits.cell_time, self.limits.all_cells_time
        seed: bytes | None = self.seed
        room = self.room
        for number, source in enumerate(self.cells):
            left = TimeLimit(
                min(one.cpu, every.cpu - (student.cpu() - cpu)),
                min(one.wall, every.wall - (watched() - wall)),
            )
            if number in self.deadly:
                self.ran.append(self.deadly[number])
            elif left.cpu <= 0 or left.wall <= 0 or self.is_over:
                self.ran.append(LEFT_OUT)
            else:
                try:
                    ran = student.run(
                        *(source, seed, left, room, self.numbers[number]), traced=self.traced
                    )
                    self.ran.append(ran)
                    room -= ran.weight
                    if (
                        ran.cut and room < limits.MAX_OUTPUT_CHARACTERS + wire.OUTPUT_OVERHEAD_BYTES
                    ):  # it was not the cell alone
                        self._note(CUT)
                    seed = None  # the next cell continues with the randomness of this one
                except TimedOut:
                    self.deadly[number] = STOPPED
                    return False
                except Crashed:
                    self._close()
                    if self.worker.process is not None:  # else it was the worker that ended
                        self.deadly[number] = ENDED
                        if not student.lied:
                            self._note(ENDED_BY_A_CELL)
                    return False
                finally:
                    self.cells_cpu = student.cpu() - cpu
                    self.cells_idle = self.idle - idle
        self.spent += self.cells_cpu
        return True
