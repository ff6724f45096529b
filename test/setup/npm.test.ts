import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { CHECKOUT } from '../support/checkout.ts'
import { type FakeCheckout, fakeCheckout, linkPinnedNode } from './fake-checkout.ts'

/** Where npm is, it is also part of the machine: without it there is nothing to test here. */
const hasNpm = (() => {
  try {
    execFileSync('npm', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const MAIN = `
  if (process.argv[2] === 'start') {
    const alive = setInterval(() => {}, 1000)
    process.on('SIGTERM', () => { console.log('stopping'); clearInterval(alive) })
  }
  console.log(JSON.stringify({ version: process.version, arguments: process.argv.slice(2) }))
`

/** Installed by npm as far as the scripts can tell, with the interface built. */
async function installedCheckout(): Promise<FakeCheckout> {
  const checkout = await fakeCheckout()
  await checkout.write('src/main.ts', MAIN)
  await linkPinnedNode(checkout.folder)
  await mkdir(join(checkout.folder, 'node_modules/.bin'), { recursive: true })
  await checkout.write('node_modules/.package-lock.json', '{}')
  await checkout.write('web/dist/index.html', '<html>')
  return checkout
}

test.skipIf(!hasNpm)('npx waybill runs this checkout on the pinned Node', async () => {
  const checkout = await installedCheckout()
  await checkout.run('sh', ['bin/setup'])
  const { stdout } = await checkout.run('npx', ['waybill', 'send', '--help'], { npm_config_offline: 'true' })
  expect(JSON.parse(stdout)).toEqual({ version: process.version, arguments: ['send', '--help'] })
})

test.skipIf(!hasNpm)('npm start ends with Waybill when it is told to end', async () => {
  const checkout = await installedCheckout()
  const child = checkout.start('npm', ['start', '--silent'])
  const lines = createInterface(child.stdout!)
  const [first] = (await once(lines, 'line')) as [string]
  expect(JSON.parse(first)).toEqual({ version: process.version, arguments: ['start'] })
  child.kill('SIGTERM')
  expect(await once(lines, 'line')).toEqual(['stopping'])
  await once(child, 'exit')
})

test('the entry for machines that check calls npm test and nothing else', async () => {
  const checkout = await fakeCheckout()
  await checkout.fake('npm', 'echo "npm $*"; exit 3')
  await cp(join(CHECKOUT, '.ci'), join(checkout.folder, '.ci'), { recursive: true })
  expect(await checkout.run('.ci/run', [])).toEqual({ code: 3, stdout: 'npm test\n', stderr: '' })
})
