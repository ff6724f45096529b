import { expect, test } from 'vitest'
import { isFolderName, isSameMailbox, type Source, troubleOf } from '../../../src/inbound/sources/source.ts'
import { MINUTE } from '../../../src/lib/clock.ts'

const NOW = new Date('2026-11-22T10:00:00.000Z')
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE)
const problem = (cause: 'login' | 'reconnect') => ({ cause, sentence: '', hint: '' })
const trouble = (change: Partial<Source>) =>
  troubleOf(
    {
      isEnabled: true,
      state: 'working',
      stateSince: ago(60),
      problem: null,
      lastHeardAt: ago(1),
      updatedAt: ago(60),
      ...change,
    } as Source,
    NOW,
  )

test.each<[string, Partial<Source>, ReturnType<typeof trouble>]>([
  ['listening', {}, null],
  ['failing for nine minutes', { state: 'failing', problem: problem('login'), stateSince: ago(9) }, null],
  ['failing for ten minutes', { state: 'failing', problem: problem('login'), stateSince: ago(10) }, 'failing'],
  ['to be connected anew, just now', { state: 'failing', problem: problem('reconnect'), stateSince: NOW }, 'reconnect'],
  ['not heard of for a quarter of an hour', { lastHeardAt: ago(15) }, 'silent'],
  ['new and not tried yet', { state: 'untried', lastHeardAt: null, updatedAt: ago(5) }, null],
  ['new, and nobody fetches', { state: 'untried', lastHeardAt: null, updatedAt: ago(20) }, 'silent'],
  ['switched off', { isEnabled: false, state: 'paused', lastHeardAt: ago(9_000) }, null],
])('a source that is %s needs somebody or not', (_, change, needed) => {
  expect(trouble(change)).toBe(needed)
})

test('a mailbox is the same however its name is written', () => {
  expect(isSameMailbox({ host: 'IMAP.example.com.', username: 'Ann@x' }, { host: 'imap.example.com', username: 'ann@x' })).toBe(
    true,
  )
  expect(isSameMailbox({ host: 'imap.example.com', username: 'ann' }, { host: 'imap.example.com', username: 'bob' })).toBe(false)
})

test('the name of a folder leads nowhere else', () => {
  expect(['drop', 'from-freescout.2026'].every(isFolderName)).toBe(true)
  expect(['', '..', '../x', 'a/b', '/etc', '.hidden', 'a..b', 'x'.repeat(101)].some(isFolderName)).toBe(false)
})
