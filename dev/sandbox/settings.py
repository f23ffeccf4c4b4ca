"""Where everything lies, and the variables that steer it.

Everything the sandbox makes is under `.sandbox/` in the checkout (but see postgres.py), and `make clean` removes every
trace. What depends on something carries a hash of it in its name: a change makes a new one.
"""

import hashlib
import os
from pathlib import Path

MODULE = "customer_grading"
BASE_MODULES = ("sale_crm", "contacts")
# What ours listens to where it is installed, without depending on it, and what docs/integrations.md shows.
OPTIONAL_MODULES = (
    *("survey", "rating", "loyalty", "base_automation", "point_of_sale", "pos_sale", "sale_margin"),
    *("mass_mailing_crm", "project"),
)
# What shows how to extend ours, in dev/example/; see docs/extending.md.
EXAMPLE = "customer_grading_example"
# Modules of others that work on contacts, too: dev/requirements-oca.txt has their packages.
OCA_MODULES = (
    *("partner_stage", "partner_priority", "partner_classification", "partner_manual_rank", "partner_firstname"),
    *(
        "partner_contact_birthdate",
        "partner_contact_gender",
        "partner_contact_age_range",
        "partner_contact_nationality",
    ),
    *("partner_contact_personal_information_page", "partner_contact_department", "partner_contact_job_position"),
    *("account_financial_risk", "sale_financial_risk", "crm_claim", "crm_stage_probability"),
)

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev"
SANDBOX = ROOT / ".sandbox"
ADDONS = SANDBOX / "addons"
FILESTORE = SANDBOX / "data" / "filestore"
LOGS = SANDBOX / "log"
LOCKS = SANDBOX / "locks"


def variable(name: str, default: str = "") -> str:
    """Return a variable given to make (`make run PORT=8070`) or set in the environment; an empty one is unset."""
    return os.environ.get(name) or default


# Libpq's variables name an existing PostgreSQL, so that no private cluster is made.
EXTERNAL_SERVER = any(map(variable, ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGSERVICE")))
# Only root can install system packages; PostgreSQL must run as another user then.
IS_ROOT = os.geteuid() == 0


def digest(*parts: str | bytes, length: int = 10) -> str:
    """Return a short hash of the parts: the key in the name of whatever depends on them."""
    whole = b"".join((part.encode() if isinstance(part, str) else part) + b"\0" for part in parts)
    return hashlib.sha256(whole).hexdigest()[:length]


CHECKOUT = digest(str(ROOT), length=6)  # a short name of this checkout, for things that lie outside of it
