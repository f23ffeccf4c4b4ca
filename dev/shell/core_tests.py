"""Run the tests that TEST_TAGS names with every module loaded: those, too, that Odoo runs during an installation."""

import os

from odoo.tests.shell import run_tests

run_tests(env, os.environ["TEST_TAGS"])
