/** What comes along with a start, or with an event, as JSON. */
export const MAX_PAYLOAD_CHARACTERS = 16_384
/** Of one workspace. */
export const MAX_WORKFLOWS = 1_000
/** On which a person acts at once, from a list or an incident. */
export const RUNS_AT_ONCE = 200
