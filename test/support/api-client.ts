import { setTimeout as sleep } from 'node:timers/promises'
import type { Promised } from './ledgers.ts'
import { API_KEY } from './server-process.ts'

export interface MailToSend {
  /** Its key as well: each recipient is written to once. */
  readonly recipient: string
  readonly stream?: 'transactional' | 'conversation' | 'bulk'
  readonly text?: string
}

const AGAIN_MS = 25
const ONE_TRY_MS = 10_000

/** Sends one mail and insists: whatever goes wrong, the same request goes again under the same key until it is answered with 202. */
export async function sendInsistently(url: string, mail: MailToSend, untilMs = performance.now() + 120_000): Promise<Promised> {
  for (;;) {
    const answer = await trySending(url, mail)
    if (typeof answer !== 'string') return answer
    if (performance.now() > untilMs) throw new Error(`${mail.recipient} was never accepted: ${answer}`)
    await sleep(AGAIN_MS)
  }
}

/** What was promised, or why nothing was. */
async function trySending(url: string, { recipient, stream = 'transactional', text }: MailToSend): Promise<Promised | string> {
  try {
    const response = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${API_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': `key of ${recipient}`,
      },
      body: JSON.stringify({
        from: 'shop@example.com',
        to: recipient,
        subject: 'Hello',
        text: text ?? `Hello ${recipient}`,
        stream,
      }),
      signal: AbortSignal.timeout(ONE_TRY_MS),
    })
    const body = (await response.json()) as { id: string; deliveries: { recipient: string }[] }
    if (response.status !== 202) return `${response.status} ${JSON.stringify(body)}`
    return { messageId: body.id, recipient }
  } catch (error) {
    return (error as Error).message
  }
}

/** Many mails over a number of connections; what was promised so far can be read at any time. */
export function sendMany(
  url: string,
  mails: readonly MailToSend[],
  connections: number,
): { promised: Promised[]; done: Promise<void> } {
  const promised: Promised[] = []
  const waiting = [...mails]
  const worker = async () => {
    for (let mail = waiting.shift(); mail; mail = waiting.shift()) promised.push(await sendInsistently(url, mail))
  }
  return { promised, done: Promise.all(Array.from({ length: connections }, worker)).then(() => {}) }
}
