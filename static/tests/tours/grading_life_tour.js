import { registry } from "@web/core/registry";

const card = (stage, name) =>
    `.o_kanban_group:has(.o_column_title:contains(${stage})) .o_kanban_record:contains(${name})`;
const tag = (name) => `.o_form_view .o_field_widget[name=category_id] .o_tag:contains(${name})`;
const openPage = {
    content: "Open the page Grading",
    trigger: ".o_form_view a.nav-link[name=grading]",
    run: "click",
};
const rescore = {
    content: "Judge now instead of waiting a minute",
    trigger: ".o_form_view button[name=action_grading_rescore]",
    run: "click",
};
const scored = {
    content: "The customer is scored",
    trigger: ".o_notification:contains(scored)",
};
const closed = {
    content: "And the message is read",
    trigger: ".o_notification .o_notification_close",
    run: "click",
};
const gone = {
    content: "It is gone",
    trigger: "body:not(:has(.o_notification))",
};

registry.category("web_tour.tours").add("grading_life_tour", {
    steps: () => [
        {
            content: "A stage without customers has its column",
            trigger: ".o_kanban_group:has(.o_column_title:contains(Tour Lost))",
        },
        {
            content: "The silent customer is in the stage of those who buy no more: open the card",
            trigger: card("Tour Decline", "Silent Sam"),
            run: "click",
        },
        openPage,
        {
            content: "It says since when and why",
            trigger: ".o_grading_glance:contains(In the stage “Tour Decline” since) .o_grading_glance_rhythm:contains(own buying pattern)",
        },
        {
            content: "And what to do",
            trigger: ".o_grading_glance_stage:contains(Call them)",
        },
        {
            content: "A rule has given a tag, and says so",
            trigger: `${tag("Tour Silent")}[data-tooltip*="Given by the rule"]`,
        },
        {
            content: "Take it away",
            trigger: `${tag("Tour Silent")} .o_delete`,
            run: "click",
        },
        rescore,
        scored,
        closed,
        gone,
        {
            content: "It stays away",
            trigger: `.o_form_view .o_field_widget[name=category_id]:not(:contains(Tour Silent))`,
        },
        {
            content: "See why",
            trigger: ".o_form_view button[name=action_grading_view_given_tags]",
            run: "click",
        },
        {
            content: "It is never given again: unless it is allowed",
            trigger: ".o_data_row:contains(Never) button[name=action_allow_again]",
            run: "click",
        },
        {
            content: "The line is gone",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Never)))",
        },
        {
            content: "Back to the customer",
            trigger: ".o_breadcrumb .o_back_button a, .breadcrumb-item.o_back_button a",
            run: "click",
        },
        rescore,
        scored,
        {
            content: "The rule gives it again",
            trigger: tag("Tour Silent"),
        },
    ],
});
