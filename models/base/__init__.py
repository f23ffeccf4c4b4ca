from . import groups
from . import fields
from . import grading_domain_mixin
from . import grading_lead_access_mixin
from . import grading_profile
from . import res_company
from . import res_config_settings
