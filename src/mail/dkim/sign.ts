import { createHash, type KeyObject, sign as signNow } from 'node:crypto'
import { type BodyHash, hashBody } from './body-hash.ts'
import { byName, relaxedHeader, signedHeaders, splitMail } from './canonical.ts'
import type { DkimAlgorithm, SigningKey } from './key.ts'
import { type Onward, signedNames } from './signed-names.ts'

export interface SignOptions {
  /** What the next hop does to the mail. */
  readonly onward?: Onward
  readonly bodyHash?: BodyHash
}

const LINE_MAX = 76

/**
 * The DKIM-Signature headers of a mail, one a key, to be put before it (RFC 6376 §3.5). The mail is given as exactly the bytes that will
 * leave, one character each. No `l=`: a signature over part of a body is an invitation to add the rest.
 */
export async function dkimSignatures(
  content: string,
  keys: readonly SigningKey[],
  now: Date,
  options: SignOptions = {},
): Promise<string> {
  const { onward = 'unchanged', bodyHash = hashBody } = options
  const { headers, body } = splitMail(content)
  const named = byName(headers)
  const names = signedNames(named, onward)
  const signed = signedHeaders(names, named)
  const hash = bodyHash(body)
  const made = await Promise.all(
    keys.map(async (key) => {
      const unsigned = headerWithout(key, names, hash, now)
      const signature = await rawSignature(key.algorithm, `${signed}${relaxedHeader(unsigned)}`, key.privateKey)
      return `${unsigned}${folded(signature.toString('base64'))}\r\n`
    }),
  )
  return made.join('')
}

/** Everything but the signature, which comes last so that leaving it out leaves no doubt about white space. */
function headerWithout(key: SigningKey, names: readonly string[], hash: string, now: Date): string {
  const lines = [
    `DKIM-Signature: v=1; a=${key.algorithm}-sha256; c=relaxed/relaxed;`,
    ` d=${key.domain}; s=${key.selector};`,
    ` t=${Math.floor(now.getTime() / 1000)}; bh=${hash};`,
    ...foldedNames(names),
    ' b=',
  ]
  return lines.join('\r\n')
}

function foldedNames(names: readonly string[]): string[] {
  const lines: string[] = []
  let line = ' h='
  for (const [index, name] of names.entries()) {
    const piece = index === names.length - 1 ? `${name};` : `${name}:`
    if (line.length + piece.length > LINE_MAX) {
      lines.push(line)
      line = '  '
    }
    line += piece
  }
  return [...lines, line]
}

function folded(base64: string): string {
  return base64.replace(/.{72}(?=.)/g, '$&\r\n  ')
}

/** In the thread pool: a signature takes longer than everything else that is done for a mail. RFC 8463 §3 signs the hash, not the text. */
function rawSignature(algorithm: DkimAlgorithm, text: string, key: KeyObject): Promise<Buffer> {
  const data = Buffer.from(text, 'latin1')
  const [digest, input] = algorithm === 'rsa' ? ['sha256', data] : [null, createHash('sha256').update(data).digest()]
  return new Promise((resolve, reject) => {
    signNow(digest, input, key, (error, signature) => (error ? reject(error) : resolve(signature)))
  })
}
