import hashlib
import re
from datetime import date
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.measure.grading_measure import MEASURED_BY
from ...models.measure.grading_measure_document import ALL_CONTACTS
from ..common import GradingCase

NOTED = Path(__file__).resolve().parents[1] / "data" / "measured_by.txt"
OF_OTHER_APPS = ("pos.order", "rating.rating", "loyalty.card")
WORDS = """Something in how measures are taken is not what it was. If the same documents may give another figure now,
raise MEASURED_BY in models/measure/grading_measure.py: else the night after the update tells people that their
customers have changed, and starts plays. If it is only written in another way, leave it.
In both cases put this into %s:
%s"""


@tagged("post_install", "-at_install")
class TestMeasuredBy(GradingCase):
    def test_another_way_to_measure_has_another_number(self):
        [noted] = NOTED.read_text().splitlines()
        found = f"{MEASURED_BY} {self.fingerprint()}"
        self.assertEqual(noted, found, WORDS % (NOTED.name, found))

    def fingerprint(self):
        """What the statements of all sources come to, whatever the company and the day are."""
        Measure, day = self.env["grading.measure"], date(2026, 3, 4)
        # Whatever is installed beside: that there is more to measure then is no other way to measure.
        is_there = type(self.env).__contains__
        without = patch.object(
            type(self.env), "__contains__", lambda env, name: name not in OF_OTHER_APPS and is_there(env, name)
        )
        self.startPatcher(without)
        self.startPatcher(patch.object(self.env.registry["grading.measure"], "_is_any", lambda *args: True))
        texts = []
        for source in ("order", "invoice"):
            self.company.grading_amount_source = source
            selects = {
                **Measure._sources(day, ALL_CONTACTS),
                **{f"lead {name}": sql for name, sql in Measure._lead_sources(day, SQL("crm_lead")).items()},
                **{
                    f"compared {name}": sql
                    for name, sql in Measure._compared_sources(day, SQL("grading_profile")).items()
                },
            }
            texts += [f"{source} {name} {sql.code}" for name, sql in sorted(selects.items())]
        formulas = {name: measure.get("formula") for name, measure in Measure._catalog().items()}
        texts += [f"{name} {formula.code}" for name, formula in sorted(formulas.items()) if formula is not None]
        return hashlib.md5(re.sub(r"\s+", " ", "\n".join(texts)).encode(), usedforsecurity=False).hexdigest()
