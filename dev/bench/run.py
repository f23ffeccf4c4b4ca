"""`make bench`: what the module costs, each time beside its floor in the same run.

Runs inside `odoo shell`, which gives ``env``, on a database of its own that it may fill and change. CUSTOMERS, ORDERS
and LEADS (as many as customers unless set) give the size, REPETITIONS says how often each step is measured (3 times
unless set). Times of different machines and hours cannot be compared, so ratios of one run are judged. Leaves with 1
when an aim is missed.
"""

import os
import sys
from pathlib import Path

# The shell executes this text from its standard input: it has no folder of its own.
sys.path.insert(0, str(Path.cwd() / "dev" / "bench"))

import suite

size = {name: int(os.environ.get(name, default)) for name, default in (("CUSTOMERS", 100000), ("ORDERS", 1000000))}
leads = int(os.environ.get("LEADS", size["CUSTOMERS"]))
sys.exit(0 if suite.measure(globals()["env"], size["CUSTOMERS"], size["ORDERS"], leads) else 1)
