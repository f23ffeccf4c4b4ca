import re

from odoo import api, models
from odoo.fields import Domain

# Fields of these types have parts that a path may name: the month of a date, a property.
PARTED_TYPES = ("date", "datetime", "properties")
HIERARCHIES = ("child_of", "parent_of")
# Names of fields that open doors, and that Odoo keeps from no user who may read the record.
SECRET = re.compile("token|password|secret")


class GradingFilterReach(models.AbstractModel):
    """How far a filter reaches, so that no rule tells its author what they could not look up.

    A rule runs as superuser, and who gets its tag or points shows what the filter found. So its paths lead only over
    the relations of :meth:`_filter_relations`, when a rule is saved and each time that it is compiled; and when a user
    saves it, over nothing that they cannot read themselves: fields of groups, models, records hidden by record rules.

    ``[("partner_id.country_id.code", "=", "TW")]`` passes; ``[("company_id.user_ids.login", "ilike", "a")]`` does not.
    """

    _name = "grading.filter.reach"
    _description = "Reach of a Filter"

    # ------------------------------------------------------------
    # What filters may ask for: extend by super()
    # ------------------------------------------------------------

    @api.model
    def _filter_relations(self):
        """The relations that a filter may go through: by a path, *any*, a name, or from parent to child.

        A many2one that is compared with ids, or with nothing, is a value of its record and needs no entry.

        :return: names of relational fields by model
        :rtype: dict[str, set[str]]
        """
        place = {"country_id", "state_id"}
        marketing = {"campaign_id", "medium_id", "source_id"}
        return {
            "grading.profile": {
                *("partner_id", "lead_id", "best_lead_id", "company_id", "currency_id", "scheme_id", "lifecycle_id"),
                *("grade_id", "computed_grade_id", "manual_grade_id", "pending_grade_id", "manual_user_id"),
                "history_ids",
            },
            "grading.history": {"old_grade_id", "new_grade_id", "old_lifecycle_id", "new_lifecycle_id"},
            "res.partner": {
                *(*place, "category_id", "industry_id", "parent_id", "child_ids", "commercial_partner_id"),
                *("user_id", "company_id", "currency_id", "property_product_pricelist", "property_payment_term_id"),
                *("sale_order_ids", "opportunity_ids", "grading_profile_id", "grading_figures_id"),
                *("grading_grade_id", "grading_lifecycle_id", "grading_scheme_id", "referred_by_id"),
                *("grading_referred_ids", "grading_interest_ids", "grading_income_band_id"),
            },
            "crm.lead": {
                *(*place, *marketing, "partner_id", "commercial_partner_id", "stage_id", "team_id", "user_id"),
                *("company_id", "tag_ids", "lost_reason_id", "order_ids", "lang_id", "recurring_plan"),
                *("grading_profile_id", "grading_grade_id", "grading_partner_grade_id", "referred_by_id"),
            },
            "sale.order": {*marketing, "order_line", "partner_id", "team_id", "user_id", "company_id", "tag_ids"},
            "sale.order.line": {"order_id", "product_id", "product_template_id"},
            "product.product": {"product_tmpl_id", "categ_id", "product_tag_ids"},
            "product.template": {"categ_id", "product_tag_ids"},
            "product.category": {"parent_id"},
            "res.partner.category": {"parent_id"},
            "res.partner.industry": set(),
            "res.country": {"currency_id", "country_group_ids"},
            "res.country.state": {"country_id"},
            "crm.team": {"user_id", "company_id"},
            "res.users": {"sale_team_id"},
            "res.company": {"currency_id", "parent_id"},
        }

    @api.model
    def _filter_fields(self):
        """Models of which a filter may ask for these fields only, since most of the others are none of its business.

        :rtype: dict[str, set[str]]
        """
        return {
            "res.users": {"id", "name", "display_name", "active", "sale_team_id"},
            "res.company": {"id", "name", "display_name", "active", "currency_id", "parent_id"},
        }

    @api.model
    def _filter_computed_fields(self):
        """Computed fields of other modules whose search may be used, although it may lead where no path may.

        :return: names of fields that are not stored, by model
        :rtype: dict[str, set[str]]
        """
        activity = {"activity_state", "activity_date_deadline", "activity_user_id", "activity_type_id"}
        contact = {"is_blacklisted", "phone_mobile_search", "phone_sanitized_blacklisted"}
        return {"res.partner": activity | contact, "crm.lead": activity | contact, "sale.order": activity}

    # ------------------------------------------------------------
    # Check
    # ------------------------------------------------------------

    @api.model
    def _within_reach(self, model, domain):
        """The ``domain``, checked; rows on the many side of a relation are those of the company or of none.

        ``[("lead_id", "any", [("order_ids", "!=", False)])]`` becomes ``[("lead_id", "any", [("order_ids", "any",
        [("company_id", "in", [1, False])])])]``.

        :param model: that the domain is on; unless it is superuser's, what its user cannot read is refused, too
        :param odoo.fields.Domain domain: with its paths resolved by :meth:`odoo.fields.Domain.optimize`
        :raise ValueError: the domain asks for what it may not reach
        :rtype: odoo.fields.Domain
        """
        return domain.map_conditions(lambda condition: self._condition_within_reach(model, condition))

    @api.model
    def _condition_within_reach(self, model, condition):
        name, _dot, part = condition.field_expr.partition(".")
        operator, value = condition.operator, condition.value
        field = model._fields[name]
        self._check_filter_field(model, field, part)
        if operator in HIERARCHIES:
            self._check_hierarchy(model, field, value)
        if not field.relational or field.type == "many2one" and not isinstance(value, Domain):
            return condition
        self._check_filter_relation(model, field)
        comodel = model.env[field.comodel_name]
        scope = self._company_rows(comodel) if field.type != "many2one" else Domain.TRUE
        if isinstance(value, Domain):
            return Domain(name, operator, self._within_reach(comodel, value) & scope)
        return condition if scope.is_true() else _scoped(condition, scope)

    @api.model
    def _company_rows(self, comodel):
        """The rows of ``comodel`` that belong to the current company or to none: superuser sees those of all."""
        company = comodel._fields.get("company_id")
        if not (company and company.store):
            return Domain.TRUE
        return Domain("company_id", "in", [self.env.company.id, False])

    @api.model
    def _check_filter_field(self, model, field, part=""):
        """Check that a filter may compare the ``field`` of ``model``, or the ``part`` of it."""
        only = self._filter_fields().get(model._name)
        is_unknown_part = part and field.type not in PARTED_TYPES
        if is_unknown_part or only is not None and field.name not in only or SECRET.search(field.name):
            raise ValueError(self.env._("“%s” cannot be used in a filter", self._path_text(model, field, part)))
        if not model._has_field_access(field, "read"):
            raise ValueError(self.env._("you cannot read “%s”", self._path_text(model, field)))
        if field.name == "display_name":
            self._check_name_search(model)
        elif field.related and not field.store:
            # What it leads to may be read through it, whatever the rights on the way.
            self._check_filter_path(model.sudo(), field.related)
        elif not field.store and field.search and not self._is_own_search(model, field):
            raise ValueError(self.env._("“%s” cannot be used in a filter", self._path_text(model, field)))

    @api.model
    def _is_own_search(self, model, field):
        is_ours = model._name.startswith("grading.") or "customer_grading" in field._modules
        return is_ours or field.name in self._filter_computed_fields().get(model._name, ())

    @api.model
    def _check_filter_path(self, model, path):
        name, _dot, rest = path.partition(".")
        field = model._fields[name]
        self._check_filter_field(model, field, "" if field.relational else rest)
        if field.relational and rest:
            self._check_filter_relation(model, field)
            self._check_filter_path(model.env[field.comodel_name], rest)

    @api.model
    def _check_name_search(self, model):
        """Check the fields that are searched when records are asked for by name."""
        if model._name in self._filter_fields():
            return  # the fields of these models are few, and the name is one of them
        for path in model._rec_names_search or filter(None, [model._rec_name]):
            self._check_filter_path(model, path)

    @api.model
    def _check_hierarchy(self, model, field, value):
        """Check what *child of* and *parent of* read: the relation upwards, and names instead of ids."""
        comodel = model if field.name == "id" else model.env.get(field.comodel_name)
        if comodel is None:
            return  # Odoo refuses it
        if field.name != "id":
            self._check_filter_relation(model, field)
            if field.type != "many2one" and not self._company_rows(comodel).is_true():
                raise ValueError(
                    self.env._("“%s” cannot be asked for what is below or above", self._path_text(model, field))
                )
        if parent := comodel._fields.get(comodel._parent_name):
            self._check_filter_relation(comodel, parent)
        values = [value] if isinstance(value, (int, str)) else value
        if any(isinstance(name, str) for name in values or ()):
            self._check_filter_field(comodel, comodel._fields["display_name"])

    @api.model
    def _check_filter_relation(self, model, field):
        """Check that a filter may go through the relational ``field`` of ``model``."""
        if field.name not in self._filter_relations().get(model._name, ()):
            raise ValueError(
                self.env._("“%s” leads to records that filters cannot ask for", self._path_text(model, field))
            )
        comodel = model.env[field.comodel_name]
        if not model.env.su and (not comodel.has_access("read") or self._hides_rows(comodel)):
            raise ValueError(
                self.env._("you cannot read all the records that “%s” leads to", self._path_text(model, field))
            )

    @api.model
    def _path_text(self, model, field, part=""):
        """How a message calls a field: ``res.partner.bank_ids``, as Odoo's own messages on filters do."""
        return ".".join(filter(None, (model._name, field.name, part)))

    # ------------------------------------------------------------
    # Record rules
    # ------------------------------------------------------------

    @api.model
    def _hides_rows(self, model):
        """Whether record rules keep the user from rows of ``model`` for another reason than their company: a rule runs
        in one company alone, whichever its author may read.

        ``[("company_id", "in", [1, False])]`` hides none; ``[("user_id", "=", 7)]`` does.
        """
        if isinstance(model, self.env.registry["grading.lead.access.mixin"]):
            lead = model.env["crm.lead"]
            if not lead.has_access("read") or self._hides_rows(lead):
                return True
        rules = model.env["ir.rule"]._compute_domain(model._name, "read")
        return not _is_on_companies(model.sudo(), rules.optimize(model.sudo()))


def _scoped(condition, scope):
    """``order_ids in {5}`` becomes ``order_ids any (id in {5} and scope)``; ``not in`` and *none* likewise."""
    name, values = condition.field_expr, condition.value
    if condition.operator == "not in":
        return ~_scoped(Domain(name, "in", values), scope)
    found = Domain(name, "any", Domain("id", "in", [value for value in values if value is not False]) & scope)
    return found | Domain(name, "not any", scope) if False in values else found


def _is_on_company(model, condition):
    """Whether an optimized condition on ``model`` asks for nothing but a company, at the end of whatever path."""
    field = model._fields[condition.field_expr.partition(".")[0]]
    if field.comodel_name == "res.company" or model._name == "res.company" and field.name == "id":
        return True
    if field.name == "is_in_every_company":
        return True
    value, comodel = condition.value, model.env.get(field.comodel_name)
    return isinstance(value, Domain) and _is_on_companies(comodel, value)


def _is_on_companies(model, domain):
    """Whether nothing but companies decides which rows of ``model`` an optimized domain finds."""
    others = domain.map_conditions(lambda condition: Domain.TRUE if _is_on_company(model, condition) else condition)
    return others.optimize(model).is_true()
