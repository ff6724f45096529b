const MAX_DAYS = 120
const MAX_CAP = 100_000_000

/** How many may leave on each day, as people write it: "50, 100, 200" or one a line. Null: that is not it. */
export function capsOf(text: string): number[] | null {
  const words = text.split(/[\s,;]+/).filter(Boolean)
  const caps = words.map((word) => (/^\d{1,9}$/.test(word) ? Number(word) : 0))
  if (caps.length === 0 || caps.length > MAX_DAYS) return null
  return caps.every((cap) => cap >= 1 && cap <= MAX_CAP) ? caps : null
}
