import { onWillStart, status, useComponent, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";

/**
 * Fetches the library of the charts beside the page, which does not wait for it: a chart is drawn in an effect, as soon
 * as `isLoaded` is true. Where the library cannot be fetched the rest of the page is there all the same.
 */
export function useChartLibrary() {
    const component = useComponent();
    const library = useState({ isLoaded: false });
    const load = async () => {
        await loadBundle("web.chartjs_lib");
        if (status(component) !== "destroyed") {
            library.isLoaded = true;
        }
    };
    onWillStart(() => {
        load();
    });
    return library;
}
