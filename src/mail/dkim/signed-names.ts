/** Which headers a signature covers (RFC 6376 §5.4.1). */

/**
 * Named once more than they occur, present or not: nobody can add another one that readers would show instead. Without this, a second
 * Subject put on top of a signed newsletter still verifies.
 */
const OVERSIGNED = [
  'From',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'To',
  'Cc',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
]

/** Signed where present, all of them, and once more. RFC 8058 §4 wants both that unsubscribe; Gmail believes a Feedback-ID only when signed. */
const WHEN_PRESENT = [
  'Sender',
  'In-Reply-To',
  'References',
  'List-Id',
  'List-Help',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'List-Subscribe',
  'List-Post',
  'List-Owner',
  'List-Archive',
  'Feedback-ID',
  'Auto-Submitted',
]

/** Amazon SES writes these itself; a signature over ours would not verify. */
const REWRITTEN_BY_SES = new Set(['date', 'message-id', 'feedback-id'])

export type Onward = 'unchanged' | 'ses'

export function signedNames(headers: ReadonlyMap<string, readonly string[]>, onward: Onward): string[] {
  const names: string[] = []
  const add = (name: string, times: number) => {
    if (onward === 'ses' && REWRITTEN_BY_SES.has(name.toLowerCase())) return
    for (let n = 0; n < times; n++) names.push(name)
  }
  for (const name of OVERSIGNED) add(name, (headers.get(name.toLowerCase())?.length ?? 0) + 1)
  for (const name of WHEN_PRESENT) {
    const count = headers.get(name.toLowerCase())?.length ?? 0
    if (count > 0) add(name, count + 1)
  }
  return names
}
