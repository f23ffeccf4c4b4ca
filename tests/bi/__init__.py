from . import test_bi_views
from . import test_bi_documentation
