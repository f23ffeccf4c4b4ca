import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { GradingBadge } from "../../badge/grading_badge";

const PAGE = "grading";

/**
 * Open the page Grading of the form that the element is on.
 *
 * The notebook has no way in from outside but its tabs; so the tab is clicked as a user would, wherever it has been
 * scrolled to. On a narrow screen the buttons of a form stand in a menu apart from it: then it is the form in front.
 *
 * @param {HTMLElement} element
 */
export function openGradingPage(element) {
    const forms = [...document.querySelectorAll(".o_action_manager .o_form_view, .o_dialog .o_form_view")];
    const form = element.closest(".o_form_view") || forms.at(-1);
    const tab = form?.querySelector(`.o_notebook_headers a[name="${PAGE}"]`);
    if (tab) {
        tab.click();
        tab.focus();
        tab.scrollIntoView({ block: "start", inline: "center" });
    }
}

/**
 * The badge of the record's own grade, which stands in five fields of it.
 *
 * With the option `opens_page` it is a button that opens the page Grading of the form that it is on.
 */
export class GradingBadgeField extends GradingBadge {
    static template = "customer_grading.GradingBadgeField";
    static props = {
        ...standardFieldProps,
        titleField: { type: String, optional: true },
        colorField: { type: String, optional: true },
        scoreField: { type: String, optional: true },
        trendField: { type: String, optional: true },
        opensPage: { type: Boolean, optional: true },
    };

    get values() {
        const { data } = this.props.record;
        const grade = data[this.props.name];
        return {
            grade: grade ? grade.display_name : "",
            title: data[this.props.titleField],
            color: data[this.props.colorField],
            score: data[this.props.scoreField],
            trend: data[this.props.trendField],
        };
    }

    onClick(ev) {
        openGradingPage(ev.currentTarget);
    }
}

/**
 * The same as one of the buttons in the head of a form; without a grade it leads to the page that says why.
 */
export class GradingBadgeButton extends GradingBadgeField {
    static template = "customer_grading.GradingBadgeButton";
}

const supportedOptions = [
    { label: _t("Title field"), name: "title_field", type: "field", availableTypes: ["char"] },
    { label: _t("Color field"), name: "color_field", type: "field", availableTypes: ["integer"] },
    { label: _t("Score field"), name: "score_field", type: "field", availableTypes: ["float"] },
    { label: _t("Trend field"), name: "trend_field", type: "field", availableTypes: ["selection"] },
    { label: _t("Opens the page Grading"), name: "opens_page", type: "boolean" },
];

const extractProps = ({ options }) => ({
    titleField: options.title_field,
    colorField: options.color_field,
    scoreField: options.score_field,
    trendField: options.trend_field,
    opensPage: Boolean(options.opens_page),
});

export const gradingBadgeField = {
    component: GradingBadgeField,
    displayName: _t("Grade with score"),
    supportedTypes: ["many2one"],
    supportedOptions,
    extractProps,
    fieldDependencies: ({ options }) =>
        [
            { name: options.title_field, type: "char", readonly: true },
            { name: options.color_field, type: "integer", readonly: true },
            { name: options.score_field, type: "float", readonly: true },
            { name: options.trend_field, type: "selection", readonly: true, selection: [] },
        ].filter(({ name }) => name),
    isEmpty: () => false,
};

export const gradingBadgeButton = { ...gradingBadgeField, component: GradingBadgeButton };

registry.category("fields").add("grading_badge", gradingBadgeField);
registry.category("fields").add("grading_badge_button", gradingBadgeButton);
