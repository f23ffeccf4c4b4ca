/** @odoo-module */
/* What each screen and each dialog must keep: it fits the window, and it can be used and read by all. */

const ROUNDING = 1; // a pixel is no overflow
const FADED = 1500; // ms until what fades in has its contrast

// What must not scroll sideways. Lists do on a phone; columns, calendars and pivots may everywhere.
const FRAMES = ".o_action_manager, .o_control_panel, .o_action_manager .o_form_sheet, .modal-content, .modal-body";
const FRAMES_OF_DESKTOP = `${FRAMES}, .o_list_renderer`;

const WCAG = { type: "tag", values: ["wcag2a", "wcag2aa"] };
const CONTRAST = "color-contrast";
// What axe is asked: all, or, as colors are the same on a phone and labels in the dark, one of both.
const RULES = {
    all: { runOnly: WCAG },
    labels: { runOnly: WCAG, rules: { [CONTRAST]: { enabled: false } } },
    contrast: { runOnly: { type: "rule", values: [CONTRAST] } },
};

// Lines and cards are alike: the first of them are looked at, which takes much less time.
const ALIKE = ".o_data_row:nth-child(n+5), .o_kanban_record:nth-child(n+5), .o_pivot tbody tr:nth-child(n+5)";

// Faults of Odoo's own widgets, wherever they stand: they are Odoo's to mend, and ours are still found beside them.
const ODOOS = {
    // States and names on elements without the role for them
    "aria-allowed-attr":
        ".o_tag, .o-autocomplete--input, .o-dropdown, .o_progress, .fc-more-link, .o-mail-Message-avatarContainer, "
        + ".o_field_widget a > i",
    // Tabs of a notebook or of the settings without a list of tabs, colors without a menu
    "aria-required-parent": ".o_notebook [role=tab], .settings_tab [role=tab], .o_colorlist button",
    // Icons without a name: the folding of the search panel and of its values, the choice of columns
    "button-name": ".o_search_panel button, .o_optional_columns_dropdown button, .o_calendar_view button, "
        + ".o_spreadsheet_dashboard_search_panel button",
    // The boxes of a list have one id
    "duplicate-id-aria": ".o-checkbox input",
    // Pictures of users
    "image-alt": ".o_avatar img, .o-mail-Message-avatar",
    // The boxes that select a row, values of a filter, percentages
    label: ".o_list_renderer .o-checkbox input, .o_tree_editor input, .o_field_percentage input, .o_calendar_view input, "
        + "[name=show_all] input",
    list: ".o-mail-Message ul",
    // Icons of activities and of the chatter
    "role-img-alt": ".o-mail-ActivityButton i, .o-mail-Chatter i",
    // A form without anything to fill in that is longer than its window; on a phone lists, pivots and the search panel
    "scrollable-region-focusable": ".o_form_sheet_bg, .o_list_renderer, .o_pivot, .o_search_panel > div",
    "select-name": ".o_tree_editor select, .o-chart-dashboard-item",
};

// The least contrast of what Odoo colors: less than 4.5, and ours to leave alone, but no worse than it is elsewhere.
const PALE = [
    [".text-muted, .o_data_row", 4.3],
    [".badge, [class*='text-bg-']", 3], // Odoo's own limit for text on a color
    [".o_column_title", 3], // of a folded column
    [".o_tree_editor, .o_domain_selector", 3], // what is read only
    [".opacity-50", 3.9],
    [".fc-day-other", 1.7], // the calendar's days of another month; axe passes over them where one is a single figure
    [".o_form_label", 2], // on a phone
    [".o-mail-Chatter", 1],
];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What is too wide, as sentences. */
export function tooWide(what, isPhone) {
    const page = document.documentElement;
    const wide = [...document.querySelectorAll(isPhone ? FRAMES : FRAMES_OF_DESKTOP)].filter(
        (element) => element.clientWidth && element.scrollWidth > element.clientWidth + ROUNDING
    );
    if (page.scrollWidth > window.innerWidth + ROUNDING || wide.length) {
        const names = wide.map((element) => {
            const { left } = element.getBoundingClientRect();
            const outside = [...element.querySelectorAll("*")].find(
                (child) => child.getBoundingClientRect().right > left + element.clientWidth + ROUNDING
            );
            const which = outside ? ` by ${outside.outerHTML.slice(0, 120)}` : "";
            return `${element.className} ${element.scrollWidth}/${element.clientWidth}${which}`;
        });
        return [`${what} is wider than the window: ${names.join(", ") || page.scrollWidth}`];
    }
    return [];
}

/** Whether it is Odoo's: a fault of its own widgets, its own colors, or data that it makes up where there is none. */
function isOdoos(rule, { element, any }) {
    if (element.closest(".o_view_sample_data")) {
        return true;
    }
    if (rule !== CONTRAST) {
        return element.matches(ODOOS[rule] || ":not(*)");
    }
    return PALE.some(([selector, least]) => element.closest(selector) && any[0].data.contrastRatio >= least);
}

async function findFaults(roots, rules) {
    const options = { ...RULES[rules], resultTypes: ["violations"], elementRef: true, preload: false };
    const exclude = roots.flatMap((root) => [...root.querySelectorAll(ALIKE)]);
    const { violations } = await window.axe.run({ include: roots, exclude }, options);
    return violations.flatMap(({ id, nodes }) =>
        nodes.filter((node) => !isOdoos(id, node)).map((node) => ({ id, ...node }))
    );
}

/**
 * What cannot be used without eyes or mouse, or hardly be read, as sentences.
 *
 * @param {Element[]} roots where to look
 * @param {string} what they are
 * @param {string} rules of RULES
 */
export async function inaccessible(roots, what, rules) {
    let faults = await findFaults(roots, rules);
    if (faults.some(({ id }) => id === CONTRAST)) {
        await pause(FADED);
        faults = await findFaults(roots, rules);
    }
    return faults.map(
        ({ id, html, target, failureSummary }) => `${what}: [${id}] ${target} ${html.slice(0, 200)} ${failureSummary}`
    );
}

// What is no term of a screen: what is typed or was written down, and Odoo's plans, which have one language.
const WRITTEN =
    "script, style, option, .o_field_domain, .o_ace_view_editor, .o-mail-Message-body, .o-mail-ActivityButton, "
    + "[name='activity_ids'], [name='plan_id']";

/**
 * The texts that are still in English, as sentences.
 *
 * @param {Element[]} roots where to look
 * @param {string} what they are
 * @param {Set<string>} terms in English that have a translation into the language of the screen
 */
export function untranslated(roots, what, terms) {
    const found = new Set();
    for (const root of roots) {
        const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const text = texts.currentNode.data.trim().replace(/\s+/g, " ");
            const { parentElement } = texts.currentNode;
            if (terms.has(text) && !parentElement.closest(WRITTEN) && parentElement.checkVisibility()) {
                found.add(text);
            }
        }
        for (const name of ["title", "placeholder", "aria-label", "data-tooltip", "alt"]) {
            for (const element of root.querySelectorAll(`[${name}]`)) {
                if (terms.has(element.getAttribute(name)) && !element.closest(WRITTEN) && element.checkVisibility()) {
                    found.add(`${element.getAttribute(name)} (${name})`);
                }
            }
        }
    }
    return [...found].map((text) => `${what} is in English: ${text}`);
}
