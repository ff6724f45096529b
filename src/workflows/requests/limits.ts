/** What the secrets of web requests are held to. */
export const MAX_SECRETS = 100
/** Characters of one. */
export const MAX_SECRET = 4_000
