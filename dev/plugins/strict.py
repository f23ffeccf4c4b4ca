"""A pytest plugin: a skipped test fails the run, a failed run names Odoo's log, tours go first, classes stay whole."""

import os
import shutil
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

TOURS = ("_tour.py", "_rpc.py", "test_journey.py")  # how the files with a browser or a server end


def _is_tour(nodeid):
    return nodeid.partition("::")[0].endswith(TOURS)


class ByClass(LoadScopeScheduling):
    """The tests of a class stay together, as what they share is made once; the tours are one piece.

    Pytest-xdist's own groups (``--dist=loadgroup``) would do, but pytest 9.2 keeps the name of a test where xdist 3.8
    does not look for it: it groups nothing, and says nothing.
    """

    def _split_scope(self, nodeid):
        return "tours" if _is_tour(nodeid) else nodeid.rpartition("::")[0]


@pytest.fixture(scope="session", autouse=True)
def own_filestore(load_registry):
    """Give each worker a filestore of its own.

    Pytest-odoo lets all of them share that of the database that theirs are copies of, and Odoo's tests delete files
    that their own database does not know: bundles that another worker has just made for its browser.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        yield
        return
    from odoo.tools import config  # noqa: PLC0415 - not before pytest-odoo has configured Odoo

    shared = Path(config.filestore.return_value)  # pytest-odoo has patched it
    own = shared.with_name(f"{shared.name}-{worker}")
    shutil.rmtree(own, ignore_errors=True)
    shutil.copytree(shared, own, copy_function=os.link)
    config.filestore.return_value = str(own)
    yield
    config.filestore.return_value = str(shared)
    shutil.rmtree(own)


def pytest_xdist_make_scheduler(config, log):
    """Distribute whole classes."""
    return ByClass(config, log)


def pytest_collection_modifyitems(items):
    """Begin with the tours, which take longest; what has a browser or server must be in a file of them."""
    from odoo.tests import HttpCase  # noqa: PLC0415 - not before pytest-odoo has configured Odoo

    for item in items:
        if item.cls and issubclass(item.cls, HttpCase) != _is_tour(str(item.path)):
            raise pytest.UsageError(
                f"{item.nodeid}: tours, and nothing else, are in files named *{' or *'.join(TOURS)}."
            )
    items.sort(key=lambda item: not _is_tour(item.nodeid))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """Fail a run that skipped something: a browser that is missing would otherwise pass for a success."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and exitstatus == pytest.ExitCode.OK and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, exitstatus):
    """Say, above the summary line, why a run without failed tests fails and where Odoo's log is."""
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_line(f"{skipped} skipped: a test that did not run fails the run.", red=True)
    if exitstatus or skipped:
        terminalreporter.write_line(f"Odoo's log of this run: {os.environ.get('SANDBOX_ODOO_LOG', 'unknown')}")
