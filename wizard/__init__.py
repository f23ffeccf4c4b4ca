from . import base_partner_merge
from . import grading_override
