import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("grading_backtest_tour", {
    steps: () => [
        {
            content: "Ask anew",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "What followed within three months",
            trigger: ".o_form_view div[name=months] input",
            run: "edit 3 && press Tab",
        },
        {
            content: "Run",
            trigger: ".o_form_view button[name=action_run]:contains(Run)",
            run: "click",
        },
        {
            content: "The answer stands in words",
            trigger: ".o_form_view div[name=statements]:contains(customers graded as of)",
        },
        {
            content: "There is a line for each grade",
            trigger: ".o_field_widget[name=grade_line_ids] .o_data_row",
        },
        {
            content: "Tenths of the score",
            trigger: "a.nav-link[name=tenths]",
            run: "click",
        },
        {
            content: "The best tenth comes first",
            trigger: ".o_field_widget[name=tenth_line_ids] .o_data_row:contains(Best 10 %)",
        },
        {
            content: "The trend",
            trigger: "button[name=action_view_trend]",
            run: "click",
        },
        {
            content: "is drawn",
            trigger: ".o_graph_view canvas",
        },
    ],
});
