import { registry } from "@web/core/registry";

const select = (name) => [
    {
        content: `Choose ${name}`,
        trigger: `.o_data_row:contains(${name}) .o_list_record_selector input`,
        run: "click",
    },
    {
        content: `${name} is chosen`,
        trigger: `.o_data_row:contains(${name}) .o_list_record_selector input:checked`,
    },
];

registry.category("web_tour.tours").add("grading_play_hand_tour", {
    steps: () => [
        {
            content: "Look for the customers",
            trigger: ".o_list_view .o_searchview_input",
            run: "fill Hand",
        },
        {
            content: "By their name",
            trigger: ".o_searchview_autocomplete .o-dropdown-item:first",
            run: "click",
        },
        {
            content: "They are found, beside the salesperson",
            trigger: ".o_list_view:has(.o_pager_value:contains(1-4)) .o_data_row:contains(Hand Three)",
        },
        ...select("Hand One"),
        ...select("Hand Two"),
        ...select("Hand Three"),
        {
            content: "Open the actions",
            trigger: ".o_cp_action_menus .dropdown-toggle:contains(Actions)",
            run: "click",
        },
        {
            content: "Start a play",
            trigger: ".o-dropdown--menu .o-dropdown-item:contains(Start a Play)",
            run: "click",
        },
        {
            content: "The play that is started by hand is chosen",
            trigger: ".modal .o_field_widget[name=play_id] input:value(Ask how it goes)",
        },
        {
            content: "It will start for two",
            trigger: ".modal .o_field_widget[name=start_count]:contains(2)",
        },
        {
            content: "One is not graded",
            trigger: ".modal .o_field_widget[name=unknown_count]:contains(1)",
        },
        {
            content: "Start",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "It is said for how many",
            trigger: ".o_notification:contains(starts for 2)",
        },
        {
            content: "Back in the list",
            trigger: "body:not(:has(.modal)) .o_list_view",
        },
    ],
});

registry.category("web_tour.tours").add("grading_play_hand_next_step_tour", {
    steps: () => [
        {
            content: "Open the page Grading of the customer",
            trigger: ".o_notebook a[name=grading]",
            run: "click",
        },
        {
            content: "The next step is shown",
            trigger: ".o_field_widget[name=grading_play_case_ids] .o_data_row:contains(Ask how it goes):contains(Ring them)",
        },
    ],
});
