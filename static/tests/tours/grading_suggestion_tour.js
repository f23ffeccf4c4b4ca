import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("grading_suggestion_tour", {
    steps: () => [
        {
            content: "Ask for a suggestion",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Points are asked for; groups, too, could be",
            trigger: ".o_form_view div[name=kind]:contains(Groups)",
        },
        {
            content: "Learn",
            trigger: ".o_form_view button[name=action_learn]:contains(Learn)",
            run: "click",
        },
        {
            content: "The demonstration has too few leads, and the screen says so",
            trigger: ".o_form_view div[name=message]:contains(at least 100 of each)",
        },
    ],
});
