/** A server's reply (RFC 5321 §4.2), its lines joined with '\n'. `enhanced` is RFC 3463's `class.subject.detail` when given. */
export interface SmtpReply {
  readonly code: number
  readonly enhanced: string | null
  readonly text: string
}
