import { registry } from "@web/core/registry";

const cell = (text) => `.o_pivot_cell_value${text}`;

registry.category("web_tour.tours").add("grading_movement_tour", {
    steps: () => [
        {
            content: "The last two months are compared",
            trigger: ".o_grading_movement_months",
            run() {
                const chosen = [...document.querySelectorAll(".o_grading_movement_months select")].map(
                    (select) => select.selectedIndex
                );
                if (chosen.join() !== "1,0") {
                    throw new Error(`The months compared are ${chosen}`);
                }
            },
        },
        {
            content: "One customer is new, and one is gone",
            trigger: ".o_pivot:has(tbody th:contains(New)):has(thead th:contains(Gone))",
        },
        {
            content: "No cell of those who worsened since the month before",
            trigger: ".o_pivot:not(:has(.o_grading_down))",
        },
        {
            content: "Compare with an earlier month",
            trigger: ".o_grading_movement_months select[name=from_month]",
            run() {
                this.anchor.selectedIndex = 2;
                this.anchor.dispatchEvent(new Event("change"));
            },
        },
        {
            content: "The month is a facet of the search",
            trigger: ".o_searchview_facet:contains(From Month)",
        },
        {
            content: "A customer has worsened since then: open the cell",
            trigger: cell(".o_grading_down:contains(1)"),
            run: "click",
        },
        {
            content: "The customer is there; open the page of the customer",
            trigger: ".o_list_view .o_data_row:contains(Fallen Fay) td[name=from_end]:contains(Tour Gold)",
            run: "click",
        },
        {
            content: "Open the page Grading",
            trigger: ".o_form_view a.nav-link[name=grading]",
            run: "click",
        },
        {
            content: "The line is drawn, with the numbers for screen readers",
            trigger: ".o_grading_score_line:has(canvas[tabindex='0']) table:contains(Tour Gold)",
            async run() {
                // The numbers do not wait for the library that draws them.
                for (let tries = 0; tries < 50; tries++) {
                    const canvas = document.querySelector(".o_grading_score_line canvas");
                    const drawn = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                    if (drawn.some((value) => value)) {
                        return;
                    }
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                throw new Error("Nothing is drawn");
            },
        },
    ],
});
