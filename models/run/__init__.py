from . import grading_run
from . import grading_run_pipeline
from . import grading_population
from . import grading_staging
from . import grading_staging_grade
from . import grading_staging_write
from . import grading_queue
