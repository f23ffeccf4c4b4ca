from . import test_referral
from . import test_referral_queue
from . import test_referral_lead
