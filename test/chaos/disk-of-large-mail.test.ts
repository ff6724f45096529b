import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { scene } from '../scenarios/support.ts'
import { sendInsistently, sendMany } from '../support/api-client.ts'
import { type Promised, SPOTLESS } from '../support/ledgers.ts'
import { API_KEY, freePort, ServerProcess } from '../support/server-process.ts'
import { fillDisk, smallDisk } from '../support/small-disk.ts'

const LARGE = 'x'.repeat(600_000)

test('the disk of large mail fills up while programs submit by API and SMTP: refused with 503 and 452, nothing promised is missing', async (context) => {
  const disk = await smallDisk(48)
  if (disk === null) return context.skip('only root may mount a small disk')
  onTestFinished(() => disk.remove())
  const submission = await freePort()
  const all = await scene()
  const server = new ServerProcess({
    ...all.server.settings,
    dataDir: join(disk.folder, 'data'),
    env: { WAYBILL_SUBMISSION_PORT: String(submission) },
  })
  onTestFinished(() => server.kill())
  expect(await server.start(), server.lastWords).toBe('ready')
  const post = (path: string, body: unknown) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const made = await post('/v1/credentials', { name: 'Application', from_domains: ['example.com'] })
  const { username, password } = (await made.json()) as { username: string; password: string }
  const mailer = createTransport({
    host: '127.0.0.1',
    port: submission,
    auth: { user: username, pass: password },
    tls: { rejectUnauthorized: false },
  })
  onTestFinished(() => mailer.close())
  const bySmtp = (to: string) => mailer.sendMail({ from: 'shop@example.com', to, subject: 'Large', text: LARGE })

  const promised: Promised[] = [await sendInsistently(server.url, { recipient: 'first@example.org', text: LARGE })]
  const takenBySmtp = ['first-smtp@example.org']
  await bySmtp('first-smtp@example.org')
  await all.untilAll('sent')

  const giveBack = await fillDisk(disk.folder)
  const refused = await post('/v1/messages', { from: 'shop@example.com', to: 'probe@example.org', subject: 'Large', text: LARGE })
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  await expect(bySmtp('probe-smtp@example.org')).rejects.toMatchObject({ responseCode: 452 })

  // Who insists meanwhile, over both ways, is promised nothing until there is room.
  const mails = Array.from({ length: 30 }, (_, i) => ({ recipient: `r${i}@example.org`, text: LARGE }))
  const sending = sendMany(server.url, mails, 3)
  const insisting = Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      const to = `s${i}@example.org`
      for (;;) {
        const taken = await bySmtp(to).then(
          () => true,
          (error: { responseCode?: number }) => {
            expect(error.responseCode).toBe(452)
            return false
          },
        )
        if (taken) return void takenBySmtp.push(to)
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }),
  )
  // Small mail has room in the database, and goes on.
  promised.push(await sendInsistently(server.url, { recipient: 'small@example.org' }))
  await all.smtp.when((smtp) => smtp.received().includes('small@example.org'))
  expect(sending.promised).toEqual([])
  await giveBack()
  await sending.done
  await insisting
  await all.untilAll('sent')
  const received = all.smtp.received()
  expect(received.filter((to) => takenBySmtp.includes(to)).toSorted()).toEqual(takenBySmtp.toSorted())
  expect(received.filter((to) => to.startsWith('probe'))).toEqual([])
  expect(await all.judge([...promised, ...sending.promised])).toMatchObject({ ...SPOTLESS, duplicates: [] })
  expect(await all.invariants()).toEqual([])
  expect(await server.terminate()).toBe('0')
})
