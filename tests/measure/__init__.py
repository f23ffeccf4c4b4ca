from . import test_measure
from . import test_habit
from . import test_lead_measure
from . import test_lead_contact
from . import test_touch
from . import test_touch_activity
from . import test_touch_lead
from . import test_touch_oracle
