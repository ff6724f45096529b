import { expect, test } from 'vitest'
import { aMail, submissionWorld } from './support.ts'

test('a mail that is taken is there, is sent, and carries our trace', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const mail = aMail({
    headers: 'Bcc: secret@example.org\r\nX-Waybill-Tag: sign-in, urgent\r\nX-Waybill-Metadata-Order: 4711\r\n',
  })
  const answer = await talk.send(mail, { to: ['ann@example.org', 'bob@example.org', 'ann@example.org'] })
  expect(answer).toMatch(/^250 2\.0\.0 Taken as [0-9a-f-]{36}$/)

  await shop.dispatch()
  expect(await shop.states()).toEqual({ 'ann@example.org': 'sent', 'bob@example.org': 'sent' })
  const { content, sender } = shop.smtp.messages[0] ?? { content: '', sender: '' }
  expect(sender).toBe('shop@example.com')
  expect(content).toMatch(/^Received: by mail\.example\.com \(Waybill\) with ESMTPSA id [0-9a-f-]{36};\r\n\t\w{3}, /)
  expect(content).not.toMatch(/bcc|secret|x-waybill|127\.0\.0\.1/i)
  expect(content.endsWith('\r\n\r\nHello Ann\r\n')).toBe(true)
})
