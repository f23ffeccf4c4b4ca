# In: what the judge has measured of a batch of profiles; secondary schemes, which give no grade of their own.
# Out: grading.secondary, what each of these schemes says of a customer or lead: segments beside the grade.
# Add: another way to place customers is a mode of a scheme's thresholds, see grading_scheme.py.
from . import grading_measure_rfm
from . import grading_grade
from . import grading_scheme
from . import grading_secondary
from . import grading_secondary_snapshot
from . import grading_staging_secondary
from . import grading_run
from . import filter_words
from . import grading_segment_trial
from . import grading_profile
from . import grading_filter_reach
from . import grading_graded_mixin
