import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const column = (grade) => `.o_kanban_group:has(.o_column_title:contains(${grade}))`;
const card = `${column("Tour Silver")} .o_kanban_record:contains(Tour Glance)`;

/** Whether two elements share a pixel. */
function isCovered(element, other) {
    const [one, two] = [element, other].map((each) => each.getBoundingClientRect());
    return one.left < two.right && two.left < one.right && one.top < two.bottom && two.top < one.bottom;
}

tours.add("grading_customers_desktop", {
    steps: () => [
        {
            content: "The head of a column tells how many customers it has, beside what the bar adds up",
            trigger: `${column("Tour Silver")}:has(.o_column_progress) .o_column_title:contains((1))`,
        },
        {
            content: "That of an empty one, too",
            trigger: `${column("Tour Gold")} .o_column_title:contains((0))`,
        },
    ],
});

tours.add("grading_customers_phone", {
    steps: () => [
        {
            content: "The first column that has a customer is the first on the screen, and the empty one before it is none",
            trigger: card,
            run({ anchor }) {
                const shown = [...document.querySelectorAll(".o_kanban_group")].filter((group) => group.clientWidth);
                const { left, right } = anchor.getBoundingClientRect();
                if (shown[0] !== anchor.closest(".o_kanban_group") || left < 0 || right > window.innerWidth) {
                    const titles = shown.map((group) => group.querySelector(".o_column_title").textContent);
                    throw new Error(`The card is at ${left}–${right}, and the columns are: ${titles.join(", ")}`);
                }
                if (shown.some((group) => group.textContent.includes("Tour Gold"))) {
                    throw new Error("The column of Tour Gold is empty and shown.");
                }
            },
        },
        {
            content: "The menu of the card does not cover the grade",
            trigger: `${card} .o_dropdown_kanban button`,
            run({ anchor }) {
                const badge = anchor.closest(".o_kanban_record").querySelector(".badge");
                if (!badge.clientWidth || !anchor.clientWidth || isCovered(badge, anchor)) {
                    throw new Error("The grade is hidden by the menu of the card.");
                }
            },
        },
        {
            content: "Search by grade",
            trigger: ".o_search_panel .btn:contains(Grade)",
            run: "click",
        },
        {
            content: "Choose the empty one",
            trigger: ".o_search_panel_section .o_search_panel_label:contains(Tour Gold)",
            run: "click",
        },
        {
            content: "No card is left",
            trigger: ".o_kanban_view:not(:has(.o_kanban_record:contains(Tour Glance)))",
        },
    ],
});
