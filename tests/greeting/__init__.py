from . import test_greeting_day
from . import test_greeting
from . import test_greeting_hour
from . import test_greeting_job
from . import test_greeting_message
from . import test_greeting_salesperson
from . import test_greeting_security
from . import test_occasions_shipped
