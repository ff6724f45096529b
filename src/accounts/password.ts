import { hash, verify } from '@node-rs/argon2'
import { Refusal } from '../errors.ts'
import { createLimiter } from '../lib/limiter.ts'

/** Hashes and checks passwords, a few at a time. One for the whole process. */
export interface Passwords {
  hash(password: string): Promise<string>
  /** With `null` for someone who does not exist it does the same work and answers no. */
  verify(stored: string | null, password: string): Promise<boolean>
}

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 30 ms of one core. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
/** Of a password that was never kept: what is compared with when nobody has the address. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$ZCC5P5RdwXIAUAdcaUTVww$MhWzZ1aJjwQh8Of6H+BVa6TCRZQZHHUY2vnxdaynWzM'

/**
 * The work runs on libuv's four threads, which file and name look-ups need, too: two at a time leave them room. Fifty may wait: about
 * a second; beyond that the answer is `too_busy`.
 */
export function createPasswords(): Passwords {
  const limiter = createLimiter({ concurrency: 2, waiting: 50 })
  const limited = async <T>(work: () => Promise<T>): Promise<T> => {
    const running = limiter.run(work)
    if (!running) throw new Refusal('too_busy', { retryAfterSeconds: 2 })
    return running
  }
  return {
    hash: (password) => limited(() => hash(normalised(password), OPTIONS)),
    verify: (stored, password) => limited(async () => (await verify(stored ?? NOBODY, normalised(password))) && stored !== null),
  }
}

/** The same password typed on two keyboards may come in two Unicode forms (RFC 8265 §4.2.1 settles on NFC). */
function normalised(password: string): string {
  return password.normalize('NFC')
}
