import { addressesIn, addressOf, keyOf } from './addresses.ts'
import { RECIPIENTS_MAX } from './inbound.ts'

/** A recipient that a notice names, and what it says of him. */
export interface NoticedRecipient {
  readonly address: string
  readonly words: string
}

const LINES_MAX = 5_000

/** How sure a line names a recipient: it begins with the address; it names one in a phrase or a transcript; an address merely stands there. */
type Strength = 3 | 2 | 1

interface Candidate {
  readonly address: string
  readonly line: number
  readonly strength: Strength
  /** A line of a transcript: what was said stands above it. */
  readonly isTranscript: boolean
}

/**
 * The recipients a notice speaks of. Old mail servers agree on nothing but this: the address begins a line, or follows a phrase; and what
 * was said of it stands behind it, up to the next one. Where lines begin with addresses, addresses elsewhere are other people's.
 */
export function recipientsIn(words: string, own: ReadonlySet<string>): NoticedRecipient[] {
  const lines = words.split('\n').slice(0, LINES_MAX)
  const all = lines.flatMap((line, index) => candidatesIn(line, index))
  const others = all.filter(({ address }) => !own.has(keyOf(address)))
  // Who mails himself may be told of himself; but then the notice names him as one does in notices.
  const usable = others.length > 0 ? others : all.filter(({ strength }) => strength > 1)
  const best = Math.max(0, ...usable.map(({ strength }) => strength))
  const chosen = usable.filter(({ strength }) => strength === best)
  const few = best === 1 ? chosen.slice(0, 1) : chosen
  const addresses = new Map<string, string>()
  for (const { address } of few.slice(0, 4 * RECIPIENTS_MAX))
    if (!addresses.has(keyOf(address))) addresses.set(keyOf(address), address)
  return [...addresses.values()].slice(0, RECIPIENTS_MAX).map((address) => ({ address, words: wordsAbout(address, few, lines) }))
}

/** What a notice says of one address: all of it where the notice speaks of nobody else. */
function wordsAbout(
  address: string,
  candidates: readonly Pick<Candidate, 'address' | 'line' | 'isTranscript'>[],
  lines: readonly string[],
): string {
  const key = keyOf(address)
  const alone = candidates.every((candidate) => keyOf(candidate.address) === key)
  if (alone) return lines.join('\n')
  const mine = candidates.filter((candidate) => keyOf(candidate.address) === key)
  return mine
    .slice(0, 3)
    .map((candidate) => blockOf(candidate, candidates, lines))
    .join('\n')
}

function blockOf(
  candidate: Pick<Candidate, 'line' | 'isTranscript'>,
  all: readonly Pick<Candidate, 'line'>[],
  lines: readonly string[],
): string {
  if (candidate.isTranscript) {
    const before = Math.max(-1, ...all.map(({ line }) => line).filter((line) => line < candidate.line))
    return lines.slice(before + 1, candidate.line + 1).join('\n')
  }
  const next = Math.min(lines.length, ...all.map(({ line }) => line).filter((line) => line > candidate.line))
  return lines.slice(candidate.line, next).join('\n')
}

const BEGIN = /^[\s>*•·-]{0,20}(?:recipients?(?: address)?:\s{0,10}|\d{1,3}[.)]\s{1,5})?[<"'[(]{0,2}$/i
const PHRASE =
  /(?:rcpt to|addressed to|undeliverable to|recipient(?:s|\(s\))?|delivered to|deliver(?:ing)? (?:your )?(?:message|mail) to|returned permanent errors|following (?:recipients?|address(?:es)?)|unknown user|userid|(?:mail|e-?mail) address|failed address(?:es)?|not reach)\b[^@\n]{0,60}$/i
const TRANSCRIPT = /^\s{0,10}[45]\d\d(?:[ -][45]\.\d{1,3}\.\d{1,3})? +<?$/
const OTHERS =
  /(?:mail from|from|sender|reply-to|contact|support|help|assistance|questions?|abuse|subject|return-path|cc|to)\b[^@]{0,60}$|[<:=/]\S{0,60}https?:|https?:\S{0,200}$/i
const HEADER = /^\s{0,10}(?:from|to|cc|subject|date|sender|reply-to|message-id)\s*:/i

function candidatesIn(line: string, index: number): Candidate[] {
  if (!line.includes('@') || HEADER.test(line) || /^\s*<<<|^\s*https?:|mailto:[^@]{0,60}@[^>]{0,200}unsubscribe/i.test(line))
    return []
  return addressesIn(line)
    .map(({ address, at }, nth) => {
      const before = line.slice(Math.max(0, at - 200), at)
      const candidate = { address, line: index, isTranscript: false }
      if (TRANSCRIPT.test(before)) return { ...candidate, strength: 2, isTranscript: true }
      if (nth === 0 && BEGIN.test(before)) return { ...candidate, strength: 3 }
      if (PHRASE.test(before) && !/mail from|sender/i.test(before.slice(-40))) return { ...candidate, strength: 2 }
      return OTHERS.test(before) ? null : { ...candidate, strength: 1 }
    })
    .filter((candidate): candidate is Candidate => candidate !== null)
}

/** The addresses of an X-Failed-Recipients header, which Exim and others write. */
export function failedRecipients(value: string): string[] {
  const found = new Map<string, string>()
  for (const part of value.slice(0, 64 * 1024).split(',')) {
    const address = addressOf(part)
    if (address !== null && !found.has(keyOf(address))) found.set(keyOf(address), address)
    if (found.size >= RECIPIENTS_MAX) break
  }
  return [...found.values()]
}

/** What a notice says of each of some addresses that are known to be meant: its whole text of one that it does not tell apart. */
export function wordsOn(known: readonly string[], words: string): (address: string) => string {
  const lines = words.split('\n').slice(0, LINES_MAX)
  const whole = lines.join('\n')
  if (known.length <= 1) return () => whole
  const keys = new Set(known.map(keyOf))
  const candidates = lines
    .flatMap((line, index) => candidatesIn(line, index))
    .filter((found) => keys.has(keyOf(found.address)) && found.strength > 1)
    .slice(0, 4 * RECIPIENTS_MAX)
  const meant = new Set(candidates.map(({ address }) => keyOf(address)))
  return (address) => (meant.has(keyOf(address)) ? wordsAbout(address, candidates, lines) : whole)
}
