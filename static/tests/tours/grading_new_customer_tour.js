import { registry } from "@web/core/registry";

const column = (grade) => `.o_kanban_group:has(.o_kanban_header:contains(${grade}))`;

registry.category("web_tour.tours").add("grading_new_customer_tour", {
    steps: () => [
        {
            content: "The columns are the grades; enter a customer in that of the best",
            trigger: `${column("Tour Gold")} .o_kanban_quick_add`,
            run: "click",
        },
        {
            content: "Their name",
            trigger: ".o_kanban_quick_create .o_field_widget[name=name] input",
            run: "edit Tour Newcomer",
        },
        {
            content: "Why this grade: without a reason nothing is saved",
            trigger: ".o_kanban_quick_create .o_kanban_add",
            run: "click",
        },
        {
            content: "The form asks for it",
            trigger: ".o_kanban_quick_create .o_field_widget[name=grading_new_reason].o_field_invalid input",
            run: "edit Recommended by our best customer",
        },
        {
            content: "Add",
            trigger: ".o_kanban_quick_create .o_kanban_add",
            run: "click",
        },
        {
            content: "The card is in its column, given by hand, and the next one can be entered",
            trigger: `${column("Tour Gold")} .o_kanban_record:contains(Tour Newcomer):contains(Given by hand)`,
        },
        {
            content: "The next one gets no grade; the form of the one before is gone when its name is",
            trigger:
                `${column("Tour Gold")} .o_kanban_quick_create:has([name=grading_new_grade_id] input:value(Tour Gold)) `
                + ".o_field_widget[name=name] input:not(:value(Tour Newcomer))",
            run: "edit Tour Stranger",
        },
        {
            content: "Take the grade out",
            trigger: ".o_kanban_quick_create .o_field_widget[name=grading_new_grade_id] input",
            run: "clear && click .o_kanban_quick_create .o_field_widget[name=name] input", // a key may choose again
        },
        {
            content: "No reason is asked for",
            trigger: ".o_kanban_quick_create:not(:has(.o_field_widget[name=grading_new_reason]))",
        },
        {
            content: "Add",
            trigger: ".o_kanban_quick_create .o_kanban_add",
            run: "click",
        },
        {
            content: "Added: the form for the next one proposes the grade of the column again",
            trigger:
                ".o_kanban_quick_create .o_field_widget[name=grading_new_grade_id] input:value(Tour Gold)",
        },
        {
            content: "The card is not in the column of the grade",
            trigger: `.o_kanban_view:not(:has(${column("Tour Gold")} .o_kanban_record:contains(Tour Stranger)))`,
        },
        {
            content: "Enter none any more",
            trigger: ".o_kanban_quick_create .o_kanban_cancel",
            run: "click",
        },
        {
            content: "Group by stage",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "A stage is found out",
            trigger: ".o_group_by_menu .o_menu_item:contains(Stage)",
            run: "click",
        },
        {
            content: "Customers cannot be entered there",
            trigger: ".o_kanban_view:has(.o_kanban_group):not(:has(.o_kanban_quick_add))",
        },
        {
            content: "But with New",
            trigger: ".o_control_panel_main_buttons .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Their name",
            trigger: ".o_form_view .o_field_widget[name=name] input, .o_form_view .o_field_widget[name=name] textarea",
            run: "edit Tour Fresh",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Back to the customers",
            trigger: "body:has(.o_form_saved) .o_back_button",
            run: "click",
        },
        {
            content: "See all of them",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "Open those without a stage",
            trigger: ".o_list_view .o_group_header:contains(None)",
            run: "click",
        },
        {
            content: "The customer is there",
            trigger: ".o_list_view .o_data_row:contains(Tour Fresh)",
        },
    ],
});
