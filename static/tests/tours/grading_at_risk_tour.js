import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("grading_at_risk_tour", {
    steps: () => [
        {
            content: "The calls that are worth most stand above the customers, the one with the most at stake first",
            trigger: ".o_grading_calls .o_grading_call:first:contains(Risk Large):contains(Silent for)",
        },
        {
            content: "Fold them",
            trigger: ".o_grading_calls_fold",
            run: "click",
        },
        {
            content: "They are folded",
            trigger: ".o_grading_calls:not(:has(.o_grading_call)) .o_grading_calls_fold[aria-expanded=false]",
            run: "click",
        },
        {
            content: "Open the customers at risk",
            trigger: ".o_menu_sections [data-menu-xmlid='customer_grading.customer_grading_menu_at_risk']",
            run: "click",
        },
        {
            content: "By money, with the reason in words",
            trigger: ".o_data_row:first:contains(Risk Large):contains(Silent for 80 days)",
        },
        {
            content: "Start a play for the first",
            trigger: ".o_data_row:contains(Risk Large) button[name=action_grading_start_play]",
            run: "click",
        },
        {
            content: "The play that is started by hand is chosen",
            trigger: ".modal .o_field_widget[name=play_id] input:value(Win them back)",
        },
        {
            content: "Start",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "It is said for how many",
            trigger: ".o_notification:contains(starts for 1)",
        },
        {
            content: "Back in the list",
            trigger: "body:not(:has(.modal)) .o_list_view",
        },
        {
            content: "The same as cards",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "A card says what is at risk, and what is expected",
            trigger: ".o_kanban_record:contains(Risk Large):contains(900.00):contains(at risk):contains(expected)",
        },
    ],
});
