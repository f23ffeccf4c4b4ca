# In: the profiles with their new grades, scores and measures; the stages and their filters.
# Out: each customer's stage, and the automations of the stages that customers have entered.
# Add: another action of a stage as a field to grading_lifecycle.py, and its start to grading_lifecycle_automation.py.
from . import grading_lifecycle
from . import grading_lifecycle_automation
from . import base_automation
