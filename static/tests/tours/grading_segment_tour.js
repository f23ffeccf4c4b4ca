import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const opened = [
    {
        content: "A champion",
        trigger: ".o_list_view .o_data_row:contains(Champions) .o_data_cell[name=partner_id]",
        run: "click",
    },
    {
        content: "The page Grading",
        trigger: ".o_form_view .o_notebook_headers a[name=grading]",
        run: "click",
    },
    {
        content: "The segment stands beside the grade",
        trigger: ".o_grading_glance_segments:contains(RFM Segments) .badge:contains(Champions)",
        run({ anchor }) {
            if (anchor.getBoundingClientRect().right > window.innerWidth) {
                throw new Error("The segment is wider than the screen.");
            }
        },
    },
];

tours.add("grading_segment", {
    steps: () => [
        {
            content: "How many customers of each segment, by grade",
            trigger: ".o_pivot_view th:contains(Champions)",
        },
        {
            content: "Who they are",
            trigger: ".o_control_panel .o_switch_view.o_list",
            run: "click",
        },
        ...opened,
    ],
});

tours.add("grading_segment_phone", { steps: () => opened });
