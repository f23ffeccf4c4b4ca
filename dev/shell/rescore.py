# Score the customers and leads of each company.
for company in env["res.company"].search([]):  # noqa: F821
    env["grading.run"].with_company(company)._rescore()  # noqa: F821
    env.cr.commit()  # noqa: F821
