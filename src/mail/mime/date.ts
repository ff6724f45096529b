const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** RFC 5322 §4.3. Single letters mean nothing certain there, and count as UTC. */
const ZONES: Readonly<Record<string, number>> = {
  edt: -240,
  est: -300,
  cdt: -300,
  cst: -360,
  mdt: -360,
  mst: -420,
  pdt: -420,
  pst: -480,
}

/** The date of a mail; comments and odd order forgiven; null for what is no date, or none that a mail can have. */
export function parseDate(value: string): Date | null {
  const text = value
    .slice(0, 500)
    .replace(/\([^()]{0,100}\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const date = fromWords(text) ?? new Date(text)
  const year = date.getUTCFullYear()
  return year >= 1970 && year <= 2999 ? date : null
}

/** "Sat, 21 Nov 2026 10:02:03 +0100", with or without its day of the week and seconds (RFC 5322 §3.3, §4.3). */
function fromWords(text: string): Date | null {
  const found =
    /^(?:[a-z]{2,10}\.?,? ?)?(\d{1,2})[ -]([a-z]{3})[a-z]{0,6}\.?[ -](\d{2,4}),? (\d{1,2}) ?[:.] ?(\d{1,2})(?: ?[:.] ?(\d{1,2}))?(?:\.\d{1,9})?(?: ?([+-]\d{4}|[a-z]{1,5}))?/i.exec(
      text,
    )
  if (!found) return null
  const [, day = '', name = '', written = '', hour = '', minute = '', second = '0', zone = ''] = found
  const month = MONTHS.indexOf(name.toLowerCase())
  if (month === -1) return null
  // RFC 5322 §4.3: two digits below 50 are of this century, three are counted from 1900.
  const year =
    written.length === 4 ? Number(written) : Number(written) + (written.length === 2 && Number(written) < 50 ? 2000 : 1900)
  const at = Date.UTC(year, month, Number(day), Number(hour), Number(minute), Number(second))
  return new Date(at - offsetOf(zone) * 60_000)
}

function offsetOf(zone: string): number {
  const digits = /^([+-])(\d\d)(\d\d)$/.exec(zone)
  if (!digits) return ZONES[zone.toLowerCase()] ?? 0
  const minutes = Number(digits[2]) * 60 + Number(digits[3])
  return digits[1] === '-' ? -minutes : minutes
}
