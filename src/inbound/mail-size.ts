/** What is larger is not read; of what a source holds the beginning is kept, so that it is seen. */
export const MAX_MAIL_BYTES = 50 * 1024 * 1024
/** Of one mail, as the envelope names them; more are rare, and come as another mail. */
export const MAX_RECIPIENTS = 100
