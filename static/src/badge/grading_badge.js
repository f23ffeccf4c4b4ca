import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";

const TRENDS = {
    up: { icon: "fa-arrow-up text-success", text: _t("has risen") },
    down: { icon: "fa-arrow-down text-danger", text: _t("has fallen") },
};

/**
 * The full name of a grade, for where there is room: `D, key customers`.
 *
 * @param {{ name: string, title: string|false }} grade
 */
export function getFullName({ name, title }) {
    return title ? _t("%(grade)s, %(title)s", { grade: name, title }) : name;
}

/**
 * A grade with its color, the score and whether the grade has risen or fallen: `D 86.7 ↑`. Its tooltip has the grade's
 * full name. Where the values come from is said by those that extend it.
 */
export class GradingBadge extends Component {
    /**
     * @returns {{ grade: string, title: string|false, color: number, score: number|false, trend: string|false }}
     */
    get values() {
        throw new Error(`${this.constructor.name} does not say whose grade its badge shows.`);
    }

    get grade() {
        return this.values.grade;
    }

    get colorClass() {
        return `o_badge_color_${this.values.color || 0}`;
    }

    get score() {
        const { score } = this.values;
        return typeof score === "number" ? formatFloat(score, { digits: [16, 1], trailingZeros: false }) : "";
    }

    get trend() {
        return TRENDS[this.values.trend];
    }

    get label() {
        const parts = [
            _t("Grade %s", this.grade ? getFullName({ name: this.grade, title: this.values.title }) : _t("no grade")),
            this.score && _t("%s points", this.score),
            this.trend && this.trend.text,
        ];
        return parts.filter(Boolean).join(", ");
    }
}
