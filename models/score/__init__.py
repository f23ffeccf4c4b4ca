from . import grading_grade
from . import grading_scheme
from . import grading_criterion
from . import grading_cut_point
