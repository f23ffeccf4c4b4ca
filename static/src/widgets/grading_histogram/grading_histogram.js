import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, useState } from "@odoo/owl";

/** What an arrow key moves a limit by, of the whole width: a hundredth, with Shift a tenth. */
const STEPS = 100;

/**
 * How the scores are spread, with a handle where each grade, or each segment of a scheme beside the grade, begins. A handle is dragged with the pointer, or moved with
 * the arrow keys; it changes the limit in the form, which is saved with the form. The numbers beside the handles follow
 * at once, from the bars; the exact ones in the list come with Odoo's answer.
 *
 * The view names the fields that it reads; `score_bins`, not for all who may open the form: {low, high, counts}, the bars from the lowest score to the highest, all of the same width.
 */
export class GradingHistogram extends Component {
    static template = "customer_grading.GradingHistogram";
    static props = { ...standardWidgetProps };

    setup() {
        this.state = useState({ moved: null, value: 0 });
    }

    get data() {
        return this.props.record.data;
    }

    get isShown() {
        return Boolean(this.data.score_bins?.counts?.length) && this.data.threshold_mode === "score";
    }

    get isReadonly() {
        return this.props.readonly || !this.props.record.isInEdition;
    }

    /** The limits from the highest down: [{record, name, value}]. */
    get limits() {
        return this.data.threshold_ids.records
            .map((record) => ({
                record,
                name: record.data.grade_id?.display_name || "?",
                value: this.state.moved === record.id ? this.state.value : record.data.min_score,
            }))
            .sort((one, other) => other.value - one.value);
    }

    get range() {
        const { low, high } = this.data.score_bins;
        const starts = this.data.threshold_ids.records.map((record) => record.data.min_score);
        return { low: Math.min(low, ...starts), high: Math.max(high, ...starts) };
    }

    /** Where a score stands, as a CSS length. */
    place(score) {
        const { low, high } = this.range;
        return `${Math.max(0, Math.min(100, (100 * (score - low)) / (high - low || 1)))}%`;
    }

    get bars() {
        const { low, high, counts } = this.data.score_bins;
        const [width, most] = [(high - low) / counts.length, Math.max(...counts, 1)];
        const { low: from, high: to } = this.range;
        return counts.map((count, index) => ({
            index,
            count,
            style:
                `inset-inline-start: ${this.place(low + index * width)}; height: ${(100 * count) / most}%;` +
                ` width: ${(100 * width) / (to - from || 1)}%`,
        }));
    }

    /** About how many have a score from `start` on. */
    countFrom(start) {
        const { low, high, counts } = this.data.score_bins;
        const width = (high - low) / counts.length;
        return counts.reduce((sum, count, index) => {
            const share = (low + (index + 1) * width - start) / width;
            return sum + count * Math.max(0, Math.min(1, share));
        }, 0);
    }

    /** [{record, name, value, count}] from the best grade down. */
    get rows() {
        let better = 0;
        return this.limits.map((limit) => {
            const count = this.countFrom(limit.value);
            const row = { ...limit, count: Math.round(count - better) };
            better = count;
            return row;
        });
    }

    rounded(value) {
        const { low, high } = this.range;
        const digits = high - low > 20 ? 0 : 2;
        return Number(value.toFixed(digits));
    }

    label(row) {
        return _t("%(grade)s begins at %(score)s points, about %(count)s customers or leads", {
            grade: row.name,
            score: row.value,
            count: row.count,
        });
    }

    onPointerDown(ev, row) {
        if (this.isReadonly) {
            return;
        }
        ev.preventDefault();
        ev.target.setPointerCapture(ev.pointerId);
        ev.target.focus();
        this.state.value = row.value;
        this.state.moved = row.record.id;
    }

    onPointerMove(ev, row) {
        if (this.state.moved !== row.record.id || !ev.target.hasPointerCapture(ev.pointerId)) {
            return;
        }
        const box = ev.target.closest(".o_grading_histogram_bars").getBoundingClientRect();
        const isMirrored = getComputedStyle(ev.target).direction === "rtl";
        const share = isMirrored ? (box.right - ev.clientX) / box.width : (ev.clientX - box.left) / box.width;
        const { low, high } = this.range;
        this.state.value = this.rounded(low + Math.max(0, Math.min(1, share)) * (high - low));
    }

    async onPointerUp(ev, row) {
        if (this.state.moved !== row.record.id) {
            return;
        }
        await this.write(row, this.state.value);
        this.state.moved = null;
    }

    /** The browser has taken the pointer away, as for a scroll: the limit stays where it was. */
    onPointerCancel(row) {
        if (this.state.moved === row.record.id) {
            this.state.moved = null;
        }
    }

    async onKeydown(ev, row) {
        const sign = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[ev.key];
        if (!sign || this.isReadonly) {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        const { low, high } = this.range;
        const step = Math.max(this.rounded((high - low) / STEPS), high - low > 20 ? 1 : 0.01);
        await this.write(row, this.rounded(row.value + sign * step * (ev.shiftKey ? 10 : 1)));
    }

    write(row, value) {
        return value === row.record.data.min_score ? null : row.record.update({ min_score: value });
    }
}

registry.category("view_widgets").add("grading_histogram", {
    component: GradingHistogram,
});
