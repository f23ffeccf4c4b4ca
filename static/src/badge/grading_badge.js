import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";

const TRENDS = {
    up: { icon: "fa-arrow-up text-success", text: _t("has risen") },
    down: { icon: "fa-arrow-down text-danger", text: _t("has fallen") },
};

/**
 * A grade with its color, the score and whether the grade has risen or fallen: `D 86.7 ↑`. Where the four values come
 * from is said by those that extend it.
 */
export class GradingBadge extends Component {
    /**
     * @returns {{ grade: string, color: number, score: number|false, trend: string|false }}
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
            _t("Grade %s", this.grade || _t("no grade")),
            this.score && _t("%s points", this.score),
            this.trend && this.trend.text,
        ];
        return parts.filter(Boolean).join(", ");
    }
}
