from . import grading_tag_rule
from . import grading_tag_cycle
from . import grading_tag_origin
from . import grading_tagged_mixin
from . import res_partner
from . import res_company
from . import crm_lead
from . import grading_staging_tag
