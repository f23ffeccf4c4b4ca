import { ConnectionLostError } from "@web/core/network/rpc";
import { user } from "@web/core/user";

import { onMounted, status, useComponent } from "@odoo/owl";

/**
 * Whether the user is in a group. The session says it of our own groups; where it does not, and the server cannot be
 * reached, the user is taken for one who is not.
 */
async function isInGroup(group) {
    try {
        return await user.hasGroup(group);
    } catch (error) {
        if (error instanceof ConnectionLostError) {
            return false;
        }
        throw error;
    }
}

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
        if ((await isInGroup(group)) && status(component) !== "destroyed") {
            await load();
        }
    });
}
