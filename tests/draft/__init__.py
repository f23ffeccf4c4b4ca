from . import test_scheme_draft
from . import test_scheme_publish
from . import test_preview
from . import test_preview_laws
from . import test_scheme_trial
from . import test_scheme_versions
