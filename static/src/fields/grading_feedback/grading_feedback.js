import { useEffect } from "@odoo/owl";
import { getActiveHotkey } from "@web/core/hotkeys/hotkey_service";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

/** A word in a dialog, maybe none: Enter goes on with the first button of the dialog. */
export class GradingFeedbackField extends CharField {
    setup() {
        super.setup();
        useEffect(
            (el) => {
                const onKeydown = (ev) => {
                    if (getActiveHotkey(ev) === "enter" && !ev.isComposing) {
                        ev.preventDefault();
                        el.closest(".modal")?.querySelector(".modal-footer .btn-primary")?.click();
                    }
                };
                el?.addEventListener("keydown", onKeydown);
                return () => el?.removeEventListener("keydown", onKeydown);
            },
            () => [this.input.el]
        );
    }
}

registry.category("fields").add("grading_feedback", { ...charField, component: GradingFeedbackField });
