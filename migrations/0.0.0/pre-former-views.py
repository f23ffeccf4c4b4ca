"""Before each update, views of former versions that this one ships no more, or ships without content, are emptied.

Odoo deletes or rewrites them only after the views that they inherit from. Until then it applies their former content to
these, which may have changed, and the update fails.
"""

from lxml import etree

from odoo.modules import Manifest
from odoo.tools import file_path

MODULE = "customer_grading"
FORMER = "views/former_views.xml"
EMPTY = '{"en_US": "<data/>"}'


def migrate(cr, version):
    cr.execute(
        """
        UPDATE ir_ui_view AS view SET arch_db = %s::jsonb
          FROM ir_model_data AS data
         WHERE data.module = %s AND data.model = 'ir.ui.view' AND data.res_id = view.id
           AND data.noupdate IS NOT TRUE AND view.inherit_id IS NOT NULL AND NOT (data.name = ANY(%s))
        """,
        [EMPTY, MODULE, shipped()],
    )


def shipped():
    """The names of the views of the present version that have content."""
    manifest = Manifest.for_addon(MODULE)
    names = []
    for name in manifest["data"]:
        if name.endswith(".xml") and name != FORMER:
            tree = etree.parse(file_path(f"{MODULE}/{name}"))
            names += tree.xpath("//record[@model='ir.ui.view']/@id | //template/@id")
    return [str(name).removeprefix(f"{MODULE}.") for name in names]
