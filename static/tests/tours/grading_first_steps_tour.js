import { registry } from "@web/core/registry";

const PANEL = ".o_grading_onboarding";
const row = (grade) => `.o_field_widget[name=threshold_ids] .o_data_row:contains(${grade})`;
const count = (grade, number) => `${row(grade)} td[name=profile_count]:contains(/^${number}$/)`;
const app = (name) => `customer_grading.customer_grading_menu_${name}`;

/** Open a screen by the menu of the desktop: the section, then the entry. */
const desktopMenu = (section, entry) => [
    {
        content: `Open the menu ${section}`,
        trigger: `.o_menu_sections button[data-menu-xmlid='${app(section)}']`,
        run: "click",
    },
    {
        content: `Choose ${entry}`,
        trigger: `.o-dropdown--menu [data-menu-xmlid='${app(entry)}']`,
        run: "click",
    },
];

const phoneMenu = (entry) => [
    {
        content: "Open the menu",
        trigger: ".o_navbar .o_menu_toggle",
        run: "click",
    },
    {
        content: `Choose ${entry}`,
        trigger: `.o_app_menu_sidebar li[data-menu-xmlid='${app(entry)}']`,
        run: "click",
    },
];

/** No screen is wider than its window. */
const fits = (what) => ({
    content: `${what} fits the window`,
    trigger: "body",
    run() {
        const { scrollWidth, clientWidth } = document.documentElement;
        if (scrollWidth > clientWidth) {
            throw new Error(`${what}: ${scrollWidth} px in a window of ${clientWidth} px`);
        }
    },
});

const openThresholds = {
    content: "A step opens its screen",
    trigger: `${PANEL} .o_grading_onboarding_open:contains(Set the thresholds)`,
    run: "click",
};

const moveLimit = [
    {
        content: "Each row says how many customers get the grade",
        trigger: count("Silver", 2),
    },
    {
        content: "Move the limit of Silver",
        trigger: `${row("Silver")} td[name=min_score]`,
        run: "click",
    },
    {
        content: "Type another score",
        trigger: ".o_field_widget[name=threshold_ids] .o_selected_row [name=min_score] input",
        run: "edit 30",
    },
    {
        content: "Leave the field",
        trigger: ".o_field_widget[name=grace_days] input",
        run: "click",
    },
    {
        content: "One customer less, before anything is saved",
        trigger: count("Silver", 1),
    },
    {
        content: "Who falls out is counted below",
        trigger: count("Bronze", 1),
    },
    {
        content: "Save",
        trigger: ".o_form_button_save",
        run: "click",
    },
    {
        content: "It is saved",
        trigger: ".o_form_saved",
    },
];

const settings = [
    {
        content: "The settings of Customer Grading are open at once",
        trigger: ".settings .app_settings_block[data-key=customer_grading] #grading_amount_source",
    },
    {
        content: "They stand in sections",
        trigger: ".app_settings_block[data-key=customer_grading] h2:contains(Life Cycle)",
    },
];

const closePanel = [
    {
        content: "What was saved is ticked",
        trigger: `${PANEL} .o_grading_onboarding_progress:not(:contains(0 of))`,
    },
    {
        content: "A step that is fine as it is can be ticked",
        trigger: `${PANEL} .o_grading_onboarding_tick`,
        run: "click",
    },
    {
        content: "Close the panel",
        trigger: `${PANEL} .o_grading_onboarding_close`,
        run: "click",
    },
    {
        content: "It is gone",
        trigger: `.o_kanban_view:not(:has(${PANEL}))`,
    },
];

registry.category("web_tour.tours").add("grading_first_steps_tour", {
    steps: () => [
        {
            content: "A company that begins has its first steps above Customers",
            trigger: `${PANEL} .o_grading_onboarding_progress:contains(0 of 5 done)`,
        },
        fits("The panel of first steps"),
        openThresholds,
        {
            content: "Open the criterion",
            trigger: ".o_field_widget[name=criterion_ids] .o_data_row:contains(Amount by tour) td[name=name]",
            run: "click",
        },
        {
            content: "It says what is scored",
            trigger: ".modal .o_field_widget[name=measure_help]:contains(less what was credited)",
        },
        {
            content: "Look for another measure",
            trigger: ".modal .o_field_widget[name=measure] .o_select_menu_toggler",
            run: "click",
        },
        {
            content: "Measures stand under headings",
            trigger: ".o_grading_measure_menu .o_select_menu_group:contains(Payments)",
        },
        {
            content: "Each says what it means: pick one",
            trigger: ".o_grading_measure_menu .o_select_menu_item:contains(What is open on invoices)",
            run: "click",
        },
        {
            content: "A name that a person gave stays",
            trigger: ".modal .o_field_widget[name=measure_help]:contains(past their due date)",
        },
        {
            content: "Leave it as it was",
            trigger: ".modal .o_form_button_cancel, .modal .btn-close",
            run: "click",
        },
        {
            content: "The scheme is there again",
            trigger: "body:not(:has(.modal)) .o_field_widget[name=threshold_ids]",
        },
        ...moveLimit,
        {
            content: "Rescore",
            trigger: "button[name=action_rescore]",
            run: "click",
        },
        {
            content: "It says how many scores and grades changed, with a link",
            trigger: ".o_notification:contains(0 scores and 1 grade changed) a:contains(Show the changed ones)",
        },
        ...desktopMenu("config", "schemes"),
        {
            content: "The list shows which schemes are in use",
            trigger: ".o_data_row:contains(Tour scheme) td[name=active] input:checked",
        },
        fits("The list of schemes"),
        ...desktopMenu("config", "runs"),
        {
            content: "Open the last run",
            trigger: ".o_list_view .o_data_row:first td[name=scope]",
            run: "click",
        },
        {
            content: "Who was changed?",
            trigger: ".o_form_view button[name=action_view_changed]",
            run: "click",
        },
        {
            content: "The row opens the customer",
            trigger: ".o_list_view .o_data_row:contains(Tour Customer 1) td[name=grade_id]",
            run: "click",
        },
        {
            content: "The customer is open",
            trigger: ".o_form_view .o_field_widget[name=name]:has(textarea, input):visible",
        },
        ...desktopMenu("config", "cadences"),
        {
            content: "A new cadence",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Its activity is one of its channel",
            trigger: ".o_field_widget[name=channel] .o_radio_item:contains(Visit) input",
            run: "click",
        },
        {
            content: "Meeting is Odoo's own activity of a visit",
            trigger: ".o_field_widget[name=activity_type_id] input:value(Meeting)",
        },
        {
            content: "Name it",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Tour cadence",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: ".o_form_saved",
        },
        {
            content: "Reporting is grouped",
            trigger: `.o_menu_sections button[data-menu-xmlid='${app("report")}']`,
            run: "click",
        },
        {
            content: "Customers, contacts, time, rules",
            trigger: ".o-dropdown--menu:contains(Selling Time):contains(Effects of the Rules)",
        },
        {
            content: "Given tags",
            trigger: `.o-dropdown--menu [data-menu-xmlid='${app("given_tags")}']`,
            run: "click",
        },
        {
            content: "The list is there",
            trigger: ".o_breadcrumb:contains(Given Tags)",
        },
        ...desktopMenu("config", "settings"),
        ...settings,
        {
            content: "Back to the customers",
            trigger: `[data-menu-xmlid='${app("customers")}']`,
            run: "click",
        },
        ...closePanel,
    ],
});

registry.category("web_tour.tours").add("grading_first_steps_phone_tour", {
    steps: () => [
        {
            content: "On a phone, only the next step is shown",
            trigger: `${PANEL}:contains(Choose the source of money):not(:contains(Set the thresholds))`,
        },
        fits("The panel of first steps"),
        {
            content: "Show all of them",
            trigger: `${PANEL} .o_grading_onboarding_unfold`,
            run: "click",
        },
        openThresholds,
        ...moveLimit,
        fits("The scheme"),
        ...phoneMenu("given_tags"),
        {
            content: "The list is there",
            trigger: ".o_breadcrumb:contains(Given Tags), .o_list_view, .o_kanban_view",
        },
        fits("Given tags"),
        ...phoneMenu("settings"),
        ...settings,
        fits("The settings"),
        ...phoneMenu("customers"),
        ...closePanel,
    ],
});
