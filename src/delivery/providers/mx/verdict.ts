import { SMTP_STAGES, type SmtpStage } from '../../../mail/smtp-answer.ts'
import { outcomeOf, type SendOutcome } from '../../outcome.ts'
import type { HandoffResult } from '../provider.ts'

const MAIL = SMTP_STAGES.indexOf('mail')

/**
 * True when the server could not be talked to at all, and nothing of the message was said: another server of the domain may do better
 * (RFC 5321 §5.1). A fault of this machine, or of its settings, is no better there.
 */
export function isAboutTheHost({ outcomes }: HandoffResult): boolean {
  return outcomes.every(
    (outcome) =>
      outcome.kind === 'blocked' && outcome.failure.scope !== 'system' && SMTP_STAGES.indexOf(outcome.failure.stage) < MAIL,
  )
}

/** A server's name that stops existing while we connect is no word about the domain that named it. */
export function aboutTheHost(result: HandoffResult, host: string): HandoffResult {
  return {
    ...result,
    outcomes: result.outcomes.map((outcome) =>
      outcome.kind === 'rejected' && outcome.failure.stage === 'dns'
        ? lost(result, host, 'NO_SUCH_MX', 'dns', outcome.failure.sentence)
        : outcome,
    ),
  }
}

/** What an answer says about how hard the receiver is pressed. A greylisted or unknown recipient says nothing. */
export function pressureOf({ outcomes }: HandoffResult): 'eased' | 'pressed' | null {
  if (outcomes.some(({ kind }) => kind === 'accepted')) return 'eased'
  const pressed = outcomes.some((outcome) => 'failure' in outcome && PRESSED.has(outcome.failure.class))
  return pressed ? 'pressed' : null
}

const PRESSED = new Set(['rate_limited', 'service_closing', 'greeting_busy', 'greeting_timeout', 'reply_timeout'])

/** Of several servers that could not be talked to, the one whose words say most: who answered, then who refused, then who kept silent. */
export function mostTelling(results: readonly HandoffResult[]): HandoffResult | null {
  const [best] = results.toSorted((a, b) => rank(a) - rank(b))
  return best ?? null
}

function rank({ outcomes: [outcome] }: HandoffResult): number {
  if (outcome?.kind !== 'blocked') return 0
  const { failure } = outcome
  if (failure.class === 'tls_policy') return 1
  if (failure.reply !== null) return 2
  if (failure.stage === 'dns') return 5
  return failure.class === 'tcp_timeout' || failure.class === 'greeting_timeout' ? 4 : 3
}

/** Under MTA-STS whatever goes wrong with encryption is against the domain's own policy, and ends nowhere else (RFC 8461 §5). */
export function underPolicy(result: HandoffResult, host: string): HandoffResult {
  return { ...result, outcomes: result.outcomes.map((outcome) => policyOutcome(outcome, result, host)) }
}

function policyOutcome(outcome: SendOutcome, result: HandoffResult, host: string): SendOutcome {
  if (outcome.kind !== 'blocked') return outcome
  const { stage, sentence } = outcome.failure
  return stage === 'starttls' || stage === 'tls' ? lost(result, host, 'MTA_STS', stage, sentence) : outcome
}

function lost({ trace }: HandoffResult, host: string, code: string, stage: SmtpStage, message: string): SendOutcome {
  const { address, port } = trace
  return outcomeOf({ kind: 'lost', mode: 'mx', host, address, port, recipient: null, code, stage, message, bodySent: false })
}
