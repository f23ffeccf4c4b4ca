import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

// Long enough to read when the next contact is due, and to see that the wrong line was chosen.
const TIME_TO_UNDO = 10000;

/**
 * Tells when the next contact is due after one was marked done, and offers to take that back.
 */
export function showContactDone(env, action) {
    const { done_id: doneId, message, next } = action.params;
    const undo = async () => {
        close();
        const undone = await env.services.orm.call("grading.care.done", "action_undo", [[doneId]]);
        await env.services.action.doAction(undone);
    };
    const close = env.services.notification.add(message, {
        type: "success",
        autocloseDelay: TIME_TO_UNDO,
        buttons: [{ name: _t("Undo"), icon: "fa-undo", onClick: undo }],
    });
    return next;
}

registry.category("actions").add("grading_care_done", showContactDone);
