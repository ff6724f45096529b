import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newId } from '../../src/lib/ids.ts'
import { readSignedId, SIGNED_ID_CHARACTERS, signId } from '../../src/lib/signed-id.ts'

const [KEY, OLDER] = [Buffer.from('a key'), Buffer.from('an older key')]

test('a signed id gives back its id, in capitals too, and with a key of before', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      const token = signId('p', id, OLDER)
      expect(token).toMatch(new RegExp(`^[a-z2-7]{${SIGNED_ID_CHARACTERS}}$`))
      expect(readSignedId('p', token, [KEY, OLDER])).toBe(id)
      expect(readSignedId('p', token.toUpperCase(), [OLDER])).toBe(id)
    }),
  )
})

test('no other text is one: not for another purpose, with another key, changed, shortened or made longer', () => {
  const id = newId()
  const token = signId('p', id, KEY)
  expect([readSignedId('q', token, [KEY]), readSignedId('p', token, [OLDER]), readSignedId('p', token, [])]).toEqual([
    null,
    null,
    null,
  ])
  expect([readSignedId('p', token.slice(1), [KEY]), readSignedId('p', `${token}a`, [KEY]), readSignedId('p', '', [KEY])]).toEqual(
    [null, null, null],
  )
  fc.assert(
    fc.property(
      fc.nat(SIGNED_ID_CHARACTERS - 1),
      fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567', '1', '=', ' '),
      (at, other) => {
        fc.pre(token[at] !== other)
        expect(readSignedId('p', token.slice(0, at) + other + token.slice(at + 1), [KEY])).toBeNull()
      },
    ),
  )
})
