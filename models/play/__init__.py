# Plays. In: plays, changes of grades, stages and measures, complaints, and days that pass.
# Out: grading.play.case, one start for one customer or lead: its activities, e-mail and tags, and what followed.
# Add: a trigger in grading_play.py (TRIGGERS) and grading_play_trigger.py; a goal in grading_play_goal.py.
from . import grading_play
from . import grading_play_trigger
from . import grading_play_case
from . import grading_play_start
from . import grading_play_hand
from . import grading_play_begin
from . import grading_play_goal
from . import grading_run
from . import grading_queue
from . import grading_history
from . import grading_complaint
from . import grading_profile
from . import grading_profile_aside
from . import grading_blacklist
from . import base
from . import mail_activity
from . import mail_activity_plan_template
from . import res_partner
from . import res_users
from . import crm_lead
