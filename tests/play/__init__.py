from . import test_play_start
