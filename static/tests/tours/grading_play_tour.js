import { registry } from "@web/core/registry";

const plays = ".o_field_widget[name=grading_play_case_ids] .o_data_row";

registry.category("web_tour.tours").add("grading_play_complaint_tour", {
    steps: () => [
        {
            content: "What is the complaint about",
            trigger: ".o_field_widget[name=name] input, .o_field_widget[name=name] textarea",
            run: "edit Everything arrived broken",
        },
        {
            content: "It is serious",
            trigger: ".o_field_widget[name=severity] input",
            run: "click",
        },
        {
            content: "The most severe of all",
            trigger: ".o_select_menu_item:contains(Serious)",
            run: "click",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Saved",
            trigger: ".o_form_saved",
        },
    ],
});

registry.category("web_tour.tours").add("grading_play_treated_tour", {
    steps: () => [
        {
            content: "Open the page Grading of the customer",
            trigger: ".o_notebook a[name=grading]",
            run: "click",
        },
        {
            content: "The play is running, and its next step is a call",
            trigger: `${plays}:contains(Call at once):contains(Ring them)`,
        },
        {
            content: "Stop it",
            trigger: `${plays} button[name=action_stop]`,
            run: "click",
        },
        {
            content: "It is gone",
            trigger: ".o_form_view:not(:has([name=grading_play_case_ids] .o_data_row))",
        },
    ],
});

registry.category("web_tour.tours").add("grading_play_control_tour", {
    steps: () => [
        {
            content: "Open the page Grading of the customer",
            trigger: ".o_notebook a[name=grading]",
            run: "click",
        },
        {
            content: "It is open",
            trigger: ".o_notebook a[name=grading].active",
        },
        {
            content: "Nothing runs for a customer of the control group",
            trigger: ".o_form_view:not(:has([name=grading_play_case_ids] .o_data_row))",
        },
    ],
});

registry.category("web_tour.tours").add("grading_play_form_tour", {
    steps: () => [
        {
            content: "The preview says for how many it would start",
            trigger: "button[name=action_preview]:contains(2)",
            run: "click",
        },
        {
            content: "They are listed",
            trigger: ".o_list_view .o_data_row:contains(Tour Treated)",
        },
    ],
});
