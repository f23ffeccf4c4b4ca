# The rooms, in the order of the pipeline: each says in its first lines what comes in, what goes out, where to add.
from . import base
from . import measure
from . import purchase
from . import feedback
from . import referral
from . import person
from . import score
from . import profile
from . import run
from . import trigger
from . import lifecycle
from . import memory
from . import tag
from . import care
from . import greeting
from . import owner
from . import play
