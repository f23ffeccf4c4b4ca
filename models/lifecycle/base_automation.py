"""Odoo's automation rules on grades and stages, where that app is installed: this module does not depend on it."""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import ValidationError

# Triggers that a new record starts.
CREATE_TRIGGERS = ("on_create", "on_create_or_write")
# Triggers that no save starts, but a date, a web address or the typing in a form.
OTHER_TRIGGERS = ("on_time", "on_time_created", "on_time_updated", "on_webhook", "on_change")
# Fields of a profile of which a run knows what they were before.
WATCHED_FIELDS = {"grade_id", "lifecycle_id"}


@api.constrains("active", "model_id", "trigger", "trigger_field_ids", "filter_pre_domain")
def _check_grading(self):
    """Refuse rules that a change of grade or stage would start when a person makes it, and not when a run does.

    A method of ``base.automation``, see :meth:`GradingAutomation._register_hook`.
    """
    for rule in self.filtered("active"):
        if message := _refusal(rule):
            raise ValidationError(message)


def _refusal(rule):
    """Why an automation rule cannot be kept, and what to do instead; None when it can."""
    watched = {field.name: field for field in rule.trigger_field_ids}
    if rule.trigger in OTHER_TRIGGERS:
        return None
    if rule.model_name == "grading.history" and rule.trigger not in CREATE_TRIGGERS:
        return rule.env._(
            "The automation rule “%s” would never start: lines of the grading history are not edited. "
            "Use the trigger “On create”.",
            rule.name,
        )
    if rule.model_name == "grading.profile" and not _knows_former(rule, watched):
        return rule.env._(
            "The automation rule “%s” would not start when customers and leads are rescored. On grading profiles use "
            "the trigger “On create and edit”, with no other fields than Grade and Stage, and without a condition "
            "before the update. For former grades and stages, make a rule on Grading History with the trigger "
            "“On create”.",
            rule.name,
        )
    shown = [field for name, field in watched.items() if _is_of_profile(rule.env[rule.model_name]._fields[name])]
    if shown:
        return rule.env._(
            "The automation rule “%(rule)s” would never start: %(field)s is a field of the grading profile. "
            "Make a rule on Grading History with the trigger “On create”.",
            rule=rule.name,
            field=shown[0].field_description,
        )
    return None


def _knows_former(rule, watched):
    """Whether a run knows of a profile what the rule asks for: what is new, and the former grade and stage."""
    if rule.trigger == "on_create":
        return True
    is_known = bool(watched) and watched.keys() <= WATCHED_FIELDS
    return rule.trigger == "on_create_or_write" and is_known and not rule.filter_pre_domain


def _is_of_profile(field):
    """Whether a field of a contact, lead or order shows what is stored on the grading profile."""
    return field.name.startswith("grading_") and not field.store


class GradingAutomation(models.Model):
    _inherit = "grading.automation"

    def _register_hook(self):
        """Give ``base.automation`` its constraint: a model that may be missing cannot be inherited from."""
        super()._register_hook()
        if "base.automation" in self.env:
            Automation = self.env.registry["base.automation"]
            Automation._check_grading = _check_grading
            if "_constraint_methods" in vars(Automation):  # collected before
                del Automation._constraint_methods


class GradingRun(models.Model):
    """Starts Odoo's automation rules for the lines of history and the profiles that a run writes in SQL, as saving them
    would: each once for each record, by OdooBot."""

    _inherit = "grading.run"

    def _has_automations(self):
        if super()._has_automations():
            return True
        ours = [("model_name", "in", ("grading.history", "grading.profile")), ("active", "=", True)]
        return "base.automation" in self.env and bool(self.env["base.automation"].search_count(ours, limit=1))

    def _start_automation_rules(self, written):
        """
        :param WrittenProfiles written: what has just been written
        """
        if "base.automation" not in self.env or self._looks_back():
            return
        env = self.with_user(SUPERUSER_ID).env
        Rule, Profile = env["base.automation"], env["grading.profile"]
        lines, created = env["grading.history"].browse(written.noted), Profile.browse(written.created)
        for records in (lines, created):
            self._start_rules(Rule._get_actions(records, CREATE_TRIGGERS).with_context(old_values=None), records)
        if rules := lines and Rule._get_actions(Profile, ["on_create_or_write"]):
            former = {
                line.profile_id.id: {"grade_id": line.old_grade_id, "lifecycle_id": line.old_lifecycle_id}
                for line in lines
            }
            self._start_rules(rules.with_context(old_values=former), lines.profile_id - created)

    def _start_rules(self, rules, records):
        if not rules or not records:
            return
        records.invalidate_model()
        for rule in rules:
            try:
                rule._check_grading()  # it may be older than the check
            except ValidationError as error:
                if str(error) not in (self.automation_errors or ""):
                    self._note_automation_error(str(error))
                continue
            failed = self._start_each(records.ids, lambda ids, rule=rule: self._start_rule(rule, records.browse(ids)))
            if failed:
                tried = [record_id for record_id, error in failed.items() if error]
                line = self.env._(
                    "The automation rule “%(rule)s” failed for %(records)s: %(error)s",
                    rule=rule.sudo().name,
                    records=", ".join(records.browse(tried).mapped("display_name")),
                    error=str(failed[tried[0]]).strip(),
                )
                self._note_automation_error(
                    line,
                    self._not_started(failed),
                    self.env._("It starts again with their next change."),
                )

    def _start_rule(self, rule, records):
        """What :meth:`create` and :meth:`write` do when the rule watches them."""
        found, domain = rule._filter_post_export_domain(records.with_env(rule.env), feedback=True)
        rule._process(found, domain_post=domain if rule.env.context["old_values"] else None)


class GradingWorktable(models.AbstractModel):
    _inherit = "grading.worktable"

    @api.model
    def _profiles_written(self, rules, first, last, written):
        rules.run._start_automation_rules(written)
        return super()._profiles_written(rules, first, last, written)
