/* global Chart */

import { Component, useEffect, useRef } from "@odoo/owl";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { humanNumber } from "@web/core/utils/numbers";
import { useChartLibrary } from "./chart_library";

/**
 * Amounts month by month as bars; a table for screen readers has the same numbers.
 */
export class GradingAmountBars extends Component {
    static template = "customer_grading.GradingAmountBars";
    static props = {
        months: { type: Array, element: { type: Object, shape: { label: String, amount: Number, text: String } } },
        total: String,
    };

    setup() {
        this.rootRef = useRef("root");
        this.canvasRef = useRef("canvas");
        const library = useChartLibrary();
        useEffect(
            (canvas, isLoaded) => {
                if (!isLoaded) {
                    return;
                }
                const chart = new Chart(canvas, this.config);
                return () => chart.destroy();
            },
            () => [this.canvasRef.el, library.isLoaded, this.props.months]
        );
    }

    get label() {
        return _t("Amounts of the last %(count)s months, %(total)s in total", {
            count: this.props.months.length,
            total: this.props.total,
        });
    }

    get config() {
        const { months } = this.props;
        const color = getComputedStyle(this.rootRef.el).color; // of the text: dark on light, or light on dark
        const faint = Chart.helpers.color(color).alpha(0.25).rgbString();
        return {
            type: "bar",
            data: {
                labels: months.map(({ label }) => label),
                datasets: [
                    {
                        data: months.map(({ amount }) => amount),
                        backgroundColor: getColor(0, null, "sm"),
                        maxBarThickness: 24,
                    },
                ],
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                scales: {
                    x: {
                        grid: { display: false },
                        border: { color: faint },
                        ticks: { color, maxRotation: 0, autoSkipPadding: 12 },
                    },
                    y: {
                        grid: { color: faint },
                        border: { display: false },
                        ticks: { color, maxTicksLimit: 4, callback: (value) => humanNumber(value) },
                    },
                },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        callbacks: { label: ({ dataIndex }) => months[dataIndex].text },
                    },
                },
            },
        };
    }
}
