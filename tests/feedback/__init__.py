from . import test_assessment
from . import test_complaint
from . import test_voice_measure
from . import test_voice_security
