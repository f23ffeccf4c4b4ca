from . import grading_feedback_mixin
from . import grading_assessment
from . import grading_assessment_survey
from . import grading_complaint
from . import grading_measure_feedback
from . import res_partner
