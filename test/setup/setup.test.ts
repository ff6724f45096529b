import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { waitUntil } from '../../src/lib/wait.ts'
import { type FakeCheckout, fakeCheckout, linkPinnedNode } from './fake-checkout.ts'

/** An npm that notes how it was called and leaves what the real one would. */
const NPM = `
  echo "$*" >> "$HOME/npm-calls"
  rm -rf node_modules; mkdir -p node_modules/.bin
  echo "a lot of noise"
`
const INSTALLED = 'ci --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error\n'

async function checkoutWithNpm(script = NPM): Promise<FakeCheckout> {
  const checkout = await fakeCheckout()
  await checkout.fake('npm', script)
  // The machine's own Node is new enough here, so that no pinned one has to be there.
  await checkout.fake('node', `exec '${process.execPath}' "$@"`)
  return checkout
}

const calls = (checkout: FakeCheckout) => checkout.read('npm-calls').catch(() => '')

test('packages are installed once, quietly, and again when the lock file changes', async () => {
  const checkout = await checkoutWithNpm()
  const first = await checkout.run('sh', ['bin/setup'])
  expect(first).toEqual({ code: 0, stdout: expect.stringMatching(/^Installing packages: \d+ s\n$/), stderr: '' })
  expect(await calls(checkout)).toBe(INSTALLED)

  expect(await checkout.run('sh', ['bin/setup'])).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await calls(checkout)).toBe(INSTALLED)

  await checkout.write('package-lock.json', '{"second":true}\n')
  await checkout.run('sh', ['bin/setup'])
  expect(await calls(checkout)).toBe(INSTALLED + INSTALLED)
})

test('what npm ci has installed by hand is taken as it is, and npx waybill works', async () => {
  const checkout = await checkoutWithNpm()
  await checkout.write('node_modules/.bin/something', '')
  await checkout.write('node_modules/.package-lock.json', '{}')
  expect(await checkout.run('sh', ['bin/setup'])).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await calls(checkout)).toBe('')
  expect(existsSync(join(checkout.folder, 'node_modules/.bin/waybill'))).toBe(true)
})

test('four at once install once', async () => {
  const checkout = await checkoutWithNpm(`${NPM}\nsleep 0.5`)
  const all = await Promise.all([1, 2, 3, 4].map(() => checkout.run('sh', ['bin/setup'])))
  expect(all.map((one) => one.code)).toEqual([0, 0, 0, 0])
  expect(await calls(checkout)).toBe(INSTALLED)
  expect(existsSync(join(checkout.folder, '.waybill-setup.lock'))).toBe(false)
})

test('an installation that fails says what npm said, fails, and is tried again next time', async () => {
  const checkout = await checkoutWithNpm('echo "network is down" >&2; exit 7')
  const failed = await checkout.run('sh', ['bin/setup'])
  expect(failed.code).toBe(1)
  expect(failed.stderr).toMatch(/Installing packages failed:\nnetwork is down\nnpm could not install the packages/)
  await checkout.fake('npm', NPM)
  expect((await checkout.run('sh', ['bin/setup'])).code).toBe(0)
})

test('stopped in the middle, it ends npm and leaves no lock', async () => {
  const checkout = await checkoutWithNpm('echo $$ > "$HOME/npm-pid"; exec sleep 60')
  const child = checkout.start('sh', ['bin/setup'])
  expect(await waitUntil(() => existsSync(join(checkout.folder, 'npm-pid')), { limitMs: 30_000 })).toBe(true)
  const npm = Number(await checkout.read('npm-pid'))
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  expect(code).toBe(143)
  expect(existsSync(join(checkout.folder, '.waybill-setup.lock'))).toBe(false)
  const isGone = () => {
    try {
      return !process.kill(npm, 0)
    } catch {
      return true
    }
  }
  expect(await waitUntil(isGone, { limitMs: 30_000 })).toBe(true)
})

test('the lock of a set-up that was killed is broken', async () => {
  const checkout = await checkoutWithNpm()
  await checkout.write('.waybill-setup.lock/pid', '4194303\n')
  expect((await checkout.run('sh', ['bin/setup'])).code).toBe(0)
  expect(await calls(checkout)).toBe(INSTALLED)
})

test('a machine without a pinned Node and with an old one of its own is told what it needs', async () => {
  const checkout = await checkoutWithNpm()
  await checkout.fake('uname', 'case $1 in -s) echo FreeBSD ;; *) echo riscv64 ;; esac')
  await checkout.fake('node', 'case $1 in --version) echo v20.20.2 ;; *) exit 1 ;; esac')
  const refused = await checkout.run('sh', ['bin/setup'])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('Waybill needs Node 22.18 or newer on this machine (FreeBSD-riscv64)')
  expect(refused.stderr).toContain('Found: v20.20.2')
})

const VITE = `
  import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
  appendFileSync('vite-calls', process.argv.slice(2).join(' ') + '\\n')
  mkdirSync('web/dist.new')
  writeFileSync('web/dist.new/index.html', '<html>')
`
const BUILT = 'build --config web/vite.config.ts --outDir dist.new --logLevel warn\n'

async function checkoutWithVite(): Promise<FakeCheckout> {
  const checkout = await checkoutWithNpm()
  await checkout.run('sh', ['bin/setup'])
  await linkPinnedNode(checkout.folder)
  await checkout.write('node_modules/vite/bin/vite.js', VITE)
  await checkout.write('node_modules/vite/package.json', '{"type":"module"}')
  await checkout.write('web/app.tsx', 'one')
  await checkout.write('src/lib/noun.ts', 'one')
  return checkout
}

test('the interface is built when it is missing or anything it is made from has changed', async () => {
  const checkout = await checkoutWithVite()
  const builds = () => checkout.read('vite-calls')
  expect((await checkout.run('sh', ['bin/setup', '--ui'])).stdout).toMatch(/^Building the web interface: \d+ s\n$/)
  expect((await checkout.run('sh', ['bin/setup', '--ui'])).stdout).toBe('')
  expect(await builds()).toBe(BUILT)

  await checkout.write('web/app.tsx', 'two')
  await checkout.run('sh', ['bin/setup', '--ui'])
  await checkout.write('src/lib/noun.ts', 'two')
  await checkout.run('sh', ['bin/setup', '--ui'])
  expect(await builds()).toBe(BUILT.repeat(3))
  expect(await checkout.read('web/dist/index.html')).toBe('<html>')
  expect(existsSync(join(checkout.folder, 'web/dist.new'))).toBe(false)
  expect(existsSync(join(checkout.folder, 'web/dist.old'))).toBe(false)
})

test('a build that fails leaves the interface that was there', async () => {
  const checkout = await checkoutWithVite()
  await checkout.run('sh', ['bin/setup', '--ui'])
  await checkout.write('web/app.tsx', 'broken')
  await checkout.write('node_modules/vite/bin/vite.js', "console.error('does not compile'); process.exit(1)")
  const failed = await checkout.run('sh', ['bin/setup', '--ui'])
  expect(failed.code).toBe(1)
  expect(failed.stderr).toMatch(/Building the web interface failed:\ndoes not compile\n/)
  expect(await checkout.read('web/dist/index.html')).toBe('<html>')
})

test('without what building needs, the interface that came along is used', async () => {
  const checkout = await checkoutWithVite()
  await rm(join(checkout.folder, 'node_modules/vite'), { recursive: true })
  const refused = await checkout.run('sh', ['bin/setup', '--ui'])
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('The web interface is not built') })
  await checkout.write('web/dist/index.html', '<html>')
  expect((await checkout.run('sh', ['bin/setup', '--ui'])).code).toBe(0)
})
