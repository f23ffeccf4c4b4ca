# In: a scheme that is to be changed, and what the judge finds by its draft.
# Out: drafts, their previews, the versions of a scheme, and the files that schemes travel in.
# Add: what a scheme consists of to grading_scheme_content.py; a figure of a preview to grading_preview_sink.py.
from . import grading_content_mixin
from . import grading_criterion
from . import grading_scheme_content
from . import grading_scheme_words
from . import grading_scheme_version
from . import grading_scheme_draft
from . import grading_preview
from . import grading_preview_line
from . import grading_preview_start
from . import grading_preview_sink
from . import grading_run
from . import grading_scheme_trial
from . import grading_scheme_histogram
from . import grading_play
from . import filter_names
from . import scheme_as_a_whole
from . import grading_scheme_file
from . import grading_scheme_file_check
from . import grading_scheme_shipped
