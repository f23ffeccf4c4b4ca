"""The analysis of Odoo's point of sale, where that app is installed: this module does not depend on it."""

from lxml.builder import E

from odoo import api, models

from ..models.base.fields import SELLERS
from ..models.base.optional import extend_where_installed

# Fields for which there are labels in the user's language on an analysis that is always there.
LABELED_BY = "sale.report"
GROUPED_BY = ("grading_grade_id", "grading_lifecycle_id")


class ReportPosOrder(models.Model):
    """Tickets are analyzed by the grade and the stage that their company gives to the customer.

    The app may be missing: :func:`extend_where_installed`.
    """

    _register = False
    _name = "report.pos.order"
    _inherit = ["report.pos.order", "grading.graded.analysis.mixin"]
    _module = "customer_grading"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """The labels in the user's language: none are kept for a model that the module was installed without."""
        described = super().fields_get(allfields, attributes)
        Field = self.env["ir.model.fields"]
        texts = {"string": Field.get_field_string(LABELED_BY), "help": Field.get_field_help(LABELED_BY)}
        for name in (name for name in described if name.startswith("grading_")):
            known = {key: named[name] for key, named in texts.items() if named.get(name)}
            described[name].update({key: text for key, text in known.items() if key in described[name]})
        return described

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Search and group by the grade and the stage: no view can inherit from one that may be missing."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "search":
            labels = self.env["ir.model.fields"].get_field_string(LABELED_BY)
            for node in arch.xpath("field[@name='partner_id']"):
                for name in reversed(GROUPED_BY):
                    node.addnext(E.field(name=name, groups=SELLERS))
            for group in arch.xpath("group[1]"):
                for name in GROUPED_BY:
                    context = str({"group_by": name})
                    group.append(E.filter(name=f"cg_{name}", string=labels[name], context=context, groups=SELLERS))
        return arch, view


class GradingGradedAnalysisMixin(models.AbstractModel):
    _inherit = "grading.graded.analysis.mixin"

    def _register_hook(self):
        result = super()._register_hook()
        if self._name == "grading.graded.analysis.mixin":
            extend_where_installed(self.env, ReportPosOrder)
        return result
