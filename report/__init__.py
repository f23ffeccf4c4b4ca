from . import grading_effort_report
from . import grading_effort_plan
