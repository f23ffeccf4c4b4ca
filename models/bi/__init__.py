# In: the profiles, snapshots and history, and the database roles that an administrator names.
# Out: views of the database for Tableau, Metabase, R and Python, readable by these roles; see docs/analysis.md.
# Add: a column to _customer_columns() and its like in grading_bi_view.py, a view to _views() there.
from . import grading_bi_view
from . import grading_bi_reader
