"""Before each update the views for other tools are dropped: a column that a view shows can neither change its type nor
be dropped by a script. When the update is done they are made anew (``grading.bi.reader``)."""

import logging

import psycopg2

VIEWS = ("grading_bi_customer", "grading_bi_snapshot", "grading_bi_movement")

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    try:
        with cr.savepoint(flush=False):
            for view in VIEWS:
                cr.execute(f'DROP VIEW IF EXISTS "{view}"')  # pylint: disable=sql-injection - a constant
    except psycopg2.errors.DependentObjectsStillExist as error:
        # An administrator's own views are no business of an update that may not even touch their columns.
        _logger.warning("The views for other tools stay during the update: %s", error.diag.message_detail)
