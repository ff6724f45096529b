import type { Reason } from './delivery.ts'

/** A reason as it comes out of a jsonb column: the same, but for its moment, which JSON keeps as text. */
export function revive(stored: Reason): Reason {
  return { ...stored, at: new Date(stored.at) }
}
