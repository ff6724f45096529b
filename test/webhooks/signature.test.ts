import fc from 'fast-check'
import { expect, test } from 'vitest'
import { secretOf, signatureHeader } from '../../src/webhooks/signature.ts'
import { isSignedBy } from '../support/signed-by.ts'

test('the example of the Standard Webhooks specification gets the signature that stands there', () => {
  const content = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' }
  const header = signatureHeader(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], content)
  expect(header).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

const secret = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(secretOf)
const content = fc.record({ id: fc.string({ minLength: 1 }), timestamp: fc.nat(), body: fc.string() })

test('whoever holds any live secret can check, whoever holds another cannot', () => {
  fc.assert(
    fc.property(fc.uniqueArray(secret, { minLength: 2, maxLength: 3 }), content, ([other = '', ...live], signed) => {
      const header = signatureHeader(live, signed)
      expect(live.every((each) => isSignedBy(each, header, signed))).toBe(true)
      expect(isSignedBy(other, header, signed)).toBe(false)
    }),
  )
})

test('a changed id, time or body is not what was signed', () => {
  fc.assert(
    fc.property(secret, content, content, (key, signed, other) => {
      const header = signatureHeader([key], signed)
      for (const name of ['id', 'timestamp', 'body'] as const) {
        const changed = { ...signed, [name]: other[name] }
        expect(isSignedBy(key, header, changed)).toBe(signed[name] === other[name])
      }
    }),
  )
})
