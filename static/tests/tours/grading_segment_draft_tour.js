import { registry } from "@web/core/registry";

const limit = ".o_grading_histogram_handle[data-grade='Tour much']";

/** With Shift an arrow key moves a limit by ten steps. */
function moveUp({ anchor }) {
    const options = { key: "ArrowRight", shiftKey: true, bubbles: true, cancelable: true };
    anchor.focus();
    anchor.dispatchEvent(new KeyboardEvent("keydown", options));
}

registry.category("web_tour.tours").add("grading_segment_draft", {
    steps: () => [
        {
            content: "A draft is made of the scheme beside the grade",
            trigger: "button[name=action_edit_as_draft]",
            run: "click",
        },
        {
            content: "The limit stands on the histogram of its own scores; it moves to the best of them",
            trigger: `.o_form_view:has(button[name=action_publish]) ${limit}:contains(1)`,
            run: moveUp,
        },
        {
            content: "The list has the limit, and the customer is still there; it moves above the best score",
            trigger: ".o_field_widget[name=threshold_ids]:has(.o_data_row:contains(Tour much):contains(60.00))",
            run() {
                moveUp({ anchor: document.querySelector(limit) });
            },
        },
        {
            content: "None is left there",
            trigger: `${limit}:contains(0)`,
        },
        {
            content: "Preview: the form is saved before",
            trigger: "button[name=action_preview]",
            run: "click",
        },
        {
            content: "One customer goes to the other segment: open the cell",
            trigger: ".o_grading_preview_cell:contains(1)",
            run: "click",
        },
        {
            content: "The list has that customer and says why",
            trigger:
                ".o_list_view .o_data_row:contains(Tour Big) td[name=change_text]:contains(Other limits of the segments)",
        },
        {
            content: "Back to the preview",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "Back to the draft",
            trigger: ".o_form_view:has(.o_grading_preview) .o_back_button",
            run: "click",
        },
        {
            content: "Publish",
            trigger: "body:not(:has(.modal)) button[name=action_publish]",
            run: "click",
        },
        {
            content: "Publish it",
            trigger: ".modal footer button[name=action_publish]:visible",
            run: "click",
        },
        {
            content: "The scheme is in force; it can be back-tested",
            trigger: ".o_form_view:has(button[name=action_edit_as_draft]) button[name=action_backtest]",
        },
    ],
});
