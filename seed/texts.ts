import type { Random } from './random.ts'
import { ASIDES, CITIES, COMPANIES, FIRST_NAMES, LAST_NAMES, PRODUCTS } from './words.ts'

/** What stays the same in one conversation. */
export interface Facts {
  readonly first: string
  readonly last: string
  readonly address: string
  readonly company: string
  readonly order: string
  readonly tracking: string
  readonly product: string
  readonly amount: string
  readonly code: string
  readonly city: string
  readonly day: string
  readonly number: string
}

const DAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  '12 March',
  '3 April',
  '24 June',
  '9 August',
  '30 September',
  '17 November',
]
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ'

export function factsFor(
  random: Random,
  person: { readonly first: string; readonly last: string; readonly address: string; readonly company: string },
): Facts {
  const letter = () => LETTERS[random.below(LETTERS.length)]
  return {
    first: person.first,
    last: person.last,
    address: person.address,
    company: person.company || random.one(COMPANIES),
    order: `NL-${100_000 + random.below(900_000)}`,
    tracking: `${letter()}${letter()}${100_000_000 + random.below(900_000_000)}NL`,
    product: random.skewed(PRODUCTS),
    amount: `€${5 + random.below(400)}.${10 + random.below(90)}`,
    code: `E-${1000 + Math.floor(random.next() ** 3 * 9000)}`,
    city: random.skewed(CITIES),
    day: random.one(DAYS),
    number: String(2 + random.below(400)),
  }
}

export function filled(text: string, facts: Facts): string {
  return text.replace(/\{([a-z]+)\}/g, (_, name: keyof Facts) => facts[name] ?? '')
}

/** One or two sentences that have little to do with it. */
export function aside(random: Random, facts: Facts): string {
  const others = { ...facts, first: random.one(FIRST_NAMES), last: random.one(LAST_NAMES), city: random.one(CITIES) }
  const one = filled(random.one(ASIDES), others)
  return random.is(0.4) ? `${one} ${filled(random.one(ASIDES), others)}` : one
}

export function asHtml(text: string): string {
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return safe
    .split('\n\n')
    .map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br>')}</p>`)
    .join('')
}
