import type { SmtpStage } from '../mail/smtp-answer.ts'

/** One try at one recipient, as it is kept: where it went, how far it came, what was said. */
export interface Attempt {
  readonly deliveryId: string
  readonly attempt: number
  readonly startedAt: Date
  readonly durationMs: number
  readonly route: { readonly id: string; readonly name: string }
  readonly outcome: 'accepted' | 'rejected' | 'deferred' | 'blocked' | 'unknown'
  readonly stage: SmtpStage
  readonly class: string | null
  readonly host: string
  readonly address: string | null
  readonly port: number | null
  readonly tls: string | null
  readonly code: number | null
  readonly enhanced: string | null
  readonly text: string
  readonly stagesMs: Readonly<Record<string, number>> | null
  readonly transcript: string | null
}
