import { stepUtils } from "@web_tour/tour_utils";
import { registry } from "@web/core/registry";

const card = (name) => `.o_kanban_record:contains(${name})`;

const claimed = ".o_notification:contains(Found Lead is yours now)";

const claim = [
    {
        content: "What the user has lost is locked for that user, and says until when",
        trigger: `${card("Lost Lead")}:contains(locked until):not(:has([name=action_claim]))`,
    },
    {
        content: "A card says what it is about: claim it",
        trigger: `${card("Found Lead")}:contains(Opportunity):contains(Fay):contains(Ghent) [name=action_claim]`,
        run: "click",
    },
    {
        content: "It is opened, and what to do next is said",
        trigger: ["input", "textarea"] // a phone has no crumb with the name
            .map((box) => `body:has(${claimed}) .o_form_view .o_field_widget[name=name] ${box}:value(Found Lead)`)
            .join(", "),
    },
    {
        content: "On its page Grading: go back",
        trigger: "body:has(.o_form_view a.nav-link.active[name=grading]) .o_back_button",
        run: "click",
    },
    {
        content: "It is gone from the pool, and the other one is not",
        trigger: `.o_kanban_view:not(:contains(Found Lead)) ${card("Lost Lead")}`,
    },
];

registry.category("web_tour.tours").add("grading_pool_tour", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: ".o_app[data-menu-xmlid='customer_grading.customer_grading_menu_root']",
            run: "click",
        },
        {
            content: "The public pool stands in the menu",
            trigger: "[data-menu-xmlid='customer_grading.customer_grading_menu_pool']",
            run: "click",
        },
        ...claim,
    ],
});

registry.category("web_tour.tours").add("grading_pool_phone_tour", { steps: () => claim });
