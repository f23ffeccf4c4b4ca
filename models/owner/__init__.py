from . import crm_team
from . import ir_ui_menu
from . import grading_ownership
from . import grading_ownership_assign
from . import grading_ownership_pool
from . import grading_pool
from . import grading_owned_mixin
