from . import test_snapshot
