def migrate(cr, version):
    """Version 19.0.1.11.0 measured as this one does: what is different in the next night is the customers' doing."""
    if version == "19.0.1.11.0":
        cr.execute("UPDATE grading_run SET measured_by = 1 WHERE scope = 'full' AND scheme_versions IS NOT NULL")
