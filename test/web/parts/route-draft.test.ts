import { expect, test } from 'vitest'
import {
  connectionOf,
  EMPTY_DRAFT,
  isChanged,
  patched,
  settingsOf,
  withPort,
  withSecurity,
} from '../../../web/parts/route-draft.ts'

test('a password that was not typed is left out, and so kept; one that was emptied is forgotten', () => {
  expect('password' in settingsOf(EMPTY_DRAFT)).toBe(false)
  expect(settingsOf({ ...EMPTY_DRAFT, password: '' }).password).toBeNull()
  expect(settingsOf({ ...EMPTY_DRAFT, password: 'secret' }).password).toBe('secret')
})

test('a fix of the doctor changes what it names and nothing else', () => {
  const draft = { ...EMPTY_DRAFT, host: 'smtp.example.com', user: 'shop', password: 'secret' }
  const better = patched(draft, { security: 'tls', port: 465 })
  expect(better).toEqual({ ...draft, security: 'tls', port: 465 })
  expect(isChanged(better, draft)).toBe(true)
  expect(patched(draft, { user: null, certificate_fingerprint: 'AB:CD' })).toEqual({
    ...draft,
    user: '',
    certificate_fingerprint: 'AB:CD',
  })
})

test('the usual kind of encryption goes with the usual port, either way; an unusual port keeps what was chosen', () => {
  expect(withPort(EMPTY_DRAFT, 465).security).toBe('tls')
  expect(withPort({ ...EMPTY_DRAFT, security: 'none' }, 10_025).security).toBe('none')
  expect(withSecurity(EMPTY_DRAFT, 'tls').port).toBe(465)
  expect(withSecurity({ ...EMPTY_DRAFT, port: 10_025 }, 'tls').port).toBe(10_025)
})

test('the doctor is told what is in the form, blanks as nothing', () => {
  expect(connectionOf({ ...EMPTY_DRAFT, host: ' smtp.example.com ', user: ' ' }, 'me@example.com')).toMatchObject({
    host: 'smtp.example.com',
    user: null,
    password: null,
    from: 'me@example.com',
    to: 'me@example.com',
  })
})
