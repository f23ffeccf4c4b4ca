def migrate(cr, version):
    """Record rules ask by a field whether the lead of a row is seen in every company: a path through the lead joined
    all leads to each query. Rules that were written anew by hand keep what they say."""
    cr.execute(
        r"""
        UPDATE ir_rule
           SET domain_force = regexp_replace(
                   domain_force,
                   '''&'',\s*\(''((\w+\.)?)lead_id'', ''!='', False\),'
                   '\s*\(''\1lead_id\.company_id'', ''='', False\)',
                   '(''\1is_in_every_company'', ''='', True)'
               )
         WHERE id IN (SELECT res_id FROM ir_model_data WHERE module = 'customer_grading' AND model = 'ir.rule')
        """
    )
