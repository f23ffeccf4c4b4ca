from . import test_attributes
from . import test_web_key
