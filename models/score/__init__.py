# In: the measures of a customer or lead, as columns of a staging table.
# Out: SQL for the points of each criterion, the scheme that applies, the grade for a score; the cut points of ranks.
# Add here: a kind of criterion (its SQL in grading_criterion, the hint on gaining points in grading_criterion_hint).
from . import grading_grade
from . import grading_scheme
from . import grading_criterion
from . import grading_criterion_case
from . import grading_criterion_hint
from . import grading_criterion_cap
from . import grading_cut_point
from . import grading_versioned_mixin
