import { expect, test } from 'vitest'
import { type FakeCheckout, fakeCheckout } from './fake-checkout.ts'

const VITEST = 'echo "some tests"; echo "12 passed, 0 failed, 1 skipped" > "$WAYBILL_TEST_SUMMARY_FILE"'

/** Every tool is a script that notes its call; each test breaks one of them. */
async function checkoutWithTools(broken: Readonly<Record<string, string>> = {}): Promise<FakeCheckout> {
  const checkout = await fakeCheckout()
  await checkout.write('bin/setup', '#!/bin/sh\necho "setup $*" >> calls\n', 0o755)
  for (const [name, script] of Object.entries({ tsc: '', biome: '', vitest: VITEST, ...broken })) {
    await checkout.write(`node_modules/.bin/${name}`, `#!/bin/sh\necho "${name} $*" >> calls\n${script}\n`, 0o755)
  }
  return checkout
}

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1)

test('every step runs in its order, and the last line counts the tests', async () => {
  const checkout = await checkoutWithTools()
  const { code, stdout } = await checkout.run('sh', ['bin/ci'])
  expect(code).toBe(0)
  expect(lastLine(stdout)).toBe('12 passed, 0 failed, 1 skipped')
  expect(await checkout.read('calls')).toBe(
    'setup \ntsc --noEmit -p tsconfig.json\ntsc --noEmit -p web/tsconfig.json\nbiome check .\nsetup --ui\nvitest run\n',
  )
})

test('failed tests fail the run, and are counted on the last line', async () => {
  const failing = 'echo "11 passed, 1 failed, 1 skipped" > "$WAYBILL_TEST_SUMMARY_FILE"; exit 1'
  const { code, stdout } = await (await checkoutWithTools({ vitest: failing })).run('sh', ['bin/ci'])
  expect(code).toBe(1)
  expect(stdout).toContain('The step "tests" failed.')
  expect(lastLine(stdout)).toBe('11 passed, 1 failed, 1 skipped')
})

test.each([
  ['tsc', 'types of the server'],
  ['biome', 'lint and format'],
])('when %s fails the tests are not run, and it counts as the one failure', async (tool, step) => {
  const checkout = await checkoutWithTools({ [tool]: 'echo "that is wrong"; exit 2' })
  const { code, stdout } = await checkout.run('sh', ['bin/ci'])
  expect(code).toBe(1)
  expect(stdout).toContain(`that is wrong\n\nThe step "${step}" failed.`)
  expect(lastLine(stdout)).toBe('0 passed, 1 failed, 0 skipped')
  expect(await checkout.read('calls')).not.toContain('vitest')
})

test('tests that end without having counted are a failure', async () => {
  const { code, stdout } = await (await checkoutWithTools({ vitest: 'exit 134' })).run('sh', ['bin/ci'])
  expect(code).toBe(1)
  expect(lastLine(stdout)).toBe('0 passed, 1 failed, 0 skipped')
})

test('arguments go to the tests, to run a few of them', async () => {
  const checkout = await checkoutWithTools()
  await checkout.run('sh', ['bin/ci', 'test/mail'])
  expect(await checkout.read('calls')).toMatch(/vitest run test\/mail\n$/)
})
