# Groups of users that fields are for.
INTERNAL = "base.group_user"
# Assessments and complaints are for those who sell.
SELLERS = "customer_grading.customer_grading_group_user"
MANAGERS = "customer_grading.customer_grading_group_manager"
