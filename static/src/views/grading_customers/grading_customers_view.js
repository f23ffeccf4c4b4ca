import { registry } from "@web/core/registry";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

import { GradingOnboardingLayout } from "../../widgets/grading_onboarding/grading_onboarding";
import { gradingKanbanView } from "../grading_kanban/grading_kanban_view";

/** *Customers*, with the first steps of the company above. */
export class GradingCustomerKanbanController extends KanbanController {
    static components = { ...KanbanController.components, Layout: GradingOnboardingLayout };
}

export class GradingCustomerListController extends ListController {
    static components = { ...ListController.components, Layout: GradingOnboardingLayout };
}

registry.category("views").add("grading_customer_kanban", {
    ...gradingKanbanView,
    Controller: GradingCustomerKanbanController,
});
registry.category("views").add("grading_customer_list", { ...listView, Controller: GradingCustomerListController });
