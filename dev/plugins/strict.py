"""A pytest plugin: a skipped test fails the run, a failed run names Odoo's log, tours go to one worker."""

import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Under pytest-xdist, keep the tests of a class together, and everything with a browser or server on one worker."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    from odoo.tests import HttpCase  # noqa: PLC0415 - not before pytest-odoo has configured Odoo

    for item in items:
        tour = item.cls and issubclass(item.cls, HttpCase)
        item.add_marker(pytest.mark.xdist_group("tours" if tour else item.nodeid.rpartition("::")[0]))


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
