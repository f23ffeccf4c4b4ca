from . import grading_lifecycle
from . import grading_lifecycle_automation
from . import res_partner
