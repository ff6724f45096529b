import { once } from 'node:events'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { type FakeCheckout, fakeCheckout, linkPinnedNode } from './fake-checkout.ts'

/** In the place of Waybill: says what it runs on, and which signals reach it. */
const MAIN = `
  if (process.argv[2] === 'start') {
    const alive = setInterval(() => {}, 1000)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => { console.log(signal); clearInterval(alive) })
  }
  console.log(JSON.stringify({ version: process.version, arguments: process.argv.slice(2), flags: process.execArgv, pid: process.pid }))
`

async function checkoutWithMain(): Promise<FakeCheckout> {
  const checkout = await fakeCheckout()
  await checkout.write('src/main.ts', MAIN)
  await linkPinnedNode(checkout.folder)
  await mkdir(join(checkout.folder, 'node_modules/.bin'), { recursive: true })
  await checkout.write('node_modules/.package-lock.json', '{}')
  // An old machine, as far as anyone here can tell.
  await checkout.fake('node', 'echo v18.0.0; exit 1')
  return checkout
}

test('it runs on the pinned Node with the arguments as they were, whatever the machine has', async () => {
  const checkout = await checkoutWithMain()
  const { stdout, stderr } = await checkout.run('bin/waybill', ['send', '--subject', "two words, a 'quote' and $HOME"])
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toMatchObject({
    version: process.version,
    arguments: ['send', '--subject', "two words, a 'quote' and $HOME"],
  })
})

test('Node is told what the file of flags says, and nothing else', async () => {
  const checkout = await checkoutWithMain()
  await checkout.write('bin/node-flags', '--max-semi-space-size=3 --no-warnings\n')
  const { stdout } = await checkout.run('bin/waybill', ['--help'])
  expect(JSON.parse(stdout)).toMatchObject({ arguments: ['--help'], flags: ['--max-semi-space-size=3', '--no-warnings'] })
})

test('it is found through symbolic links, absolute and relative, from any folder', async () => {
  const checkout = await checkoutWithMain()
  await symlink(join(checkout.folder, 'bin/waybill'), join(checkout.folder, 'absolute'))
  await symlink('../../bin/waybill', join(checkout.folder, 'node_modules/.bin/waybill'))
  await symlink('node_modules/.bin/waybill', join(checkout.folder, 'twice'))
  for (const name of ['absolute', 'twice', 'node_modules/.bin/waybill']) {
    const { stdout } = await checkout.run('sh', ['-c', `cd / && "${checkout.folder}/${name}" --help`])
    expect(JSON.parse(stdout)).toMatchObject({ version: process.version, arguments: ['--help'] })
  }
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s reaches Waybill itself: the launcher has become it', async (signal) => {
  const checkout = await checkoutWithMain()
  const child = checkout.start('bin/waybill', ['start'])
  const lines = createInterface(child.stdout!)
  const [first] = (await once(lines, 'line')) as [string]
  expect(JSON.parse(first)).toMatchObject({ pid: child.pid })
  child.kill(signal)
  expect(await once(lines, 'line')).toEqual([signal])
  expect(await once(child, 'exit')).toEqual([0, null])
})
