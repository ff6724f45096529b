import type { FailureClass } from './failure.ts'
import { classByCode } from './failure-codes.ts'
import { ABOUT_US, ANY, type Rule } from './failure-rule.ts'
import { MESSAGE_RULES } from './failure-rules-message.ts'
import { RECIPIENT_RULES } from './failure-rules-recipient.ts'
import { SESSION_RULES } from './failure-rules-session.ts'
import { enhancedOf, plainText } from './reply-text.ts'
import type { SmtpStage } from './smtp-answer.ts'
import type { SmtpReply } from './smtp-reply.ts'

const RULES: readonly Rule[] = [...SESSION_RULES, ...RECIPIENT_RULES, ...MESSAGE_RULES]
const RULES_OF_STAGE = new Map(ANY.map((stage) => [stage, RULES.filter((rule) => rule.at.includes(stage))]))
/** A report rarely names the stage: what may be said of a recipient or a body, and nothing that needs a stage to mean anything. */
const RULES_OF_REPORTS = RULES.filter((rule) => !rule.onlyThere && (rule.at.includes('rcpt') || rule.at.includes('dot')))

/**
 * A reply's class: its words where a rule knows them, else its codes. A success that nobody asked for is a breach of the protocol.
 * `stage` is null where a report does not say it.
 */
export function classOfReply(reply: SmtpReply, stage: SmtpStage | null): FailureClass {
  if (stage === 'quit') return 'disconnected_at_quit'
  if (!(reply.code >= 400 && reply.code <= 599)) return 'protocol_error'
  const text = plainText(reply)
  const enhanced = enhancedOf(reply)
  const code = `${reply.code} ${enhanced ?? '-'}`
  const fits = (rule: Rule) => (rule.code?.test(code) ?? true) && rule.text.test(text) && !(rule.unless?.test(text) ?? false)
  const rules = stage === null ? RULES_OF_REPORTS : RULES_OF_STAGE.get(stage)
  const byText = rules?.find(fits)?.class
  if (byText) return byText
  const byCode = classByCode(reply.code, enhanced, stage ?? 'rcpt')
  return SUPPRESSING.has(byCode) && ABOUT_US.test(text) ? 'recipient_refused' : byCode
}

const SUPPRESSING: ReadonlySet<FailureClass> = new Set<FailureClass>([
  'recipient_unknown',
  'recipient_gone',
  'recipient_disabled',
])
