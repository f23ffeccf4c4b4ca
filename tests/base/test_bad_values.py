import csv
import io
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..common import with_seeds
from .rule_case import RuleCase

# Each of these is written into each field. JSON brings Infinity and NaN, too.
HOSTILE = (
    *(
        False,
        None,
        "",
        " ",
        "x",
        "x\x00y",
        "\ud800",
        "a" * 1_000_000,
        "0",
        "1e400",
        "today -99999999999d",
        "%s %(x)s {0}",
    ),
    *("0001-01-01", "9999-12-31", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "2026-02-30"),
    *(10**30, -(10**30), 10**400, 2**31, -(2**31) - 1, -1, 0, True, 1.5, 1e308, -1e308),
    *(float("inf"), float("-inf"), float("nan")),
    *([], [1], [0], [10**30], ["x"], [[9, 0, 0]], [[6, 0, "x"]], [[6, 0, ["x"]]], [[4, "x"]], [[4, 10**30]], [[]]),
    *([["x"]], [[0, 0, "x"]], [[0, 0, {"no_such_field": 1}]], [None], {}, {"a": [1]}, {"id": 1}),
)
# What generated texts are made of: what ends a string, a statement, a tag or a template, begins a formula, turns the
# direction, joins, or has no width.
PIECES = (
    "'",
    '"',
    "\\",
    ";",
    "--",
    "/*",
    "%s",
    "%(id)s",
    "{}",
    "${7*7}",
    "{{ object.env }}",
    "<script>",
    "</t>",
    "&#0;",
)
PIECES = (*PIECES, "\x00", "\x1b", "\ud800", "\ufeff", "\u202e", "\u0301", "\u200d", "🏳️‍🌈", "ß", "٣", "Ⅷ", "\r\n", "\t")
PIECES = (
    *PIECES,
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "0x1F",
    "1e999",
    "NaN",
    "True",
    "null",
    "a",
    "9",
    " ",
    ",",
    ".",
)
VALUES = 10_000  # are tried at least
# Filters that no converter takes, and some that only PostgreSQL would choke on.
FILTERS = (
    "[('last_order_date', '<', 'today -99999999999d')]",
    "[('last_order_date', '<', 'today +9999y')]",
    "[('last_order_date', '<', '=99999m')]",
    "[('last_order_date', '<', '9999-99-99')]",
    "[('last_order_date', '<', 5)]",
    "[('last_order_date', 'in', [[1]])]",
    "[('create_date', '>', '0000-01-01')]",
    "[('create_date', '=', 'now +99999999999S')]",
    "[('customer_years', '>', 99999999999999999999)]",
    "[('customer_years', '>', 'x')]",
    "[('purchase_probability', '>', 1e999)]",
    "[('purchase_probability', '=', {})]",
    "[('faded_order_amount', '>', 'x')]",
    "[('faded_order_amount', '>', [1])]",
    "[('order_count', '>', 1%s)]" % ("0" * 40),
    "[('order_count', '=', 'x')]",
    "[('order_count', 'in', 5)]",
    "[('order_count', 'in', {'a': 1})]",
    "[('partner_id.name', '=', 'a\\x00b')]",
    "[('partner_id.name', 'ilike', b'a')]",
    "[('partner_id', '=', 1e400)]",
    "[('partner_id', 'in', [10000000000000000000000])]",
    "[('partner_id', 'child_of', [[1]])]",
    "[('partner_id', 'child_of', 1.5)]",
    "[('partner_id', 'any', 5)]",
    "[('partner_id', 'any', [5])]",
    "[('grade_id', 'parent_of', None)]",
    "[('partner_id.create_date.no_such_part', '=', 1)]",
    "[('is_lost', '=', [[]])]",
    "[('score', '=?', ())]",
    "[('birthday_this_month', '>', 1)]",
    "[('points_detail', '=', {'a': 1})]",
    "[('trend', 'in', [None, {}])]",
    "[5]",
    "5",
    "[()]",
    "['&']",
    "['!', '!']",
    "[('score',)]",
    "[(1, 2, 3)]",
    "[" * 5000,
    "[('score', '=', " + "-" * 5000 + "1)]",
    "__import__('os')",
    "[('score', '=', 1j)]",
    "[(('score',), '=', 1)]",
    "[('', '=', 1)]",
    "[('score', [], 1)]",
    "[('score', None, 1)]",
)


@tagged("post_install", "-at_install")
class TestBadValues(RuleCase):
    """Whatever is written into whatever field is saved, or refused by a sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = cls.company._grading_today()
        cls.ada = cls.customer("Ada")
        cls.order(cls.ada, 50, today)
        cls.rules_of_all = cls.rules(cls.scheme())
        cls.rescore()
        lead = cls.env["crm.lead"].create({"name": "Lead", "company_id": cls.company.id})
        scheme = cls.rules_of_all[0][0]
        draft = scheme._draft()
        scheme._keep_versions()
        models = {
            "grading.lifecycle": {"name": "Stage"},
            "grading.interest": {"name": "Interest"},
            "grading.income.band": {"name": "Band"},
            "grading.assessment.reason": {"name": "Reason"},
            "grading.assessment": {"partner_id": cls.ada.id, "satisfaction": 5},
            "grading.complaint": {"partner_id": cls.ada.id, "name": "Complaint"},
            "grading.override": {"partner_ids": cls.ada.ids, "grade_id": cls.gold.id},
            "grading.care.done": {"care_ids": []},
            "grading.care.put.off": {"care_ids": []},
            "grading.play.start": {"partner_ids": cls.ada.ids},
            "grading.tag.rule.removal": {"rule_ids": []},
            "grading.scheme.publish": {"scheme_id": draft.id},
            "grading.scheme.trial": {"scheme_id": draft.id},
            "grading.scheme.compare": {"scheme_id": scheme.id, "left_id": scheme.version_ids.id},
            "grading.scheme.export": {"scheme_id": scheme.id},
            "grading.scheme.import": {},
            "grading.backtest": {"scheme_id": scheme.id, "company_id": cls.company.id},
            "grading.suggestion": {"company_id": cls.company.id},
            "grading.criterion.case": {"name": "Case", "criterion_id": scheme.criterion_ids[0].id},
            "crm.team": {"name": "Team", "company_id": cls.company.id},
        }
        cls.env.cr.execute("CREATE ROLE grading_bad_values")  # gone with the transaction
        models["grading.bi.reader"] = {"name": "grading_bad_values"}
        cls.values = models
        made = [cls.env[model].create(values) for model, values in models.items()]
        cls.records = [rule for rule, _change in cls.rules_of_all] + [*made, cls.gold, cls.ada, lead, cls.company]

    def writable(self, record):
        """Names of this module's fields that a user can write."""
        for name, field in record._fields.items():
            ours = "customer_grading" in field._modules
            if ours and not field.readonly and (field.store or field.inverse):
                yield name

    def attempt(self, record, values):
        """What became of the write: nothing, or the sentence that refused it. Anything else fails the test."""
        return self.attempted(lambda: record.write(values) and record.read(list(values)))

    def attempted(self, call):
        """What became of the call: nothing, or the sentence that refused it. Anything else fails the test."""
        with mute_logger("odoo.sql_db", "odoo.addons.customer_grading.models.run.grading_run"):
            try:
                with self.env.cr.savepoint() as savepoint:
                    call()
                    self.env.flush_all()
                    savepoint.rollback()
            except UserError as error:
                return str(error)
            except psycopg2.IntegrityError as error:
                return str(error)  # Odoo's service makes a sentence of it, by the names of its constraints
            finally:
                self.env.invalidate_all()
        return None

    def written(self, record, name, values):
        for value in values:
            yield value, lambda value=value: self.attempt(record, {name: value})

    def created(self, record, name, values):
        """As a form that is saved for the first time."""
        known = self.values.get(record._name) or record.copy_data()[0]
        for value in values:
            form = {**known, name: value}
            yield value, lambda form=form: self.attempted(lambda: record.browse().web_save(form, {name: {}}))

    def imported(self, record, name, values):
        """As a file of lines about the record; whatever hinders an import, it says of the line."""
        lines = [[str(record.id), str(value).encode(errors="replace").decode()] for value in values]

        def load():
            for message in record.with_context(import_file=True).load([".id", name], lines)["messages"]:
                self.assertNotIn("Unknown error", message["message"])

        yield values, lambda: self.attempted(load)

    def ways(self, record):
        """The ways in which values get into a field: no file is imported into a dialog, and a company takes long."""
        yield self.written
        if not record._transient:
            yield self.imported
        if record != self.company:
            yield self.created

    def stored(self):
        """What the database has of the records, and how many there are of each model."""
        self.env.flush_all()
        found = {}
        for record in self.records:
            self.env.cr.execute(SQL("SELECT COUNT(*) FROM %s", SQL.identifier(record._table)))
            count = self.env.cr.fetchone()[0]
            query = SQL("SELECT * FROM %s WHERE id = %s", SQL.identifier(record._table), record.id)
            self.env.cr.execute(query)
            found[record] = (count, self.env.cr.fetchall())
        return found

    @with_seeds(0)
    def test_ten_thousand_values(self, rng):
        """Into each field by each way that it can be written, others each time; and each record is what it was."""
        before, tried = self.stored(), 0
        writes = [
            (way, record, name)
            for record in self.records
            for name in self.writable(record)
            for way in self.ways(record)
        ]
        for way, record, name in writes:
            with self.subTest(way=way.__name__, field=f"{record._name}.{name}"):
                values = [hostile(rng) for _number in range(VALUES // len(writes) + 1)]
                tried += len(values)
                for value, attempt in way(record, name, values):
                    try:
                        attempt()
                    except Exception as error:
                        raise AssertionError(f"{ascii(value)[:200]}: {error!r}") from error
        self.assertGreaterEqual(tried, VALUES)
        self.assertGreater(len({record._name for _way, record, _name in writes}), 18)
        self.assertEqual(self.stored(), before)

    @with_seeds(0)
    def test_a_file_of_hostile_lines_is_answered_line_by_line(self, rng):
        """Through the screen of an import: each line changes its record, or the answer says why not."""
        options = {"has_headers": True, "quoting": '"', "separator": ",", "encoding": "utf-8"}
        options |= {
            "date_format": "",
            "datetime_format": "",
            "float_thousand_separator": ",",
            "float_decimal_separator": ".",
        }
        Import = self.env.registry["base_import.import"]
        read = Import._remove_currency_symbol

        def read_number(wizard, value):
            """Odoo's own ends in an IndexError where a cell has nothing but separators and brackets."""
            return read(wizard, value) if value.strip() not in ("", "()") else False

        self.startPatcher(patch.object(Import, "_remove_currency_symbol", read_number))
        for record in self.records:
            if record._transient:
                continue
            columns = [".id", *self.writable(record)]
            lines = [[record.id, *(generated(rng) for _name in columns[1:])] for _number in range(20)]
            file = io.StringIO()
            csv.writer(file).writerows([columns, *lines])
            values = {"res_model": record._name, "file_name": "hostile.csv", "file_type": "text/csv"}
            values["file"] = file.getvalue().replace("\x00", "").encode(errors="replace")
            with self.subTest(model=record._name):
                answer = (
                    self.env["base_import.import"].create(values).execute_import(columns, columns, options, dryrun=True)
                )
                self.assertTrue(answer["messages"])
                for message in answer["messages"]:
                    self.assertNotIn("Unknown error", message["message"])

    def test_no_model_that_people_write_is_left_out(self):
        access = self.env["ir.model.access"].search(
            [("model_id.model", "=like", "grading.%"), ("perm_write", "=", True)]
        )
        self.assertEqual(set(access.model_id.mapped("model")) - {record._name for record in self.records}, set())

    def test_bad_values_are_refused_by_name(self):
        scheme = self.rules_of_all[0][0]
        for values, words in (
            ({"name": "a" * 1_000_000}, ("Test scheme", "Name", "1000", "shorten")),
            ({"name": "a\x00"}, ("Test scheme", "Name", "remove it")),
            ({"grace_days": 2**31}, ("Test scheme", "smaller")),
            ({"threshold_mode": "x"}, ("Test scheme", "offered")),
        ):
            with self.subTest(values=str(values)[:50]), self.assert_refused(*words, error=ValidationError):
                scheme.write(values)
        criterion = scheme.criterion_ids[0]
        for value in (float("inf"), float("nan"), 10**400, "x"):
            with self.subTest(value=str(value)[:20]), self.assert_refused("enter a number", error=ValidationError):
                criterion.write({"points_per_unit": value})
        for day in ("0001-01-01", "9999-12-31", "x"):
            with self.subTest(day=day), self.assert_refused("1800", "2999", error=ValidationError):
                self.env["grading.override"].create({"grade_id": self.gold.id, "until": day})
        with self.assert_refused("Name", "shorten", error=ValidationError):
            self.env["grading.grade"].create({"name": "a" * 1_000_000})
        with self.assert_refused("remove it", error=ValidationError):
            self.gold.update_field_translations("name", {"en_US": "a\x00"})

    def test_no_filter_ends_in_a_traceback(self):
        stage = self.env["grading.lifecycle"].create({"name": "Filtered"})
        for domain in FILTERS:
            with self.subTest(domain=domain[:60]):
                message = self.attempt(stage, {"domain": domain})
                self.assertIn("Filtered", message or "Filtered")

    def test_a_bad_filter_of_another_kind_is_refused_when_it_becomes_one(self):
        criterion = self.rules_of_all[0][0].criterion_ids[0]
        for domain in ("[('no_such_field', '=', 1)]", "[('order_count', ", "[('partner_id.bank_ids', '!=', False)]"):
            criterion.write({"kind": "linear", "domain": domain})
            with self.subTest(domain=domain), self.assert_refused("“Filter”", "invalid", error=ValidationError):
                criterion.kind = "domain"

    def test_a_day_beyond_the_calendar_fails_its_own_run_alone(self):
        self.force(self.rules_of_all[0][0], domain="[('last_order_date', '<', 'today -99999999999d')]")
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run"):
            run = self.env["grading.run"]._rescore(as_of=self.company._grading_today().replace(day=1))
        self.assertEqual(run.state, "failed")
        self.assertIn("Test scheme", run.message)
        self.assertIn("Use only searchable fields", run.message)


def hostile(rng, depth=0):
    """A value as a client may send it: one of the known ones, a generated text or number, or a nest of such.

    :param random.Random rng:
    """
    kind = rng.randrange(10 if depth < 3 else 7)
    if kind < 3:
        return rng.choice(HOSTILE)
    if kind < 6:
        return generated(rng)
    if kind == 6:
        return rng.choice((-1, 1)) * rng.choice((rng.random(), 1.0)) * 10.0 ** rng.randrange(-320, 308)
    nested = [hostile(rng, depth + 1) for _number in range(rng.randrange(4))]
    if kind == 7:
        return nested
    if kind == 8:
        return {rng.choice(PIECES): value for value in nested}
    return [[rng.randrange(-1, 8), *nested]]  # a command of a list of records, or nearly one


def generated(rng):
    """A text of the pieces above, short or long."""
    return "".join(rng.choices(PIECES, k=rng.choice((1, 2, 5, 20, 400))))
