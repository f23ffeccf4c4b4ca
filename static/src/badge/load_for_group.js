import { user } from "@web/core/user";

import { onMounted, status, useComponent } from "@odoo/owl";

/**
 * Have a component load what only users of a group may see, once it is on the screen. A user who has gone on before the
 * group is known asks the server for nothing.
 *
 * @param {string} group the XML id of the group
 * @param {() => Promise} load
 */
export function useLoadForGroup(group, load) {
    const component = useComponent();
    onMounted(async () => {
        if ((await user.hasGroup(group)) && status(component) !== "destroyed") {
            await load();
        }
    });
}
