from . import base_partner_merge
from . import grading_override
from . import grading_care_done
from . import grading_care_put_off
from . import grading_play_start
from . import grading_tag_rule_removal
from . import base_module_uninstall
