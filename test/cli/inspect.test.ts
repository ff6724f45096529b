import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../support/embedded-postgres.ts'
import { runWaybill } from '../support/waybill.ts'

vi.setConfig({ testTimeout: 60_000 })

const BOUNCE = `From: MAILER-DAEMON@mx.example.com
To: shop@example.com
Subject: Undelivered Mail Returned to Sender

I wasn't able to deliver your message to the following addresses.

<ann@example.org>:
550 5.1.1 <ann@example.org>... User unknown

--- Below this line is a copy of the message.

Message-ID: <1@example.com>
To: ann@example.org
`
const LETTER = 'From: ann@example.org\nTo: shop@example.com\nSubject: Hello\n\nHi\n'

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('each mail file is one line of JSON that says what it is, in their order, without a server or database', async () => {
  const folder = await temporaryFolder()
  const [bounce, letter] = [join(folder, 'a.eml'), join(folder, 'b.eml')]
  await writeFile(bounce, BOUNCE)
  await writeFile(letter, LETTER)
  const { code, stdout, stderr } = await runWaybill('/nonexistent', ['inspect', bounce, letter, '-'], { input: BOUNCE })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const recipients = [{ address: 'ann@example.org', action: 'failed', status: '5.1.1', class: 'recipient_unknown', hard: true }]
  expect(linesOf(stdout)).toMatchObject([
    { file: bounce, kind: 'bounce', recipients, original_message_id: '<1@example.com>' },
    { file: letter, kind: 'message', recipients: [], subject: 'Hello' },
    { file: '-', kind: 'bounce', recipients },
  ])
})

const ANSWER = `From: Ann <ann@example.org>
To: shop@example.com
Subject: Re: [orders-12] Hello
Message-ID: <2@example.org>
In-Reply-To: <1@example.com>
Content-Type: multipart/mixed; boundary=b

--b

It came.

On Sat, Nov 21, 2026 at 10:02 AM Shop <shop@example.com> wrote:
> Did it come?
--b
Content-Type: image/png
Content-Disposition: attachment; filename=photo.png

12345
--b--
`
const VACATION = 'From: ann@example.org\nSubject: away\nAuto-Submitted: auto-replied\n\n-----BEGIN PGP MESSAGE-----\n'

test('of a mail it says who wrote what, what is quoted and attached, whether a machine wrote it, and what it answers', async () => {
  const folder = await temporaryFolder()
  const [answer, vacation] = [join(folder, 'a.eml'), join(folder, 'b.eml')]
  await writeFile(answer, ANSWER)
  await writeFile(vacation, VACATION)
  const { stdout } = await runWaybill('/nonexistent', ['inspect', answer, vacation])
  expect(linesOf(stdout)).toMatchObject([
    {
      sender: { name: 'Ann', address: 'ann@example.org' },
      to: [{ name: '', address: 'shop@example.com' }],
      message_id: '<2@example.org>',
      visible_text: 'It came.',
      quoted_text: 'On Sat, Nov 21, 2026 at 10:02 AM Shop <shop@example.com> wrote:\n> Did it come?',
      attachments: [{ name: 'photo.png', type: 'image/png', size: 5, disposition: 'attachment' }],
      automatic: null,
      may_be_answered: true,
      sealed: null,
      keys: { tokens: [], references: ['<1@example.com>'], subject_tags: [{ queue: 'orders', number: 12 }] },
    },
    { automatic: { kind: 'auto_reply', why: 'Auto-Submitted: auto-replied' }, may_be_answered: false, sealed: 'pgp' },
  ])
})

test('a file that cannot be read is a line with an error; the others are read, and the exit code is 1', async () => {
  const folder = await temporaryFolder()
  const [letter, inner] = [join(folder, 'b.eml'), join(folder, 'folder')]
  await writeFile(letter, LETTER)
  await mkdir(inner)
  const { code, stdout, stderr } = await runWaybill('/nonexistent', ['inspect', join(folder, 'none.eml'), inner, letter])
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(linesOf(stdout)).toMatchObject([
    { file: join(folder, 'none.eml'), error: 'There is no such file.' },
    { file: inner, error: 'This is a folder: name the files in it.' },
    { file: letter, kind: 'message' },
  ])
})

test('hundreds of files are read at once', async () => {
  const folder = await temporaryFolder()
  const files = Array.from({ length: 300 }, (_, n) => join(folder, `${n}.eml`))
  for (const file of files) await writeFile(file, BOUNCE)
  const { code, stdout } = await runWaybill('/nonexistent', ['inspect', ...files])
  expect(code).toBe(0)
  expect(linesOf(stdout).map(({ file }) => file)).toEqual(files)
})
