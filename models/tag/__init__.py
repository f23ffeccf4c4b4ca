# In: the profiles that a run has just written; tags that users add and remove.
# Out: contact tags and lead tags, each with its provenance (grading.tag.origin).
# Add: a field of a rule to grading_tag_rule.py; how tags are given and revoked in sets to grading_staging_tag.py.
from . import grading_tag_rule
from . import grading_tag_named
from . import grading_tag_cycle
from . import grading_tag_origin
from . import grading_tagged_mixin
from . import res_partner
from . import crm_lead
from . import res_partner_category
from . import crm_tag
from . import res_company
from . import grading_staging_tag
