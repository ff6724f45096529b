/** Working hours of a day as people write them: `09:00-12:00, 13:00-17:30`. Pure. */
export interface Span {
  readonly from: string
  readonly to: string
}

export function hoursInWords(spans: readonly Span[]): string {
  return spans.map(({ from, to }) => `${from}–${to}`).join(', ')
}

const SPAN = /^(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?$/

/** Null where it cannot be read. Whether hours are in order is the server's to say. */
export function readHours(text: string): readonly Span[] | null {
  const parts = text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const spans = parts.map((part) => {
    const found = SPAN.exec(part)
    return found && { from: clockOf(found[1], found[2]), to: clockOf(found[3], found[4]) }
  })
  return spans.every((span) => span !== null) ? spans : null
}

function clockOf(hours = '', minutes = '00'): string {
  return `${hours.padStart(2, '0')}:${minutes}`
}

/** Days off, one a line or divided by commas. */
export function readDays(text: string): readonly string[] {
  return text
    .split(/[\s,;]+/)
    .map((day) => day.trim())
    .filter((day) => day !== '')
}
