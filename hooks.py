"""What happens once, when the module comes and when it goes."""


def post_init_hook(env):
    """Grade the customers that are already there, in the background, right after the installation."""
    env.ref("customer_grading.ir_cron_rescore")._trigger()


def uninstall_hook(env):
    """Take back the group that Sales users were given: the groups go with the module, the link would not."""
    for sales, grading in (
        ("sales_team.group_sale_salesman", "customer_grading.customer_grading_group_user"),
        ("sales_team.group_sale_manager", "customer_grading.customer_grading_group_manager"),
    ):
        sales_group = env.ref(sales, raise_if_not_found=False)
        grading_group = env.ref(grading, raise_if_not_found=False)
        if sales_group and grading_group:
            sales_group.implied_ids -= grading_group
