import type { ApiAnswer } from '../http/call.ts'
import { type ErrorRule, objectIn, type ToldError } from '../http/verdict.ts'

/** What the errors of Scaleway mean. Its documents name a type, and for wrong arguments each argument with what is wrong about it. */
export const SCALEWAY_ERRORS: readonly ErrorRule[] = [
  { code: /^quotas?_exceeded/, class: 'quota_exhausted', isFinal: false },
  { text: /quota/i, status: 429, class: 'quota_exhausted', isFinal: false },
  { code: /^too_many_requests/, class: 'rate_limited', isFinal: false },
  { code: /^denied_authentication/, class: 'auth_failed', isFinal: true },
  { code: /^permissions?_denied/, class: 'sending_disabled', isFinal: true },
  { code: /^(resource_)?locked/, class: 'sending_disabled', isFinal: true },
  { code: /^invalid_arguments?/, text: /\bproject_id\b/, class: 'configuration_wrong', isFinal: true },
  { code: /^invalid_arguments?/, text: /\bfrom(\.email|\.name)?:/, class: 'sender_rejected', isFinal: true },
  { code: /^invalid_arguments?/, text: /\b(to|cc|bcc)(\.\d+)?(\.email|\.name)?:/, class: 'recipient_refused', isFinal: true },
  { code: /^invalid_arguments?/, text: /\battachments?\b/, class: 'content_unsupported', isFinal: true },
  { code: /^invalid_arguments?/, class: 'message_malformed', isFinal: true },
  { code: /^not_found/, text: /domain/i, class: 'sender_rejected', isFinal: true },
  { code: /^precondition_failed/, text: /domain|sender/i, class: 'sender_rejected', isFinal: true },
  { code: /^precondition_failed/, class: 'policy_refused', isFinal: true },
  { code: /^(transient_state|unavailable)/, class: 'remote_temporary', isFinal: false },
  {
    text: /domain\b.{0,60}\b(not (checked|verified|valid|found)|unchecked|revoked|locked)/i,
    class: 'sender_rejected',
    isFinal: true,
  },
  { text: /block-?list|deny-?list/i, class: 'recipient_refused', isFinal: true },
]

/** `{type, message, details: [{argument_name, reason, help_message}]}` and its relatives. A list of mails is no error. */
export function scalewayErrorIn({ text }: Pick<ApiAnswer, 'text'>): ToldError | null {
  const document = objectIn(text)
  if (!document || Array.isArray(document.emails)) return null
  const { type, message, details, resource, help_message: help } = document
  if (typeof type !== 'string' && typeof message !== 'string') return null
  const words = [message, resource, help].filter((word) => typeof word === 'string' && word !== '')
  const wrong = Array.isArray(details) ? details.slice(0, 10).flatMap(detailText) : []
  return {
    code: typeof type === 'string' ? type.slice(0, 100) : '',
    text: [words.join(' '), ...wrong].join('; ').slice(0, 2_000),
  }
}

function detailText(detail: unknown): string[] {
  if (typeof detail !== 'object' || detail === null) return []
  const { argument_name: name, reason, help_message: help, resource, action, quota } = detail as Record<string, unknown>
  const words = [reason, help, action, resource, quota].filter((word) => typeof word === 'string' || typeof word === 'number')
  return [`${typeof name === 'string' ? `${name}: ` : ''}${words.join(' ')}`]
}
