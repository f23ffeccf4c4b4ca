def migrate(cr, version):
    """The queue is read by company and ID now; Odoo leaves an index that it no longer asks for."""
    cr.execute("DROP INDEX IF EXISTS grading_queue__company_id_index")
