import { registry } from "@web/core/registry";

const criterion = ".o_field_widget[name=criterion_ids] .o_data_row:contains(Amount by tour)";

registry.category("web_tour.tours").add("grading_draft_tour", {
    steps: () => [
        {
            content: "A draft is made of the scheme",
            trigger: "button[name=action_edit_as_draft]",
            run: "click",
        },
        {
            content: "The draft is open; its limits stand on the histogram",
            trigger: ".o_form_view:has(button[name=action_publish]) .o_grading_histogram_handle[data-grade='Tour high']",
        },
        {
            content: "The limit moves with the arrow keys",
            trigger: ".o_grading_histogram_handle[data-grade='Tour high']",
            run({ anchor }) {
                anchor.focus();
                const key = new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true, cancelable: true });
                anchor.dispatchEvent(key);
            },
        },
        {
            content: "The list has the limit, and the form is to be saved",
            trigger: ".o_field_widget[name=threshold_ids] .o_data_row:contains(Tour high):contains(49.00)",
        },
        {
            content: "Open the criterion",
            trigger: `${criterion} td[name=name]`,
            run: "click",
        },
        {
            content: "Half the points",
            trigger: ".modal .o_field_widget[name=points_per_unit] input",
            run: "edit 0.05",
        },
        {
            content: "Keep the criterion",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "Preview: the form is saved before",
            trigger: "body:not(:has(.modal)) button[name=action_preview]",
            run: "click",
        },
        {
            content: "One customer falls: open the cell",
            trigger: ".o_grading_preview_cell:contains(1)",
            run: "click",
        },
        {
            content: "The list has that customer and says why",
            trigger: ".o_list_view .o_data_row:contains(Tour Big) td[name=change_text]:contains(Amount by tour −30)",
        },
        {
            content: "Back to the preview",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "The matrix is there; back to the draft",
            trigger: ".o_form_view:has(.o_grading_preview) .o_back_button",
            run: "click",
        },
        {
            content: "Try the draft on one customer",
            trigger: "button:contains(Try on One Customer)",
            run: "click",
        },
        {
            content: "Type the name",
            trigger: ".modal .o_field_widget[name=partner_id] input",
            run: "edit Tour Big",
        },
        {
            content: "Choose the customer",
            trigger: ".modal .o-autocomplete--dropdown-item:contains(Tour Big)",
            run: "click",
        },
        {
            content: "Both explanations stand side by side",
            trigger: ".modal:has(.o_field_widget[name=present]:contains(60 of)) .o_field_widget[name=tried]:contains(30 of)",
        },
        {
            content: "Close",
            trigger: ".modal footer button:contains(Close)",
            run: "click",
        },
        {
            content: "Publish",
            trigger: "body:not(:has(.modal)) button[name=action_publish]",
            run: "click",
        },
        {
            content: "Say what has changed",
            trigger: ".modal .o_field_widget[name=note] input",
            run: "edit Amount counts half",
        },
        {
            content: "Publish it",
            trigger: ".modal footer button[name=action_publish]:visible",
            run: "click",
        },
        {
            content: "The scheme is in force, as its second version",
            trigger: ".o_form_view:has(button[name=action_edit_as_draft]) button[name=action_view_versions]:contains(2)",
            run: "click",
        },
        {
            content: "The versions say what was changed",
            trigger: ".o_list_view .o_data_row:contains(Amount counts half)",
        },
    ],
});
