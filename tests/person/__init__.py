from . import test_attributes
