from odoo import api, models

from ..base.context import ByServer, is_by_server

# Where the cursor notes which version of which scheme this transaction has made already.
RAISED = "customer_grading.raised_versions"


class GradingVersionedMixin(models.AbstractModel):
    """A scheme, or a part of one: a change of what decides a result raises the version of the scheme, a change of a
    name, a description or a translation does not.

    However much is changed in one transaction, the version is raised once, unless a run has judged by it in between.
    """

    _name = "grading.versioned.mixin"
    _description = "Part of a Version of a Scheme"

    @api.model
    def _version_fields(self):
        """Names of the stored fields that decide results.

        :rtype: tuple[str]
        """
        raise NotImplementedError

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._versioned_schemes()._raise_version()
        return records

    def write(self, vals):
        # Also asked before: a step that moves to another scheme changes both.
        schemes, before = self._versioned_schemes(), self._version_values()
        res = super().write(vals)
        if self._version_values() != before:
            (schemes | self._versioned_schemes())._raise_version()
        return res

    def unlink(self):
        schemes = self._versioned_schemes()
        res = super().unlink()
        schemes.exists()._raise_version()
        return res

    def _versioned_schemes(self):
        """The schemes that these records are, or are part of.

        :rtype: grading.scheme
        """
        return self.env["grading.scheme"].sudo().union(*(record._deciding_rules() for record in self.sudo()))

    def _version_values(self):
        return [tuple(record[name] for name in self._version_fields()) for record in self.sudo()]

    # ------------------------------------------------------------
    # Schemes
    # ------------------------------------------------------------

    def _raise_version(self):
        """Raise the version of these schemes, but for one whose version this transaction has made itself."""
        if is_by_server(self.env, "grading_new_scheme"):
            return
        raised = self.env.cr.precommit.data.setdefault(RAISED, {})
        # By number: a savepoint that was rolled back has taken the version back, and not the note of it.
        for scheme in self.sudo().filtered(lambda scheme: raised.get(scheme.id) != scheme.version):
            scheme.version += 1
            raised[scheme.id] = scheme.version

    @api.model
    def _close_versions(self):
        """From here on results are judged by the versions as they are: the next change makes others."""
        self.env.cr.precommit.data.pop(RAISED, None)


class GradingScheme(models.Model):
    """Its own version begins at 1, with all that it is created with."""

    _name = "grading.scheme"
    _inherit = ["grading.scheme", "grading.versioned.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        new = self.with_context(grading_new_scheme=ByServer.YES)
        return super(GradingScheme, new).create(vals_list).with_env(self.env)

    def _versions(self):
        """``{scheme id: version}``"""
        return {scheme.id: scheme.version for scheme in self}

    @api.model
    def _version_fields(self):
        """The order of schemes and their companies decide which one covers a customer."""
        return ("active", "company_id", "domain", "grace_days", "sequence", "subject", "threshold_mode")


class GradingThreshold(models.Model):
    _name = "grading.threshold"
    _inherit = ["grading.threshold", "grading.versioned.mixin"]

    @api.model
    def _version_fields(self):
        return ("grade_id", "min_score", "scheme_id", "top_percent")


class GradingCriterion(models.Model):
    _name = "grading.criterion"
    _inherit = ["grading.criterion", "grading.versioned.mixin"]

    @api.model
    def _version_fields(self):
        return (
            *("best", "date_unit", "dimension", "domain", "kind", "measure", "scheme_id"),
            *("points_base", "points_if_none", "points_max", "points_min", "points_per_unit"),
        )


class GradingCriterionBand(models.Model):
    _name = "grading.criterion.band"
    _inherit = ["grading.criterion.band", "grading.versioned.mixin"]

    @api.model
    def _version_fields(self):
        return ("criterion_id", "lower_bound", "points")


class GradingCriterionCase(models.Model):
    _name = "grading.criterion.case"
    _inherit = ["grading.criterion.case", "grading.versioned.mixin"]

    @api.model
    def _version_fields(self):
        return ("criterion_id", "domain", "points", "sequence")


class GradingGrade(models.Model):
    """The order of grades belongs to each scheme that gives them."""

    _name = "grading.grade"
    _inherit = ["grading.grade", "grading.versioned.mixin"]

    @api.model
    def _version_fields(self):
        return ("sequence",)
