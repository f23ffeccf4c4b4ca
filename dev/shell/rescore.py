# Score the customers and leads of each company.
for company in env["res.company"].search([]):
    env["grading.run"].with_company(company)._rescore()
    env.cr.commit()
