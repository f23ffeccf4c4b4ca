import { registry } from "@web/core/registry";

const score = (name, number) => `.modal .o_field_widget[name=${name}] button[role=radio]:eq(${number})`;

registry.category("web_tour.tours").add("grading_assessment_tour", {
    steps: () => [
        {
            content: "Open the page Grading of the contact",
            trigger: ".o_notebook a[name=grading]",
            run: "click",
        },
        {
            content: "Note down what the customer said",
            trigger: "button[name=action_grading_assess]",
            run: "click",
        },
        {
            content: "Not content at all: 0",
            trigger: score("satisfaction", 0),
            run: "click",
        },
        {
            content: "A slip of the hand",
            trigger: score("recommendation", 7),
            run: "click",
        },
        {
            content: "A second click takes it back",
            trigger: `${score("recommendation", 7)}.active`,
            run: "click",
        },
        {
            content: "Save",
            trigger: ".modal:not(:has([name=recommendation] .active)) .modal-footer button:contains(Save)",
            run: "click",
        },
        {
            content: "Show the buttons for which there is no room",
            trigger: "body:not(:has(.modal)) .o_button_more",
            run: "click",
        },
        {
            content: "The contact shows how many assessments there are",
            trigger: "button[name=action_grading_view_assessments]:contains(1)",
        },
    ],
});
