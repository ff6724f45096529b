/** Mail that nobody wants to see. A rule turns away what begins nothing: what answers a conversation's own token or is a bounce was decided before. Pure. */
import type { Id, InboxId } from '../../lib/ids.ts'

export type IgnoreRuleId = Id<'inbound_ignore'>

export const RULE_FIELDS = ['from', 'to', 'subject'] as const
export type RuleField = (typeof RULE_FIELDS)[number]

export interface Rule {
  readonly id: IgnoreRuleId
  /** Null: of every inbox, and of mail for none. */
  readonly inboxId: InboxId | null
  readonly field: RuleField
  /** `*` stands for anything, case does not count. */
  readonly pattern: string
  readonly note: string
  readonly createdBy: string | null
  readonly createdAt: Date
  readonly turnedAway: number
  readonly lastAt: Date | null
}

/** As many as are looked at for a mail. */
export const MAX_RULES = 1_000
export const MAX_PATTERN = 300

/** What is wrong with a pattern, in a sentence; null when it may be used. */
export function problemOf(field: RuleField, pattern: string): string | null {
  const text = pattern.trim()
  if (text === '') return 'Write what is to be turned away.'
  if (text.length > MAX_PATTERN) return `A pattern may have ${MAX_PATTERN} characters.`
  if (text.replace(/[*@.\s]/g, '').length < 2) return 'This would turn away almost everything: write more of it than stars.'
  if ((text.match(/\*/g)?.length ?? 0) > 10) return 'Ten stars are enough for a pattern.'
  if (field === 'subject') return null
  if (/\s/.test(text)) return 'An address has no spaces. Choose the subject to look for words.'
  if (!text.includes('@') && !text.includes('*')) return 'Write an address, or a part of one with a star: *@lists.example.org.'
  return null
}

/** Somebody's address, or everybody's at its domain, as a pattern. The address has no stars. */
export function patternOf(address: string, whole: 'address' | 'domain'): string {
  const at = address.lastIndexOf('@')
  return whole === 'domain' ? `*${address.slice(at).toLowerCase()}` : address.toLowerCase()
}
