"""Import and use the scientific packages of notebooks in the sandbox, inside a function too.

A package that misses something there, such as shared memory or a second processor, often says so on
standard error, and nbgrader gives no points for a test cell that prints there. Run it in each
environment that grades: `python -m robustness.packages`. It names the packages that are not
installed, and exits with the number of those that fail.
"""

from __future__ import annotations

import importlib.util
import sys

from autograder.sandbox.host.session import Session
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import Isolation

PACKAGES = {
    "numpy": "numpy.linalg.inv(numpy.eye(3))",
    "scipy": "import scipy.optimize; scipy.optimize.minimize(lambda x: (x - 1) ** 2, [0.0])",
    "pandas": "pandas.DataFrame({'a': [1, 2]}).groupby('a').size()",
    "scipy.optimize": "import operator; scipy.optimize.differential_evolution("
    "operator.itemgetter(0), [(0, 1)], workers=2, updating='deferred', maxiter=1)",
    "matplotlib": "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.title('x'); "
    "plt.savefig('x.png'); plt.close()",
    "sklearn": "from sklearn.ensemble import RandomForestClassifier as Forest; "
    "Forest(5, n_jobs=2).fit([[0], [1]], [0, 1]).predict([[1]])",
    "seaborn": "seaborn.histplot([1, 2, 2])",
    "statsmodels": "import statsmodels.api as sm; sm.OLS([1.0, 2.0, 3.5], sm.add_constant("
    "[1.0, 2.0, 3.0])).fit()",
    "sympy": "sympy.integrate(sympy.Symbol('x') ** 2)",
    "networkx": "networkx.shortest_path(networkx.path_graph(4), 0, 3)",
    "joblib": "joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(each) for each in range(4))",
    "torch": "torch.nn.Linear(2, 2)(torch.ones(1, 2))",
    "tensorflow": "tensorflow.constant([1.0]) + 1",
    "jax": "jax.grad(lambda x: x * x)(1.0)",
    "keras": "keras.layers.Dense(1)",
    "xgboost": "xgboost.XGBRegressor(n_estimators=2).fit([[0], [1]], [0, 1])",
    "lightgbm": "lightgbm.LGBMRegressor(verbose=-1)",
    "numba": "numba.njit(lambda x: x + 1)(1)",
    "PIL": "from PIL import Image; Image.new('RGB', (4, 4)).resize((2, 2))",
    "skimage": "import skimage.filters; skimage.filters.gaussian(__import__('numpy').eye(4))",
    "cv2": "cv2.GaussianBlur(__import__('numpy').eye(4), (3, 3), 0)",
    "plotly": "import plotly.express as px; px.line(x=[1], y=[2])",
    "bokeh": "from bokeh.plotting import figure; figure().line([1], [2])",
    "altair": "altair.Chart()",
    "nltk": "nltk.ngrams(['a', 'b'], 2)",
    "spacy": "spacy.blank('en')('One two.')",
    "requests": "requests.Request('GET', 'http://localhost')",
    "bs4": "bs4.BeautifulSoup('<p>x</p>', 'html.parser').p",
    "polars": "polars.DataFrame({'a': [1]}).sum()",
    "h5py": "h5py.File('x.h5', 'w').close()",
    "xarray": "xarray.DataArray([1, 2]).mean()",
    "dask": "import dask.array, dask.bag; dask.array.ones(4, chunks=2).sum().compute(); "
    "dask.bag.from_sequence([1, 2]).map(abs).compute()",
    "multiprocessing": "pool = multiprocessing.Pool(2); pool.map(abs, [-1, 2]); pool.close(); "
    "pool.join()",
    "astropy": "from astropy import units; (1 * units.m).to(units.km)",
    "pyarrow": "import pyarrow.parquet; pyarrow.parquet.write_table(pyarrow.table({}), 'x')",
    "netCDF4": "netCDF4.Dataset('x.nc', 'w').close()",
    "openpyxl": "openpyxl.Workbook().save('x.xlsx')",
    "shapely": "shapely.box(0, 0, 1, 1).area",
    "ipywidgets": "ipywidgets.interact(lambda x: x, x=(0, 3))",
    "cvxpy": "cvxpy.Problem(cvxpy.Minimize(cvxpy.Variable() ** 2)).solve()",
}
"""What a notebook does with each package, by the name under which it is imported."""

ORDINARY = """\
import getpass, locale, os, tempfile, warnings
warnings.simplefilter("default")
assert getpass.getuser()
assert os.path.isdir(os.path.expanduser("~"))
locale.setlocale(locale.LC_ALL, "")
tempfile.TemporaryFile().close()
"""
"""What many packages do when they are imported."""


def installed(package: str) -> bool:
    """Tell whether a package can be imported here."""
    return importlib.util.find_spec(package) is not None


def complaint(worker: Worker, package: str) -> str | None:
    """Return what goes wrong when a notebook uses a package; None if nothing does.

    Args:
        worker: where it is used.
        package: the name under which it is imported.
    """
    body = "".join(f"    {line}\n" for line in (f"import {package}", PACKAGES[package]))
    cells = [ORDINARY, f"def use():\n{body}", "use()"]
    with Session(worker, cells, bytes(32)) as session:
        for ran in session.ran:
            if ran.error is not None:
                return f"{ran.error.type}: {ran.error.message}"
            for output in ran.outputs:
                if output.kind == "stderr":
                    return output.data
    return None


def main() -> int:
    """Use every package that is installed; return how many fail."""
    failures = 0
    with Worker(Isolation.PROCESS) as worker:
        for package in PACKAGES:
            if not installed(package):
                print(f"{package}: not installed here")
                continue
            said = complaint(worker, package)
            failures += said is not None
            print(f"{package}: {'used without a word' if said is None else said.strip()}")
    return failures


if __name__ == "__main__":
    sys.exit(main())
