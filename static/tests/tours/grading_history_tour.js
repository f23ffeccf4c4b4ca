import { registry } from "@web/core/registry";

const line = ".o_list_view .o_data_row:contains(Tour Historian)";
const opened = {
    content: "The customer is open",
    trigger: ".o_form_view .o_field_widget[name=name]:has(textarea, input):visible",
};
const back = {
    content: "Back to the history",
    trigger: ".o_back_button",
    run: "click",
};

registry.category("web_tour.tours").add("grading_history_tour", {
    steps: () => [
        {
            content: "The line says in words why the score has changed; a click opens the customer",
            trigger: `${line} .o_data_cell[name=change_text]:contains(Amount by tour +40)`,
            run: "click",
        },
        opened,
        back,
        {
            content: "So does the keyboard",
            trigger: `${line} .o_data_cell[name=change_text]`,
            run({ anchor }) {
                anchor.focus();
            },
        },
        {
            content: "With the line in focus, Enter opens it",
            trigger: `${line} .o_data_cell[name=change_text]:focus`,
            run: "press Enter",
        },
        opened,
        {
            content: "The history on the page of the customer says it, too",
            trigger: ".o_form_view a.nav-link[name=grading]",
            run: "click",
        },
        {
            content: "Amount by tour +40",
            trigger: ".o_field_widget[name=grading_history_ids] .o_data_cell[name=change_text]:contains(Amount by tour +40)",
        },
    ],
});
