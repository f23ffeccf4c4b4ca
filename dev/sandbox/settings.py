"""Where everything lies, and the variables that steer it.

Everything the sandbox makes is under `.sandbox/` in the checkout, so that removing this folder (`make clean`)
removes every trace. Folders that depend on something carry a hash of it in their name: a change makes a new one.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

MODULE = "customer_grading"
BASE_MODULES = ("sale_crm", "contacts")
# What ours listens to where it is installed, without depending on it.
SOFT_MODULES = ("survey", "rating", "loyalty")

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev"
SANDBOX = ROOT / ".sandbox"
DOWNLOADS = SANDBOX / "downloads"
ADDONS = SANDBOX / "addons"
DATA = SANDBOX / "data"
FILESTORE = DATA / "filestore"
LOGS = SANDBOX / "log"
LOCKS = SANDBOX / "locks"
CONFIG = SANDBOX / "odoo.conf"

ODOO_LOCK = DEV / "odoo.lock"
REQUIREMENTS = (DEV / "requirements.txt", DEV / "requirements-dev.txt")

# One of these in the environment means: use that PostgreSQL, make no private cluster.
LIBPQ_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGSERVICE")


def variable(name: str, default: str) -> str:
    """Return a variable given to make (`make run PORT=8070`) or set in the environment; an empty one is unset."""
    return os.environ.get(name) or default


def external_server() -> bool:
    """Tell whether the libpq variables name an existing PostgreSQL."""
    return any(os.environ.get(name) for name in LIBPQ_VARIABLES)


def is_root() -> bool:
    """Tell whether this runs as root (system packages can be installed, PostgreSQL must run as another user)."""
    return os.geteuid() == 0


def digest(*parts: str | bytes, length: int = 10) -> str:
    """Return a short hash of the parts: the key in the name of whatever depends on them."""
    result = hashlib.sha256()
    for part in parts:
        result.update(part.encode() if isinstance(part, str) else part)
        result.update(b"\0")
    return result.hexdigest()[:length]


def checkout_id() -> str:
    """Return a short name of this checkout, for things that lie outside of it."""
    return digest(str(ROOT), length=6)
