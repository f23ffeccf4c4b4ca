import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("grading_shop", {
    steps: () => [
        {
            content: "Enter the shop",
            trigger: ".screen-login .open-register-btn",
            run: "click",
        },
        {
            content: "Open the register",
            trigger: ".modal .modal-footer button:contains(Open Register)",
            run: "click",
        },
        {
            content: "No customer, no badge",
            trigger: ".product-screen .set-partner:not(:has(.badge))",
            run: "click",
        },
        {
            content: "Choose the customer",
            trigger: ".partner-list .partner-info:contains(Tour Regular)",
            run: "click",
        },
        {
            content: "The customer's grade stands on the button, with its full name in the tooltip",
            trigger:
                ".product-screen .set-partner:contains(Tour Regular) [role=img][title^='Grade Tour, regulars'] .badge",
        },
    ],
});
