# Greetings. In: occasions, the grades and first orders of the profiles, the dates of contacts.
# Out: grading.greeting, with an activity, an e-mail or an SMS for each.
# Add: a kind of occasion in grading_occasion.py, and its day in grading_occasion_due.py (_kept_to_sql).
from . import grading_occasion
from . import grading_occasion_due
from . import grading_greeting
from . import res_partner
