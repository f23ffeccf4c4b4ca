"""A pytest plugin: a skipped test fails the run, and a failed run names Odoo's log."""

import os

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """Fail a run that skipped something: a browser that is missing would otherwise pass for a success."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == pytest.ExitCode.OK and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, exitstatus):
    """Say, above the summary line, why a run without failed tests fails and where Odoo's log is."""
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_line(f"{skipped} skipped: a test that did not run fails the run.", red=True)
    if exitstatus or skipped:
        terminalreporter.write_line(f"Odoo's log of this run: {os.environ.get('SANDBOX_ODOO_LOG', 'unknown')}")
