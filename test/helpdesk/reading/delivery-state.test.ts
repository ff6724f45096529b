import { expect, test } from 'vitest'
import { type KnownDelivery, stateOfMail } from '../../../src/helpdesk/reading/delivery-state.ts'
import { isSimple, shownContentIds } from '../../../src/helpdesk/reading/simple-html.ts'

const NOW = new Date('2026-11-22T10:00:00Z')
const delivery = (over: Partial<KnownDelivery> = {}): KnownDelivery => ({
  ...{
    recipient: 'bob@example.org',
    state: 'sent',
    reason: null,
    waitingOn: null,
    dueAt: null,
    complainedAt: null,
    accepted: '250 2.0.0 OK',
  },
  ...over,
})

test.each<[string, KnownDelivery[], string, string]>([
  ['one that was taken', [delivery()], 'sent', 'Sent · 250 2.0.0 OK'],
  [
    'one that waits',
    [delivery({ state: 'queued', waitingOn: { sentence: 'the route is closed' } })],
    'waiting',
    'Waiting: the route is closed',
  ],
  [
    'one of two that bounced',
    [delivery(), delivery({ recipient: 'eve@example.org', state: 'bounced', reason: { sentence: 'No such user' } })],
    'failed',
    'Bounced: No such user (eve@example.org)',
  ],
  ['one that was called spam', [delivery({ complainedAt: NOW })], 'failed', 'Reported as spam by its recipient.'],
  ['two that were taken', [delivery(), delivery({ recipient: 'eve@example.org' })], 'sent', 'Sent · 250 2.0.0 OK (all 2)'],
  [
    'one whose answer was not heard',
    [delivery({ state: 'unknown', reason: { sentence: 'The line broke' } })],
    'unclear',
    'Perhaps sent: The line broke',
  ],
  ['none that is still known', [], 'sent', 'Its deliveries are not kept any more'],
])('%s', (_, deliveries, state, sentence) => {
  expect(stateOfMail(deliveries, null, NOW)).toEqual({ state, sentence })
})

test('what can still be taken back has not left, whatever its deliveries say', () => {
  expect(stateOfMail([delivery({ state: 'queued' })], new Date(NOW.getTime() + 1), NOW).state).toBe('undoable')
  expect(stateOfMail([delivery({ state: 'queued' })], NOW, NOW).state).toBe('waiting')
})

test.each<[string, boolean]>([
  ['<p>Hi <b>Bob</b>, <a href="https://example.org/" target="_blank">look</a></p><ul><li>one</li></ul>', true],
  ['<p style="font-family:Arial">Hi</p>', true],
  ['<p><img src="cid:logo" alt="Logo"></p>', true],
  ['<p><img src="https://track.example/1.gif"></p>', false],
  ['<table><tr><td>Hi</td></tr></table>', false],
  ['<div style="background-color:#eee">Hi</div>', false],
  ['<p style="display:none">Hi</p>', false],
  [`<p>${'x'.repeat(70_000)}</p>`, false],
])('%s is part of the page: %s', (html, expected) => {
  expect(isSimple(html)).toBe(expected)
})

test('the pictures that a text shows are known by their ids', () => {
  expect([...shownContentIds('<img src="cid:a%40b"><img alt="" src="cid:logo">')]).toEqual(['a@b', 'logo'])
})
