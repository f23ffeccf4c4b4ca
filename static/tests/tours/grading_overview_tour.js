import { registry } from "@web/core/registry";

const card = (title) => `canvas.o-scorecard[role=button][title='${title}']`;

const theComplaint = {
    content: "The one open complaint is there, and no other",
    trigger: ".o_list_view .o_data_row:contains(Tour complaint)",
    run() {
        const rows = document.querySelectorAll(".o_list_view .o_data_row");
        if (rows.length !== 1) {
            throw new Error(`${rows.length} complaints in the list`);
        }
    },
};

const back = {
    content: "Back to the overview",
    trigger: ".o_breadcrumb a:contains(Overview)",
    run: "click",
};

registry.category("web_tour.tours").add("grading_overview_tour", {
    steps: () => [
        {
            content: "Open the reports",
            trigger: ".o_menu_sections [data-menu-xmlid='customer_grading.customer_grading_menu_report']",
            run: "click",
        },
        {
            content: "The overview comes first",
            trigger: ".o-dropdown--menu [data-menu-xmlid='customer_grading.customer_grading_menu_overview']",
            run: "click",
        },
        {
            content: "Open what the card of complaints counts, once the spreadsheet's own code is there",
            trigger: card("Open Complaints"),
            timeout: 60000,
            run: "click",
        },
        theComplaint,
        back,
        {
            content: "All cards can be opened, and the cells of the tables",
            timeout: 30000,
            trigger: `.o_spreadsheet_dashboard_action:has(${card("Customers")}):has(${card("Revenue at Risk")})`,
        },
        {
            content: "Open the cell of serious complaints: the last column, the upper one of three",
            trigger: ".o-dashboard-clickable-cell[title='See records']",
            run() {
                const place = (cell, side) => parseFloat(cell.style[side]);
                const cells = [...document.querySelectorAll(".o-dashboard-clickable-cell")];
                const last = Math.max(...cells.map((cell) => place(cell, "left")));
                const column = cells.filter((cell) => place(cell, "left") === last);
                column.sort((one, other) => place(one, "top") - place(other, "top"));
                // Below the complaints there are the starts of plays, five of them.
                column.at(-8).click();
            },
        },
        theComplaint,
    ],
});
