import { patch } from "@web/core/utils/patch";
import { FormController } from "@web/views/form/form_controller";
import { getCompanyIds } from "../../badge/company_ids";

/**
 * With several companies ticked a row may be of another one than the first. The form that it opens is read in the
 * company of the row, which the window names as `grading_company_id`: Odoo puts the user's own order of companies over
 * any `allowed_company_ids` of a window.
 */
patch(FormController.prototype, {
    onWillLoadRoot(config) {
        super.onWillLoadRoot(...arguments);
        const { grading_company_id: companyId } = config.context;
        const ids = companyId && getCompanyIds(companyId);
        if (ids) {
            config.context.allowed_company_ids = ids;
        }
    },
});
