from . import test_criterion
from . import test_rfm
from . import test_criterion_hint
from . import test_cut_point
from . import test_grade
from . import test_scheme_version
from . import test_threshold_count
from . import test_measure_choice
