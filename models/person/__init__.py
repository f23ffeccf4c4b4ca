from . import grading_interest
from . import res_partner
