from typing import NamedTuple


class Subject(NamedTuple):
    """What a grading profile is about, and where Odoo keeps it."""

    key: str  # the column that holds it, in grading_profile as in every source of measures
    model: str
    table: str
    tag_key: str  # the column that holds one of its tags, in grading_tag_rule and grading_tag_origin
    tags: str  # its own field of tags
    by_company: bool  # has a profile in each company that grades it, and not a single one
    view_mode: str  # how a list of some of them opens


SUBJECTS = {
    "customer": Subject(
        "partner_id", "res.partner", "res_partner", "category_id", "category_id", True, "kanban,list,form"
    ),
    "lead": Subject("lead_id", "crm.lead", "crm_lead", "lead_tag_id", "tag_ids", False, "list,kanban,form"),
}
