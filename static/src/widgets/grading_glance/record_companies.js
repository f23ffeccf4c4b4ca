/**
 * The options of a call about a record that was opened in the company of its row: the same companies as the form reads
 * it with, where the window says which.
 */
export function getCompanyOptions({ context }) {
    const { allowed_company_ids: ids } = context;
    return ids ? { context: { allowed_company_ids: ids } } : {};
}
