import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const glance = ".o_form_view .tab-pane .o_grading_glance";
const sections = [
    {
        content: "What the grade is and asks for",
        trigger: `${glance} .o_grading_glance_what:contains(Tour Silver, the good):contains(Visit them)`,
    },
    {
        content: "Why: the criteria with their points",
        trigger: `${glance} .o_grading_glance_why:contains(Orders by tour):contains(10 of 500)`,
    },
    {
        content: "What next: what one more order brings",
        trigger: `${glance} .o_grading_glance_next:contains(points to Tour Gold):contains(One more order)`,
    },
    {
        content: "The amounts of two years are drawn",
        trigger: `${glance} .o_grading_amount_bars canvas[role=img]`,
    },
];
const fits = {
    content: "Nothing is wider than the screen",
    trigger: glance,
    run({ anchor }) {
        const wide = [anchor, ...anchor.querySelectorAll(":not(.visually-hidden, .visually-hidden *)")].filter(
            (element) =>
                element.getBoundingClientRect().right > window.innerWidth + 1 ||
                (element.clientWidth && element.scrollWidth > element.clientWidth + 1)
        );
        if (wide.length || document.documentElement.scrollWidth > window.innerWidth) {
            throw new Error(`wider than the screen: ${wide.map((element) => element.className).join(" | ")}`);
        }
    },
};
const badge = ".o_field_grading_badge:contains(Tour Silver):contains(50)";

tours.add("grading_glance_desktop", {
    steps: () => [
        {
            content: "The grade stands in the head: open its page",
            trigger: ".o-form-buttonbox .o_field_grading_badge_button button:contains(Tour Silver):contains(50)",
            run: "click",
        },
        {
            content: "The page is open",
            trigger: ".o_notebook_headers a[name=grading].active:focus",
        },
        ...sections,
        fits,
        {
            content: "Open the lead",
            trigger: `${glance} .o_grading_glance_links button:contains(Deal of the tour)`,
            run: "click",
        },
        {
            content: "The customer's grade stands beside the customer",
            trigger: `.o_form_view:has(.o_lead_opportunity_form, .o_field_widget[name=stage_id]) ${badge}`,
        },
    ],
});

tours.add("grading_glance_phone", {
    steps: () => [
        {
            content: "The grade stands below the name: open its page without swiping through the tabs",
            trigger: `.o_form_view ${badge} button`,
            run: "click",
        },
        ...sections,
        fits,
    ],
});

tours.add("grading_glance_lead", {
    steps: () => [
        {
            content: "The grade of the lead stands in the head: open its page",
            trigger: ".o_field_grading_badge_button button:contains(Tour Hot)",
            run: "click",
        },
        {
            content: "Why it has this grade",
            trigger: `${glance} .o_grading_glance_why:contains(Willing by tour)`,
        },
        {
            content: "Nothing of orders",
            trigger: `${glance}:not(:has(.o_grading_glance_amounts))`,
        },
        fits,
    ],
});

tours.add("grading_glance_document", {
    steps: () => [
        {
            content: "The grade stands beside the customer, all of it on the screen",
            trigger: `.o_form_view ${badge}`,
            run({ anchor }) {
                const { left, right } = anchor.getBoundingClientRect();
                if (left < 0 || right > window.innerWidth) {
                    throw new Error(`The grade is at ${left}–${right} of ${window.innerWidth} pixels.`);
                }
            },
        },
    ],
});
