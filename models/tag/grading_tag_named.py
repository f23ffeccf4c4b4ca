from odoo import api, models
from odoo.exceptions import UserError


class GradingTagRule(models.Model):
    """A rule that is made of something else brings the tag that it gives."""

    _inherit = "grading.tag.rule"

    @api.model
    def _tag_named(self, key, name):
        """The tag of that name in the environment's language; it is made if there is none.

        :param str key: the rule's field of the tag
        :raise UserError: names the rights that are needed to make it
        """
        Tag = self.env[self._fields[key].comodel_name]
        if Tag.has_access("read") and (tag := Tag.search([("name", "=", name)], limit=1)):
            return tag
        if not Tag.has_access("create"):
            groups = self.env["ir.model.access"].sudo().group_names_with_access(Tag._name, "create")
            raise UserError(
                self.env._(
                    "There is no tag “%(tag)s”, and you may not create one. Ask for one of these rights, or have the "
                    "tag created: %(groups)s.",
                    tag=name,
                    groups=", ".join(groups),
                )
            )
        return Tag.create({"name": name})
