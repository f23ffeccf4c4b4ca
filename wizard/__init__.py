from . import grading_override
