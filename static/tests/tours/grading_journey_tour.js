import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const card = (grade, name) =>
    `.o_kanban_group:has(.o_column_title:contains(${grade})) .o_kanban_record:contains(${name})`;
const openPage = {
    content: "Open the page Grading",
    trigger: ".o_form_view a.nav-link[name=grading]",
    run: "click",
};
const rescore = {
    content: "Judge now instead of waiting a minute",
    trigger: "button[name=action_grading_rescore]",
    run: "click",
};

tours.add("grading_journey_lead", {
    steps: () => [
        {
            content: "A new opportunity",
            trigger: "body:has(.o_kanban_renderer) .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Of whom",
            trigger: ".o_kanban_quick_create .o_field_widget[name=partner_id] input",
            run: "edit Journey",
        },
        {
            content: "Of the contact that is there",
            trigger: ".ui-autocomplete .dropdown-item:contains(Journey Jane)",
            run: "click",
        },
        {
            content: "About what",
            trigger: ".o_kanban_quick_create .o_field_widget[name=name] input",
            run: "edit Journey to the moon",
        },
        {
            content: "How willing",
            trigger: ".o_kanban_quick_create .o_field_widget[name=willingness] input",
            run: "click",
        },
        {
            content: "Not very",
            trigger: ".o_select_menu_item:contains(Hesitant)",
            run: "click",
        },
        {
            content: "Go on in the form",
            trigger: ".o_kanban_quick_create .o_kanban_edit",
            run: "click",
        },
        openPage,
        rescore,
        {
            content: "The lead is graded",
            trigger: ".o_field_widget[name=grading_grade_id]:contains(Warm)",
        },
        {
            content: "It tells what gave points",
            trigger: ".o_grading_glance_why:contains(Hesitant)",
        },
    ],
});

tours.add("grading_journey_drag", {
    steps: () => [
        {
            content: "Only the grades of leads have columns: drag the lead to the best one",
            trigger: `.o_kanban_renderer:not(:has(.o_column_title:contains(Gold))) ${card("Warm", "Journey to the moon")}`,
            run: "drag_and_drop(.o_kanban_group:has(.o_column_title:contains(Hot)))",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit She has the money ready",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The card has moved and is marked",
            trigger: `body:not(:has(.modal)) ${card("Hot", "Journey to the moon")}:contains(Given by hand)`,
        },
    ],
});

tours.add("grading_journey_won", {
    steps: () => [
        {
            content: "She wants an offer",
            trigger: ".o_statusbar_buttons button[name=action_sale_quotations_new]",
            run: "click",
        },
        {
            content: "Something to sell",
            trigger: ".o_field_x2many_list_row_add a:contains(Add a product)",
            run: "click",
        },
        {
            content: "Which product",
            trigger: ".o_selected_row div[name=product_template_id] input, .o_selected_row div[name=product_id] input",
            run: "edit Moon ticket",
        },
        {
            content: "That one",
            trigger: ".ui-autocomplete a:contains(Moon ticket)",
            run: "click",
        },
        {
            content: "The price is known",
            trigger: ".o_field_widget[name=order_line] td[name=price_subtotal]:contains(500)",
        },
        {
            content: "She signs",
            trigger: ".o_statusbar_buttons button[name=action_confirm]:contains(Confirm)",
            run: "click",
        },
        {
            content: "It is an order",
            trigger: ".o_arrow_button_current:contains(Sales Order)",
        },
    ],
});

tours.add("grading_journey_heard", {
    steps: () => [
        openPage,
        {
            content: "She was graded as her lead was",
            trigger: ".o_field_widget[name=grading_grade_id]:contains(Hot)",
        },
        rescore,
        {
            content: "Now she is a customer in service",
            trigger: ".o_field_widget[name=grading_grade_id]:contains(Silver)",
        },
        {
            content: "The history says why",
            trigger: ".o_field_widget[name=grading_history_ids] .o_data_row:contains(First order)",
        },
        {
            content: "Ask her how content she is",
            trigger: "button[name=action_grading_assess]",
            run: "click",
        },
        {
            content: "Very",
            trigger: ".modal .o_field_widget[name=satisfaction] button[role=radio]:eq(9)",
            run: "click",
        },
        {
            content: "Save",
            trigger: ".modal:has([name=satisfaction] .active) .modal-footer button:contains(Save)",
            run: "click",
        },
        {
            ...rescore,
            trigger: `body:not(:has(.modal)) ${rescore.trigger}`,
        },
        {
            content: "The grade rises",
            trigger: ".o_field_widget[name=grading_grade_id]:contains(Gold)",
        },
        {
            content: "And says by what",
            trigger: ".o_grading_glance_why:contains(What she says):contains(9)",
        },
        {
            content: "How her lead was graded is a click away",
            trigger: "button[name=action_grading_view_lead_history]",
            run: "click",
        },
        {
            content: "With the word that was given",
            trigger: ".o_data_row:contains(Journey to the moon):contains(She has the money ready)",
        },
    ],
});
