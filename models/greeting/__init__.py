from . import grading_occasion
from . import grading_occasion_due
from . import grading_greeting
from . import res_partner
