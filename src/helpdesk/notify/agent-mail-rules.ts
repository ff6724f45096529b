/**
 * What a mail that answers a notification is, and what its first lines ask for. Pure.
 *
 * Nobody is an agent by their address, and nobody by what a mail refers to. Three things together make a mail an agent's: the token of a notification
 * of ours, which only this one person was sent; a sender address that is this person's, proven by DMARC or by whom we trust to have proven it; and what
 * this person may do now. Whatever lacks one of them is never an answer of ours, whoever wrote it.
 */
import type { Automatic } from '../../mail/automatic.ts'
import { ANSWER_ABOVE } from './notification-mail.ts'

export interface Claimed {
  readonly automatic: Automatic | null
  /** The notification of the token; null: it is not there (any more). */
  readonly notification: { readonly createdAt: Date /** How many conversations it tells of. */; readonly count: number } | null
  /** Whom it was sent to, as far as they still belong to the workspace. */
  readonly person: { readonly name: string; readonly addresses: readonly string[]; readonly mayAnswer: boolean } | null
  readonly sender: string
  /** Who says that the sender is who it seems, in words; null: nobody. */
  readonly provenBy: string | null
  /** The conversation is there, for them, and neither deleted nor gone. */
  readonly isReachable: boolean
}

export type Judgement =
  | { readonly is: 'agents' }
  | { readonly is: 'machines'; readonly why: string }
  /** `tell`: whose mail it seems to be may be told that it was not taken. */
  | { readonly is: 'not_proven'; readonly why: string; readonly tell: boolean }

export function judge(claimed: Claimed, lifetimeMs: number, now: Date): Judgement {
  const { automatic, notification, person, sender, provenBy, isReachable } = claimed
  if (automatic) return { is: 'machines', why: automatic.why }
  if (!notification || now.getTime() - notification.createdAt.getTime() > lifetimeMs)
    return no('it answers a notification that is too old to be answered by mail', person !== null && isTheirs(person, sender))
  if (!person) return no('the person who was told does not belong to the workspace any more')
  if (!isTheirs(person, sender)) return no(`${sender || 'its sender'} is no address of ${person.name}, who was told`)
  if (provenBy === null) return no(`nothing proves that it comes from ${sender}: DMARC did not pass for it`, true)
  if (!person.mayAnswer) return no(`${person.name} may not answer customers`, true)
  if (notification.count > 1)
    return no('it answers a mail that tells of several conversations, and nobody can know which one is meant', true)
  if (!isReachable) return no(`${person.name} may not open the conversation, or it was deleted`, true)
  return { is: 'agents' }
}

function no(why: string, tell = false): Judgement {
  return { is: 'not_proven', why, tell }
}

function isTheirs({ addresses }: { readonly addresses: readonly string[] }, sender: string): boolean {
  return addresses.some((address) => address.toLowerCase() === sender.toLowerCase())
}

export interface Asked {
  readonly isNote: boolean
  readonly status: 'open' | 'pending' | 'closed' | null
  /** As it was written. */
  readonly assign: string | null
  /** What is left without those lines. */
  readonly text: string
  readonly hasCommands: boolean
}

const STATUS = { open: 'open', pending: 'pending', close: 'closed', closed: 'closed' } as const

/** Commands stand on the first lines, one on each. A line that is none, `@Ben look at this` too, begins what was written. */
export function readCommands(text: string): Asked {
  const lines = text.split('\n')
  let asked: Omit<Asked, 'text' | 'hasCommands'> = { isNote: false, status: null, assign: null }
  let at = 0
  let count = 0
  for (; at < lines.length; at += 1) {
    const line = (lines[at] ?? '').trim()
    if (line === '') continue
    const next = withCommand(asked, line)
    if (next === null) break
    asked = next
    count += 1
  }
  const rest = lines.slice(at).join('\n').trim()
  return { ...asked, text: count === 0 ? text.trim() : rest, hasCommands: count > 0 }
}

function withCommand(asked: Omit<Asked, 'text' | 'hasCommands'>, line: string): typeof asked | null {
  const [, word = '', rest = ''] = /^@([a-z]{2,10})(?:[ \t]+(.{1,200}))?$/i.exec(line) ?? []
  const name = word.toLowerCase()
  if (name === 'note' && rest === '') return { ...asked, isNote: true }
  if (name === 'assign' && rest !== '') return { ...asked, assign: rest.trim() }
  if (rest === '' && Object.hasOwn(STATUS, name)) return { ...asked, status: STATUS[name as keyof typeof STATUS] }
  return null
}

const MARK = new RegExp(`^.{0,10}${ANSWER_ABOVE.split(' ').slice(0, 8).join('[\\s>|]{1,20}')}`, 'im')

/**
 * What was written above the notification. `isClean` is false when something of the notification stands in it all the same: it may hold what only
 * agents may read, so it must not go to a customer. `marks`: what stands in every notification, its token and the link to its conversation.
 */
export function writtenAbove(text: string, marks: readonly string[]): Above {
  const at = text.search(MARK)
  // What stands right above the first line of a quoted mail is the line that says whose it is.
  const above = at === -1 ? text : text.slice(0, at).replace(/(?:^|\n)[^\n]{0,300}:\s*$/, '')
  const lower = above.toLowerCase()
  return { text: above.trimEnd(), wasCut: at !== -1, isClean: !marks.some((mark) => lower.includes(mark.toLowerCase())) }
}

export interface Above {
  readonly text: string
  readonly wasCut: boolean
  readonly isClean: boolean
}

/** The person that a name means: the whole name, a first name that only one has, or an address. */
export function meantBy<P extends { readonly name: string; readonly email: string }>(
  people: readonly P[],
  name: string,
): P | null {
  const wanted = name.trim().toLowerCase()
  const exact = people.filter((person) => person.name.toLowerCase() === wanted || person.email.toLowerCase() === wanted)
  const found = exact.length > 0 ? exact : people.filter((person) => person.name.toLowerCase().split(/\s+/)[0] === wanted)
  return found.length === 1 ? (found[0] ?? null) : null
}

export interface Forwarded {
  /** Of whom it was first. */
  readonly name: string
  readonly address: string
  /** Between `@fwd` and the forwarded mail: what the agent has to say of it. */
  readonly remark: string
  readonly text: string
  readonly subject: string
}

const FIELD = /^[\s>*_]{0,8}([\p{L} ]{1,24}?)[\s\u00a0*_]{0,4}[:\uff1a][\s*_]{0,4}(.{0,500})$/u
const FROM = /^(?:from|von|de|da|van|från|fra|od|expéditeur|mittente|от|发件人|寄件者|差出人|보낸 사람)$/iu
const HEAD_LINES = 12
const LOOKED_AT_LINES = 200

/**
 * A customer's mail that an agent passes on to an inbox: `@fwd` on the first line, and the head of the forwarded mail below it. Strict on purpose:
 * what is not clear belongs to nobody but its sender. Null: it is no such mail.
 */
export function readForward(text: string, subject: string): Forwarded | null {
  const lines = text.split('\n').slice(0, LOOKED_AT_LINES)
  const first = lines.findIndex((line) => line.trim() !== '')
  if (lines[first]?.trim().toLowerCase() !== '@fwd') return null
  const head = lines.findIndex((line, i) => i > first && FROM.test(FIELD.exec(line)?.[1]?.trim() ?? ''))
  if (head === -1) return null
  const writer = writerIn(FIELD.exec(lines[head] ?? '')?.[2] ?? '')
  if (!writer) return null
  let end = head + 1
  let names = 1
  while (end < lines.length && end < head + HEAD_LINES && FIELD.test(lines[end] ?? '')) {
    end += 1
    names += 1
  }
  if (names < 2) return null
  let above = head
  while (above > first + 1 && (/^[\s>]*[-_=]{2,}/.test(lines[above - 1] ?? '') || (lines[above - 1] ?? '').trim() === ''))
    above -= 1
  const remark = lines
    .slice(first + 1, above)
    .join('\n')
    .trim()
  const whole = text.split('\n').slice(end).join('\n')
  return { ...writer, remark, text: whole.trim(), subject: subject.replace(/^\s*(?:(?:fwd?|wg|tr|rv|i|fw)\s*:\s*)+/i, '') }
}

/** What mail programs put before the subject of a mail that is passed on. */
const PASSED_ON =
  /^\s*(?:\[[^\]]{0,80}\]\s*)?(?:fwd?|wg|tr|rv|vb|vs|vl|i|doorst|enc|pd|ilt|továbbítás|转发|轉寄|転送)\s*[:\uff1a]|\(fwd\)\s*$/iu

/** Whoever passes a notification on writes to a colleague, whomever else it reaches: nothing of that is an answer to the customer. */
export function isPassedOn(subject: string): boolean {
  return PASSED_ON.test(subject)
}

/** Exactly one address, whatever stands around it; no line of a style sheet, and no picture's name. */
function writerIn(value: string): { name: string; address: string } | null {
  if (/[{}]|\bcid:|(?:^|\s)@[a-z]/i.test(value)) return null
  const addresses = [
    ...new Set([...value.matchAll(/[^\s<>()"',;:[\]]{1,64}@[a-z0-9][a-z0-9.-]{0,250}[a-z0-9]/giu)].map(([found]) => found)),
  ]
  const [address] = addresses
  if (address === undefined || addresses.length !== 1) return null
  const name = value
    .slice(0, value.indexOf(address))
    .replace(/(?:<|\[|mailto:|["'*])/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return { name, address }
}
