"""A Dask cluster in the place of a pool: the same marks, whoever joins and dies meanwhile."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import nbformat
import psutil
import pytest
from dask import config as dask_config

from autograder.cli.clusters import refuse_without_tls
from autograder.course.secret import public
from autograder.grading import certificates, dask_cluster, pool
from autograder.grading.batch import grade_all
from autograder.grading.dask_cluster import Cluster, DaskRunner, PortableRun
from autograder.grading.pool import GradedSubmission, Pool, RunConfig, SubmissionPayload
from autograder.intake.find import SubmissionSource
from autograder.sandbox.isolation import Isolation, SandboxError
from tests.helpers.commands import Said, autograder, one_line, result
from tests.helpers.course import ROOT, Course
from tests.helpers.dask import Dask, address_in
from tests.helpers.plain import OF_PARTS, parts

SLOW = """\
import time
def double(number):
    time.sleep(0.1)
    return number + number
"""

WRONG = "def double(number):\n    return number * number\n"


@pytest.fixture
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A scheduler without workers."""
    started = Dask(tmp_path_factory.mktemp("dask"))
    yield started
    started.end()


@pytest.fixture
def setting(tiny: Course) -> RunConfig:
    return RunConfig(tiny.root, tiny.name, public(1), Isolation.FULL)


def submissions(course: Course, count: int) -> list[SubmissionSource]:
    sources = [
        nbformat.writes(course.lesson.filled({**course.solutions, "double": double}))
        for double in (SLOW, WRONG)
    ]
    return [
        SubmissionSource(f"s{each}", "", sources[each % 3 == 2].encode) for each in range(count)
    ]


def told(results: Iterator[tuple[str, GradedSubmission | Exception]]) -> Iterator[tuple[str, Any]]:
    """Everything that a result says but for how long it took, and what kept the code in."""
    for student, came in results:
        assert not isinstance(came, Exception), came
        assert came.result.student == student
        yield student, (msgspec.structs.replace(came.result, seconds=0.0), came.layers)


def grade_there(course: Course, *words: str | Path, status: int = 0) -> Said:
    return autograder(course, "grade", course.name, *words, status=status)


def judges_of(worker: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes that a Dask worker has started."""
    files = Path(f"/proc/{worker.pid}/task").glob("*/children")
    return [int(each) for file in files for each in file.read_text().split()]


def ends(process: int) -> bool:
    """Return whether a process ends, when there is nobody to serve."""
    until = time.monotonic() + 120
    while Path(f"/proc/{process}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    return not Path(f"/proc/{process}").exists()


def goes(folder: Path, pattern: str) -> bool:
    """Return whether what has such a name is removed, sooner or later."""
    until = time.monotonic() + 120
    while list(folder.glob(pattern)) and time.monotonic() < until:
        time.sleep(0.05)
    return not list(folder.glob(pattern))


def test_a_cluster_gives_the_result_of_this_machine_and_keeps_nothing(
    tiny: Course, dask: Dask
) -> None:
    folder = tiny.root / "class"
    folder.mkdir()
    for each in submissions(tiny, 9):
        (folder / f"{each.student}.ipynb").write_bytes(each.read())
    (folder / "cut_off.ipynb").write_text("{")
    dask.join()
    dask.join()
    dask.wait()
    here = result(tiny, folder)
    grade_there(tiny, folder, "--scheduler", dask.address, "--json", "there.json")
    there = json.loads((tiny.root / "there.json").read_bytes())
    # The file that is cut off, two who are right, and one whose double costs its four points.
    assert [each["score"] for each in here["submissions"][:4]] == [0.0, 11.0, 11.0, 7.0]
    for each in [*here["submissions"], *there["submissions"]]:
        each["seconds"] = 0
    assert here == there
    judges = [judge for worker in dask.workers for judge in judges_of(worker)]
    assert all(map(ends, judges))
    assert goes(dask.folder, "autograder-*")
    key = (tiny.root / ".autograder-secret").read_text().strip()
    log = (dask.folder / "log").read_text()
    assert key not in log
    assert repr(bytes.fromhex(key))[2:-1] not in log


def test_what_a_worker_had_in_hand_that_was_killed_another_grades(
    tiny: Course, setting: RunConfig, dask: Dask
) -> None:
    dask.join()
    dask.join()
    dask.wait()
    class_of_nine = submissions(tiny, 9)
    with Pool(setting, 2) as judges:
        undisturbed = list(told(judges.results(class_of_nine)))
    with Cluster(setting, dask.address, set()) as grading:
        results = told(grading.results(class_of_nine))
        disturbed = [next(results)]
        killed, other = sorted(dask.workers, key=judges_of, reverse=True)  # the first takes part
        (judge,) = judges_of(killed)
        killed.kill()
        disturbed += results
        (another,) = judges_of(other)
    assert disturbed == undisturbed
    assert ends(judge)
    assert ends(another)


def ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return our own messages: on a busy machine Dask has some, too."""
    return [text for name, _, text in caplog.record_tuples if name.startswith("autograder")]


def test_workers_are_waited_for_which_is_said_and_may_join_at_any_time(
    tiny: Course,
    setting: RunConfig,
    dask: Dask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(dask_cluster, "SECONDS_BEFORE_WORKERS_ARE_COUNTED", 0.2)

    def joining(grading: Cluster) -> None:
        look(grading)
        if grading.deserted is not None and len(dask.workers) == deserted:
            dask.join()

    look, deserted = Cluster._look_for_workers, 0
    monkeypatch.setattr(Cluster, "_look_for_workers", joining)
    with Cluster(setting, dask.address, set()) as grading:
        results = told(grading.results(submissions(tiny, 6)))
        graded = [next(results)]
        assert ours(caplog) == [
            f"The scheduler at {dask.address} has no workers now; "
            "waiting for some (docs/operators/cluster.md)."
        ]
        deserted = 1
        dask.workers[0].kill()
        graded += results
    assert [student for student, _ in graded] == [f"s{each}" for each in range(6)]
    assert len(ours(caplog)) == len(dask.workers) == 2


def test_nobody_waits_for_ever(
    tiny: Course, setting: RunConfig, dask: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "SECONDS_BEFORE_WORKERS_ARE_COUNTED", 0.1)
    monkeypatch.setattr(dask_cluster, "NO_WORKER_SECONDS", 0.2)
    with (
        Cluster(setting, dask.address, set()) as grading,
        pytest.raises(SandboxError, match=r"start workers \(see docs/operators/cluster\.md\)"),
    ):
        next(grading.results(submissions(tiny, 1)))


def test_a_submission_over_which_workers_die_costs_no_other_its_mark(
    tiny: Course, setting: RunConfig, tmp_path: Path
) -> None:
    dask = Dask(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    try:
        dask.join()
        dask.join()
        dask.wait()
        with Cluster(setting, dask.address, set()) as grading:
            results = grading.results(submissions(tiny, 9))
            came = dict([next(results)])
            dask.workers[0].kill()
            came |= dict(results)
    finally:
        dask.end()
    lost = [each for each in came.values() if isinstance(each, SandboxError)]
    assert 0 < len(lost) < 9
    assert {str(each) for each in lost} == {dask_cluster.LOST}
    assert len(came) == 9
    assert sum(isinstance(each, GradedSubmission) for each in came.values()) == 9 - len(lost)


def test_a_worker_that_computes_with_something_else_grades_nothing(
    tiny: Course, setting: RunConfig, dask: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = dask_cluster.versions()
    monkeypatch.setattr(dask_cluster, "versions", lambda: {**theirs, "numpy": "1.0"})
    dask.join()
    with (
        Cluster(setting, dask.address, set()) as grading,
        pytest.raises(SandboxError, match=rf"has numpy {theirs['numpy']}, but .* 1\.0\. Install"),
    ):
        next(grading.results(submissions(tiny, 1)))
    assert judges_of(dask.workers[0]) == []


def test_a_scheduler_that_dies_takes_no_result_with_it(
    tiny: Course, dask: Dask, capfd: pytest.CaptureFixture[str]
) -> None:
    dask.join()
    dask.wait()
    setting = RunConfig.of(tiny.assignment, public(1), Isolation.FULL)
    taken = grade_all(setting, submissions(tiny, 9), workers=1, scheduler=dask.address)
    results = (each.result for each in taken)
    graded = [next(results)]
    dask.scheduler.kill()
    with pytest.raises(SandboxError, match="no longer answers: restart it and its workers") as said:
        graded += results
    assert [each.student for each in graded] == [f"s{each}" for each in range(len(graded))]
    left = ", ".join(f"s{each}" for each in range(len(graded), 9))
    assert str(said.value).endswith(
        f"{len(graded)} of 9 submissions were graded. Run the command again to grade the others: "
        f"{left}."
    )
    assert capfd.readouterr().err == ""  # Dask says nothing beside it


@pytest.mark.parametrize(
    ("address", "reason"),
    [("127.0.0.1:1", "refused|Timeout"), ("foo://localhost", "scheme")],
)
def test_where_no_scheduler_answers_it_is_said_in_one_line(
    tiny: Course, address: str, reason: str
) -> None:
    (tiny.root / "ada.ipynb").write_bytes(submissions(tiny, 1)[0].read())
    line = one_line(grade_there(tiny, "ada.ipynb", "--scheduler", address, status=2))
    assert f"No Dask scheduler answers at {address}" in line
    assert re.search(reason, line)  # Dask says now this, now that of who does not answer


def test_how_many_grade_at_once_is_not_asked_of_a_cluster(tiny: Course) -> None:
    (tiny.root / "ada.ipynb").write_bytes(submissions(tiny, 1)[0].read())
    words = ("ada.ipynb", "--scheduler", "127.0.0.1:1", "--workers", "2")
    assert "leave out --workers" in one_line(grade_there(tiny, *words, status=2))


def test_without_dask_it_is_said_how_to_get_it(tiny: Course) -> None:
    (tiny.root / "ada.ipynb").write_bytes(submissions(tiny, 1)[0].read())
    code = (
        "import sys; sys.modules['distributed'] = None; "
        "from autograder.cli.main import main; main()"
    )
    words = ("grade", tiny.name, "ada.ipynb", "--scheduler", "127.0.0.1:1")
    done = tiny.run(sys.executable, "-c", code, *words, status=2)
    assert "pip install dask distributed" in one_line(done)


# Connections by TLS:


@pytest.fixture(scope="module")
def certificates_of_a_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cluster") / "certificates"
    certificates.make(folder)
    return folder


@pytest.fixture(scope="module")
def tls(certificates_of_a_cluster: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler that listens with these certificates."""
    folder = tmp_path_factory.mktemp("dask")
    started = Dask(folder, DASK_CONFIG=str(certificates_of_a_cluster))
    yield started.address
    started.end()


def listening(process: subprocess.Popen[bytes]) -> set[str]:
    """Return the addresses at which a process and its children listen."""
    root = psutil.Process(process.pid)
    return {
        each.laddr.ip
        for one in (root, *root.children(recursive=True))
        for each in one.net_connections(kind="inet")
        if each.status == psutil.CONN_LISTEN
    }


def documented(program: str) -> list[str]:
    """Return the words of a command as docs/operators/cluster.md shows it."""
    text = (ROOT / "docs/operators/cluster.md").read_text()
    (line,) = re.findall(rf"^{program} .*", text, re.MULTILINE)
    return shlex.split(line)


def test_the_documented_commands_grade_over_tls_and_listen_where_they_are_told(
    tiny: Course, tmp_path: Path
) -> None:
    folder, file = tmp_path / "certificates", tmp_path / "scheduler.json"
    bin_folder = Path(sys.executable).parent
    done = tiny.run(bin_folder / "autograder", "certificates", folder)
    (settings,) = re.findall(r"export DASK_CONFIG=(.+)", done.stdout)
    environment = {**os.environ, "TMPDIR": str(tmp_path), "DASK_CONFIG": settings}
    # Two loopback addresses of their own: neither is that of a wildcard or a default.
    places = {"10.0.0.1": "127.0.0.2", "10.0.0.2": "127.0.0.3"}

    def start(command: list[str], *more: str) -> subprocess.Popen[bytes]:
        program, *words = [places.get(word, word) for word in command]
        with (tmp_path / "log").open("ab") as log:
            return subprocess.Popen(
                [bin_folder / program, *words, *more],
                cwd=tmp_path,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    scheduler = start(documented("dask scheduler"), "--port", "0", "--scheduler-file", str(file))
    started = [scheduler]
    try:
        address = address_in(file)
        assert address.startswith("tls://127.0.0.2:")
        places["tls://10.0.0.1:8786"] = address
        places["8"] = "1"  # one thread is enough
        worker = start(documented("dask worker"))
        started.append(worker)
        (tiny.root / "ada.ipynb").write_bytes(submissions(tiny, 1)[0].read())
        words = ("grade", tiny.name, "ada.ipynb", "--scheduler", address, "--json", "result.json")
        tiny.run(bin_folder / "autograder", *words, env={"DASK_CONFIG": settings})
        assert listening(scheduler) == {"127.0.0.1", "127.0.0.2"}  # the first is the dashboard's
        assert listening(worker) == {"127.0.0.1", "127.0.0.3"}
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()
    (graded,) = json.loads((tiny.root / "result.json").read_bytes())["submissions"]
    assert graded["score"] == 11.0


def test_certificates_are_readable_by_their_owner_alone_and_never_replaced(
    tiny: Course, certificates_of_a_cluster: Path
) -> None:
    folder = certificates_of_a_cluster
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    names = ("ca.pem", "cluster.pem", "cluster-key.pem", "dask.yaml")
    assert modes == dict.fromkeys(names, 0o600)
    key = (folder / "cluster-key.pem").read_bytes()
    done = autograder(tiny, "certificates", folder, status=2)
    assert f"{folder} exists already: name a new folder" in one_line(done)
    assert (folder / "cluster-key.pem").read_bytes() == key


def settings_with(configured: str, certificates_of_a_cluster: Path, other: Path) -> dict[str, Any]:
    """Dask's settings on a machine whose certificates are not what the cluster's are."""
    certificates.make(other)
    ca = certificates_of_a_cluster / "ca.pem"
    if configured != "signed by another authority":  # else the scheduler finds it out, not we
        ca = other / "ca.pem"
    if configured == "without its key":
        (other / "cluster-key.pem").unlink()
    if configured == "not a certificate":
        (other / "cluster.pem").write_text("nothing")
    tls = {
        "ca-file": ca,
        "client.cert": other / "cluster.pem",
        "client.key": other / "cluster-key.pem",
    }
    return {
        f"distributed.comm.tls.{name}": None if configured == "none" else str(path)
        for name, path in tls.items()
    }


@pytest.mark.parametrize(
    "configured",
    [
        "none",
        "of another cluster",
        "signed by another authority",
        "without its key",
        "not a certificate",
    ],
)
def test_a_wrong_certificate_is_said_in_one_line(
    tiny: Course,
    tls: str,
    certificates_of_a_cluster: Path,
    tmp_path: Path,
    configured: str,
) -> None:
    (tiny.root / "ada.ipynb").write_bytes(submissions(tiny, 1)[0].read())
    settings = settings_with(configured, certificates_of_a_cluster, tmp_path / "other")
    with dask_config.set(settings):
        line = one_line(grade_there(tiny, "ada.ipynb", "--scheduler", tls, status=2))
    assert f"No TLS connection to the scheduler at {tls} (" in line
    assert "set DASK_CONFIG to a copy of that folder" in line


WATCHED = """\
import os, sys
def watch(event, _arguments):
    if event in {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}:
        os._exit(99)
sys.addaudithook(watch)
from autograder.cli.main import main
main()
"""


@pytest.mark.parametrize("address", ["tcp://192.0.2.77:8786", "scheduler.invalid:8786"])
def test_a_scheduler_without_tls_elsewhere_is_refused_before_anything_is_sent(
    tiny: Course, address: str
) -> None:
    (tiny.root / "ada.ipynb").write_bytes(submissions(tiny, 1)[0].read())
    words = (sys.executable, "-c", WATCHED, "grade", tiny.name, "ada.ipynb", "--scheduler", address)
    done = tiny.run(*words, status=2)
    assert f"The connection to the scheduler at {address} would not use TLS" in one_line(done)
    tiny.run(*words, "--scheduler-without-tls", status=99)  # asked for by name, it is tried


@pytest.mark.parametrize(
    "address",
    [
        "tcp://10.0.0.1:8786",
        "10.0.0.1",
        "ws://10.0.0.1:8786",
        "wss://10.0.0.1:8786",  # Dask does not hold it to the cluster's certificates
        "tcp://0.0.0.0:8786",
        "tcp://[::]:8786",
        "tcp://[fd00::2]:8786",
        "tcp://[::ffff:10.0.0.1]:8786",
        "tcp://localhost.example:8786",
        "tcp://127.0.0.1.example:8786",
        "tcp://127.0.0.1:8786@10.0.0.1:8786",
        "tcp://10.0.0.1:8786/tls://",
        "tcp://tls://10.0.0.1:8786",
        " tls://10.0.0.1:8786",
        "tcp://127.0.0.1:8786\n",
        "tcp://127.0.0.999:8786",
        "",
    ],
)
def test_only_tls_and_loopback_need_no_leave(address: str) -> None:
    with pytest.raises(ValueError, match="would not use TLS"):
        refuse_without_tls(address)


@pytest.mark.parametrize(
    "address",
    [
        "tls://10.0.0.1:8786",
        "tls://scheduler.example:8786",
        "127.0.0.1:8786",
        "tcp://127.0.0.2:8786",
        "tcp://localhost:8786",
        "tcp://[::1]:8786",
    ],
)
def test_tls_and_loopback_are_not_refused(address: str) -> None:
    refuse_without_tls(address)


# What a worker has of a round, without Dask:


@pytest.fixture
def post(setting: RunConfig, monkeypatch: pytest.MonkeyPatch) -> DaskRunner:
    monkeypatch.setattr(dask_cluster, "get_worker", lambda: SimpleNamespace(address="tcp://here"))
    return DaskRunner(PortableRun.of(setting))


def test_an_assignment_that_does_not_arrive_as_it_was_sent_is_not_graded(
    tiny: Course, post: DaskRunner
) -> None:
    files = {place: content + b"\n" for place, content in post.round.files.items()}
    assert "assignments/doubling/checks.py" in files
    post.round = replace(post.round, files=files)
    came = post.graded(SubmissionPayload.of(submissions(tiny, 1)[0]))
    assert isinstance(came.result, dask_cluster.EnvironmentMismatch)
    assert post.processes == []


def test_the_folder_of_a_round_is_private_and_goes_with_it(setting: RunConfig) -> None:
    post = DaskRunner(PortableRun.of(setting))
    judge = post._idle_process()
    (home,) = post.homes
    path, process = home.path, judge.process
    assert path.stat().st_mode & 0o777 == 0o700
    assert (path / "reference" / "doubling.py").is_file()
    assert not (path / ".autograder-secret").exists()
    del post
    assert process.poll() is not None
    assert not path.exists()


def test_a_judge_that_is_killed_is_replaced_there_too(
    tiny: Course, post: DaskRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    give = pool.GraderProcess.give
    killed: list[pool.GraderProcess] = []

    def deadly(judge: pool.GraderProcess, entry: pool.QueuedSubmission) -> None:
        give(judge, entry)
        if not killed:
            killed.append(judge)
            os.kill(judge.process.pid, signal.SIGKILL)

    monkeypatch.setattr(pool.GraderProcess, "give", deadly)
    came = post.graded(SubmissionPayload.of(submissions(tiny, 1)[0]))
    assert isinstance(came.result, GradedSubmission)
    assert came.result.result.score == 11.0
    assert len(post.processes) == 1
    assert killed[0] not in post.processes


def test_neither_the_secret_nor_the_reference_is_in_what_dask_may_show(setting: RunConfig) -> None:
    sent = PortableRun.of(setting)
    assert sent.run_config.secret.key == setting.secret.key
    assert str(sent.run_config.secret.key) not in repr(sent)
    assert "twice_as_much" not in repr(sent)


def test_notebooks_of_plain_asserts_are_graded_there_as_here(
    tmp_path: Path, home: Path, dask: Dask
) -> None:
    course = Course(tmp_path / "course", "parts", home)
    (course.root / "source/parts/data").mkdir(parents=True)
    (course.root / "source/parts/data/numbers.csv").write_text("1,2\n")
    # What the configuration imports travels too.
    (course.root / "marks.py").write_text('BEGIN = "BEGIN HIDDEN TESTS"\n')
    (course.root / "nbgrader_config.py").write_text(
        "from marks import BEGIN\n"
        "c = get_config()\n"
        "c.ClearHiddenTests.begin_test_delimeter = BEGIN\n"
    )
    for name in ("parts", "more"):
        path = course.root / f"source/parts/{name}.ipynb"
        path.write_text(nbformat.writes(parts()))
    for student, written in OF_PARTS.items():
        for name in ("parts", "more"):
            notebook = parts()
            notebook.cells[0].source = written.get("f", notebook.cells[0].source)
            path = course.root / f"submitted/{student}/parts/{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(nbformat.writes(notebook))
    (course.root / "submitted/bo/parts/more.ipynb").unlink()
    (course.root / "submitted/cy/parts/more.ipynb").write_text("{")
    dask.join()
    dask.wait()
    here = result(course, "--force", "submitted")
    grade_there(course, "--force", "submitted", "--scheduler", dask.address, "--json", "there.json")
    there = json.loads((course.root / "there.json").read_bytes())
    for each in [*here["submissions"], *there["submissions"]]:
        each["seconds"] = 0
    assert here == there
    scores = {each["student"]: each["score"] for each in here["submissions"]}
    assert scores["ada"] > scores["bo"] > 0
    assert goes(dask.folder, "autograder-*")
