/* global Chart, luxon */

import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { getColor } from "@web/core/colors/colors";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { formatFloat } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useChartLibrary } from "../grading_glance/chart_library";
import { getCompanyOptions } from "../grading_glance/record_companies";

const { DateTime } = luxon;
const FIELD = "grading_score_line";
// Names of limits that would stand nearer to each other than this part of the axis are left out, their lines are not.
const LEAST_DISTANCE = 0.07;
// Milliseconds: nearer to the month's end before it, today has no label, which would stand on the other one.
const HALF_A_MONTH = 15 * 24 * 3600 * 1000;
// Pixels by which the marks of the first and the last day may stand out of the axes.
const EDGE = 8;

/**
 * The score of a customer or lead month by month, with the limits of the grades and the changes of grade.
 *
 * It reads its numbers itself, when the page that it is on is opened; a table for screen readers has the same numbers.
 */
export class GradingScoreLine extends Component {
    static template = "customer_grading.GradingScoreLine";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.rootRef = useRef("root");
        this.canvasRef = useRef("canvas");
        this.state = useState({ line: undefined });
        const library = useChartLibrary();
        useRecordObserver((record) => {
            const { grading_grade_id: grade, grading_score: score } = record.data;
            const judged = JSON.stringify([record.resId, grade && grade.id, score]);
            if (judged === this.judged) {
                return;
            }
            this.judged = judged;
            if (record.resId !== this.resId) {
                // The line of one record does not stand under the name of the next.
                this.resId = record.resId;
                this.state.line = undefined;
            }
            this.load(record); // not waited for: the page opens at once
        });
        useEffect(
            (canvas, isLoaded) => {
                if (!canvas || !isLoaded) {
                    return;
                }
                this.chart = new Chart(canvas, this.config);
                return () => {
                    this.chart.destroy();
                    this.chart = undefined;
                };
            },
            () => [this.canvasRef.el, library.isLoaded, this.state.line]
        );
    }

    async load(record) {
        const { judged } = this;
        const { resModel, resId } = record;
        const [read] = resId ? await this.orm.read(resModel, [resId], [FIELD], getCompanyOptions(record)) : [];
        // The answer about a record that was left meanwhile may come after the one about the next.
        if (judged === this.judged) {
            this.state.line = (read && read[FIELD]) || null;
        }
    }

    /**
     * Months, today and changes by their date: what the table and the arrow keys go through. What has no score is told
     * in the table alone.
     */
    get rows() {
        const { points, changes } = this.state.line;
        const rows = [
            ...points.map((point, index) => ({ ...point, datasetIndex: 0, index })),
            ...changes.map((change, index) => ({ ...change, datasetIndex: 1, index, isChange: true })),
        ];
        return rows.sort((a, b) => a.date.localeCompare(b.date) || a.datasetIndex - b.datasetIndex);
    }

    /**
     * The rows that are drawn.
     */
    get shown() {
        return this.rows.filter((row) => typeof row.score === "number");
    }

    get hasLine() {
        return this.state.line && this.shown.length > 1;
    }

    get label() {
        const [first, last] = [this.shown[0], this.shown.at(-1)];
        return _t(
            "Score from %(first)s on %(start)s to %(last)s on %(end)s. Use the arrow keys to go through the months.",
            {
                first: this.formatScore(first.score),
                start: this.formatDay(first.date),
                last: this.formatScore(last.score),
                end: this.formatDay(last.date),
            }
        );
    }

    formatDay(date) {
        return formatDate(deserializeDate(date));
    }

    formatScore(score) {
        return typeof score === "number" ? formatFloat(score, { digits: [16, 1] }) : "–";
    }

    formatRow(row) {
        return row.isChange
            ? _t("%(from)s → %(to)s", { from: this.formatGrade(row.from), to: this.formatGrade(row.to) })
            : this.formatGrade(row.grade);
    }

    formatGrade(grade) {
        return grade || _t("no grade");
    }

    // ------------------------------------------------------------
    // The chart
    // ------------------------------------------------------------

    get config() {
        const { points, changes } = this.state.line;
        const color = getComputedStyle(this.rootRef.el).color; // of the text: dark on light, or light on dark
        const toXY = ({ date, score }) => ({ x: deserializeDate(date).toMillis(), y: score });
        const [line, mark] = [getColor(0, null, "sm"), getColor(3, null, "sm")];
        return {
            type: "line",
            data: {
                datasets: [
                    {
                        data: points.map(toXY),
                        borderColor: line,
                        backgroundColor: line,
                        borderWidth: 2,
                        clip: EDGE,
                        pointRadius: 2,
                        pointHoverRadius: 5,
                        spanGaps: false,
                        order: 1,
                    },
                    {
                        data: changes.map(toXY),
                        showLine: false,
                        borderColor: color,
                        backgroundColor: mark,
                        clip: EDGE,
                        pointStyle: "rectRot",
                        pointRadius: 6,
                        pointHoverRadius: 8,
                        order: 0,
                    },
                ],
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "nearest", axis: "x", intersect: false },
                scales: { x: this.getTimeAxis(color), y: this.getScoreAxis(color) },
                plugins: { legend: { display: false }, tooltip: this.tooltip },
            },
        };
    }

    /**
     * From the first score that is known on, with a mark for each month's end rather than for its first day.
     */
    getTimeAxis(color) {
        const times = this.shown.map(({ date }) => deserializeDate(date).toMillis());
        const [min, max] = [times[0], times.at(-1)];
        const ends = this.state.line.points.map(({ date }) => deserializeDate(date).toMillis());
        return {
            type: "time",
            min,
            max,
            time: { tooltipFormat: localization.dateFormat },
            afterBuildTicks: (axis) => {
                const isLabelled = (end, index) => end !== max || !(end - ends[index - 1] < HALF_A_MONTH);
                axis.ticks = ends
                    .filter((end, index) => end >= min && isLabelled(end, index))
                    .map((value) => ({ value }));
            },
            grid: { display: false },
            border: { color: this.fade(color) },
            ticks: {
                color,
                maxRotation: 0,
                autoSkipPadding: 16,
                callback: (value) =>
                    DateTime.fromMillis(value).toLocaleString({ month: "short", year: "2-digit" }),
            },
        };
    }

    /**
     * The axis has a line for each limit, with the name of the grade that begins there.
     */
    getScoreAxis(color) {
        const { limits, max } = this.state.line;
        const highest = Math.max(max || 0, ...this.rows.map((row) => row.score || 0), 1);
        const named = [];
        for (const { grade, start } of limits) {
            if (named.every((other) => Math.abs(other.start - start) >= LEAST_DISTANCE * highest)) {
                named.push({ grade, start });
            }
        }
        return {
            min: Math.min(0, ...this.rows.map((row) => row.score || 0)),
            max: highest,
            afterBuildTicks: (axis) => {
                axis.ticks = limits.map(({ start }) => ({ value: start })).reverse();
            },
            grid: { color: this.fade(color), borderDash: [4, 4] },
            border: { color: this.fade(color), dash: [4, 4] },
            ticks: {
                color,
                autoSkip: false,
                callback: (value) => {
                    const limit = named.find(({ start }) => start === value);
                    return limit ? `${limit.grade}  ${formatFloat(value, { digits: [16, 1], trailingZeros: false })}` : "";
                },
            },
        };
    }

    fade(color) {
        return Chart.helpers.color(color).alpha(0.25).rgbString();
    }

    get tooltip() {
        return {
            displayColors: false,
            callbacks: {
                label: ({ datasetIndex, dataIndex }) => {
                    const { points, changes } = this.state.line;
                    const row = datasetIndex ? { ...changes[dataIndex], isChange: true } : points[dataIndex];
                    return _t("%(grade)s: %(score)s points", {
                        grade: this.formatRow(row),
                        score: this.formatScore(row.score),
                    });
                },
            },
        };
    }

    onKeydown(ev) {
        if (!this.chart) {
            return;
        }
        const { shown } = this;
        const [active] = this.chart.getActiveElements();
        const place = shown.findIndex(
            (row) => active && row.datasetIndex === active.datasetIndex && row.index === active.index
        );
        const next = {
            Home: 0,
            End: shown.length - 1,
            ArrowLeft: place < 0 ? shown.length - 1 : Math.max(0, place - 1),
            ArrowRight: Math.min(shown.length - 1, place + 1),
        }[ev.key];
        if (next === undefined) {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        this.activate([shown[next]]);
    }

    activate(rows) {
        if (!this.chart) {
            return; // the library of the charts is still on its way
        }
        const elements = rows.map(({ datasetIndex, index }) => ({ datasetIndex, index }));
        this.chart.setActiveElements(elements);
        this.chart.tooltip.setActiveElements(elements, { x: 0, y: 0 });
        this.chart.update();
    }
}

export const gradingScoreLine = {
    component: GradingScoreLine,
    fieldDependencies: [
        { name: "grading_score", type: "float", readonly: true },
        { name: "grading_grade_id", type: "many2one", relation: "grading.grade", readonly: true },
    ],
};

registry.category("view_widgets").add("grading_score_line", gradingScoreLine);
