from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..base.context import day_read
from ..base.fields import INTERNAL

FIRST_BIRTHDATE = date(1900, 1, 1)
# The sign that begins in each month, and the day on which it does; in the order of the signs.
SIGNS = {
    3: ("aries", "Aries", 21),
    4: ("taurus", "Taurus", 20),
    5: ("gemini", "Gemini", 21),
    6: ("cancer", "Cancer", 21),
    7: ("leo", "Leo", 23),
    8: ("virgo", "Virgo", 23),
    9: ("libra", "Libra", 23),
    10: ("scorpio", "Scorpio", 23),
    11: ("sagittarius", "Sagittarius", 22),
    12: ("capricorn", "Capricorn", 22),
    1: ("aquarius", "Aquarius", 20),
    2: ("pisces", "Pisces", 19),
}
# The age bands, and the age at which each begins.
AGE_BANDS = {
    "under_18": ("Under 18", 0),
    "18_24": ("18–24", 18),
    "25_34": ("25–34", 25),
    "35_44": ("35–44", 35),
    "45_54": ("45–54", 45),
    "55_64": ("55–64", 55),
    "65_plus": ("65 and over", 65),
}
# What is as personal as a field with groups, see ResPartner._has_field_access.
WITHOUT_GROUPS = ("birthdate_date", "gender")
# The fields of our page, and those of other modules that say the same: where one of these is shown, ours is not.
SAID_BY = {"birthdate_date": ("birthdate_date",), "gender": ("gender",), "grading_age_band": ("age", "age_range_id")}


class ResPartner(models.Model):
    """A person: birth and what follows from it, income and interests, and how to reach them.

    ``birthdate_date`` and ``gender`` have the names and types of OCA's ``partner_contact_birthdate`` and
    ``partner_contact_gender``: beside these modules each is one field, which is asked for once, on their page.
    """

    _name = "res.partner"
    _inherit = ["res.partner", "grading.web.key.mixin"]

    birthdate_date = fields.Date(string="Birthdate")
    gender = fields.Selection([("male", "Male"), ("female", "Female"), ("other", "Other")])
    grading_income_band_id = fields.Many2one(
        "grading.income.band", string="Income Band", index="btree_not_null", groups=INTERNAL
    )
    grading_interest_ids = fields.Many2many("grading.interest", string="Interests", groups=INTERNAL)
    grading_preferred_channel = fields.Selection(
        [
            ("phone", "Phone"),
            ("email", "E-mail"),
            ("message", "Message"),
            ("visit", "Visit"),
            ("video", "Video call"),
            ("any", "No preference"),
        ],
        string="Preferred Channel",
        groups=INTERNAL,
        help="How this person likes to be contacted.",
    )
    grading_birth_month = fields.Selection(
        [
            ("01", "January"),
            ("02", "February"),
            ("03", "March"),
            ("04", "April"),
            ("05", "May"),
            ("06", "June"),
            ("07", "July"),
            ("08", "August"),
            ("09", "September"),
            ("10", "October"),
            ("11", "November"),
            ("12", "December"),
        ],
        string="Month of Birth",
        compute="_compute_grading_birth_month",
        search="_search_grading_birth_month",
        groups=INTERNAL,
    )
    grading_born_this_month = fields.Boolean(
        string="Birthday This Month",
        compute="_compute_grading_born_this_month",
        search="_search_grading_born_this_month",
        groups=INTERNAL,
    )
    grading_zodiac = fields.Selection(
        [(sign, label) for sign, label, _day in SIGNS.values()],
        string="Zodiac Sign",
        compute="_compute_grading_zodiac",
        search="_search_grading_zodiac",
        groups=INTERNAL,
    )
    grading_age_band = fields.Selection(
        [(band, label) for band, (label, _age) in AGE_BANDS.items()],
        string="Age Band",
        compute="_compute_grading_age_band",
        search="_search_grading_age_band",
        groups=INTERNAL,
        help="Born on 29 February, one is a year older on 28 February where there is none.",
    )

    @api.constrains("birthdate_date")
    def _check_birthdate_date(self):
        today = self.env.user._grading_today(self.env.company)
        for partner in self.filtered("birthdate_date"):
            if not FIRST_BIRTHDATE <= partner.birthdate_date <= today:
                raise ValidationError(
                    self.env._(
                        "The birthdate of %(contact)s, %(birthdate)s, is not valid: "
                        "enter a day from %(first)s to today, or leave it empty.",
                        contact=partner.display_name,
                        birthdate=tools.format_date(self.env, partner.birthdate_date),
                        first=tools.format_date(self.env, FIRST_BIRTHDATE),
                    )
                )

    # ------------------------------------------------------------
    # Beside other modules
    # ------------------------------------------------------------

    def _has_field_access(self, field, operation):
        """Birthdate and gender are for internal users.

        Groups on the fields would say the same, and Odoo would warn of each view of another module that shows the age
        where there is a birthdate: it says of no group that it may.
        """
        allowed = super()._has_field_access(field, operation)
        return allowed and (field.name not in WITHOUT_GROUPS or self.env.su or self.env.user._is_internal())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Our page leaves out what another module shows elsewhere on the contact's form."""
        arch, view = super()._get_view(view_id, view_type, **options)
        page = next(arch.iterfind(".//page[@name='grading_person']"), None)
        if page is not None:
            nodes = [node for node in arch.iter("field") if next(node.iterancestors("field"), None) is None]
            ours = [node for node in nodes if page in node.iterancestors()]
            others = {node.get("name") for node in nodes if node not in ours}
            for node in ours:
                if others.intersection(SAID_BY.get(node.get("name"), ())):
                    node.getparent().remove(node)
        return arch, view

    # ------------------------------------------------------------
    # Month of birth and sign
    # ------------------------------------------------------------

    @api.depends("birthdate_date")
    def _compute_grading_birth_month(self):
        for partner in self:
            partner.grading_birth_month = partner.birthdate_date and partner.birthdate_date.strftime("%m")

    def _search_grading_birth_month(self, operator, value):
        if operator != "in":
            return NotImplemented
        months = [int(month) for month in value if month]
        return Domain("birthdate_date.month_number", "in", months) | _unknown(value)

    @api.depends("birthdate_date")
    @api.depends_context("company")
    def _compute_grading_born_this_month(self):
        month = day_read(self.env).month
        for partner in self:
            partner.grading_born_this_month = bool(partner.birthdate_date) and partner.birthdate_date.month == month

    def _search_grading_born_this_month(self, operator, value):
        if operator != "in":
            return NotImplemented
        month = day_read(self.env).month
        born = Domain("birthdate_date.month_number", "=", month)
        others = Domain("birthdate_date", "=", False) | Domain("birthdate_date.month_number", "!=", month)
        return Domain.OR(domain for domain, wanted in ((born, True), (others, False)) if wanted in value)

    @api.depends("birthdate_date")
    def _compute_grading_zodiac(self):
        for partner in self:
            partner.grading_zodiac = partner.birthdate_date and _sign(partner.birthdate_date)

    def _search_grading_zodiac(self, operator, value):
        if operator != "in":
            return NotImplemented
        signs = (_born_under(month, day) for month, (sign, _label, day) in SIGNS.items() if sign in value)
        return Domain.OR(signs) | _unknown(value)

    # ------------------------------------------------------------
    # Age
    # ------------------------------------------------------------

    @api.depends("birthdate_date")
    @api.depends_context("company")
    def _compute_grading_age_band(self):
        today = day_read(self.env)
        for partner in self:
            age = partner.birthdate_date and max(0, relativedelta(today, partner.birthdate_date).years)
            partner.grading_age_band = age is not False and _band(age)

    def _search_grading_age_band(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = day_read(self.env)
        firsts = [first for _label, first in AGE_BANDS.values()]
        bands = zip(AGE_BANDS, firsts, [*firsts[1:], None], strict=True)
        return Domain.OR(_aged(today, *ages) for band, *ages in bands if band in value) | _unknown(value)


def _sign(day):
    """The sign of a birth on ``day``: ``aries`` on 21 March."""
    sign, _label, first = SIGNS[day.month]
    return sign if day.day >= first else SIGNS[(day.month - 2) % 12 + 1][0]


def _born_under(month, day):
    """Births from this day on, and before the next sign begins."""
    following = month % 12 + 1
    first = Domain("birthdate_date.month_number", "=", month) & Domain("birthdate_date.day_of_month", ">=", day)
    last = Domain("birthdate_date.month_number", "=", following)
    return first | last & Domain("birthdate_date.day_of_month", "<", SIGNS[following][2])


def _band(age):
    return [band for band, (_label, first) in AGE_BANDS.items() if first <= age][-1]


def _aged(today, first, following):
    """At least ``first`` years old on ``today``, and younger than ``following`` if that is given."""
    domain = Domain("birthdate_date", "<=", _born_by(today, first)) if first else Domain("birthdate_date", "!=", False)
    return domain & Domain("birthdate_date", ">", _born_by(today, following)) if following else domain


def _born_by(today, age):
    """The latest birthdate of people who are ``age`` years old on ``today``."""
    day = today - relativedelta(years=age)
    # On the last day of February they have had their birthday, even if it was the 29th.
    ends_month = (today + timedelta(days=1)).month != today.month
    return day + relativedelta(day=31) if ends_month else day


def _unknown(value):
    """The condition that the ``False`` among the searched values stands for."""
    return Domain("birthdate_date", "=", False) if False in value else Domain.FALSE
