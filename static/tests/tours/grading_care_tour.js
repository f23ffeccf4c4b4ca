import { registry } from "@web/core/registry";

// The days themselves are compared in test_care_tour.py: "In 7 days" is "Next month" from the 25th of some months on.
const row = (name) => `.o_data_row:contains(${name})`;
const card = (name) => `.o_kanban_record:contains(${name})`;
const DONE = ".modal button[name=action_confirm]:contains(Done)";
const NOTICE = ".o_notification:contains(Contact with Neglected Customer done. Next contact:)";

registry.category("web_tour.tours").add("grading_care_tour", {
    url: "/odoo/grading-contacts-due",
    steps: () => [
        {
            content: "The customer who has waited longest stands first, and only the date is red",
            trigger: `.o_list_view ${row("Neglected Customer")}:first:not(.text-danger) [name=next_date] .text-danger`,
        },
        {
            content: "It is one line with both reasons",
            trigger: `.o_list_view ${row("Neglected Customer")} [name=reason_ids]:contains(Every week):contains(Every month)`,
            run() {
                const rows = [...document.querySelectorAll(".o_data_row")];
                const own = rows.filter((el) => el.textContent.includes("Neglected Customer"));
                if (own.length !== 1 || own[0] !== rows[0]) {
                    throw new Error(`${own.length} lines of the customer`);
                }
            },
        },
        {
            content: "The telephone dials",
            trigger: `${row("Neglected Customer")} [name=phone] a[href^='tel:']`,
        },
        {
            content: "What is not due is not there, and mark the contact done",
            trigger: `.o_list_view:not(:contains(Later Customer)) ${row("Neglected Customer")} button[name=action_done]`,
            run: "click",
        },
        {
            content: "Write a word; Enter goes on",
            trigger: ".modal [name=feedback] input",
            run: "edit Wrong customer && press Enter",
        },
        {
            content: "The next date is shown, and the line is gone",
            trigger: ".o_list_view:not(:contains(Neglected Customer))",
        },
        {
            content: "Undo it",
            trigger: `${NOTICE} button:contains(Undo)`,
            run: "click",
        },
        {
            content: "The line is back: mark it done without a mouse",
            trigger: `.o_list_view ${row("Neglected Customer")} [name=customer_name]`,
            run() {
                this.anchor.focus();
                this.anchor.dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true }));
            },
        },
        {
            content: "Enter skips the word",
            trigger: `.modal:has(${DONE.replace(".modal ", "")}) [name=feedback] input`,
            run: "press Enter",
        },
        {
            content: "It is gone from the list, and the next line has the focus",
            trigger: `body:has(${NOTICE}) .o_list_view:not(:contains(Neglected Customer)) ${row("Due Customer")}`,
        },
        {
            content: "Postpone the next one, without a mouse",
            trigger: `${row("Due Customer")} td:focus`,
            run() {
                this.anchor.dispatchEvent(new KeyboardEvent("keydown", { key: "p", bubbles: true }));
            },
        },
        {
            content: "To the next week",
            trigger: ".modal [name=choice] label:contains(Next week)",
            run: "click",
        },
        {
            content: "On a day that is proposed",
            trigger: ".modal [name=date]:not(:has(input))",
        },
        {
            content: "Postpone it",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "It is gone as well: show what is not due",
            trigger: "body:not(:has(.modal)) .o_list_view .o_view_nocontent",
        },
        {
            content: "Take away the filter on what is due",
            trigger: ".o_searchview_facet:contains(Due) .o_facet_remove",
            run: "click",
        },
        {
            content: "The next dates have moved ahead",
            trigger: ".o_list_view .o_data_row:contains(Neglected Customer) [name=next_date]:not(:has(.text-danger))",
        },
        {
            content: "Look at them as cards",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "Back to the list",
            trigger: `.o_kanban_view:has(${card("Due Customer")})`,
        },
        {
            content: "Back to the list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "Open the customer",
            trigger: `${row("Neglected Customer")} [name=customer_name]`,
            run: "click",
        },
        {
            content: "The page Grading is open, with a pager over the list",
            trigger: ".o_form_view a.nav-link.active[name=grading]",
        },
        {
            content: "Go to the next customer",
            trigger: ".o_form_view .o_pager:contains(/ 3) .o_pager_next",
            run: "click",
        },
        {
            content: "It is another one, on the same page",
            trigger: ".o_form_view:not(:contains(Neglected Customer)) a.nav-link.active[name=grading]",
        },
        {
            content: "In the calendar the days to come are not empty",
            trigger: ".o_menu_sections button[data-menu-xmlid='customer_grading.customer_grading_menu_report']",
            run: "click",
        },
        {
            content: "Open it",
            trigger: ".o-dropdown-item[data-menu-xmlid='customer_grading.customer_grading_menu_care_calendar']",
            run: "click",
        },
        {
            content: "At the end of a month the next days stand on the next page",
            trigger: ".o_calendar_view .fc-daygrid-day",
            async run() {
                const isShown = () =>
                    [...document.querySelectorAll(".o_calendar_view .fc-event")].some((event) =>
                        event.textContent.includes("Later Customer")
                    );
                for (let turn = 0; turn < 20 && !isShown(); turn++) {
                    await new Promise((resolve) => setTimeout(resolve, 50));
                }
                if (!isShown()) {
                    document.querySelector(".o_calendar_button_next").click();
                }
            },
        },
        {
            content: "Open one that is not due yet",
            trigger: ".o_calendar_view .fc-event:contains(Later Customer)",
            run: "click",
        },
        {
            content: "View it",
            trigger: ".o_cw_popover .o_cw_popover_edit, .o_cw_popover .o_cw_popover_view, .o_cw_popover .card-footer .btn-primary",
            run: "click",
        },
        {
            content: "What can be done about it is there",
            trigger: ".o_form_view:contains(Later Customer) button[name=action_put_off]",
            run: "click",
        },
        {
            content: "Postpone it to the day that is proposed",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "It is postponed",
            trigger: ".o_form_view:not(:has(.modal)) [name=put_off_date]",
        },
    ],
});

registry.category("web_tour.tours").add("grading_care_phone_tour", {
    url: "/odoo/grading-contacts-due",
    steps: () => [
        {
            content: "A card for each customer, without a column",
            trigger: `.o_kanban_view:not(:has(.o_kanban_group)) ${card("Neglected Customer")}:contains(Every month)`,
        },
        {
            content: "It dials",
            trigger: `${card("Neglected Customer")} a[href^='tel:']`,
        },
        {
            content: "Nothing stands out of the screen",
            trigger: ".o_kanban_view",
            run() {
                if (document.documentElement.scrollWidth > window.innerWidth) {
                    throw new Error(`${document.documentElement.scrollWidth} pixels on ${window.innerWidth}`);
                }
            },
        },
        {
            content: "Mark it done",
            trigger: `${card("Neglected Customer")} [name=action_done]`,
            run: "click",
        },
        {
            content: "Without a word",
            trigger: DONE,
            run: "click",
        },
        {
            content: "Undo it",
            trigger: `${NOTICE} button:contains(Undo)`,
            run: "click",
        },
        {
            content: "It is there again: open it",
            trigger: card("Neglected Customer"),
            run: "click",
        },
        {
            content: "On the page Grading",
            trigger: ".o_form_view a.nav-link.active[name=grading]",
        },
    ],
});
