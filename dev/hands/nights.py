"""`make nights`: how much larger the module's tables and indexes are after NIGHTS=30 full runs. Before each one the
orders of a hundredth of the CUSTOMERS=10000 customers change; after it the tables are vacuumed that autovacuum, by
PostgreSQL's own limits, would have got to before the next night.
"""

import sys
import time
from datetime import datetime, timedelta, timezone

import workers
from servers import number, query, table, vacuum

AIM = 1.3
TABLES = "SELECT relname, PG_TOTAL_RELATION_SIZE(oid) FROM pg_class WHERE relkind = 'r' AND relname ~ '^grading_'"
DUE = """
    SELECT statistics.relname FROM pg_stat_user_tables AS statistics JOIN pg_class ON pg_class.oid = statistics.relid
     WHERE statistics.relname ~ '^grading_' AND statistics.n_dead_tup > 50 + 0.2 * GREATEST(pg_class.reltuples, 0)
"""
CHANGE = "UPDATE sale_order SET amount_untaxed = amount_untaxed * 2 WHERE partner_id %% 100 = %s"
# Lines are added to it, and none is taken away: it grows by what has happened.
GROWS = {"grading_history", "grading_snapshot", "grading_care_log", "grading_run", "grading_queue"}


def main(database):
    """Let the nights pass and compare; leave with 1 where a table has grown by more than is bearable."""
    nights = int(number("NIGHTS", 30))
    workers.prepare(database)
    with workers.environment(database) as env:
        job_id = workers.graded_company(env, int(number("CUSTOMERS", 10000)))
    vacuum(database, "VACUUM FULL")
    before = dict(query(database, TABLES))
    today = datetime.now(timezone.utc)
    for night in range(1, nights + 1):
        query(database, CHANGE, [night % 100])
        clock = (today + timedelta(days=night)).strftime("%Y-%m-%d %H:%M:%S")
        if workers.wait(workers.start(workers.work_off, database, [job_id], clock)):
            sys.exit(f"The run of night {night} fails.")
        time.sleep(2)  # until PostgreSQL has counted
        for (name,) in query(database, DUE):
            query(database, f'VACUUM ANALYZE "{name}"')
    after = dict(query(database, TABLES))
    rows = [
        (name, before[name] // 1024, size // 1024, f"{size / before[name]:.2f}")
        for name, size in sorted(after.items())
        if before.get(name, 0) > 1 << 20 and name not in GROWS
    ]
    print(table(("table", "kB before", f"kB after {nights} nights", "ratio"), rows), flush=True)
    whole, grown = (sum(sizes[name] for name in sizes if name not in GROWS) for sizes in (before, after))
    print(f"all of them: {grown / whole:.2f}, aim {AIM}", flush=True)
    return 0 if grown <= AIM * whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
