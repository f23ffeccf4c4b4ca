# In: what became of customers and leads of the company's own past, and how they are measured.
# Out: grading.suggestion: points, groups of customers, what separates two grades; looked at, and opened as a draft.
# Add: a field that points may be learned from stands in LEAD_FIELDS, OWN_FIELDS or PARTNER_FIELDS of
# grading_suggestion_data.py.
from . import sums
from . import bands
from . import judging
from . import hindsight
from . import points
from . import groups
from . import tree
from . import grading_suggestion
from . import grading_suggestion_data
from . import grading_suggestion_covered
from . import grading_suggestion_points
from . import grading_suggestion_draft
from . import grading_suggestion_groups
from . import grading_suggestion_separate
from . import grading_run
from . import grading_scheme
