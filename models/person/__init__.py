# In: what is entered on a contact about the person: birth, gender, income, interests, preferred channel.
# Out: what follows from it (month of birth, sign, age band), for filters of rules as for searches.
# Add: a field on res.partner; if it is computed on the fly, its search and what it depends on go with it.
from . import grading_interest
from . import res_partner
