import { registry } from "@web/core/registry";

// The days themselves are compared in test_care_tour.py: "In 7 days" is "Next month" from the 25th of some months on.
const row = (name) => `.o_data_row:contains(${name})`;

registry.category("web_tour.tours").add("grading_care_tour", {
    url: "/odoo/grading-contacts-due",
    steps: () => [
        {
            content: "The one who has waited longest stands first, overdue",
            trigger: ".o_list_view .o_data_row:first:contains(Neglected Customer).text-danger",
        },
        {
            content: "The other one is due as well",
            trigger: row("Due Customer"),
        },
        {
            content: "Who is not due is not there, and mark the contact done",
            trigger: `.o_list_view:not(:contains(Later Customer)) ${row("Neglected Customer")} button[name=action_done]`,
            run: "click",
        },
        {
            content: "It is gone from the list: show those that are not due as well",
            trigger: `.o_list_view:not(:contains(Neglected Customer))`,
        },
        {
            content: "Take away the filter on what is due",
            trigger: ".o_searchview_facet:contains(Due) .o_facet_remove",
            run: "click",
        },
        {
            content: "The next date has moved ahead, behind those of the others",
            trigger: `.o_list_view .o_data_row:last:contains(Neglected Customer):not(.text-danger)`,
        },
        {
            content: "Look at them as cards",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "Under the channel",
            trigger: ".o_kanban_group:has(.o_column_title:contains(Online)) .o_kanban_record:contains(Due Customer)",
        },
        {
            content: "Back to the list, and open the customer",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "Open the customer",
            trigger: `${row("Neglected Customer")} button[name=action_open]`,
            run: "click",
        },
        {
            content: "The page Grading tells when the customer is to be contacted next",
            trigger: ".o_form_view a.nav-link[name=grading]",
            run: "click",
        },
        {
            content: "It lies ahead",
            trigger:
                ".o_form_view .o_field_widget[name=grading_next_contact_date]:not(:has(.text-danger, .text-warning))",
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
            trigger: ".o_calendar_view .fc-event:contains(Due Customer)",
            run() {
                const events = [...document.querySelectorAll(".o_calendar_view .fc-event")];
                if (!events.some((event) => event.textContent.includes("Later Customer"))) {
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
