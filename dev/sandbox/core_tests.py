"""`make test-core` and `make neighbours`: the tests of Odoo's own modules must fare no worse beside our module."""

import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path

import database
import runtime
from database import own_name
from process import SandboxError, run_checked, tail, timed
from settings import BASE_MODULES, DEV, LOGS, MODULE, SANDBOX, digest
from workplace import beside

# Each of Odoo's modules that works with contacts, leads or what grades are computed from, and the tests of it that
# run: all of them, or its classes (and methods) that deal with contacts. Two have no tests: they are installed beside.
WHOLE = ("",)
NEIGHBOURS = {
    "base": (
        *(":TestPartner", ":TestPartnerAddressCompany", ":TestPartnerForm", ":TestPartnerFormatAddress"),
        *(":TestPartnerCategory", ":TestPartnerRecursion", ":TestMergePartner", ":TestResPartnerBank"),
        ":TestAvatarMixin",
    ),
    "mail": (":TestPartner", ":TestUser", ":TestMailActivityIntegrity", ":TestMailActivityChatter"),
    "sales_team": WHOLE,
    "crm": WHOLE,
    "sale": WHOLE,
    "sale_crm": WHOLE,
    "contacts": WHOLE,
    "account": (":TestAccountPartner", ":TestMergePartner", ":TestDuplicatePartnerBank"),
    "partnership": WHOLE,
    "website_crm_partner_assign": WHOLE,
    "loyalty": WHOLE,
    "point_of_sale": (
        *(":TestPointOfSale", ":TestPoSSimpleInvoicedOrders"),
        ":TestPointOfSaleFlow.test_delete_res_partner_linked_to_pos_order",
        ":TestPointOfSaleFlow.test_pos_order_partner_bank_id",
        ":TestPointOfSaleFlow.test_split_payment_linked_to_accounting_partner",
    ),
    "mass_mailing": (":TestMassMailValues", ":TestMassMailFeatures", ":TestMailingContactToList"),
    "mass_mailing_crm": (),
    "survey": (":TestSurveyInvite", ":TestSurveyInternals", ":TestAccess"),
    "rating": WHOLE,
    "base_automation": WHOLE,
    "spreadsheet_dashboard_sale": (),
}
NEAREST = ("sales_team", "crm", "sale_crm", "contacts")  # for `make test-core`
RAN = re.compile(r" INFO \S+ (odoo\.addons\.\S+: Starting \w+\.\w+) \.\.\.")
FAILED = re.compile(r" ERROR \S+ (odoo\.\S+: (?:FAIL|ERROR): (?:Subtest )?(?:\w+\.\w+|setUpClass \(\S+\)))")


def compare_nearest() -> None:
    """Compare the tests of the modules that ours builds on."""
    _compare("core", BASE_MODULES, NEAREST)


def compare_all() -> None:
    """Compare the tests of everything that works with contacts."""
    _compare("neighbours", tuple(NEIGHBOURS), tuple(NEIGHBOURS))


def _compare(name: str, modules: Sequence[str], tested: Sequence[str]) -> None:
    """Run the tests with our module, and without it once, and stop when ours breaks one.

    :param modules: what is installed beside ours
    :param tested: names in NEIGHBOURS
    """
    tags = ",".join(f"/{module}{part}" for module in tested for part in NEIGHBOURS[module])
    base = beside(name, modules)
    baseline = SANDBOX / f"{name}-baseline-{digest(base, tags)}.log"
    if not baseline.exists():
        _run(base, (), tags, LOGS / f"{name}-without.log").rename(baseline)
    log = _run(base, [MODULE], tags, LOGS / f"{name}.log")
    texts = [path.read_text(errors="replace") for path in (baseline, log)]
    ran, failed = ([set(pattern.findall(text)) for text in texts] for pattern in (RAN, FAILED))
    for label, tests, failures in zip(("without", "with   "), ran, failed, strict=True):
        print(f"{label} {MODULE}: {len(tests)} tests, {len(failures)} failed", flush=True)
    lines = [f"fails with {MODULE} only: {test}" for test in sorted(failed[1] - failed[0])]
    lines += [f"did not run: {test}" for test in sorted(ran[0] - ran[1])]
    if lines:
        raise SandboxError("\n".join([*lines, f"The log: {log}"]))


def _run(base: str, modules: Sequence[str], tags: str, log: Path) -> Path:
    """Run the tests in a copy of the database, after everything is installed: a test that Odoo runs while it installs
    its module would never meet ours, which comes last."""
    name = own_name("core-with" if modules else "core-without")
    database.copy(base, name)
    if modules:
        runtime.install(name, modules, log, demo=False)
    with socket.socket() as probe:  # a free port for the tests over HTTP
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = runtime.command(
        "-d", name, "--max-cron-threads=0", f"--http-port={port}", f"--db-filter=^{name}$", name="shell"
    )
    with (
        timed(f"Running Odoo's own tests {'with' if modules else 'without'} {MODULE}"),
        (DEV / "shell" / "core_tests.py").open() as script,
    ):
        run_checked(words, "Odoo's tests end early", log, stdin=script, env={**os.environ, "TEST_TAGS": tags})
    database.drop(name)
    if not RAN.search(log.read_text(errors="replace")):
        raise SandboxError(f"Odoo ran no test.\n{tail(log)}")
    return log
