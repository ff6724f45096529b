import { connect, createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, open, send, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

test('a route is added with the fix that the doctor offers, and can then be tried with a real message', async () => {
  const { page } = await look(browser, waybill, { expects: /status of 422/ })
  await open(page, '/routes')
  await page.getByRole('button', { name: 'Add a route' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Second relay')
  await page.getByLabel('Server', { exact: true }).fill('127.0.0.1')
  await page.getByLabel('Port', { exact: true }).fill(String(waybill.smtp.port))
  await page.getByText('None', { exact: true }).click()
  await page.getByRole('button', { name: 'Add route' }).click()
  await page.getByText('is an address of this machine or of a private network', { exact: false }).first().waitFor()

  await page.getByRole('button', { name: 'Examine' }).click()
  await page.getByRole('button', { name: 'Apply: Allow private addresses for this route' }).click()
  await page.getByText(/\d+ of \d+ checks fine/).waitFor()
  await page.getByRole('button', { name: 'Add route' }).click()
  await page.getByRole('heading', { name: 'Second relay' }).waitFor()

  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByLabel('To', { exact: true }).fill('me@example.org')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByText('127.0.0.1 took responsibility for it.').waitFor()
})

test('a mail server that goes away stops its route before the eyes of whoever looks, and one press tries it when it is back', async () => {
  const door = await doorTo(waybill.smtp.port)
  await door.shut()
  const route = await waybill.api<{ id: string }>('POST', '/v1/routes', {
    name: 'Shaky relay',
    settings: { host: '127.0.0.1', port: door.port, security: 'none', allow_private: true },
    is_default: true,
  })
  const { page } = await look(browser, waybill)
  await open(page, `/routes/${route.id}`)
  await page.getByText('Open for mail').waitFor()

  await send(waybill, { to: 'otto@example.org' })
  await page.getByText('Stopped', { exact: true }).waitFor()
  await page
    .getByText(/connection refused/i)
    .first()
    .waitFor()
  await page.getByText('Messages wait; none of them loses a try.', { exact: false }).waitFor()
  await page.getByText('1 delivery waits for it.').waitFor()
  await page.getByRole('button', { name: /needs you/ }).waitFor()

  await door.open()
  await page.getByRole('button', { name: 'Try now' }).click()
  await page.getByText('Open for mail').waitFor()
  expect(waybill.smtp.received()).toContain('otto@example.org')
  await page.getByRole('button', { name: 'All mail flows' }).waitFor()
})

test('the default route says why it cannot be removed; another is removed after it was asked once', async () => {
  const { page } = await look(browser, waybill)
  const route = await waybill.api<{ id: string }>('POST', '/v1/routes', {
    name: 'Not needed',
    settings: { host: '127.0.0.1', port: 25, allow_private: true },
  })
  await open(page, `/routes/${route.id}`)
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  await page.getByText('Nothing waits for it.', { exact: false }).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('Not needed is removed').first().waitFor()
  await page.getByRole('list', { name: 'Routes' }).waitFor()
  expect(await page.getByRole('list', { name: 'Routes' }).getByText('Not needed').count()).toBe(0)
})

/** A port that leads to another one while it is open, and refuses while it is shut. */
async function doorTo(target: number): Promise<{ port: number; shut(): Promise<void>; open(): Promise<void> }> {
  const serve = async (port: number): Promise<Server> => {
    const server = createServer((socket) => {
      const onward = connect(target, '127.0.0.1')
      for (const [from, to] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        from.pipe(to)
        from.on('error', () => to.destroy())
      }
    })
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve)
    })
    return server
  }
  let server = await serve(0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const shut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
  onTestFinished(() => void server.close())
  return {
    port,
    shut,
    async open() {
      server = await serve(port)
    },
  }
}
