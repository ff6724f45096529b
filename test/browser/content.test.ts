import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { focused, look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })

/** What of a browser these tests ask for within a page. */
interface Looking {
  getComputedStyle(element: unknown): { readonly backgroundColor: string }
}
interface Standing {
  readonly ownerDocument: { readonly activeElement: unknown }
}

test('a mail is put together from blocks by hand and by keys, beside how it reads, and kept', async () => {
  const { page, elsewhere } = await look(browser, waybill)
  const { id } = await waybill.api<{ id: string }>('POST', '/v1/templates', { name: 'Mine' })
  await open(page, `/templates/${id}`)
  const mail = page.frameLocator('iframe[title^="The mail"]')
  const add = async (type: string) => {
    await page.getByRole('button', { name: 'Add a block' }).click()
    await page.getByRole('menuitem', { name: type, exact: true }).click()
  }
  await add('Heading')
  await page.getByRole('textbox', { name: 'Heading' }).fill('Spring is here')
  await add('Button')
  await page.getByRole('textbox', { name: 'Label' }).fill('Have <b>a</b> look')
  await page.getByRole('textbox', { name: 'Leads to' }).fill('https://shop.example/')
  await mail.getByRole('heading', { name: 'Spring is here' }).waitFor()
  expect(await mail.getByRole('link', { name: 'Have <b>a</b> look' }).getAttribute('target')).toBe('_blank')

  const names = () => page.getByRole('list', { name: 'Blocks' }).locator('> li > div > button').allTextContents()
  await page.getByRole('button', { name: /^Button, 2 of 2/ }).press('Alt+ArrowUp')
  await page.getByRole('button', { name: /^Button, 1 of 2/ }).press('Control+d')
  await page.getByRole('button', { name: /^Button, 2 of 3/ }).press('Delete')
  expect(await focused(page)).toMatch(/^Heading, 2 of 2/)
  await page.getByRole('button', { name: 'Undo' }).click()
  expect(await focused(page)).toMatch(/^Button, 2 of 3/)
  expect((await names()).map((name) => name.replace(/(Button|Heading).*/, '$1'))).toEqual(['Button', 'Button', 'Heading'])

  // In the dark it has the colours that it asks for there.
  const paper = () =>
    mail.locator('.wb-card').evaluate((card) => (globalThis as unknown as Looking).getComputedStyle(card).backgroundColor)
  expect(await paper()).toBe('rgb(255, 255, 255)')
  await page.getByText('Dark', { exact: true }).click()
  await expect.poll(paper, { timeout: 30_000 }).toBe('rgb(24, 32, 30)')
  await page.getByText('Plain', { exact: true }).click()
  await page.getByText('Have <b>a</b> look [https://shop.example/]').first().waitFor()

  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved. Drafts that use it follow.').first().waitFor()
  const kept = await waybill.api<{ blocks: { blocks: { type: string }[] } }>('GET', `/v1/templates/${id}`)
  expect(kept.blocks.blocks.map(({ type }) => type)).toEqual(['button', 'button', 'heading'])
  expect(elsewhere).toEqual([])
})

test('what is wrong in MJML is marked at its line, and nothing of a mail runs beside its editor', async () => {
  const { page, elsewhere } = await look(browser, waybill, { expects: /Content Security Policy|sandboxed|ERR_INVALID_URL/ })
  const hostile =
    '<p>Hello</p><script>parent.document.title="taken"</script><img src="data:image/gif;base64,x" onerror="parent.document.title=\'taken\'"><form action="/x"><button>Go</button></form><meta http-equiv="refresh" content="0;url=https://evil.example/">'
  const { id } = await waybill.api<{ id: string }>('POST', '/v1/templates', { name: 'Hostile', format: 'html', body: hostile })
  await open(page, `/templates/${id}`)
  await page.frameLocator('iframe[title^="The mail"]').getByText('Hello').waitFor()
  expect(await page.title()).toBe('Hostile · Waybill')
  expect(elsewhere).toEqual([])
  await page.getByText('MJML', { exact: true }).click()
  const source = page.getByRole('textbox', { name: 'MJML source' })
  await source.fill('<mjml>\n<mj-body>\n<mj-oops />\n</mj-body></mjml>')
  await page.getByText('Line 3:').waitFor()
  expect(await page.locator('span[data-wrong]').textContent()).toBe('3')
  // Tab indents, and Escape lets it leave.
  await source.press('Escape')
  await source.press('Tab')
  expect(await source.evaluate((area) => (area as unknown as Standing).ownerDocument.activeElement === area)).toBe(false)
})

test('an image stands in a template as its format has it, and what somebody else saves meanwhile is taken over or asked about', async () => {
  const { page } = await look(browser, waybill, { expects: /409|ERR_UNSAFE_PORT/ })
  const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  await waybill.api('POST', '/v1/images', { name: 'dot.png', alt: 'A dot', content: dot })
  const { id } = await waybill.api<{ id: string }>('POST', '/v1/templates', { name: 'Ours', format: 'markdown', body: 'Hello' })
  const colleague = async (said: object) => {
    const { version } = await waybill.api<{ version: number }>('GET', `/v1/templates/${id}`)
    await waybill.api('PATCH', `/v1/templates/${id}`, { ...said, version })
  }
  await open(page, `/templates/${id}`)
  await page.getByRole('textbox', { name: 'Text', exact: true }).press('Control+End')
  await page.getByRole('button', { name: 'Images', exact: true }).click()
  await page.getByRole('button', { name: 'Use this one: dot.png' }).click()
  const text = page.getByRole('textbox', { name: 'Text', exact: true })
  await expect.poll(() => text.inputValue(), { timeout: 30_000 }).toMatch(/^Hello!\[A dot\]\(http.+\.png\)$/)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved. Drafts that use it follow.').first().waitFor()

  await colleague({ name: 'Theirs' })
  await page.getByRole('heading', { name: 'Theirs' }).waitFor()
  await text.fill('Mine')
  await colleague({ body: 'Of somebody else' })
  await page.getByText('Somebody else changed this template meanwhile.').waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Keep mine' }).click()
  const kept = () => waybill.api<{ body: string }>('GET', `/v1/templates/${id}`)
  expect((await kept()).body).toBe('Of somebody else')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect.poll(async () => (await kept()).body, { timeout: 30_000 }).toBe('Mine')
})
