"""Attacks on what there is to read, to write, and to leave behind."""

from __future__ import annotations

from robustness.attacks.attack import Notebook, attack
from robustness.attacks.course import FILES, LEFT

READING = "reading"
WRITING = "writing"
PERSISTENCE = "from one to the next"


@attack(READING, right=True)
def the_reference_and_the_checks() -> str:
    """Prints the reference, the checks and the mistakes."""
    names = [FILES[each] for each in ("reference", "checks", "mistakes")]
    return f"for name in {names}:\n    attempt(lambda: open(COURSE + '/' + name).read())"


@attack(READING, right=True)
def the_secret() -> str:
    """Prints the course's secret, from its file, the environment, and Python's own variables."""
    return (
        "attempt(lambda: open(COURSE + '/.autograder-secret').read())\n"
        "print({k: v for k, v in os.environ.items() if 'SECRET' in k.upper()})\n"
        "attempt(lambda: open(os.path.expanduser('~/.autograder-secret')).read())"
    )


@attack(READING, right=True)
def the_gradebook() -> str:
    """Reads and changes the gradebook."""
    return (
        "import sqlite3\n"
        "attempt(lambda: open(COURSE + '/gradebook.db').read())\n"
        "attempt(lambda: sqlite3.connect(COURSE + '/gradebook.db').execute('select 1 from x'))\n"
        "attempt(lambda: open(COURSE + '/gradebook.db', 'a').write('x'))"
    )


@attack(READING, right=True)
def what_others_handed_in() -> str:
    """Reads everybody's submissions."""
    return (
        "import glob\n"
        "for name in glob.glob(COURSE + '/submitted/**/*.ipynb', recursive=True):\n"
        "    print(open(name).read())\n"
        f"attempt(lambda: open(COURSE + '/{FILES['submission']}').read())"
    )


@attack(READING, right=True)
def by_other_ways_to_the_same_files() -> str:
    """Reads through links, mappings, old paths and open folders."""
    return (
        "import mmap\n"
        "name = COURSE + '/reference/numbers.py'\n"
        "attempt(lambda: os.symlink(name, 'autograder_attack_link'))\n"
        "attempt(lambda: open('autograder_attack_link').read())\n"
        "attempt(lambda: os.link(name, 'autograder_attack_hard'))\n"
        "attempt(lambda: open('autograder_attack_hard').read())\n"
        "attempt(lambda: open('../' * 30 + name).read())\n"
        "attempt(lambda: np.fromfile(name, np.uint8).tobytes())\n"
        "attempt(lambda: np.loadtxt(name, str, delimiter='@'))\n"
        "attempt(lambda: os.open(COURSE, os.O_PATH))\n"
        "attempt(lambda: os.read(os.open('reference/numbers.py', 0, dir_fd=os.open("
        "COURSE, os.O_PATH)), 9999))\n"
        "attempt(lambda: __import__('linecache').getlines(name))"
    )


@attack(READING, right=True, alone=True)
def homes_and_passwords() -> str:
    """Reads keys, histories, settings and passwords."""
    return (
        "for name in ('~/.ssh/id_rsa', '~/.bash_history', '~/.netrc', '~/.gitconfig',\n"
        "             '~/.jupyter/jupyter_notebook_config.json', '/etc/shadow', '/etc/hosts',\n"
        "             '/root/.bashrc', '/proc/1/environ'):\n"
        "    attempt(lambda: len(open(os.path.expanduser(name)).read()))"
    )


@attack(READING, costs=("double", "total_of_doubles"), right=True)
def told_in_a_message() -> Notebook:
    """Raises what it could read, so that the student would be told it."""
    return Notebook(
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n"
                "    found = []\n"
                "    for name in ('/.autograder-secret', '/reference/numbers.py'):\n"
                "        try:\n"
                "            found.append(open(COURSE + name).read()[-30:])\n"
                "        except Exception as error:\n"
                "            found.append(type(error).__name__)\n"
                "    raise ValueError(found)\n"
            )
        }
    )


@attack(WRITING, right=True)
def the_course_itself() -> str:
    """Changes the reference, the checks, and the folder of the course."""
    return (
        "for name in ('reference/numbers.py', 'assignments/numbers/checks.py',\n"
        "             'autograder_attack.py', '.autograder-secret'):\n"
        "    attempt(lambda: open(COURSE + '/' + name, 'a').write('# x'))\n"
        "attempt(lambda: os.truncate(COURSE + '/gradebook.db', 0))\n"
        "attempt(lambda: os.rename(COURSE + '/reference', COURSE + '/autograder_attack'))"
    )


@attack(WRITING, right=True)
def settings_for_the_next_run() -> str:
    """Drops configuration files that nbgrader, Jupyter and pip read when they start."""
    return (
        "write(COURSE + '/nbgrader_config.py')\n"
        "write(os.path.expanduser('~/.jupyter/jupyter_config.py'))\n"
        "write(os.path.expanduser('~/.jupyter/nbgrader_config.py'))\n"
        "write(COURSE + '/setup.cfg'); write(COURSE + '/conftest.py')"
    )


@attack(WRITING, right=True)
def start_up_files() -> str:
    """Leaves code that IPython and Python run when they start."""
    return (
        "write(os.path.expanduser('~/.ipython/profile_default/startup/autograder_attack.py'))\n"
        "write(os.environ.get('IPYTHONDIR', os.path.expanduser('~/.ipython')) +\n"
        "      '/profile_default/startup/autograder_attack.py')\n"
        "write(os.path.expanduser('~/.pythonrc.py')); write('sitecustomize.py')\n"
        "write('usercustomize.py')"
    )


@attack(WRITING, right=True)
def packages_and_paths() -> str:
    """Leaves a .pth file and a module in the place where Python looks for packages."""
    return (
        "import site\n"
        "place = site.getusersitepackages()\n"
        "write(place + '/autograder_attack.pth', 'import os')\n"
        "write(place + '/usercustomize.py')"
    )


@attack(WRITING, right=True, alone=True)
def packages_of_the_grader() -> str:
    """Writes beside the packages that the grader loads, and into their compiled files."""
    return (
        "lib = os.path.dirname(os.path.dirname(np.__file__))\n"
        "write(lib + '/autograder_attack.pth', 'import os')\n"
        "cached = np.__cached__\n"
        "attempt(lambda: open(cached, 'r+b'))\n"
        "attempt(lambda: open(os.path.dirname(np.__file__) + '/version.py', 'a'))"
    )


@attack(WRITING, right=True)
def modules_beside_the_notebook() -> str:
    """Leaves modules called like those that the grader imports, in the folder it works in."""
    return (
        "for name in ('numpy', 'checks', 'numbers', 'autograder', 'msgspec', 'json'):\n"
        "    if 'ipykernel' not in sys.modules: write(name + '.py')\n"
        "write(COURSE + '/autograder_attack.pyc'); write('__pycache__/numpy.cpython-311.pyc')"
    )


@attack(WRITING, right=True, alone=True)
def everywhere_that_is_open_to_all() -> str:
    """Writes into the folders that everybody may write into."""
    return f"for place in PLACES[1:] + (os.path.dirname(COURSE),):\n    write(place + '/{LEFT}')"


@attack(WRITING, right=True)
def a_link_beside_the_notebook() -> str:
    """Leaves a link to the secret where whoever collects the files would follow it."""
    return (
        "attempt(lambda: os.symlink(COURSE + '/.autograder-secret', 'figure.png'))\n"
        "attempt(lambda: os.symlink(COURSE, 'autograder_attack_data'))\n"
        "attempt(lambda: os.mkfifo('autograder_attack_pipe'))"
    )


@attack(WRITING, right=True, alone=True)
def modes_of_files() -> str:
    """Makes programs that run as somebody else, and files that nobody can remove."""
    return (
        "write('autograder_attack_file')\n"
        "attempt(lambda: os.chmod('autograder_attack_file', 0o6777))\n"
        "attempt(lambda: os.setxattr('autograder_attack_file', 'user.x', b'1'))\n"
        "os.makedirs('autograder_attack_a/b'); os.mkdir('autograder_attack_closed', 0)"
    )


@attack(PERSISTENCE, right=True)
def files_for_the_next() -> str:
    """Leaves files in its home, its folder for temporary files, and its caches."""
    return (
        "import tempfile\n"
        "for place in (os.getcwd(), tempfile.gettempdir(), os.path.expanduser('~'),\n"
        "              os.environ.get('IPYTHONDIR', '.'), os.environ.get('MPLCONFIGDIR', '.')):\n"
        f"    write(place + '/{LEFT}_file')"
    )


@attack(PERSISTENCE, right=True, alone=True)
def memory_that_is_shared() -> str:
    """Leaves shared memory, of both kinds."""
    return (
        "import ctypes\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "from multiprocessing import shared_memory, resource_tracker\n"
        f"attempt(lambda: libc.shm_open(b'/{LEFT}', 0o102, 0o666))\n"
        f"attempt(lambda: open('/dev/shm/{LEFT}', 'w').write('x'))\n"
        "key = 0x5A17\n"
        "if 'ipykernel' not in sys.modules: attempt(lambda: ('shmget', libc.shmget("
        "key, 4096, 0o1666)))"
    )


@attack(PERSISTENCE, right=True, alone=True)
def semaphores_queues_and_keys() -> str:
    """Leaves semaphores, message queues and keys in the kernel's keyrings."""
    return (
        "import ctypes\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.semget(0x5A17, 1, 0o1666), libc.msgget(0x5A17, 0o1666))\n"
        f"print(libc.mq_open(b'/{LEFT}', 0o102, 0o666, None), libc.sem_open(b'/{LEFT}', 0o100))\n"
        f"print(libc.syscall(248, b'user', b'{LEFT}', b'x', 1, -3))"
    )


@attack(PERSISTENCE, right=True)
def the_memory_of_the_worker() -> str:
    """Patches modules and built-ins in the hope that the next notebook runs in the same process."""
    return (
        "import builtins, types\n"
        "builtins.PWNED = True\n"
        f"sys.modules['{LEFT}'] = types.ModuleType('{LEFT}'); os.environ['{LEFT}'] = '1'\n"
        "np.add = lambda *_: 3\n"
        "builtins.abs = lambda *_: 0\n"
        "np.PWNED = True"
    )


@attack(PERSISTENCE, right=True, alone=True)
def the_parents_memory() -> str:
    """Writes into the memory of the process it was forked from."""
    return (
        "def poke():\n"
        "    with open(f'/proc/{os.getppid()}/mem', 'r+b') as memory:\n"
        "        memory.seek(id(np)); memory.write(bytes(16))\n"
        "attempt(poke)"
    )


@attack(PERSISTENCE)
def inputs_from_one_push_to_the_next() -> Notebook:
    """Looks up inputs that an earlier push has printed, and their right answers."""
    return Notebook(
        first="known = {(1.0, 2.0): 6.0, (512.0, 300.0): 1624.0, (123.0,) * 7: 1722.0}",
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n    return known.get(tuple(numbers), 0.0)\n"
            )
        },
    )
