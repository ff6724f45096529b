/** A word that conversations are found by. Names are compared in lower case, so that "VIP" and "vip" are one tag. */

export const MAX_TAGS = 50
const MAX_LENGTH = 50

/** A tag's name as it is kept, or null for what cannot be one. */
export function tagName(text: string): string | null {
  const name = text.trim().replace(/\s+/g, ' ').toLowerCase()
  return name.length >= 1 && name.length <= MAX_LENGTH && !/[\u0000-\u001f\u007f-\u009f,\u2028\u2029]/.test(name) ? name : null
}

export const COLORS = ['grey', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'violet', 'pink'] as const
export type Color = (typeof COLORS)[number]
