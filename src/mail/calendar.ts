/** What an invitation says (RFC 5545, RFC 5546), as far as people need it to know what it is. The file itself is kept beside it. */
export interface CalendarEvent {
  /** 'REQUEST', 'CANCEL', 'REPLY', …; null where nothing is asked. */
  readonly method: string | null
  readonly summary: string
  /** `2026-11-21 10:00`, or a day alone, as written: in `zone`. */
  readonly start: string | null
  readonly end: string | null
  /** 'UTC', 'Europe/Berlin', …; null for wherever the reader is. */
  readonly zone: string | null
  readonly location: string | null
  readonly organiser: string | null
  readonly description: string | null
}

const TEXT_MAX = 512 * 1024
const EVENTS_MAX = 20

export function readCalendar(text: string): CalendarEvent[] {
  const lines = text
    .slice(0, TEXT_MAX)
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r\n|\n|\r/)
  const events: CalendarEvent[] = []
  let method: string | null = null
  let fields: Map<string, Field> | null = null
  for (const line of lines) {
    const field = fieldOf(line)
    if (field === null) continue
    if (field.name === 'METHOD') method = field.value.trim().toUpperCase().slice(0, 40)
    else if (field.name === 'BEGIN' && /^v(?:event|todo)$/i.test(field.value.trim())) fields = new Map()
    else if (field.name === 'END' && fields !== null && /^v(?:event|todo)$/i.test(field.value.trim())) {
      events.push(eventOf(fields, method))
      fields = null
      if (events.length === EVENTS_MAX) break
    } else if (fields !== null && !fields.has(field.name)) fields.set(field.name, field)
  }
  return events
}

const METHODS: Readonly<Record<string, string>> = {
  REQUEST: 'Invitation',
  CANCEL: 'Cancelled',
  REPLY: 'Answer to an invitation',
  COUNTER: 'Proposal of another time',
  DECLINECOUNTER: 'Another time was declined',
  ADD: 'Further date',
  REFRESH: 'Request for the newest date',
}

/** The lines a person reads. */
export function calendarLines(event: CalendarEvent): string[] {
  const zone = event.zone === null ? '' : ` (${event.zone})`
  const sameDay = event.start !== null && event.end?.slice(0, 10) === event.start.slice(0, 10) && event.end.length > 10
  const until = event.end === null || event.end === event.start ? '' : ` to ${sameDay ? event.end.slice(11) : event.end}`
  return [
    `${METHODS[event.method ?? ''] ?? 'Event'}: ${event.summary || '(without a title)'}`,
    ...(event.start === null ? [] : [`When: ${event.start}${until}${zone}`]),
    ...(event.location === null ? [] : [`Where: ${event.location}`]),
    ...(event.organiser === null ? [] : [`Organiser: ${event.organiser}`]),
    ...(event.description === null ? [] : ['', event.description]),
  ]
}

interface Field {
  readonly name: string
  readonly parameters: string
  readonly value: string
}

/** `DTSTART;TZID="Europe/Berlin":20261121T100000`: the first colon outside quotes ends the parameters. */
function fieldOf(line: string): Field | null {
  const match = /^([A-Za-z-]{1,60})((?:;(?:[^":;]|"[^"]*")*)*):(.*)$/.exec(line.slice(0, 20_000))
  return match ? { name: (match[1] ?? '').toUpperCase(), parameters: match[2] ?? '', value: match[3] ?? '' } : null
}

function eventOf(fields: ReadonlyMap<string, Field>, method: string | null): CalendarEvent {
  const [start, end] = [fields.get('DTSTART'), fields.get('DTEND') ?? fields.get('DUE')]
  const text = (name: string) => plain(fields.get(name)?.value ?? '') || null
  return {
    method,
    summary: (text('SUMMARY') ?? '').slice(0, 1_000),
    start: start ? timeOf(start.value) : null,
    end: end ? timeOf(end.value) : null,
    zone: start ? zoneOf(start) : null,
    location: text('LOCATION'),
    organiser: organiserOf(fields.get('ORGANIZER')),
    description: text('DESCRIPTION'),
  }
}

/** RFC 5545 §3.3.11. */
function plain(value: string): string {
  return value
    .replace(/\\([nN,;\\])/g, (_, character: string) => (/n/i.test(character) ? '\n' : character))
    .replace(/[\x00-\x09\x0b-\x1f\x7f]/g, ' ')
    .trim()
}

function timeOf(value: string): string | null {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d))?/.exec(value.trim())
  if (!match) return null
  const [, year, month, day, hour, minute] = match
  return `${year}-${month}-${day}${hour === undefined ? '' : ` ${hour}:${minute}`}`
}

function zoneOf({ parameters, value }: Field): string | null {
  if (/Z\s*$/.test(value)) return 'UTC'
  const named = /;TZID="?([^";:]{1,100})/i.exec(parameters)?.[1]
  return named === undefined ? null : plain(named)
}

function organiserOf(field: Field | undefined): string | null {
  if (!field) return null
  const address = plain(field.value)
    .replace(/^mailto:/i, '')
    .slice(0, 320)
  const name = plain(/;CN=(?:"([^"]{1,200})"|([^";:]{1,200}))/i.exec(field.parameters)?.slice(1).find(Boolean) ?? '')
  return name === '' || name === address ? address || null : `${name} <${address}>`
}
