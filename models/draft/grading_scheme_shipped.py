import hashlib
import json
import logging

from odoo import api, fields, models
from odoo.tools.misc import file_open, file_path

from .grading_scheme_file_check import FileCheck

_logger = logging.getLogger(__name__)
# One file for each preset, as they are exported, named by its XML id.
FOLDER = "customer_grading/data/files/schemes"
PRESETS = (
    *("grading_scheme_in_service", "grading_scheme_value", "grading_scheme_rfm"),
    *("grading_scheme_before_signing", "grading_scheme_before_signing_abcd"),
    *("grading_scheme_rfm_segments", "grading_scheme_value_segments"),
    *("grading_scheme_satisfaction", "grading_scheme_credit"),
)


class GradingScheme(models.Model):
    """What a new release ships for a preset is offered as a draft of it, once, and never overwrites what there is."""

    _inherit = "grading.scheme"

    shipped_hash = fields.Char(
        readonly=True, copy=False, help="Of the content that this release, or a former one, ships for the preset."
    )
    is_offer = fields.Boolean(
        readonly=True, copy=False, help="The draft was made by an update: it holds what the new release ships."
    )

    has_offer = fields.Boolean(compute="_compute_has_offer")

    @api.depends("draft_ids.is_offer")
    def _compute_has_offer(self):
        for scheme in self:
            scheme.has_offer = any(scheme.draft_ids.mapped("is_offer"))

    @api.model
    def _offer_presets(self):
        """Called by each installation and update of the module."""
        self.env["grading.criterion"]._give_keys()
        for name in PRESETS:
            with file_open(file_path(f"{FOLDER}/{name}.json"), "rb") as file:
                self._offer_preset(name, file.read())

    @api.model
    def _offer_preset(self, name, data):
        """Offer a preset where it is newer than the one that was shipped before, and not what the scheme is already.

        The first time it is only noted: it is what was installed. While there is a draft of other changes it waits for
        the next update.

        :param str name: XML id of the preset
        :param bytes data: its file
        """
        scheme = self.env.ref(f"customer_grading.{name}", raise_if_not_found=False)
        if not scheme:
            return
        check = FileCheck(self.env)
        values = check.values_of(data)
        if check.problems:
            _logger.error("The shipped preset %s cannot be read: %s", name, check.message())
            return
        shipped = values["scheme"]
        digest = hashlib.sha256(json.dumps(_deciding(shipped), sort_keys=True).encode()).hexdigest()
        present = scheme._content()
        if scheme.shipped_hash and scheme.shipped_hash != digest and _deciding(present) != _deciding(shipped):
            if scheme.draft_ids:
                return
            grades = self.env["grading.grade"]._all_from_file(values)
            draft = scheme._draft()
            draft._apply_content(_with_texts_of(present, shipped), grades)
            draft.is_offer = True
        if scheme.shipped_hash != digest:  # else each update would be a change of the rules, to be rescored
            scheme.shipped_hash = digest


def _deciding(content):
    """What decides a result: no texts, and criteria by their keys."""
    return {
        **{name: value for name, value in content.items() if name not in ("name", "description", "criteria")},
        "criteria": {
            criterion["key"]: {name: value for name, value in criterion.items() if name not in ("name", "key")}
            for criterion in content["criteria"]
        },
    }


def _with_texts_of(present, shipped):
    """``shipped`` with the texts of ``present``: those of the scheme, and those of criteria with the same name."""
    names = {criterion["key"]: criterion["name"] for criterion in present["criteria"]}
    criteria = []
    for criterion in shipped["criteria"]:
        known = names.get(criterion["key"], {})
        is_same = known.get("en_US") == criterion["name"].get("en_US")
        criteria.append({**criterion, "name": known if is_same else criterion["name"]})
    return {**shipped, "name": present["name"], "description": present["description"], "criteria": criteria}
