import { expect, test } from 'vitest'
import { automaticOf, mayAnswer } from '../../src/mail/automatic.ts'
import { type ParsedMail, parseMail } from '../../src/mail/parse.ts'

async function mailWith(...headers: string[]): Promise<ParsedMail> {
  const from = headers.some((header) => /^from:/i.test(header)) ? [] : ['From: Ann <ann@example.org>']
  const result = await parseMail(Buffer.from([...from, 'To: help@example.com', ...headers, '', 'Hello'].join('\r\n')))
  if (result.kind !== 'parsed') throw new Error(result.reason)
  return result.mail
}

test.each([
  ['auto_reply', ['Auto-Submitted: auto-replied']],
  ['auto_reply', ['AUTO-SUBMITTED: Auto-Replied (vacation); owner-email="ann@example.org"']],
  ['auto_reply', ['Auto-Submitted: (a machine) auto-replied', 'Return-Path: <>']],
  ['auto_generated', ['auto-submitted: auto-generated']],
  ['auto_generated', ['Auto-Submitted: auto-notified']],
  ['auto_generated', ['Auto-Submitted: x-something-new']],
  ['auto_generated', ['Auto-Submitted: no', 'Auto-Submitted: auto-generated']],
  ['auto_reply', ['X-Autoreply: yes']],
  ['auto_reply', ['x-autorespond: 1']],
  ['auto_reply', ['X-AutoResponder: on']],
  ['auto_reply', ['Precedence: AUTO_REPLY']],
  ['auto_reply', ['X-Precedence: auto-reply']],
  ['auto_reply', ['X-POST-MessageClass: 9; Autoresponder']],
  ['auto_reply', ['Delivered-To: autoresponder@example.org']],
  ['auto_reply', ['Subject: Automatische Antwort: Ihre Anfrage']],
  ['auto_reply', ['Subject: Out of Office: away until Monday']],
  ['list', ['List-Id: Talk <talk.example.org>']],
  ['list', ['List-Post: <mailto:talk@example.org>', 'Precedence: list']],
  ['list', ['Precedence: LIST']],
  ['list', ['Return-Path: <talk-bounces+ann=example.org@lists.example.net>']],
  ['list', ['Return-Path: <owner-talk@lists.example.net>']],
  ['bulk', ['Precedence: bulk']],
  ['bulk', ['precedence: Junk']],
  ['bulk', ['List-Unsubscribe: <https://example.org/u>']],
  ['bounce', ['From: Mail Delivery System <MAILER-DAEMON@mx.example.net>']],
  ['bounce', ['From: Postmaster <postmaster@example.net>', 'Return-Path: <>']],
  ['bounce', ['From: MAILER-DAEMON@mx.example.net', 'Auto-Submitted: auto-replied']],
  ['bounce', ['Content-Type: multipart/report; report-type=delivery-status; boundary=x', 'Auto-Submitted: auto-replied']],
  ['bounce', ['Content-Type: multipart/report; boundary=x']],
  ['report', ['Content-Type: Multipart/Report; boundary=x; report-type="disposition-notification"']],
  ['report', ['Content-Type: multipart/report; report-type=feedback-report; boundary=x']],
  ['auto_generated', ['Return-Path: <>']],
  ['auto_generated', ['X-Cron-Env: <SHELL=/bin/sh>']],
])('a mail is "%s" with %j, and no machine may answer it', async (kind, headers) => {
  const mail = await mailWith(...headers)
  const automatic = automaticOf(mail, null)
  expect(automatic?.kind).toBe(kind)
  expect(automatic?.why).not.toBe('')
  expect(mayAnswer(automatic, mail)).toBe(false)
})

test.each([
  [[]],
  [['Auto-Submitted: no']],
  [['auto-submitted: NO (written by hand)']],
  [['Auto-Submitted:']],
  [['X-Autoreply: no', 'X-Auto-Response: false', 'X-Autorespond: 0']],
  [['Precedence: first-class']],
  [['Return-Path: <ann@example.org>']],
  [['Subject: Re: Automatic reply: my order', 'In-Reply-To: <1@example.com>']],
  [['Subject: Out of office chairs']],
  [['From: Postmaster <postmaster@example.net>', 'Return-Path: <postmaster@example.net>']],
  [['Content-Type: multipart/mixed; boundary=x; note=multipart/report']],
])('a person wrote a mail with %j, and it may be answered', async (headers) => {
  const mail = await mailWith(...headers)
  expect(automaticOf(mail, null)).toBeNull()
  expect(mayAnswer(null, mail)).toBe(true)
})

test('the envelope is believed before the header that repeats it', async () => {
  const mail = await mailWith('Return-Path: <ann@example.org>')
  expect(automaticOf(mail, '')).toEqual({ kind: 'auto_generated', why: 'its return path is empty' })
  expect(automaticOf(await mailWith('Return-Path: <>'), 'ann@example.org')).toBeNull()
})

test.each([
  [['X-Auto-Response-Suppress: All']],
  [['X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply']],
  [['From: Shop <no-reply@example.org>']],
  [['From: Shop <DoNotReply+orders@example.org>']],
  [['From: Shop <ann@example.org>', 'Reply-To: noreply@example.org']],
  [['From: nobody in particular']],
])('a person wrote a mail with %j, but no automatic answer may go to it', async (headers) => {
  const mail = await mailWith(...headers)
  expect(automaticOf(mail, null)).toBeNull()
  expect(mayAnswer(null, mail)).toBe(false)
})

test('a shop that names an address where answers are read may be answered', async () => {
  expect(mayAnswer(null, await mailWith('From: Shop <no-reply@example.org>', 'Reply-To: help@example.org'))).toBe(true)
  expect(mayAnswer(null, await mailWith('X-Auto-Response-Suppress: DR, RN, NRN'))).toBe(true)
})
