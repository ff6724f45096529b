import { type AccountCheck, check } from '../../provider-accounts/account.ts'
import type { Asked } from './ask.ts'

/** Whether the API was reached at all. */
export function connectionCheck({ ms, facts, ...asked }: Asked): AccountCheck {
  if (facts) {
    const { address, tls } = facts
    return check('connection', 'ok', ms, `Connected to ${address}${tls ? ` with ${tls.version}` : ', not encrypted'}.`)
  }
  if (asked.ok) return check('connection', 'ok', ms, 'Connected.')
  return check('connection', 'fail', ms, asked.failure.sentence, asked.failure.hint)
}

/** Whether the key was taken. A key that is known and may not ask is a key that was taken. */
export function loginCheck({ ms, facts, ...asked }: Asked): AccountCheck {
  if (asked.ok) return check('login', 'ok', ms, 'The key was taken.')
  const { failure } = asked
  if (!facts) return check('login', 'skip', 0, 'Not reached.')
  if (failure.class === 'sending_disabled')
    return check('login', 'ok', ms, 'The key was taken, and may not ask about the account.')
  const isKey = failure.class.startsWith('auth_')
  return check('login', isKey || failure.permanent ? 'fail' : 'warn', ms, failure.sentence, failure.hint)
}
