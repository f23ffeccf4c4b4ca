import { registry } from "@web/core/registry";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

import { GradingOnboardingLayout } from "../../widgets/grading_onboarding/grading_onboarding";
import { GradingKanbanController, gradingKanbanView } from "../grading_kanban/grading_kanban_view";

/** *Customers*, with the first steps of the company above. */
export class GradingCustomerKanbanController extends GradingKanbanController {
    static components = { ...GradingKanbanController.components, Layout: GradingOnboardingLayout };
}

export class GradingCustomerListController extends ListController {
    static components = { ...ListController.components, Layout: GradingOnboardingLayout };
}

registry.category("views").add("grading_customer_kanban", {
    ...gradingKanbanView,
    Controller: GradingCustomerKanbanController,
});
registry.category("views").add("grading_customer_list", { ...listView, Controller: GradingCustomerListController });
