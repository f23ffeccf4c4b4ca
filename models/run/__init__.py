# In: the rules of every room, and the customers and leads that are to be scored.
# Out: profiles, history, tags and next contacts, written by the steps of grading_run_pipeline.py.
# Add: a step to STEPS there; what judging needs to grading_staging*.py; a sink of its own as in grading_run_apart.py.
from . import grading_run_pace
from . import grading_run
from . import grading_run_pipeline
from . import grading_run_job
from . import grading_run_apart
from . import ir_cron
from . import grading_population
from . import grading_staging
from . import grading_staging_grade
from . import grading_staging_reason
from . import grading_staging_write
from . import grading_profile
from . import grading_queue
