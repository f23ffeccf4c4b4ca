# In: the profiles as they stood when a month ended, or what the judge finds for the end of an earlier month.
# Out: grading.snapshot: one row for each customer or open lead, company and month; who has risen or fallen since.
# Add: a figure to remember is a field of grading.snapshot and its line in _values_to_sql there.
from . import res_company
from . import res_config_settings
from . import grading_snapshot
from . import grading_snapshot_keep
from . import grading_run
from . import grading_grade
from . import grading_profile
from . import grading_graded_mixin
from . import crm_lead
from . import grading_profile_line
