from . import test_assessment
from . import test_complaint
from . import test_feedback_measure
from . import test_feedback_security
