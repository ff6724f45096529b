import { randomBytes } from 'node:crypto'
import { DKIM_ALGORITHMS, generateDkimKey, type KeyPair } from '../../mail/dkim/key.ts'

export interface NewKey extends KeyPair {
  readonly selector: string
}

/**
 * A pair of keys of both kinds, with a selector that was never used before: receivers remember what a selector held. Making an RSA key takes a
 * moment, so it is done before a transaction is opened.
 */
export async function makeKeys(): Promise<NewKey[]> {
  const stem = `wb${randomBytes(4).toString('hex')}`
  return Promise.all(
    DKIM_ALGORITHMS.map(async (algorithm) => ({
      ...(await generateDkimKey(algorithm)),
      selector: `${stem}${algorithm === 'rsa' ? 'r' : 'e'}`,
    })),
  )
}
