import { STREAMS, type Stream } from '../delivery/stream.ts'

export interface SendOptions {
  readonly from?: string
  readonly to?: readonly string[]
  readonly cc?: readonly string[]
  readonly bcc?: readonly string[]
  readonly subject: string
  readonly text?: string
  readonly html?: string
  readonly file?: string
  readonly stream: Stream
  /** Seconds. */
  readonly wait: number
}

export function isStream(text: string): text is Stream {
  return (STREAMS as readonly string[]).includes(text)
}
