import { registry } from "@web/core/registry";

const basket = ".o_form_view .o_grading_basket";
// A row of the list, or a card on a phone.
const line = [".o_data_row", ".o_kanban_record"]
    .map((row) => `.o_field_widget[name=order_line] ${row}:contains(Tour Butter)`)
    .join(", ");

registry.category("web_tour.tours").add("grading_basket", {
    steps: () => [
        {
            content: "The quotation is open",
            trigger: ".o_form_view .o_field_widget[name=order_line]:contains(Tour Bread)",
        },
        {
            content: "The reason is told in words",
            trigger: `${basket} li:contains(Tour Butter):contains(100 % of the orders with Tour Bread also have it)`,
        },
        {
            content: "Nothing is wider than the screen",
            trigger: basket,
            run({ anchor }) {
                if (anchor.getBoundingClientRect().right > window.innerWidth || anchor.scrollWidth > anchor.clientWidth) {
                    throw new Error("The suggestions are wider than the screen.");
                }
            },
        },
        {
            content: "Add it",
            trigger: `${basket} li:contains(Tour Butter) button:contains(Add)`,
            run: "click",
        },
        {
            content: "It is on the quotation",
            trigger: line,
        },
        {
            content: "It is not suggested any more",
            trigger: `.o_form_view:not(:has(.o_grading_basket li:contains(Tour Butter)))`,
        },
    ],
});
