import { registry } from "@web/core/registry";

const card = (grade, name) =>
    `.o_kanban_group:has(.o_column_title:contains(${grade})) .o_kanban_record:contains(${name})`;

registry.category("web_tour.tours").add("customer_grading_tour", {
    url: "/odoo/grading",
    steps: () => [
        {
            content: "The customer stands in the column of the lowest grade",
            trigger: card("Bronze", "Tour Customer"),
        },
        {
            content: "An empty grade has its column",
            trigger: ".o_kanban_group:has(.o_column_title:contains(Gold))",
        },
        {
            content: "Drag the card to the best grade",
            trigger: card("Bronze", "Tour Customer"),
            run: "drag_and_drop(.o_kanban_group:has(.o_column_title:contains(Gold)))",
        },
        {
            content: "A reason is asked for: confirming without one does nothing",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "Give the reason",
            trigger: ".modal .o_field_widget[name=reason].o_field_invalid input",
            run: "edit Buys for the whole group from next year on",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The card has moved and is marked: open it",
            trigger: `body:not(:has(.modal)) ${card("Gold", "Tour Customer")}:contains(Given by hand)`,
            run: "click",
        },
        {
            content: "Open the page Grading",
            trigger: ".o_form_view a.nav-link[name=grading]",
            run: "click",
        },
        {
            content: "It tells who changed the grade and why",
            trigger: ".o_grading_glance_what:contains(Buys for the whole group)",
        },
        {
            content: "It tells what gives points",
            trigger: ".o_grading_glance_why:contains(Amount by tour)",
        },
        {
            content: "It tells what is missing",
            trigger: ".o_grading_glance_next:contains(points to Silver)",
        },
        {
            content: "The history has the override",
            trigger: ".o_field_widget[name=grading_history_ids] td:contains(Override)",
        },
        {
            content: "Give the customer back to the rules",
            trigger: "button[name=action_grading_give_back]",
            run: "click",
        },
        {
            content: "The computed grade is in force again",
            trigger: ".o_field_widget[name=grading_grade_id]:contains(Bronze)",
        },
        {
            content: "Configuration",
            trigger: "button[data-menu-xmlid='customer_grading.customer_grading_menu_config']",
            run: "click",
        },
        {
            content: "Schemes",
            trigger: ".o-dropdown--menu a[data-menu-xmlid='customer_grading.customer_grading_menu_schemes']",
            run: "click",
        },
        {
            content: "Open the scheme",
            trigger: ".o_data_row td:contains(Tour scheme)",
            run: "click",
        },
        {
            content: "Lower the threshold of Silver",
            trigger: ".o_field_widget[name=threshold_ids] .o_data_row:contains(Silver) td[name=min_score]",
            run: "click",
        },
        {
            content: "Type the new score",
            trigger: ".o_field_widget[name=threshold_ids] .o_selected_row [name=min_score] input",
            run: "edit 10",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "The form says that the rules have changed: rescore",
            trigger: ".o_form_saved button[name=action_rescore]",
            run: "click",
        },
        {
            content: "The notification says how it went",
            trigger: ".o_notification:contains(1 grade changed) a:contains(Show the changed ones)",
        },
        {
            content: "Back to the customers",
            trigger: "[data-menu-xmlid='customer_grading.customer_grading_menu_customers']",
            run: "click",
        },
        {
            content: "The customer has risen",
            trigger: card("Silver", "Tour Customer"),
        },
    ],
});
