# In: what is entered on a contact about the person: birth, gender, income, interests, preferred channel, web key.
# Out: what follows from it (month of birth, sign, age band), for filters of rules as for searches; whose a key is.
# Add: a field on res.partner; one that is computed on the fly needs a search, and its dependencies ask for new scores.
from . import grading_interest
from . import grading_web_key_mixin
from . import res_partner
from . import crm_lead
