# In: what customers told the company: assessments, survey answers, ratings and complaints.
# Out: measures of satisfaction and complaints on the profile; figures of this moment on the contact.
# Add: another source of scores to _scores_given() in grading_measure_feedback.py; a measure there, with its column.
from . import grading_feedback_mixin
from . import grading_assessment
from . import grading_complaint
from . import grading_measure_feedback
from . import res_partner
