import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers, overflow } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })
await waybill.api('POST', '/v1/lists', { name: 'News', opt_in: 'double', visibility: 'public' })
await waybill.api('POST', '/v1/lists', { name: 'Offers', opt_in: 'single', visibility: 'public', description: 'Now and then.' })

interface Mails {
  readonly items: ReadonlyArray<{ readonly id: string; readonly subject: string }>
}

/** The link in the last mail to somebody that the sandbox kept. */
async function linkIn(subject: string, words: RegExp): Promise<string> {
  let found: string | undefined
  await expect
    .poll(
      async () => {
        const mail = (await waybill.api<Mails>('GET', '/v1/sandbox/mails')).items.find((one) => one.subject.includes(subject))
        const text = mail && (await waybill.api<{ text: string }>('GET', `/v1/sandbox/mails/${mail.id}`)).text
        found = words.exec(text ?? '')?.[0]
        return found
      },
      { timeout: 30_000 },
    )
    .toBeTruthy()
  return found ?? ''
}

test('somebody builds a form and publishes it; a visitor fills it in, proves by work, confirms by mail, and chooses what to get', {
  timeout: 120_000,
}, async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/forms')
  await page.getByText('No form yet').waitFor()
  await page.getByRole('button', { name: 'New form' }).first().click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Spring')
  await page.getByRole('dialog').getByRole('button', { name: 'New form' }).click()
  await page.getByText('Choose at least one list').waitFor()
  await page.getByRole('combobox', { name: 'How News is used' }).click()
  await page.getByRole('option', { name: 'Comes with the form' }).click()
  await page.getByRole('button', { name: 'Add a box' }).click()
  await page.getByRole('textbox', { name: 'Box 1: Text' }).fill('I want [this](https://shop.example/privacy).')
  const preview = page.frameLocator('iframe')
  await preview.getByText('I want this').waitFor()
  await page.getByRole('tab', { name: 'Mails' }).click()
  await page.getByRole('textbox', { name: 'Comes from' }).fill('Shop <news@shop.example>')
  await page.getByRole('switch', { name: 'Welcome those who joined' }).check()
  await preview.getByText('Yes, that was me').waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('tab', { name: 'Put it somewhere' }).click()
  await page.getByText('<iframe').waitFor()
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByRole('link', { name: 'Open its page' }).waitFor()
  const href = await page.getByRole('link', { name: 'Open its page' }).getAttribute('href')
  await page.setViewportSize({ width: 400, height: 800 })
  expect(await overflow(page)).toBeLessThanOrEqual(0)

  const path = new URL(href ?? '').pathname
  const visitor = await look(browser, waybill, { signedIn: false, expects: /409/ })
  await visitor.page.goto(`${path}?email=ann@example.org`)
  expect(await barriers(visitor.page)).toEqual([])
  await visitor.page.getByLabel('First name').fill('Ann')
  await visitor.page.getByRole('checkbox', { name: 'I want this' }).check()
  // Faster than people type, a program is asked to press once more; what it typed is still there.
  const asked = visitor.page.getByText('We sent you a mail')
  const send = async () => {
    await Promise.all([
      visitor.page.waitForEvent('load', { timeout: 30_000 }),
      visitor.page.getByRole('button', { name: 'Subscribe' }).click(),
    ])
    return await asked.isVisible()
  }
  await expect.poll(send, { timeout: 30_000 }).toBe(true)

  await visitor.page.goto(new URL(await linkIn('Please confirm', /https?:\/\/\S+\/confirm\/[a-z2-7]+/)).pathname)
  expect(await barriers(visitor.page)).toEqual([])
  await visitor.page.getByRole('button', { name: 'Yes, put me on' }).click()
  await visitor.page.getByText('You are on the list').waitFor()

  await visitor.page.goto(new URL(await linkIn('Welcome, Ann', /https?:\/\/\S+\/p\/[a-z2-7]+/)).pathname)
  await visitor.page.setViewportSize({ width: 400, height: 900 })
  expect([await barriers(visitor.page), await overflow(visitor.page)]).toEqual([[], 0])
  expect(await visitor.page.getByRole('checkbox', { name: 'News' }).isChecked()).toBe(true)
  await visitor.page.getByRole('checkbox', { name: 'Offers' }).check()
  await visitor.page.getByRole('button', { name: 'Save' }).click()
  await visitor.page.getByText('It holds from the next mail on').waitFor()
  expect(await visitor.context.cookies()).toEqual([])
  expect(visitor.elsewhere).toEqual([])

  await page.setViewportSize({ width: 1280, height: 860 })
  await page.getByRole('tab', { name: 'Submissions' }).click()
  await page.getByRole('grid').getByText('Confirmed', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'ann@example.org' }).click()
  await page.getByText('Offers').first().waitFor()
})
