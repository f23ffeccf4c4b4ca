# Next contacts (follow-up). In: cadences, and the measures and grades of the profiles.
# Out: grading.care and the next dates of the profiles, activities, the log of due contacts, the daily e-mail.
# Add: a way to count the next date in grading_staging_care.py; a topic of the activity in grading_care_digest.py.
from . import mail_activity_type
from . import mail_activity
from . import grading_cadence
from . import grading_care
from . import grading_care_log
from . import grading_contact_optout
from . import mail_blacklist
from . import phone_blacklist
from . import grading_care_plan
from . import grading_care_line
from . import grading_care_stake
from . import grading_care_done
from . import grading_care_undo
from . import grading_care_digest
from . import res_company
from . import res_users
from . import grading_staging_care
from . import grading_staging_care_write
from . import grading_profile
from . import grading_profile_glance
from . import res_partner
from . import crm_lead
